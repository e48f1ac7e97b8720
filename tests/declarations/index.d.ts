/**
 * A typed client for the Service Desk Integration API of SailPoint Identity Security Cloud.
 *
 * Start with {@link ServiceDeskClient}. Every failure is a {@link ServiceDeskError} with a stable `code`; a call that was
 * aborted rejects with its signal's reason instead.
 *
 * The declarations need ES2022 and five names of the platform: AbortSignal, Request, RequestInit, Response and URL. The library
 * `dom` has them, and so has `@types/node`; where there is neither, declare them yourself.
 * @module isc-service-desk
 */

/**
 * A source whose provisioning goes through the service desk. API schema: `ServiceDeskSource`.
 */
export interface ServiceDeskSource {
    /**
     * The kind of what is referred to; the API knows one.
     */
    type?: "SOURCE";
    /**
     * Its id: enough to refer to it.
     */
    id?: string;
    /**
     * Its display name, which the server finds by the id.
     */
    name?: string | null;
}

/**
 * An integration, as the server returns it.
 *
 * `id`, `name` and `type` are there; every other field may be absent or null, as live servers do it. Fields that
 * this version does not know are kept as they came. API schema: `ServiceDeskIntegrationDto`.
 */
export interface ServiceDeskIntegrationDto {
    /**
     * The server's name for it: 32 hexadecimal digits.
     */
    id: string;
    /**
     * When it was made: an RFC 3339 date-time, as the server wrote it.
     */
    created?: string | null;
    /**
     * When it was last changed: an RFC 3339 date-time, as the server wrote it.
     */
    modified?: string | null;
    /**
     * What a person calls it; unique in the tenant.
     */
    name: string;
    /**
     * What it is for.
     */
    description: string | null;
    /**
     * The kind of service desk.
     */
    type: ServiceDeskIntegrationType;
    /**
     * How to reach the service desk and what to send it. The keys depend on the type, and are not published: a
     * template of the type holds them.
     */
    attributes?: Record<string, unknown> | null;
    /**
     * Who owns it.
     */
    ownerRef?: OwnerDto | null;
    /**
     * The cluster that reaches the service desk. Live servers demand it for some types, though the document does not.
     */
    clusterRef?: SourceClusterDto | null;
    /**
     * The cluster's id.
     * @deprecated by the API: use clusterRef.
     */
    cluster?: string | null;
    /**
     * Ids of the sources that it handles.
     * @deprecated by the API: use provisioningConfig.managedResourceRefs.
     */
    managedSources?: string[] | null;
    /**
     * Which provisioning becomes a ticket.
     */
    provisioningConfig?: ProvisioningConfig | null;
    /**
     * Runs before each plan.
     */
    beforeProvisioningRule?: BeforeProvisioningRuleDto | null;
    /**
     * Whether a credential provider holds the credentials. Live servers answer it; the API's document does not have it.
     */
    credentialProviderEnabled?: boolean | null;
}

/**
 * How often, and for how long, ISC asks the service desk for a ticket's state.
 *
 * Strings that hold whole numbers: the API's document types them so, though its examples are numbers. A server that
 * answers numbers is read too. API schema: `QueuedCheckConfigDetails`.
 */
export interface QueuedCheckConfigDetails {
    /**
     * Minutes between two checks of one ticket.
     */
    provisioningStatusCheckIntervalMinutes: string;
    /**
     * Days after which a ticket is no longer checked.
     */
    provisioningMaxStatusCheckDays: string;
}

/**
 * One line of a call's history.
 */
export interface Attempt {
    /**
     * When it was sent, in milliseconds since the epoch.
     */
    startedAtMs: number;
    /**
     * From then until its body was read or it failed, in milliseconds.
     */
    durationMs: number;
    /**
     * The status of its response; absent where none came.
     */
    status?: number;
    /**
     * The SLPT-Request-ID of its response.
     */
    requestId?: string;
    /**
     * Why it was not the last: "rate-limited", "server-error", "network", "timeout", "unauthorized", "bad-response", "refused".
     */
    retryReason?: string;
    /**
     * The wait between it and the next one, in milliseconds.
     */
    waitedMs?: number;
}

/**
 * One line of the list of types that this tenant can make. API schema: `ServiceDeskIntegrationTemplateType`.
 */
export interface ServiceDeskIntegrationTemplateType {
    /**
     * What a person calls it.
     */
    name?: string;
    /**
     * The `type` of integrations made from it.
     */
    type: ServiceDeskIntegrationType;
    /**
     * The name that `templates.get()` takes.
     */
    scriptName: string;
}

/**
 * One text of an error, in one language. API schema: `ErrorMessageDto`.
 */
export interface ErrorMessageDto {
    /**
     * The text's language: a BCP 47 tag.
     */
    locale?: string | null;
    /**
     * Whether the server's default or the request chose the language.
     */
    localeOrigin?: "DEFAULT" | "REQUEST" | (string & {}) | null;
    /**
     * The text.
     */
    text?: string;
}

/**
 * The cluster of virtual appliances that reaches the service desk. API schema: `SourceClusterDto`.
 */
export interface SourceClusterDto {
    /**
     * The kind of what is referred to; the API knows one.
     */
    type?: "CLUSTER";
    /**
     * Its id: enough to refer to it.
     */
    id?: string;
    /**
     * Its display name, which the server finds by the id.
     */
    name?: string | null;
}

/**
 * The code that prepares the plan of a ticket. API schema: `ProvisioningConfig.planInitializerScript`.
 */
export interface PlanInitializerScript {
    /**
     * The XML text of a rule of type BeforeProvisioning. Live servers answer null.
     */
    source?: string | null;
}

/**
 * The identity that owns an integration. API schema: `OwnerDto`.
 */
export interface OwnerDto {
    /**
     * The kind of what is referred to; the API knows one.
     */
    type?: "IDENTITY";
    /**
     * Its id: enough to refer to it.
     */
    id?: string;
    /**
     * Its display name, which the server finds by the id.
     */
    name?: string | null;
}

/**
 * The kind of service desk: the `type` of an integration, a template or a template's type.
 *
 * The API's list is open and differs by licence: `types.list()` says what this tenant can make. The names here are
 * those that are publicly known. Integrations of live tenants have `ServiceNow SDIM`; the API's document writes it without the space.
 */
