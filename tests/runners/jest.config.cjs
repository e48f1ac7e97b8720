// What Jest runs, beside the installed tarball: each kind of test in the environments that it is true of. Environments are
// resolved from here, the package from there.

/** Nothing is compiled: what is tested is what npm installed. */
const project = (displayName, environment, testMatch) => ({
  displayName,
  testEnvironment: require.resolve(environment),
  testMatch: testMatch.map((name) => `<rootDir>/${name}`),
  transform: {},
});

const ANYWHERE = ["main-job.test.cjs", "fake-timers.test.cjs", "spies.test.cjs"];
const PAGE = [...ANYWHERE, "page.test.cjs"];

const rootDir = process.env.RUNNERS_TESTS;

module.exports = {
  rootDir,
  projects: [
    project("node", "jest-environment-node", [...ANYWHERE, "main-job.test.mjs", "node.test.cjs"]),
    project("jsdom with the globals of Node", "jest-fixed-jsdom", PAGE),
    project("happy-dom", "@happy-dom/jest-environment", PAGE),
    project("jsdom", "jest-environment-jsdom", ["bare-page.test.cjs"]),
  ].map((each) => ({ ...each, rootDir })),
};
