// The slim entry: the same names and types, and init().
import { ServiceDeskClient } from "isc-service-desk";
import * as slim from "isc-service-desk/slim";
import { ServiceDeskClient as SlimClient, init, isServiceDeskError, type ErrorCode, type WasmSource } from "isc-service-desk/slim";

export async function sources(bytes: Uint8Array, buffer: ArrayBuffer, response: Response, compiled: object): Promise<void> {
  await init(bytes);
  await init(buffer);
  await init("https://acme.example/core.wasm");
  await init(new URL("https://acme.example/core.wasm"));
  await init(response);
  await init(fetch("https://acme.example/core.wasm"));
  await init(compiled);
  const ready: Promise<void> = init(Promise.resolve<WasmSource>(bytes));
  return ready;
}

export function refused(): void {
  // @ts-expect-error a source is needed
  void init();
  // @ts-expect-error a number is no source
  void init(42);
  // @ts-expect-error nothing is no source
  void init(undefined);
}

/** Where a program takes a client, it takes that of either entry. */
export const client: ServiceDeskClient = new SlimClient({ tenant: "acme", auth: { token: "t" } });

export function advice(error: unknown): string {
  if (!isServiceDeskError(error)) throw error;
  const code: ErrorCode = error.code;
  if (code === "wasm-blocked") return "allow WebAssembly";
  return code === "wasm-not-loaded" ? "call init()" : error.message;
}

export const names: keyof typeof slim = "diff";
