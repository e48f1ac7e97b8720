// Runs soak.mjs in a process of its own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("soak.mjs", import.meta.url));
const MIB = 2 ** 20;

/** What the process printed, and when it had ended. */
export async function soak(job, context) {
  const child = spawn(process.execPath, ["--expose-gc", program, job], { stdio: ["ignore", "pipe", "inherit"], signal: context.signal });
  let text = "";
  child.stdout.on("data", (chunk) => (text += chunk));
  const code = await new Promise((resolve) => child.on("close", resolve));
  assert.equal(code, 0);
  return { ...JSON.parse(text), ended: Date.now() };
}

/** The memory of the process after some of its work, and after all of it. */
export function assertFlat({ early, late }) {
  assert.equal(late.wasm, early.wasm, "bytes of the wasm memory");
  assert.ok(late.heap - early.heap < 2 * MIB, `the heap grew from ${early.heap} to ${late.heap}`);
  assert.ok(late.external - early.external < 2 * MIB, `buffers grew from ${early.external} to ${late.external}`);
}
