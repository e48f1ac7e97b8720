/**
 * An ISC tenant in memory: for tests, demos and offline work. It has a core of its own; the client carries none of it.
 *
 * ```ts
 * import { ServiceDeskClient } from "isc-service-desk";
 * import { createSandbox } from "isc-service-desk/sandbox";
 *
 * const sandbox = createSandbox({ integrations: 600 });
 * const client = new ServiceDeskClient({ baseUrl: sandbox.baseUrl, auth: sandbox.credentials, fetch: sandbox.fetch });
 * console.log((await client.integrations.list({ count: true })).total); // 600
 * ```
 *
 * Everything that a client can tell from outside is there: the paths of every API version, tokens that expire, ids and
 * timestamps, unique names, required fields, replace-only patches, filters, sorters, pages, the documented error bodies.
 * The same options, requests and clock give the same answers, ids included; tokens only where the clock is given. Where the real
 * server's behaviour is not published it can be had both ways, see {@link SandboxOptions.behaviour}.
 *
 * It is bounded. Bodies of more than 33 MiB or 250 000 values, and token requests of more than 64 KiB, are answered with 413. So is
 * a create or a change for which there is no room: the texts of all integrations have 256 MiB. The last 1024 tokens are
 * valid: a program or page of this machine that has the credentials can buy as many, and end those of others.
 *
 * @module isc-service-desk/sandbox
 */
import type {
  ApiVersion,
  QueuedCheckConfigDetails,
  ServiceDeskIntegrationDto,
  ServiceDeskIntegrationInput,
  ServiceDeskIntegrationTemplateDto,
  ServiceDeskIntegrationTemplateType,
} from "isc-service-desk";

/** What createSandbox() takes. An unknown name is an error. */
export interface SandboxOptions {
  /**
   * The first label of {@link Sandbox.baseUrl}: lower-case letters, digits, hyphens. Ids and tokens depend on it.
   * @default "sandbox"
   */
  tenant?: string;
  /**
   * What it starts with. DTOs are taken as they are, nulls and unknown fields included; only a missing id or timestamp is
   * filled in, and an id or name that comes twice is refused. A number (up to 100 000) makes that many, of all types in
   * turn, whose names sort as they were made. `[]` starts empty. More than 256 MiB of text are refused.
   * @default one integration of each common type
   */
  integrations?: (ServiceDeskIntegrationInput | ServiceDeskIntegrationDto)[] | number;
  /**
   * The one client that the token endpoint knows, and how long its tokens live, in seconds. They are kept as they are
   * given: take none of a real tenant.
   * @default sandbox-client, sandbox-client-secret, 749 seconds
   */
  credentials?: {
    /** What the token endpoint takes as `client_id`. */
    clientId: string;
    /** What it takes as `client_secret`. */
    clientSecret: string;
    /**
     * How long a token lives, in seconds.
     * @default 749
     */
    tokenTtlSeconds?: number;
  };
  /**
   * At most `requests` in any `perMs` milliseconds, for each API version by itself; above that 429 with Retry-After. Token
   * requests do not count. The real gateway has `{ requests: 100, perMs: 10_000 }`.
   * @default no limit
   */
  rateLimit?: {
    /** Requests at most in any span of `perMs`. */
    requests: number;
    /** The length of the span, in milliseconds. */
    perMs: number;
  };
  /**
   * The clock, in milliseconds since the epoch: timestamps, the Date header, the expiry of tokens and the rate limit go by
   * it. It is asked with every request. Waits (`latencyMs`, `stallMs`) take real time. With a clock of your own tokens are the
   * same in every run, and can be computed by others; without one each has 128 random bits.
   * @default Date.now
   */
  now?: () => number;
  /**
   * How long every answer is held back, in milliseconds. The tenant acts when the request arrives.
   * @default 0
   */
  latencyMs?: number;
  /** Answers that nobody has published of the real server; each can be had both ways. The first is the default. */
  behaviour?: {
    /**
     * How secret attributes are answered: those whose name contains password, passphrase, secret, token, credential, private
     * or key, and those that `attributes.encrypted` lists. Never in clear. Sent back unchanged, ciphertext and mask keep the
     * stored secret; omitted ones are gone after a PUT without them.
     * @default "ciphertext"
     */
    secrets?: "ciphertext" | "masked" | "omitted";
    /**
     * The status where a name is taken already. Names are compared without regard to case.
     * @default 400
     */
    duplicateName?: 400 | 409;
    /**
     * What a list answers at an offset that is not below the number of matches.
     * @default "empty"
     */
    pastEnd?: "empty" | 400;
    /**
     * Whether and, or, not are taken in `filters`; 400 otherwise.
     * @default true
     */
    booleanFilters?: boolean;
    /**
     * Whether the status check's values are answered as strings (the schema) or as numbers (the document's examples).
     * @default "strings"
     */
    statusCheck?: "strings" | "numbers";
    /**
     * Whether X-Total-Count can be read. A browser may not be allowed to read the real server's.
     * @default true
     */
    exposeTotal?: boolean;
  };
}

/**
 * Something that goes wrong, as data. Faults are asked in the order in which they were added; the first one that fits a
 * request happens to it.
 *
 * ```ts
 * sandbox.fault({ on: { method: "POST", path: "/service-desk-integrations" }, then: { drop: "after" } });
 * sandbox.fault({ on: "token", times: 2, then: { status: 503, headers: { "Retry-After": "1" } } });
 * ```
 */
