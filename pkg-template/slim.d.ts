/**
 * The client without its WebAssembly, which {@link init} is given: for streaming, for a file that caches keep, and for
 * libraries that leave the choice to their users. The file is `isc-service-desk/core.wasm`, of the same version.
 *
 * ```ts
 * import { ServiceDeskClient, init } from "isc-service-desk/slim";
 *
 * await init(fetch("/assets/core_bg.wasm"));
 * const client = new ServiceDeskClient({ tenant: "acme", auth: { token: "…" } });
 * ```
 *
 * Anything that is used before throws a {@link ServiceDeskError} of code `wasm-not-loaded`.
 * @module isc-service-desk/slim
 */

/** What the client's WebAssembly is had from. */
export type WasmSource =
  /** Its URL, which the global fetch is given. */
  | string
  | URL
  /** What a fetch of your own gave. It is compiled while it arrives where its content type is `application/wasm`. */
  | Response
  /** Its bytes. */
  | ArrayBuffer
  | ArrayBufferView
  /** A `WebAssembly.Module`, a type for which some programs have no name. */
  | object;

/**
 * Makes this entry ready. One call is enough, and only the first one's source is used; more are harmless, also at the
 * same time. A call that failed can be made again.
 * @throws where the source is not the WebAssembly of this version, or does not arrive (code `wasm-not-loaded`), and where none is allowed
 * (`wasm-blocked`) — {@link ServiceDeskError}
 * @throws where `source` is something else — {@link ValidationError}
 * @example
 * ```ts
 * import { init } from "isc-service-desk/slim";
 *
 * await init(fetch("/assets/core_bg.wasm"));
 * ```
 */
export function init(source: WasmSource | PromiseLike<WasmSource>): Promise<void>;

export * from "./index.js";
