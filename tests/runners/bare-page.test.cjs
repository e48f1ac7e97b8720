// The jsdom of Jest without more, which has WebAssembly and no TextDecoder: what is imported can be used as far as it
// needs no core, and what needs one says what is missing.
/* global afterEach, expect, test */
const { TextDecoder, TextEncoder } = require("node:util");

const entry = require("isc-service-desk");
const { createSandbox } = require("isc-service-desk/sandbox");
const slim = require("isc-service-desk/slim");

const USES = {
  "new ServiceDeskClient()": () => new entry.ServiceDeskClient({ tenant: "acme", auth: { token: "t" } }),
  "filter.name.eq()": () => entry.filter.name.eq("Acme"),
  "patch()": () => entry.patch(),
  "diff()": () => entry.diff({}, {}),
  "createSandbox()": () => createSandbox(),
};

const provide = (globals) => Object.assign(globalThis, globals);

afterEach(() => {
  for (const name of ["TextDecoder", "TextEncoder"]) delete globalThis[name];
});

test("the classes of errors are there", () => {
  const { NotFoundError, ServiceDeskError, isServiceDeskError } = entry;
  expect(new NotFoundError("x")).toBeInstanceOf(ServiceDeskError);
  expect([isServiceDeskError(new NotFoundError("x")), isServiceDeskError(new Error("x"))]).toEqual([true, false]);
});

for (const [what, use] of Object.entries(USES)) {
  test(`${what} says that there is no TextDecoder`, () => {
    expect(use).toThrow(entry.ServiceDeskError);
    expect(use).toThrow(expect.objectContaining({ code: "wasm-blocked", message: "this runtime has no TextDecoder" }));
  });

  test(`${what} says that there is no TextEncoder`, () => {
    provide({ TextDecoder });
    expect(use).toThrow(expect.objectContaining({ code: "wasm-blocked", message: "this runtime has no TextEncoder" }));
  });
}

test("init() of slim says that there is no TextDecoder", async () => {
  const { readFile } = require("node:fs/promises");
  const wasm = readFile(require.resolve("isc-service-desk/core.wasm"));
  await expect(slim.init(wasm)).rejects.toMatchObject({ code: "wasm-blocked", message: "this runtime has no TextDecoder" });
});

test("the first use after both are there succeeds", () => {
  expect(USES["filter.name.eq()"]).toThrow("this runtime has no TextDecoder");
  provide({ TextDecoder, TextEncoder });
  expect(String(entry.filter.name.eq("Zoë"))).toBe('name eq "Zoë"');
});