export type ServiceDeskIntegrationType = "Atlassian Cloud Jira SDIM" | "Atlassian Data Center Jira SDIM" | "Atlassian Server Jira SDIM" | "BMC Helix ITSM SDIM" | "BMC Helix Remedyforce SDIM" | "Generic SDIM" | "Ivanti Cherwell ITSM SDIM" | "ServiceNow SDIM" | "ServiceNow" | "ServiceNowSDIM" | "Web Service SDIM" | "Zendesk SDIM" | (string & {});

/**
 * The rule that runs before each provisioning plan. API schema: `BeforeProvisioningRuleDto`.
 */
export interface BeforeProvisioningRuleDto {
    /**
     * The kind of what is referred to; the API knows one.
     */
    type?: "RULE";
    /**
     * Its id: enough to refer to it.
     */
    id?: string;
    /**
     * Its display name, which the server finds by the id.
     */
    name?: string | null;
}

/**
 * What an integration of one type starts from. API schema: `ServiceDeskIntegrationTemplateDto`.
 */
export interface ServiceDeskIntegrationTemplateDto {
    /**
     * The server's name for it.
     * @readonly
     */
    id?: string;
    /**
     * What a person calls it.
     */
    name: string | null;
    /**
     * When it was made: an RFC 3339 date-time, as the server wrote it.
     * @readonly
     */
    created?: string;
    /**
     * When it was last changed: an RFC 3339 date-time, as the server wrote it.
     * @readonly
     */
    modified?: string;
    /**
     * The `type` of integrations made from it.
     */
    type: ServiceDeskIntegrationType;
    /**
     * The attributes that an integration of this type takes.
     */
    attributes: Record<string, unknown>;
    /**
     * Which provisioning becomes a ticket.
     */
    provisioningConfig: ProvisioningConfig;
}

/**
 * What create and replace send: an integration without the fields that the server owns.
 *
 * A null in an optional field is left out, but for `cluster`. API schema: `ServiceDeskIntegrationDto`.
 */
export interface ServiceDeskIntegrationInput {
    /**
     * What a person calls it; unique in the tenant.
     */
    name: string;
    /**
     * What it is for.
     */
    description: string;
    /**
     * The kind of service desk.
     */
    type: ServiceDeskIntegrationType;
    /**
     * How to reach the service desk and what to send it. The keys depend on the type, and are not published: a
     * template of the type holds them.
     */
    attributes: Record<string, unknown>;
    /**
     * Who owns it.
     */
    ownerRef?: OwnerDto | null;
    /**
     * The cluster that reaches the service desk. Live servers demand it for some types, though the document does not.
     */
    clusterRef?: SourceClusterDto | null;
    /**
     * The cluster's id.
     * @deprecated by the API: use clusterRef.
     */
    cluster?: string | null;
    /**
     * Ids of the sources that it handles.
     * @deprecated by the API: use provisioningConfig.managedResourceRefs.
     */
    managedSources?: string[] | null;
    /**
     * Which provisioning becomes a ticket.
     */
    provisioningConfig?: ProvisioningConfig | null;
    /**
     * Runs before each plan.
     */
    beforeProvisioningRule?: BeforeProvisioningRuleDto | null;
    /**
     * Whether a credential provider holds the credentials. Live servers answer it; the API's document does not have it.
     */
    credentialProviderEnabled?: boolean | null;
}

/**
 * Which provisioning becomes a ticket. API schema: `ProvisioningConfig`.
 */
export interface ProvisioningConfig {
    /**
     * True where this integration handles every source of the tenant; then no `managedResourceRefs` are allowed.
     * @readonly
     */
    universalManager?: boolean;
    /**
     * The sources that this integration handles; only where `universalManager` is false.
     */
    managedResourceRefs?: ServiceDeskSource[];
    /**
     * Runs before each plan.
     */
    planInitializerScript?: PlanInitializerScript | null;
    /**
     * True stops provisioning requests.
     */
    noProvisioningRequests?: boolean;
    /**
     * How long a pending request lives, in hours.
     */
    provisioningRequestExpiration?: number;
}

/** The layout of the API's paths; all versions speak of the same integrations. */
export type ApiVersion = "v1" | "v3" | "v2024" | "v2025" | "v2026" | "beta";

/** How calls are authorized. */
export type Auth =
  /**
   * A token, or a function that is asked whenever a call needs one, in the async context of that call. Runs everywhere.
   * `forceRefresh` says that the server refused the last one: what a cache holds will not do.
   */
  | {
      /** The token, or the function that gives one. */
      token: string | ((request: { forceRefresh: boolean; signal?: AbortSignal }) => string | Promise<string>);
      /**
       * Whether the function's tokens belong to the client, and not to the user whose request a server is answering. Calls that are
       * refused with 401 at the same time then ask for one new token together, without a `signal`; otherwise each call asks for
       * its own, and a token is sent with no other call.
       * @defaultValue false
       */
      shared?: boolean | undefined;
    }
  /**
   * A personal access token or API client: `client_credentials` against `tokenUrl` (default: `/oauth/token` of the
   * tenant), once for all calls, and again before it expires or when the server refuses it. A browser page must not hold one: refused there unless
   * said twice.
   */
  | {
      /** The id of the personal access token or API client. */
      clientId: string;
      /** Its secret; no error, event or log shows it. */
      clientSecret: string;
      /** Where tokens are asked for: https only, plain http only to loopback. @defaultValue `/oauth/token` of the tenant */
      tokenUrl?: string | URL | undefined;
      /** Says a second time that a browser page may hold the secret. @defaultValue false */
      dangerouslyAllowBrowser?: boolean | undefined;
    };

