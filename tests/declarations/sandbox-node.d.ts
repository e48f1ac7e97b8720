/**
 * The sandbox behind a real HTTP port, for any client in any language.
 *
 * ```ts
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
  /**
   * Stops listening and ends every connection at once, kept-alive ones too.
   * @example
   * ```ts
   * await served.close();
   * ```
   */
  close(): Promise<void>;
}

/**
 * Serves a sandbox over HTTP to programs and pages of this machine. Each request is checked for who asks, before a fault is
 * used up and before anything is recorded:
 *
 * - 421: its Host, or the host of an absolute target, is not `localhost`, a name below that, an address of 127.0.0.0/8, `[::1]`,
 *   `host` or one of `allowedHosts`, at any port.
 * - 403: it has an Origin, or comes from a page of another site, that is none of these.
 *
 * CORS is open to loopback origins. What is known from the head alone (these two, 401, 404, 405, and 413 where Content-Length
 * says more than 33 MiB, or 64 KiB for a token) is answered before the body is read, and the connection is closed; but where
 * a fault fits the request, that happens to it first.
 *
 * Faults are played on the socket: a drop resets the connection, a cut body has the full Content-Length. A sandbox can be
 * served more than once, and its fetch goes on answering.
 *
 * @param sandbox What createSandbox() gave.
 * @param options `port`: 0 (the default) picks a free one. `host`: 127.0.0.1 by default; another makes the sandbox, whose
 * credentials are no secret unless you choose them, reachable from there. `allowedHosts`: further host names and addresses,
 * without a port, by which it may be asked: `["sandbox", "192.168.1.5"]`; none by default. They are needed where `host` is 0.0.0.0
 * or `::`, which name no host.
 * @returns when the port is open
 * @throws where an option is of a wrong type or out of range — `ValidationError`
 * @throws where the port cannot be had, with the `code` of Node's error (`EADDRINUSE`: it is taken) and that error as `cause` — `Error`
 * @example
 * ```ts
 * const sandbox = createSandbox();
 * const served = await serve(sandbox, { port: 8080 });
 * const client = new ServiceDeskClient({ baseUrl: served.url, auth: sandbox.credentials });
 * ```
 */
export function serve(sandbox: Sandbox, options?: { port?: number; host?: string; allowedHosts?: string[] }): Promise<ServedSandbox>;
