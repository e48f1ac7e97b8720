// The command of the package, as a shell runs it: what it prints, what works with that, and how it ends.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { manifest, packageUrl } from "./entries.mjs";
import { kits } from "./kits.mjs";

const command = fileURLToPath(new URL(manifest.bin["isc-service-desk"], packageUrl));

/** Runs it to its end. */
async function run(...given) {
  const child = spawn(process.execPath, [command, ...given], { stdio: ["ignore", "pipe", "pipe"] });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].setEncoding("utf8").on("data", (text) => (texts[name] += text));
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  const [code, signal] = await once(child, "close");
  clearTimeout(timer);
  return { ...texts, code, signal };
}

/** Starts it, waits for its environment, gives it to `use`, then sends a signal. */
async function serving(given, use, signal = "SIGINT") {
  const child = spawn(process.execPath, [command, "sandbox", ...given], { stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
  const closed = once(child, "close");
  try {
    while (!/SAIL_CLIENT_SECRET=.*\n/.test(stdout)) {
      await Promise.race([once(child.stdout, "data"), closed.then(() => assert.fail(`it ended: ${stderr}`))]);
    }
    const environment = Object.fromEntries([...stdout.matchAll(/^(SAIL_\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
    await use(environment, stdout);
  } finally {
    child.kill(signal);
    const [code, killedBy] = await closed;
    clearTimeout(timer);
    assert.deepEqual({ code, killedBy, stderr }, { code: 0, killedBy: null, stderr: "" });
  }
}

for (const signal of ["SIGINT", "SIGTERM"]) {
  test(`it prints URL and credentials that work, and ends with 0 on ${signal}`, async () => {
    await serving(["--port", "0"], async ({ SAIL_BASE_URL, SAIL_CLIENT_ID, SAIL_CLIENT_SECRET }, text) => {
      assert.match(SAIL_BASE_URL, /^http:\/\/127\.0\.0\.1:\d+$/);
      assert.ok(text.includes("Ctrl-C"));
      for (const kit of kits) {
        const client = new kit.ServiceDeskClient({ baseUrl: SAIL_BASE_URL, auth: { clientId: SAIL_CLIENT_ID, clientSecret: SAIL_CLIENT_SECRET } });
        assert.equal((await client.integrations.list({ count: true })).total, 10);
      }
    }, signal);
  });
}

test("what it prints is the environment that fromEnv reads", async () => {
  await serving([], async (environment) => {
    const code = 'import { ServiceDeskClient } from "isc-service-desk"; console.log((await ServiceDeskClient.fromEnv().types.list()).length)';
    const child = spawn(process.execPath, ["--input-type=module", "--eval", code], { cwd: import.meta.dirname, env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "inherit"] });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    await once(child, "close");
    assert.equal(stdout, "10\n");
  });
});

test("a kept-alive connection does not hold it", async () => {
  await serving(["--port=0"], async ({ SAIL_BASE_URL }) => {
    await (await fetch(`${SAIL_BASE_URL}/nope`)).text();
  });
});

test("a taken port is one clear line, and 1", async () => {
  const [kit] = kits;
  const taken = await kit.serve(kit.createSandbox());
  try {
    const { code, stdout, stderr } = await run("sandbox", "--port", String(taken.port));
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, new RegExp(`^isc-service-desk: [^\\n]*${taken.port}[^\\n]*taken[^\\n]*\\n$`));
  } finally {
    await taken.close();
  }
});

test("an address that is not there is one clear line, and 1", async () => {
  const { code, stderr } = await run("sandbox", "--port", "0", "--host", "203.0.113.1");
  assert.equal(code, 1);
  assert.match(stderr, /^isc-service-desk: [^\n]*203\.0\.113\.1[^\n]*\n$/);
});

for (const given of [
  [], ["nope"], ["sandbox", "more"], ["sandbox", "--nope"], ["--nope"], ["sandbox", "--port"], ["sandbox", "--port", "x"], ["sandbox", "--port", "-1"], ["sandbox", "--port", "65536"],
  ["sandbox", "--port", "1.5"], ["sandbox", "--port", ""], ["sandbox", "--port", "8080x"], ["sandbox", "--host", ""], ["Sandbox"], [""], ["sandbox", "-p", "80"], ["help"], ["sandbox", "--port", "0", "--host"],
]) {
  test(`bad usage is 2, and says what, then the usage: ${JSON.stringify(given)}`, async () => {
    const { code, stdout, stderr } = await run(...given);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /^isc-service-desk: .+\n[^]*\nUsage: isc-service-desk sandbox/);
    assert.doesNotMatch(stderr, /\n {4}at /, "no stack");
  });
}

for (const given of [["--help"], ["sandbox", "--help"]]) {
  test(`${given.join(" ")} shows every option on stdout, and is 0`, async () => {
    const { code, stdout, stderr } = await run(...given);
    assert.deepEqual([code, stderr], [0, ""]);
    for (const word of ["Usage:", "sandbox", "--port", "--host", "--help", "--version"]) assert.ok(stdout.includes(word), word);
  });
}

test("--version is the version of the package alone", async () => {
  assert.deepEqual(await run("--version"), { stdout: `${manifest.version}\n`, stderr: "", code: 0, signal: null });
});