/** What a client is made from. A name that is not listed here is a {@link ValidationError}. */
export interface ServiceDeskClientOptions {
  /** `acme` means https://acme.api.identitynow.com. Exactly one of `tenant` and `baseUrl`. */
  tenant?: string | undefined;
  /** Another ISC domain for `tenant`. @defaultValue "identitynow.com" */
  domain?: string | undefined;
  /**
   * Where the API lives: https only, plain http only to loopback. A path is kept as a prefix (a reverse proxy's);
   * credentials, query and fragment are refused, and so is a host that the URL standard writes in another way, such as
   * `127.1` or `0127.0.0.1`. Of IPv6 addresses, `[::1]` alone is taken. On SailPoint's hosts it is the root of the tenant's API.
   */
  baseUrl?: string | URL | undefined;
  /** `v1` is `/service-desk-integrations/v1`; the others are prefixes, as in `/v3/service-desk-integrations`. @defaultValue "v1" */
  apiVersion?: ApiVersion | undefined;
  /** How calls are authorized. */
  auth: Auth;
  /** Any fetch: a proxy's, a service binding's, a test's; called with a Request. @defaultValue the global one, looked up at each call */
  fetch?: ((input: Request | string | URL, init?: RequestInit) => Promise<Response>) | undefined;
  /** The whole call, in milliseconds; "none" lifts it. @defaultValue 60 000 */
  timeoutMs?: number | "none" | undefined;
  /** One attempt, until its body is read, in milliseconds; "none" lifts it. @defaultValue 20 000 */
  attemptTimeoutMs?: number | "none" | undefined;
  /** What follows a failed attempt; "off": nothing, but a refused token is still renewed once. */
  retry?: RetryOptions | "off" | undefined;
  /**
   * So many requests in any span of that length, and at once; "off": nobody counts. Shared by all clients of this copy of the
   * package with the same API and credential, first come first served, and all of their limits hold.
   * @defaultValue { requests: 100, perMs: 10_000 }, the gateway's limit for each client id and API version
   */
  rateLimit?:
    | {
        /** Requests at most in any span of `perMs`: 1 or more. */
        requests: number;
        /** The length of the span, in milliseconds: above 0. */
        perMs: number;
        /** Requests on their way at once: 1 or more. @defaultValue no limit */
        concurrency?: number | undefined;
      }
    | "off"
    | undefined;
  /**
   * Sent with every call. Those that the client sets (Accept, Authorization, Host, Content-Length, Content-Type, Cookie) are
   * refused, and those of a connection or an answer: Connection, Keep-Alive, Proxy-…, TE, Trailer, Transfer-Encoding,
   * Upgrade, Expect, Content-Encoding, Set-Cookie.
   */
  headers?: Record<string, string> | undefined;
  /** Told everything that happens to calls, with no secret in it. What it throws is ignored. */
  onEvent?: ((event: ClientEvent) => void) | undefined;
  /** What is secret besides the rule of {@link SecretNames}, and what is not. */
  secretNames?: SecretNames | undefined;
}

/**
 * Names of attributes that are secret, and of those that are not, in any case of their letters and at any depth. They go before the rule.
 *
 * The rule: a name whose last word is password, passwd, pwd, passphrase, secret, credential or token is secret, as are apiKey,
 * privateKey, secretKey, accessKey, authorization, cookie, jwt, assertion and basicAuth, in any style of writing (`accessToken`,
 * `refresh_token`, `X-Api-Key`), with digits, an `s`, or `value`, `text`, `info`, `hash` or `data` behind it; the `value` beside such a
 * `name`, `key` or `header`; what `attributes.encrypted` lists; and of a URL the user, the password and what its query has under such
 * a name, or `auth`, `code`, `key`, `sig` or `signature`. `tokenUrl`, `tokenType` and `projectKey` are none.
 */
export interface SecretNames {
  /** Names that are always secret. */
  hide?: string[] | undefined;
  /** Names that never are. */
  show?: string[] | undefined;
}

/**
 * How a call that failed is tried again: after a lost connection that may come back, an attempt's timeout, or a status of 408, 425, 429, 500,
 * 502, 503 or 504. The wait is random between 0 and `baseDelayMs`, doubled with each attempt up to `maxDelayMs`, and never
 * less than a Retry-After. A wait that would outlast the call's `timeoutMs` is not begun: the call fails at once.
 */
export interface RetryOptions {
  /** Attempts in all, the first one included: 1 to 100. @defaultValue 4 */
  attempts?: number | undefined;
  /** The longest first wait, in milliseconds. @defaultValue 500 */
  baseDelayMs?: number | undefined;
  /** The longest wait that no server asked for, in milliseconds. @defaultValue 20 000 */
  maxDelayMs?: number | undefined;
  /**
   * A longer Retry-After is not waited for, in milliseconds: the call fails at once, and its error has `retryAfterMs`.
   * @defaultValue 60 000
   */
  maxRetryAfterMs?: number | undefined;
}

/**
 * Each type of a union, with the members of the others as `undefined`, so that a value can be destructured before its type is known.
 */
export type WithAllMembers<Union, All = Union> = Union extends unknown
  ? Union & { readonly [Name in Exclude<All extends unknown ? keyof All : never, keyof Union>]?: undefined }
  : never;

/** Something that happened to a call; what only other events have is `undefined`. */
export type ClientEvent = WithAllMembers<
  /** A request goes out. */
  | {
      /** Which event this is. */
      type: "request";
      /** The operationId in the v3 document. */
      operation: string;
      /** Counts from 1 within the call. */
      attempt: number;
      /** The HTTP method. */
      method: string;
      /** What is asked, query included. */
      url: string;
    }
  /** Its answer has been read. */
  | {
      /** Which event this is. */
      type: "response";
      /** The operationId in the v3 document. */
      operation: string;
      /** That of its request. */
      attempt: number;
      /** Its HTTP status. */
      status: number;
      /** From the request to the end of its answer, in milliseconds. */
      durationMs: number;
      /** The SLPT-Request-ID header, where the caller may read it. */
      requestId?: string;
    }
  /** The call waits: for its turn within the rate limit, for its next attempt, or for as long as the server asked. */
  | {
      /** Which event this is. */
      type: "wait";
      /** The operationId in the v3 document. */
      operation: string;
      /** What for. */
      reason: "rate-limit" | "retry" | "retry-after";
      /** How long, in milliseconds, as far as can be told. */
      waitMs: number;
    }
  /**
   * A token has come: the first, one before the old one expires, or one for one that the server refused. A token function is
   * asked, and tells, with every call.
   */
  | {
      /** Which event this is. */
      type: "token";
      /** Why one was needed. */
      reason: "missing" | "expiring" | "rejected";
      /** How long it took, in milliseconds. */
      durationMs: number;
    }
  /** A create whose outcome was open (no answer, an unreadable one, 408, 5xx) has been found to have happened. */
  | {
      /** Which event this is. */
      type: "reconciled";
      /** The operationId in the v3 document. */
      operation: string;
      /** Of the integration that was found. */
      id: string;
    }
  /**
   * replace(), or the PUT of an update(), sends masks or ciphertexts in the place of secrets. Whether a server takes them back is
   * documented nowhere: it may keep them as they are.
   */
  | {
      /** Which event this is. */
      type: "hidden-secrets";
      /** The operationId in the v3 document. */
      operation: string;
      /** JSON Pointers to them. */
      paths: string[];
    }
  /** The API announced the end of what was asked. */
  | {
      /** Which event this is. */
      type: "deprecated";
      /** The operationId in the v3 document. */
      operation: string;
      /** What was asked, query included. */
      url: string;
    }
