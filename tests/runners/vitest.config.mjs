// What Vitest runs, beside the installed tarball, which is resolved from there. What the tests need besides is resolved from
// here.
const here = (name) => new URL(import.meta.resolve(name)).pathname;

export default {
  root: process.env.RUNNERS_TESTS,
  resolve: {
    alias: ["pinia", "valtio/vanilla", "vue"].map((name) => ({ find: name, replacement: here(name) })),
  },
  test: {
    globals: true,
    include: ["*.vitest.mjs"],
    maxWorkers: 2,
    watch: false,
  },
};
