/**
 * The sandbox behind a real HTTP port, for any client in any language.
 *
 * ```js
 * import { createSandbox } from "isc-service-desk/sandbox";
 * import { serve } from "isc-service-desk/sandbox/node";
 *
 * const served = await serve(createSandbox());
 * console.log(served.url); // http://127.0.0.1:…, to be used as the base URL
 * await served.close();
 * ```
 *
 * @module isc-service-desk/sandbox/node
 */
import type { Sandbox } from "isc-service-desk/sandbox";

/** A sandbox that listens. */
export interface ServedSandbox {
  /** The base URL for clients; its paths are those of a tenant. */
  readonly url: string;
  /** The port that it has. */
  readonly port: number;
  /** Stops listening and ends every connection at once, kept-alive ones too. */
  close(): Promise<void>;
}

/**
 * Serves a sandbox over HTTP. CORS is open to loopback origins; bodies above 33 MiB are refused with 413.
 *
 * Faults are played on the socket: a drop resets the connection, a cut body has the full Content-Length. A sandbox can be
 * served more than once, and its fetch goes on answering.
 *
 * @param sandbox What createSandbox() gave.
 * @param options `port`: 0 (the default) picks a free one. `host`: 127.0.0.1 by default; another makes the sandbox, whose
 * credentials are no secret, reachable from there.
 * @returns when the port is open
 * @throws Error with the `code` of Node's error as its own (`EADDRINUSE` where the port is taken) and that error as `cause`
 */
export function serve(sandbox: Sandbox, options?: { port?: number; host?: string }): Promise<ServedSandbox>;