>;

/** What one call is given besides its arguments; it overrides the client's. */
export interface CallOptions {
  /** Ends the call at once; it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** The whole call, in milliseconds; "none" lifts it. */
  timeoutMs?: number | "none" | undefined;
  /** One attempt, until its body is read, in milliseconds; "none" lifts it. */
  attemptTimeoutMs?: number | "none" | undefined;
  /** What follows a failed attempt: "off", or members that go before the client's. */
  retry?: RetryOptions | "off" | undefined;
  /** Sent besides the client's. */
  headers?: Record<string, string> | undefined;
  /** Told the last response of the call, good or bad, before the promise settles. What it throws is ignored. */
  onResponse?: ((response: ResponseInfo) => void) | undefined;
}

/** What an update is given besides its arguments. */
export interface UpdateOptions extends CallOptions {
  /**
   * What to do where a change can only be said by writing more than what changed, and what the server hides could be erased:
   * - `"refuse"`: nothing is written, with a {@link SecretsAtRiskError};
   * - `"send-back"`: it is written, with what was read in the place of secrets;
   * - `"none"`: it is written, since the server hides nothing, or the change sets all secrets.
   * @defaultValue "refuse"
   */
  hiddenSecrets?: "refuse" | "send-back" | "none" | undefined;
}

/** The last response of a call. */
export interface ResponseInfo {
  /** Its HTTP status. */
  status: number;
  /** Its headers, with lower-case names; in a page, those that the server exposes. */
  headers: Record<string, string>;
  /** The SLPT-Request-ID header, where the caller may read it: what support asks for. */
  requestId?: string;
  /** The API announced this endpoint's end (X-Deprecated). */
  deprecated: boolean;
  /** The call's history. */
  attempts: readonly Attempt[];
}

/** A client of one tenant. It holds no connection and no timer: make as many as you like, drop them as you like. */
export class ServiceDeskClient {
  /**
   * A client with these options. Nothing is sent before the first call.
   * @throws where an option is wrong, which `field` names — {@link ValidationError}
   * @example
   * ```ts
   * const client = new ServiceDeskClient({ tenant: "acme", auth: { clientId: "…", clientSecret: "…" } });
   * ```
   */
  constructor(options: ServiceDeskClientOptions);
  /**
   * A client from SAIL_BASE_URL, SAIL_CLIENT_ID and SAIL_CLIENT_SECRET, as every SailPoint SDK reads them; what
   * `options` gives goes first.
   * @throws where a variable is missing, which the message names — {@link ValidationError}
   * @example
   * ```ts
   * const client = ServiceDeskClient.fromEnv({ timeoutMs: 10_000 });
   * ```
   */
  static fromEnv(options?: Partial<ServiceDeskClientOptions>): ServiceDeskClient;
  /**
   * A client inside an ISC UI plugin: base URL and token from `window.sailpointConfig()`, asked again whenever a token is
   * needed; what `options` gives goes first. All such clients of a page share their rate.
   * @throws where there is no such function and `options` has no base URL — {@link ValidationError}
   * @example
   * ```ts
   * const client = ServiceDeskClient.fromPlugin();
   * ```
   */
  static fromPlugin(options?: Partial<ServiceDeskClientOptions>): ServiceDeskClient;
  /** Where the API lives, without a slash at its end. */
  readonly baseUrl: string;
  /** The layout of the paths. */
  readonly apiVersion: ApiVersion;
  /** The integrations of the tenant. */
  readonly integrations: Integrations;
  /** What can be made. */
  readonly types: {
    /**
     * Lists the types that this tenant can make. API: getServiceDeskIntegrationTypes.
     * @example
     * ```ts
     * for (const { type, scriptName } of await client.types.list()) console.log(type, scriptName);
     * ```
     */
    list(options?: CallOptions): Promise<ServiceDeskIntegrationTemplateType[]>;
  };
  /** What integrations are made from. */
  readonly templates: {
    /**
     * Gets the template that a type names as its `scriptName`. API: getServiceDeskIntegrationTemplate.
     * @example
     * ```ts
     * for (const { scriptName } of await client.types.list()) console.log((await client.templates.get(scriptName)).attributes);
     * ```
     */
    get(scriptName: string, options?: CallOptions): Promise<ServiceDeskIntegrationTemplateDto>;
  };
  /** The tenant-wide check of queued tickets. */
  readonly statusCheck: {
    /**
     * Reads both values. API: getStatusCheckDetails.
     * @example
     * ```ts
     * const { provisioningStatusCheckIntervalMinutes } = await client.statusCheck.get();
     * ```
     */
    get(options?: CallOptions): Promise<QueuedCheckConfigDetails>;
    /**
     * Sets both values: whole numbers above 0, sent as the strings that the API wants. API: updateStatusCheckDetails.
     * @example
     * ```ts
     * await client.statusCheck.update({ provisioningStatusCheckIntervalMinutes: 30, provisioningMaxStatusCheckDays: 2 });
     * ```
     */
    update(
      details: { provisioningStatusCheckIntervalMinutes: string | number; provisioningMaxStatusCheckDays: string | number },
      options?: CallOptions,
    ): Promise<QueuedCheckConfigDetails>;
  };
}

/** What the function of `update()` returns: an integration, with its `id` or without. */
export type ChangedIntegration = ServiceDeskIntegrationInput | Omit<ServiceDeskIntegrationDto, "id"> | ServiceDeskIntegrationDto;

