// The command of the package, as a shell runs it: what it prints, what works with that, and how it ends.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { manifest, packageUrl } from "../helpers/entries.mjs";
import { kits } from "../helpers/kits.mjs";

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

/** Starts it, waits for its environment, gives it to `use`, then sends a signal; `warning` is what it says on stderr. */
async function serving(given, use, signal = "SIGINT", warning = /^$/) {
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
    assert.deepEqual({ code, killedBy }, { code: 0, killedBy: null });
    assert.match(stderr, warning);
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

/** The status of a request whose Host is this. */
function statusFor(url, host) {
  return new Promise((resolve, reject) => {
    get(url, { headers: { host } }, (response) => resolve(response.resume().statusCode)).on("error", reject);
  });
}

test("--allow-host lists names by which it may be asked", async () => {
  await serving(["--allow-host", "sandbox", "--allow-host=192.0.2.1"], async ({ SAIL_BASE_URL }) => {
    for (const [host, status] of [["sandbox:80", 404], ["192.0.2.1", 404], ["localhost", 404], ["evil.example", 421]]) {
      assert.equal(await statusFor(SAIL_BASE_URL, host), status, host);
    }
  });
});

test("an --allow-host that is no host is bad usage", async () => {
  const { code, stdout, stderr } = await run("sandbox", "--allow-host", "http://a");
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /^isc-service-desk: --allow-host must be a host name or address[^\n]*\n\nUsage/);
});

test("where other machines can reach it, it says so and its secret is random", async () => {
  const secrets = new Set();
  for (let time = 0; time < 2; time++) {
    await serving(["--host", "0.0.0.0"], async ({ SAIL_BASE_URL, SAIL_CLIENT_ID, SAIL_CLIENT_SECRET }) => {
      secrets.add(SAIL_CLIENT_SECRET);
      const [kit] = kits;
      const client = new kit.ServiceDeskClient({ baseUrl: SAIL_BASE_URL, auth: { clientId: SAIL_CLIENT_ID, clientSecret: SAIL_CLIENT_SECRET } });
      assert.equal((await client.types.list()).length, 10);
    }, "SIGINT", /^isc-service-desk: warning: [^\n]*0\.0\.0\.0[^\n]*\n$/);
  }
  assert.equal(secrets.size, 2);
  assert.ok([...secrets].every((secret) => secret.length >= 32));
  for (const host of ["localhost", "127.0.0.3"]) {
    await serving(["--host", host], async ({ SAIL_CLIENT_SECRET }) => assert.equal(SAIL_CLIENT_SECRET, "sandbox-client-secret"));
  }
});

// Ctrl-C reaches all processes of a terminal, a signal to npx no more than the shell in which npx starts the command.
for (const [what, end] of [
  ["Ctrl-C", (npx) => process.kill(-npx.pid, "SIGINT")],
  ["SIGTERM to npx", (npx) => npx.kill("SIGTERM")],
]) {
  test(`${what} ends the server too`, async () => {
    const npx = spawn("npm", ["exec", "--no", "--", "isc-service-desk", "sandbox"], { cwd: import.meta.dirname, detached: true, stdio: ["ignore", "pipe", "inherit"] });
    let stdout = "";
    npx.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    // A pipe ends with the last process that writes to it: the server.
    const ended = once(npx.stdout, "close", { signal: AbortSignal.timeout(30_000) });
    try {
      while (!/SAIL_CLIENT_SECRET=.*\n/.test(stdout)) await Promise.race([once(npx.stdout, "data"), ended.then(() => assert.fail("it ended"))]);
      const [, url] = /^SAIL_BASE_URL=(.*)$/m.exec(stdout);
      assert.equal((await fetch(url)).status, 404);
      end(npx);
      await ended;
      await assert.rejects(fetch(url), TypeError);
    } finally {
      try {
        process.kill(-npx.pid, "SIGKILL");
      } catch {
        // All of its processes have ended.
      }
    }
  });
}

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
  ["sandbox", "--port", "1.5"], ["sandbox", "--port", ""], ["sandbox", "--port", "8080x"], ["sandbox", "--host", ""], ["Sandbox"], [""], ["sandbox", "-p", "80"], ["help"], ["sandbox", "--port", "0", "--host"], ["sandbox", "--allow-host"],
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
    for (const word of ["Usage:", "sandbox", "--port", "--host", "--allow-host", "--help", "--version"]) assert.ok(stdout.includes(word), word);
  });
}

test("--version is the version of the package alone", async () => {
  assert.deepEqual(await run("--version"), { stdout: `${manifest.version}\n`, stderr: "", code: 0, signal: null });
});
