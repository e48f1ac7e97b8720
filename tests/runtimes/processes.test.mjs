// Node, Deno and Bun: the package as their own resolution finds it, in a process of each.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import test from "node:test";
import { promisify } from "node:util";

import { assertDone, byToken, echoing, programs, projectFolder, site, tenant } from "./helpers/kit.mjs";
import { LOSSES, LOST_ANSWER, assertEnded, losing, reached } from "./helpers/losses.mjs";
import { UNMIXED } from "./users.mjs";

const program = (name) => new URL(`programs/${name}`, import.meta.url).pathname;

/** What a program reports that is given its input as the last argument. */
async function reportOf(runtime, commandLine, input) {
  const [file, ...words] = await commandLine;
  const surroundings = {
    HOME: process.env.HOME,
    TMPDIR: process.env.TMPDIR,
    DENO_DIR: new URL(".deno", projectFolder).pathname,
    DENO_NO_UPDATE_CHECK: "1",
  };
  const { stdout, stderr } = await promisify(execFile)(file, [...words, JSON.stringify(input)], {
    cwd: projectFolder,
    env: Object.fromEntries(Object.entries(surroundings).filter(([, value]) => value !== undefined)),
    timeout: 60_000,
  });
  assert.equal(stderr, "", `${runtime} complains`);
  return JSON.parse(stdout);
}

const node = (major) => async (name) => [await programs.node(major), program(name)];
const bun = async (name) => [await programs.bun(), "run", program(name)];
/** May reach these hosts and nothing else: no file, no variable. */
const deno = async (name, ...hosts) => [
  await programs.deno(),
  "run",
  "--no-prompt",
  `--allow-net=${hosts.join()}`,
  program(name),
];

for (const [runtime, command] of [
  ["Node 20.19", node(20)],
  ["Node 22", node(22)],
  ["Node 24", node(24)],
  ["Bun 1", bun],
]) {
  for (const [way, name] of [
    ["an ES module", "whole.mjs"],
    ["a CommonJS program", "whole.cjs"],
  ]) {
    test(`${runtime}: ${way} does the job`, async (context) => {
      const { sandbox, input } = await tenant(context);
      assertDone(await reportOf(runtime, command(name), input), runtime, sandbox);
    });
  }

  test(`${runtime}: slim does the job with WebAssembly that it fetches`, async (context) => {
    const { sandbox, input } = await tenant(context);
    const wasm = `${await site(context)}/dist/core_bg.wasm`;
    assertDone(await reportOf(runtime, command("slim.mjs"), { ...input, wasm }), runtime, sandbox);
  });
}

test("Deno 2: an ES module does the job with no permission but that to reach the tenant", async (context) => {
  const { sandbox, input } = await tenant(context);
  const report = await reportOf("Deno 2", deno("whole.mjs", new URL(input.baseUrl).host), input);
  assertDone(report, "Deno 2", sandbox);
});

test("Deno 2: slim does the job with WebAssembly that it fetches", async (context) => {
  const { sandbox, input } = await tenant(context);
  const origin = await site(context);
  const report = await reportOf("Deno 2", deno("slim.mjs", new URL(input.baseUrl).host, new URL(origin).host), {
    ...input,
    wasm: `${origin}/dist/core_bg.wasm`,
  });
  assertDone(report, "Deno 2", sandbox);
});

for (const loss of LOSSES) {
  for (const [runtime, command] of [
    ["Node 20.19", node(20)],
    ["Node 24", node(24)],
    ["Bun 1", bun],
    ["Deno 2", deno],
  ]) {
    test(`${runtime}: ${loss.what}`, async (context) => {
      const { sandbox, input } = await losing(context, loss);
      assertEnded(loss, await reportOf(runtime, command("lost.mjs", new URL(input.baseUrl).host), input), sandbox);
    });
  }
}

for (const [runtime, command] of [
  ["Node 20.19", node(20)],
  ["Node 22", node(22)],
  ["Node 24", node(24)],
  ["Bun 1", bun],
  ["Deno 2", deno],
]) {
  test(`${runtime}: of users at the same time each has the token of their own async context`, async (context) => {
    const { input } = await echoing(context);
    const report = await reportOf(runtime, command("users.mjs", new URL(input.baseUrl).host), input);
    assert.deepEqual(report, UNMIXED);
  });
}

test("Deno 2 sends a create again by itself, which is refused, and what the first one made is found", async (context) => {
  const { sandbox, input } = await losing(context, LOST_ANSWER, byToken);
  const report = await reportOf("Deno 2", deno("lost.mjs", new URL(input.baseUrl).host), input);
  assert.deepEqual(report, { value: "Lost desk", met: ["refused", 200] });
  assert.equal(reached(sandbox, "POST"), 2);
});