/** The integrations of the tenant. */
export interface Integrations {
  /**
   * One page, as the API gives it. API: getServiceDeskIntegrations.
   * @example
   * ```ts
   * const { items, total } = await client.integrations.list({ filters: filter.type.eq("ServiceNow SDIM"), count: true });
   * ```
   */
  list(query?: ListQuery, options?: CallOptions): Promise<Page>;
  /**
   * Every match, fetched page by page as the loop asks, one page ahead; `for await (const page of ….pages())` for whole pages.
   * Each loop over it starts anew. `timeoutMs` bounds each page. Where the list changes so that items may have been passed over (a total
   * falls, an item comes twice), the walk goes over the list again and gives the items that are new. An item that goes while another
   * comes between the same two requests cannot be seen, nor a change where no total comes (`count: false`, or a page that may not read
   * it): collect first, change afterwards. API: getServiceDeskIntegrations.
   * @throws at once, where the query or the options are wrong — {@link ValidationError}
   * @throws in the loop, what a page fails with, and where the list does not come to rest, or changes under a walk that began at an
   * `offset` — {@link PageDriftError}
   * @example
   * ```ts
   * for await (const { id, name } of client.integrations.iterate({ sorters: "name" })) console.log(id, name);
   * ```
   */
  iterate(query?: IterateQuery, options?: CallOptions): IntegrationIterable;
  /**
   * Gets one. An `id` of more than 1 024 bytes, or with a slash, backslash or `;`, is refused here and in every other operation.
   * API: getServiceDeskIntegration.
   * @example
   * ```ts
   * const integration = await client.integrations.get("62945a496ef440189b1f03e3623411c8");
   * ```
   */
  get(id: string, options?: CallOptions): Promise<ServiceDeskIntegrationDto>;
  /**
   * Makes one. It is sent at most once, unless the server surely did not act (429, 503 with Retry-After, no connection).
   * After a failure that leaves it open, the unique name is looked up: what this call made is returned (it says all that
   * was sent, secrets aside, and was not `created` before). API: createServiceDeskIntegration.
   * @throws where `input` lacks what the API requires, which is no null: `name`, `description`, `type`, `attributes` — {@link ValidationError}
   * @throws where that does not tell either, and where `timeoutMs` ends it in flight; with `retry: "off"` nothing is looked up —
   * {@link UnknownOutcomeError}
   * @throws where the answer was a 500, and nothing was looked up or found — {@link ServerError}
   * @example
   * ```ts
   * const made = await client.integrations.create({
   *   name: "Acme ServiceNow",
   *   description: "Tickets for disconnected apps",
   *   type: "ServiceNow SDIM",
   *   attributes: { url: "https://acme.service-now.com" },
   *   clusterRef: { type: "CLUSTER", id: "2c9180847a7fccdd017aa5896f9f4f6f" },
   * });
   * console.log(made.id);
   * ```
   */
  create(input: ServiceDeskIntegrationInput | ServiceDeskIntegrationDto, options?: CallOptions): Promise<ServiceDeskIntegrationDto>;
  /**
   * PUT: replaces the whole integration, its secrets too. What the server owns (`id`, `created`, `modified`,
   * `provisioningConfig.universalManager`) is left out, so that what was read can be sent. Servers show secrets as ciphertexts or
   * masks, or leave them out: what `input` has in their place is what is sent. Masks and ciphertexts in it are told by the event
   * `hidden-secrets`. {@link Integrations.update} changes an integration and keeps its secrets. API: putServiceDeskIntegration.
   * @throws where `input` lacks what the API requires, which is no null: `name`, `description`, `type`, `attributes` — {@link ValidationError}
   * @example
   * ```ts
   * const read = await client.integrations.get("62945a496ef440189b1f03e3623411c8");
   * await client.integrations.replace(read.id, { ...read, description: "Tickets" });
   * ```
   */
  replace(
    id: string,
    input: ServiceDeskIntegrationInput | ServiceDeskIntegrationDto,
    options?: CallOptions,
  ): Promise<ServiceDeskIntegrationDto>;
  /**
   * PATCH with `replace` operations only: what {@link patch} builds, or an array of the same shape, which is checked. API:
   * patchServiceDeskIntegration.
   * @example
   * ```ts
   * const operations = patch().replace("/description", "Tickets").replace("/attributes/url", "https://acme.service-now.com");
   * await client.integrations.patch("62945a496ef440189b1f03e3623411c8", operations);
   * ```
   */
  patch(id: string, operations: PatchBuilder | JsonPatchReplace[], options?: CallOptions): Promise<ServiceDeskIntegrationDto>;
  /**
   * Reads the integration, lets `change` return the next one (its own copy, which it may edit in place), reads again, writes what
   * changed, and starts over, three times at most, when `modified`, or without it the content, moved in between. No write where
   * nothing changed. What `change` throws passes through. `timeoutMs` bounds the whole.
   *
   * Each change is sent as a `replace` at its own place, so that nothing is erased that the server hides. Where the server answers
   * 400 or 403 to that, or where an attribute is removed, only a wider write can say it: the object around it as a whole, or a PUT.
   * That is sent where it cannot touch `attributes`, or where `hiddenSecrets` allows it.
   *
   * The API has no ETag: between the second read and the write another writer can still slip in; a patch then overwrites only the
   * fields that it names. API: getServiceDeskIntegration, patchServiceDeskIntegration, putServiceDeskIntegration.
   * @throws where only a wider write says the change; nothing was written — {@link SecretsAtRiskError}
   * @throws where others kept changing it; nothing was written — {@link EditConflictError}
   * @example
   * ```ts
   * await client.integrations.update("62945a496ef440189b1f03e3623411c8", (now) => ({
   *   ...now,
   *   attributes: { ...now.attributes, url: "https://acme.service-now.com" },
   * }));
   * ```
   */
  update(
    id: string,
    change: (current: ServiceDeskIntegrationDto) => ChangedIntegration | Promise<ChangedIntegration>,
    options?: UpdateOptions,
  ): Promise<ServiceDeskIntegrationDto>;
  /**
   * Deletes one; that it is gone after an attempt without an answer is success. API: deleteServiceDeskIntegration.
   * @example
   * ```ts
   * await client.integrations.delete("62945a496ef440189b1f03e3623411c8");
   * ```
   */
  delete(id: string, options?: CallOptions): Promise<void>;
}

/** The one order that the API knows, up or down. */
export type Sorter = "name" | "-name";

/** What a page is asked for with. A name that is not listed here is a {@link ValidationError}. */
export interface ListQuery {
  /** Items to skip: 0 or more. @defaultValue 0 */
  offset?: number | undefined;
  /** Items at most: 0 to 250; 0 asks for nothing but the total. @defaultValue 250 */
  limit?: number | undefined;
  /** The order; without it, the server's. */
  sorters?: Sorter | Sorter[] | undefined;
  /** A filter that {@link filter} built, or an expression in the API's grammar, which is parsed and checked before it is sent. */
  filters?: Filter | string | undefined;
  /** Asks for the total (X-Total-Count). It costs the server; a browser may not be allowed to read it. */
  count?: boolean | undefined;
  /**
   * What becomes of a record that is not what the API's document says: `"throw"` fails the page with a {@link BadResponseError} that names the
   * record, `"keep"` puts it into {@link Page.invalid}: a loop over items leaves it out, and `max` counts it. @defaultValue "throw"
   */
  invalid?: "throw" | "keep" | undefined;
}

