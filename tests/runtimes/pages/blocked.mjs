// A page whose policy forbids WebAssembly: what each entry says.
import { ServiceDeskClient, filter, isServiceDeskError } from "/dist/index.js";
import { init } from "/dist/slim.js";
import { createSandbox } from "/dist/sandbox.js";

const uses = {
  client: () => new ServiceDeskClient({ tenant: "acme", auth: { token: "t" } }),
  filter: () => filter.name.eq("a"),
  sandbox: () => createSandbox(),
  slim: () => init(fetch("/dist/core_bg.wasm")),
};

async function told(use) {
  try {
    await use();
    return "nothing";
  } catch (error) {
    return [isServiceDeskError(error), error.code, error.message.includes("'wasm-unsafe-eval'"), error.cause?.name];
  }
}

globalThis.report = (async () =>
  Object.fromEntries(await Promise.all(Object.entries(uses).map(async ([what, use]) => [what, await told(use)]))))();