export interface Fault {
  /**
   * Which requests: those of a method, those whose path contains a text, those to which both apply. "token" means the
   * token endpoint.
   * @default every request, token requests included; a browser's preflights only where the method OPTIONS is named
   */
  on?:
    | {
        /** The HTTP method. */
        method?: string;
        /** A text that the path contains. */
        path?: string;
      }
    | "token";
  /**
   * How many of them.
   * @default 1
   */
  times?: number;
  /** What happens. */
  then:
    | {
        /** 200 to 599: answered in the place of the tenant, which does not act. */
        status: number;
        /** Beside the ones that every answer has. */
        headers?: Record<string, string>;
        /**
         * As it is.
         * @default the documented body of an error; nothing below 400
         */
        body?: string;
      }
    | {
        /** The connection dies before, or after, the tenant acted: fetch rejects, the HTTP port resets the connection. */
        drop: "before" | "after";
      }
    | {
        /** The body ends after so many bytes, and the connection dies; the headers promise all of it. */
        truncate: number;
      }
    | {
        /** The body pauses in its middle for so many milliseconds. */
        stallMs: number;
      };
}

/** One request that arrived, and what became of it. */
export interface SandboxRequest {
  /** As written. */
  readonly method: string;
  /** Percent-encoded, as it was sent. */
  readonly path: string;
  /** Percent-encoded, without `?`; a value that may be secret is `[redacted]`. */
  readonly query: string;
  /** What was answered; 0 where the connection died without an answer. */
  readonly status: number;
  /** The Content-Type field. */
  readonly contentType?: string;
  /**
   * The JSON that came, its secrets `[redacted]`; of a token request the grant type alone. A text in brackets stands for a
   * body that is no JSON, or longer than 64 KiB. Absent where an HTTP port answered before it had read the body.
   */
  readonly body?: unknown;
}

/** A tenant in memory. */
export interface Sandbox {
  /** The origin that its fetch answers for. Nothing of that name exists, so a client without this fetch reaches nobody. */
  readonly baseUrl: string;
  /** What the token endpoint takes. */
  readonly credentials: {
    /** The `client_id`. */
    clientId: string;
    /** The `client_secret`. */
    clientSecret: string;
  };
  /**
   * A fresh access token, as the token endpoint would give: for pages, where credentials don't belong.
   * @example
   * ```ts
   * const client = new ServiceDeskClient({ baseUrl: sandbox.baseUrl, auth: { token: () => sandbox.token() }, fetch: sandbox.fetch });
   * ```
   */
  token(): string;
  /**
   * A fetch that answers for this tenant. Any other origin is refused with a TypeError, as a network that is down; so is a
   * dropped connection, with Node's cause (`code: "ECONNRESET"`). An abort rejects with `signal.reason`. No redirect is
   * followed.
   */
  readonly fetch: (input: Request | string | URL, init?: RequestInit) => Promise<Response>;
  /**
   * What had arrived when this is read, in order, frozen: the last 10 000 requests, or fewer where they have more than 8 MiB as JSON.
   * No Authorization value, no secret. What an HTTP port refuses for its Host or Origin is not in it. Each reading parses all of
   * it anew.
   */
  readonly requests: readonly SandboxRequest[];
  /**
   * Adds a fault.
   * @throws where it names an unknown field, a wrong type or a value out of range, or says more than one thing — `ValidationError`
   * @example
   * ```ts
   * sandbox.fault({ on: { method: "GET" }, times: 2, then: { status: 503 } });
   * ```
   */
  fault(fault: Fault): void;
  /**
   * The whole tenant as plain JSON. Secret attributes stand in it in clear: it is your own state.
   * @example
   * ```ts
   * const names = sandbox.snapshot().integrations.map(({ name }) => name);
   * ```
   */
  snapshot(): SandboxState;
  /**
   * Puts a state in the place of the present one. Tokens, faults and the record stay.
   * @throws where something in it is wrong, or beyond 256 MiB: `field` is the JSON Pointer to that, and the tenant is as it was —
   * `ValidationError`
   * @example
   * ```ts
   * const before = sandbox.snapshot();
   * await client.integrations.delete("62945a496ef440189b1f03e3623411c8");
   * sandbox.restore(before);
   * ```
   */
  restore(state: SandboxState): void;
}

/** A tenant as plain JSON. */
export interface SandboxState {
  /** In the order they were made. */
  integrations: ServiceDeskIntegrationDto[];
  /** What the tenant can make. Script names and the attributes of templates are invented: no real ones are published. */
  types: ServiceDeskIntegrationTemplateType[];
  /** By script name. */
  templates: Record<string, ServiceDeskIntegrationTemplateDto>;
  /** The tenant-wide check of queued tickets. */
  statusCheck: QueuedCheckConfigDetails;
}

/**
 * Makes a tenant. It holds no timer and no socket: nothing has to be closed.
 * @throws where an option is unknown, of a wrong type or out of range — `ValidationError`
 * @example
 * ```ts
 * const sandbox = createSandbox({ integrations: 3, rateLimit: { requests: 100, perMs: 10_000 } });
 * const client = new ServiceDeskClient({ baseUrl: sandbox.baseUrl, auth: sandbox.credentials, fetch: sandbox.fetch });
 * ```
 */
export function createSandbox(options?: SandboxOptions): Sandbox;

export type { ApiVersion };