/** A record of a page that is not what the API's document says. */
export interface InvalidRecord {
  /** Its place among the records that the server sent, from 0. */
  index: number;
  /** JSON Pointer to the first value that is wrong, within the record. */
  path: string;
  /** What was expected there, and what came. */
  message: string;
  /** The record as it came. */
  value: unknown;
}

/** One page of a list. */
export interface Page {
  /** Its items, in the order of the list. */
  items: ServiceDeskIntegrationDto[];
  /** Items before it. */
  offset: number;
  /** Items that were asked for. */
  limit: number;
  /** Items of the whole list, where they were counted and the caller may read it. */
  total?: number;
  /** With `invalid: "keep"`, the records that are not what the API's document says; `items` has the others. */
  invalid?: InvalidRecord[];
  /** The query of the page after this one; absent on the last. */
  next?: ListQuery;
}

/**
 * What a walk over all pages is asked for with; the `next` of a page that a walk gave goes on there. Without `sorters` it goes by
 * name. `count` is true by default here: the total of each page tells the end of the list from a cut one, and a list that changes.
 */
export interface IterateQuery extends Omit<ListQuery, "limit"> {
  /** Items of a page: 1 to 250. @defaultValue 250 */
  pageSize?: number | undefined;
  /** Stop after so many items. */
  max?: number | undefined;
  /** Whether the next page is fetched while the loop works on the page at hand: 1, or 0 for no. @defaultValue 1 */
  prefetch?: number | undefined;
  /** Throw {@link PageDriftError} where the list changes under the loop: an item that comes twice, or another total. @defaultValue false */
  strict?: boolean | undefined;
}

/** The integrations that a query matches: `for await (const each of …)`. */
export interface IntegrationIterable extends AsyncIterable<ServiceDeskIntegrationDto> {
  /**
   * The same, page by page.
   * @example
   * ```ts
   * for await (const { items, next } of client.integrations.iterate().pages()) console.log(items.length, next);
   * ```
   */
  pages(): AsyncIterable<Page>;
}

/** An expression in the API's filter grammar; `${f}` and String(f) give its text. Immutable. */
export class Filter {
  private constructor();
  /**
   * Both must hold.
   * @example
   * ```ts
   * filter.type.eq("Generic SDIM").and(filter.name.eq("Acme")); // type eq "Generic SDIM" and name eq "Acme"
   * ```
   */
  and(other: Filter): Filter;
  /**
   * One of them must hold.
   * @example
   * ```ts
   * filter.name.eq("Acme").or(filter.name.eq("Apex")); // name eq "Acme" or name eq "Apex"
   * ```
   */
  or(other: Filter): Filter;
  /**
   * Must not hold.
   * @example
   * ```ts
   * filter.name.eq("Acme").not(); // not name eq "Acme"
   * ```
   */
  not(): Filter;
  /**
   * The same test, made here: in lower case (`toLowerCase()`), as the API compares without regard to case; `cluster` is
   * `cluster`, else `clusterRef.id`.
   * @throws where it has a raw part that `filter.parse()` would refuse — {@link ValidationError}
   * @example
   * ```ts
   * const { items } = await client.integrations.list();
   * const mine = items.filter((each) => filter.type.eq("Generic SDIM").matches(each));
   * ```
   */
  matches(integration: ServiceDeskIntegrationInput | ServiceDeskIntegrationDto): boolean;
  /**
   * The expression.
   * @example
   * ```ts
   * console.log(String(filter.name.eq("Acme"))); // name eq "Acme"
   * ```
   */
  toString(): string;
  /**
   * The expression: in a key of a cache, two filters are two.
   * @example
   * ```ts
   * JSON.stringify({ filters: filter.name.eq("Acme") }); // {"filters":"name eq \"Acme\""}
   * ```
   */
  toJSON(): string;
}

/**
 * Builds filters of what the list operation supports, and of no more: id eq, in; name eq; type eq, in; cluster eq, in. Values may
 * hold any character but NUL. An `in` without values is false: such a list is empty without a request.
 */
export const filter: {
  /** By id. */
  readonly id: {
    /**
     * Is `value`.
     * @example
     * ```ts
     * filter.id.eq("62945a496ef440189b1f03e3623411c8");
     * ```
     */
    eq(value: string): Filter;
    /**
     * Is one of `values`.
     * @example
     * ```ts
     * filter.id.in(["62945a496ef440189b1f03e3623411c8", "6f2b3a1c8d9e4f70a1b2c3d4e5f60718"]);
     * ```
     */
    in(values: readonly string[]): Filter;
  };
  /** By name: the API takes `eq` only. */
  readonly name: {
    /**
     * Is `value`.
     * @example
     * ```ts
     * filter.name.eq('Acme "IT"'); // name eq "Acme \"IT\""
     * ```
     */
    eq(value: string): Filter;
  };
  /** By type. */
  readonly type: {
    /**
     * Is `value`.
     * @example
     * ```ts
     * filter.type.eq("ServiceNow SDIM"); // type eq "ServiceNow SDIM"
     * ```
     */
    eq(value: ServiceDeskIntegrationType): Filter;
    /**
     * Is one of `values`.
     * @example
     * ```ts
     * filter.type.in(["ServiceNow SDIM", "Generic SDIM"]); // type in ("ServiceNow SDIM","Generic SDIM")
     * ```
     */
    in(values: readonly ServiceDeskIntegrationType[]): Filter;
  };
  /** By the id of the cluster. */
  readonly cluster: {
    /**
     * Is `value`.
     * @example
     * ```ts
     * filter.cluster.eq("2c9180847a7fccdd017aa5896f9f4f6f");
     * ```
     */
    eq(value: string): Filter;
    /**
     * Is one of `values`.
     * @example
     * ```ts
     * filter.cluster.in(["2c9180847a7fccdd017aa5896f9f4f6f"]);
     * ```
     */
    in(values: readonly string[]): Filter;
  };
  /**
   * Reads these tests, joined by `and`, `or`, `not` and parentheses.
   * @throws where it is none of these, with the position of what is wrong; another field or operator of the API's grammar is named —
   * {@link ValidationError}
   * @example
   * ```ts
   * filter.parse('type eq "Generic SDIM" and not name eq "Acme"');
   * ```
   */
  parse(expression: string): Filter;
  /**
   * Unchecked text, for what the API learns tomorrow.
   * @example
   * ```ts
   * await client.integrations.list({ filters: filter.raw('name sw "Acme"') });
   * ```
   */
  raw(expression: string): Filter;
};

/** One operation of a patch: the API takes `replace` only. */
export interface JsonPatchReplace {
  /** The only verb that the API takes. */
  op: "replace";
  /** A JSON Pointer, such as `/ownerRef` or `/attributes/url`. */
  path: string;
  /** The new value: a string, boolean, integer, object, or an array of strings, integers and objects. */
  value: unknown;
}

/**
 * The fields that a patch may name, each with its value's type. As the API's document has it, a value is a string, boolean,
 * integer, object, or an array of strings, integers and objects: never null, a fraction or a nested array (those need a PUT).
 */
export type PatchPath = `/${keyof ServiceDeskIntegrationInput}` | `/attributes/${string}` | `/provisioningConfig/${string}`;

/** What may stand at a path. */
export type PatchValue<P extends PatchPath> =
  P extends `/${infer K extends keyof ServiceDeskIntegrationInput & string}` ? NonNullable<ServiceDeskIntegrationInput[K]> : unknown;

/** A list of `replace` operations. Immutable: replace() and raw() give the longer patch. */
export class PatchBuilder {
  private constructor();
  /**
   * Adds an operation.
   * @throws where the API would refuse the path or the value, as `field` says — {@link ValidationError}
   * @example
   * ```ts
   * patch().replace("/ownerRef", { type: "IDENTITY", id: "2c9180867d05b227017d09921a205b4d" }).replace("/attributes/timeout", 30);
   * ```
   */
  replace<P extends PatchPath>(path: P, value: PatchValue<P>): PatchBuilder;
  /**
   * Adds an operation for a field that this version does not know. `path` must be a JSON Pointer to a field, and `value` JSON; nothing else is
   * checked. Give the patch itself to {@link Integrations.patch}: an array of its operations is checked as any other.
   * @throws where the path or the value is neither, as `field` says — {@link ValidationError}
   * @example
   * ```ts
   * patch().replace("/description", "Tickets").raw("/fieldOfTomorrow", { level: 1.5 });
   * ```
   */
  raw(path: `/${string}`, value: unknown): PatchBuilder;
  /** How many operations it has. */
  readonly length: number;
  /**
   * The operations, as they are sent.
   * @example
   * ```ts
   * JSON.stringify(patch().replace("/description", "Tickets")); // [{"op":"replace","path":"/description","value":"Tickets"}]
   * ```
   */
  toJSON(): JsonPatchReplace[];
}

/**
 * Starts a patch.
 * @example
 * ```ts
 * await client.integrations.patch("62945a496ef440189b1f03e3623411c8", patch().replace("/description", "Tickets"));
 * ```
 */
export function patch(): PatchBuilder;

/**
 * What turns `before` into `after`; what the server owns does not count.
 * @example
 * ```ts
 * const before = await client.integrations.get("62945a496ef440189b1f03e3623411c8");
 * for (const { path, kind } of diff(before, { ...before, description: "Tickets" }).changes) console.log(kind, path); // changed /description
 * ```
 */
export function diff(
  before: ServiceDeskIntegrationInput | ServiceDeskIntegrationDto,
  after: ServiceDeskIntegrationInput | ServiceDeskIntegrationDto,
  options?: {
    /** What is secret besides the rule, and what is not. */
    secretNames?: SecretNames | undefined;
  },
): IntegrationDiff;

/** What turns one integration into another. */
export interface IntegrationDiff {
  /** Replace operations in a stable order: inside attributes and provisioningConfig the deepest value that says it. */
  patch: JsonPatchReplace[];
  /** True where `replace` alone cannot say it (a top-level field appears or disappears, a value that a patch may not carry): a PUT is needed. */
  needsReplace: boolean;
  /** One line for each change, with values of secret attributes hidden. */
  changes: {
    /** JSON Pointer to the value. */
    path: string;
    /** What became of it. */
    kind: "added" | "removed" | "changed";
    /** The value in the first integration, where it had one. */
    before?: unknown;
    /** The value in the second integration, where it has one. */
    after?: unknown;
    /** True where something in `before` or `after` is hidden. */
    secret: boolean;
  }[];
  /**
   * JSON Pointers to the changes for which `patch`, or the PUT, writes more than what changed, so that secrets which `before` does not
   * show could be erased. {@link Integrations.update} first tries each change at its own place.
   */
  atRisk: string[];
}

/**
 * Every failure but the caller's own abort. `code` is the stable name to switch on; `instanceof` and
 * {@link isServiceDeskError} also hold across two copies of the package. None of them, printed, serialized or cloned, shows
 * a token, a client secret or a secret attribute.
 */
export class ServiceDeskError extends Error {
  /** The name of its class. */
  readonly name: string;
  /** The stable name to switch on. */
  readonly code: ErrorCode;
  /** The operationId in the v3 document, for every version, e.g. "patchServiceDeskIntegration"; absent where no call was made. */
  readonly operation?: string;
  /** The call's history. */
  readonly attempts: readonly Attempt[];
  /** The SLPT-Request-ID of the response behind it: what support asks for. */
  readonly requestId?: string;
  /** The URL of the request that failed, without secrets; absent where nothing was sent. */
  readonly url?: string;
  /**
   * Everything but the stack and cookies, for logs and support tickets; of the cause the message, but for that of a token function.
   * @example
   * ```ts
   * await client.types.list().catch((error) => console.error(isServiceDeskError(error) ? error.toJSON() : error));
   * ```
   */
  toJSON(): Record<string, unknown>;
}

/** The stable names of all failures. */
export type ErrorCode =
  | "invalid-argument" | "bad-request" | "unauthorized" | "forbidden" | "not-found" | "conflict" | "rate-limited"
  | "server-error" | "unexpected-status" | "redirected" | "token-request-failed" | "network" | "timeout" | "bad-response"
  | "unknown-outcome" | "page-drift" | "edit-conflict" | "secrets-at-risk" | "internal"
  /** No WebAssembly may run here: a page's Content-Security-Policy lacks `'wasm-unsafe-eval'`, or the runtime compiles none. */
  | "wasm-blocked"
  /** Of `isc-service-desk/slim`: it was used before `init()`, or `init()` could not have its WebAssembly. */
  | "wasm-not-loaded";

/**
 * Found before anything was sent. Also an argument above 8 388 608 characters, as JSON, and the body of a call while bodies of
 * 256 MiB are on their way: more may not fit into the memory of WebAssembly.
 */
export class ValidationError extends ServiceDeskError {
  readonly code: "invalid-argument";
  /** Where: an option's name, a JSON Pointer into the body, or `filters`. */
  readonly field: string;
  /** In a filter or sorter text: the offending part, in UTF-16 units. */
  readonly position?: {
    /** Units before it. */
    start: number;
    /** Units before what follows it. */
    end: number;
  };
}

/** The server answered with an error. */
export class ApiError extends ServiceDeskError {
  readonly code:
    | "bad-request" | "unauthorized" | "forbidden" | "not-found" | "conflict" | "rate-limited" | "server-error" | "unexpected-status";
  /** Its HTTP status. */
  readonly status: number;
  /** A code within the status, such as "400.1 Bad Request Content". */
  readonly detailCode?: string;
  /** What support asks for, besides the request id. */
  readonly trackingId?: string;
  /** What happened, in one language or more. */
  readonly messages: readonly ErrorMessageDto[];
  /** Why. */
  readonly causes: readonly ErrorMessageDto[];
  /** The headers of the answer, with lower-case names. */
  readonly headers: Record<string, string>;
  /** What Retry-After asked for, in milliseconds, where the answer had one. */
  readonly retryAfterMs?: number;
}
/** 400: the server did not take the request; `messages` says why. */
export class BadRequestError extends ApiError {
  readonly code: "bad-request";
}
/** 401: the token was not taken. */
export class UnauthorizedError extends ApiError {
  readonly code: "unauthorized";
}
/** 403: the token's user may not do this. */
export class ForbiddenError extends ApiError {
  readonly code: "forbidden";
}
/** 404: there is no such integration or template. */
export class NotFoundError extends ApiError {
  readonly code: "not-found";
}
/** 409: another integration is in the way. */
export class ConflictError extends ApiError {
  readonly code: "conflict";
}
/**
 * 429: too many requests; `retryAfterMs` says how long to wait. Also where the server asked another call to hold back for longer
 * than this one may wait: then nothing was sent, and `attempts` and `headers` are empty.
 */
export class RateLimitError extends ApiError {
  readonly code: "rate-limited";
}
/** 5xx: the server or a gateway before it failed. */
export class ServerError extends ApiError {
  readonly code: "server-error";
}

/**
 * The API answered with a redirect; none is followed, so that no credential leaves its origin. Also where the option `fetch`
 * followed one, or gave the answer of another origin: the request may then have been carried out there.
 */
export class RedirectError extends ServiceDeskError {
  readonly code: "redirected";
  /** Its HTTP status; 0 where the runtime hides it, or fetch followed it. */
  readonly status: number;
  /** Where it pointed, where the runtime tells; where fetch went, if it followed. */
  readonly location?: string;
}

/** No token was to be had: the token endpoint refused or failed, or the token function did. */
export class TokenError extends ServiceDeskError {
  readonly code: "token-request-failed";
  /** The HTTP status of the token endpoint's answer. */
  readonly status?: number;
  /** `error` of RFC 6749. */
  readonly oauthError?: string;
  /** `error_description` of RFC 6749. */
  readonly oauthDescription?: string;
}

/** No response came; `cause` is what fetch threw, or its words alone where it could show a secret. */
export class NetworkError extends ServiceDeskError {
  readonly code: "network";
}

/** A limit was reached. */
export class TimeoutError extends ServiceDeskError {
  readonly code: "timeout";
  /** Which: `attemptTimeoutMs` or `timeoutMs`. */
  readonly limit: "attempt" | "call";
}

/** A 2xx whose body is not what the operation returns: HTML, cut JSON, a field of the wrong type. */
export class BadResponseError extends ServiceDeskError {
  readonly code: "bad-response";
  /** Its HTTP status. */
  readonly status: number;
  /** JSON Pointer to the offending value, where there is one. */
  readonly path?: string;
}

/**
 * Whether the integration was created is not known: look before you create it again. `cause` is the failure that left it
 * open.
 */
export class UnknownOutcomeError extends ServiceDeskError {
  readonly code: "unknown-outcome";
  /** The name that was to be created. */
  readonly integrationName: string;
}

/** The list changed under the walk, or the server does not page: going on would lose or repeat items. */
export class PageDriftError extends ServiceDeskError {
  readonly code: "page-drift";
}

/** update(): others kept changing the integration; nothing was written. */
export class EditConflictError extends ServiceDeskError {
  readonly code: "edit-conflict";
}

/**
 * update(): the change can only be said by writing more than what changed, and that could erase secrets which the server hides;
 * nothing was written. Ways out: set the secrets in the same change and say `hiddenSecrets: "none"`; say `"send-back"` where the server
 * takes back what it shows of them. `cause` is the server's refusal of the smallest change, where that was sent.
 */
export class SecretsAtRiskError extends ServiceDeskError {
  readonly code: "secrets-at-risk";
  /** JSON Pointers to the changes that need a wider write. */
  readonly atRisk: readonly string[];
}

/** A failure, by its class: `switch (error.code)` tells which, and so what else the error has. */
export type AnyServiceDeskError =
  | ValidationError
  | BadRequestError
  | UnauthorizedError
  | ForbiddenError
  | NotFoundError
  | ConflictError
  | RateLimitError
  | ServerError
  | (ApiError & {
      /** The stable name to switch on. */
      readonly code: "unexpected-status";
    })
  | RedirectError
  | TokenError
  | NetworkError
  | TimeoutError
  | BadResponseError
  | UnknownOutcomeError
  | PageDriftError
  | EditConflictError
  | SecretsAtRiskError
  | (ServiceDeskError & {
      /** The stable name to switch on. */
      readonly code: "internal" | "wasm-blocked" | "wasm-not-loaded";
    });

/**
 * Whether a caught value is a failure of this package, whichever copy of it; `switch (error.code)` then tells its class.
 * @example
 * ```ts
 * try {
 *   await client.integrations.get("62945a496ef440189b1f03e3623411c8");
 * } catch (error) {
 *   if (!isServiceDeskError(error)) throw error; // such as the reason of your own abort
 *   switch (error.code) {
 *     case "not-found":
 *       console.log("it is gone");
 *       break;
 *     case "rate-limited":
 *       console.log("too many requests", error.retryAfterMs);
 *       break;
 *     default:
 *       console.log(error.code, error.message, error.requestId);
 *   }
 * }
 * ```
 */
export function isServiceDeskError(value: unknown): value is AnyServiceDeskError;
