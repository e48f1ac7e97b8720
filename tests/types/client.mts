// The types of the client: its options, its methods and what they give.
import {
  ServiceDeskClient,
  type ApiVersion, type Attempt, type Auth, type CallOptions, type Integrations, type ListQuery, type Page, type QueuedCheckConfigDetails, type ResponseInfo,
  type ServiceDeskClientOptions, type ServiceDeskIntegrationDto, type ServiceDeskIntegrationInput, type ServiceDeskIntegrationTemplateDto,
  type ServiceDeskIntegrationTemplateType,
} from "isc-service-desk";

type Known<T> = 0 extends 1 & T ? never : T;
declare function use<T>(value: Known<T>): void;
declare const client: ServiceDeskClient;
declare const input: ServiceDeskIntegrationInput;

const auths: Auth[] = [
  { token: "t" },
  { token: () => "t" },
  { token: async () => "t" },
  { token: async ({ forceRefresh, signal }) => `${use<boolean>(forceRefresh)}${use<AbortSignal | undefined>(signal)}` },
  { token: () => "t", shared: true },
  { token: async () => "t", shared: false },
  { token: () => "t", shared: undefined },
  { clientId: "a", clientSecret: "b" },
  { clientId: "a", clientSecret: "b", tokenUrl: "https://a.example", dangerouslyAllowBrowser: true },
  { clientId: "a", clientSecret: "b", tokenUrl: new URL("https://a.example") },
];
// @ts-expect-error: half of the credentials
const half: Auth = { clientId: "a" };
// @ts-expect-error: a token is text
const noText: Auth = { token: 7 };
// @ts-expect-error: a token function gives text
const noTextGiven: Auth = { token: async () => 7 };
// @ts-expect-error: it is yes or no
const noFlag: Auth = { token: () => "t", shared: "yes" };
// @ts-expect-error: there is no such kind
const noKind: Auth = { username: "a", password: "b" };

const versions: ApiVersion[] = ["v1", "v3", "v2024", "v2025", "v2026", "beta"];
// @ts-expect-error: there is no such version
const noVersion: ApiVersion = "v2";

const options: ServiceDeskClientOptions[] = [
  { tenant: "acme", auth: { token: "t" } },
  { tenant: "acme", domain: "identitynow-demo.com", auth: { token: "t" } },
  { baseUrl: "https://a.example", auth: { token: "t" }, apiVersion: "v2026", timeoutMs: 5, attemptTimeoutMs: "none", headers: { "x-a": "b" } },
  { baseUrl: new URL("https://a.example"), auth: { token: "t" }, timeoutMs: "none", fetch },
  { tenant: "acme", auth: { token: "t" }, fetch: async () => new Response() },
  { tenant: "acme", auth: { token: "t" }, fetch: (request, init) => fetch(request, init) },
];
// @ts-expect-error: auth is required
const noAuth: ServiceDeskClientOptions = { tenant: "acme" };
// @ts-expect-error: "off" is no limit of time
const noLimit: ServiceDeskClientOptions = { tenant: "acme", auth: { token: "t" }, timeoutMs: "off" };
// @ts-expect-error: a header is text
const noHeader: ServiceDeskClientOptions = { tenant: "acme", auth: { token: "t" }, headers: { "x-a": 7 } };
// @ts-expect-error: a fetch gives a promise
const noFetch: ServiceDeskClientOptions = { tenant: "acme", auth: { token: "t" }, fetch: () => 7 };
// @ts-expect-error: there is no such option
const noOption: ServiceDeskClientOptions = { tenant: "acme", auth: { token: "t" }, timeout: 5 };

export async function construct(): Promise<void> {
  for (const each of options) use<ServiceDeskClient>(new ServiceDeskClient(each));
  use<ServiceDeskClient>(ServiceDeskClient.fromEnv());
  use<ServiceDeskClient>(ServiceDeskClient.fromEnv({ apiVersion: "v3" }));
  use<ServiceDeskClient>(ServiceDeskClient.fromPlugin({ timeoutMs: 5 }));
  // @ts-expect-error: options are required
  new ServiceDeskClient();
  // @ts-expect-error: there is no such option
  ServiceDeskClient.fromEnv({ nope: 1 });
  use<string>(client.baseUrl);
  use<ApiVersion>(client.apiVersion);
  // @ts-expect-error: it cannot be changed
  client.baseUrl = "https://b.example";
}

export async function call(): Promise<void> {
  const { integrations } = client;
  use<Integrations>(integrations);
  use<Page>(await integrations.list());
  use<Page>(await integrations.list({ limit: 5 }, { timeoutMs: 5 }));
  use<Page>(await integrations.list(undefined, {}));
  use<ServiceDeskIntegrationDto>(await integrations.get("a"));
  use<ServiceDeskIntegrationDto>(await integrations.create(input));
  use<ServiceDeskIntegrationDto>(await integrations.replace("a", input));
  use<ServiceDeskIntegrationDto>(await integrations.patch("a", [{ op: "replace", path: "/description", value: "d" }]));
  use<void>(await integrations.delete("a"));
  use<ServiceDeskIntegrationTemplateType[]>(await client.types.list());
  use<ServiceDeskIntegrationTemplateDto>(await client.templates.get("a"));
  use<QueuedCheckConfigDetails>(await client.statusCheck.get());
  use<QueuedCheckConfigDetails>(await client.statusCheck.update({ provisioningStatusCheckIntervalMinutes: 5, provisioningMaxStatusCheckDays: "2" }));
}

export async function callWrongly(): Promise<void> {
  const { integrations } = client;
  // @ts-expect-error: an id is text
  await integrations.get(7);
  // @ts-expect-error: an id is required
  await integrations.delete();
  // @ts-expect-error: a body is required
  await integrations.create();
  // @ts-expect-error: a body is required
  await integrations.replace("a");
  // @ts-expect-error: the API replaces only
  await integrations.patch("a", [{ op: "remove", path: "/description" }]);
  // @ts-expect-error: the operations are an array
  await integrations.patch("a", { operations: [] });
  // @ts-expect-error: both values are required
  await client.statusCheck.update({ provisioningMaxStatusCheckDays: 2 });
  // @ts-expect-error: the API sorts by name only
  await integrations.list({ sorters: "type" });
  // @ts-expect-error: there is no such option
  await client.types.list({ nope: 1 });
  // @ts-expect-error: a page is no array
  (await integrations.list()).length;
  // @ts-expect-error: the parts of a client cannot be changed
  client.integrations = integrations;
}

const signal = new AbortController().signal;
const calls: CallOptions[] = [
  {}, { signal }, { signal: AbortSignal.timeout(5) }, { timeoutMs: 5, attemptTimeoutMs: "none", headers: { "x-a": "b" } },
  { signal: undefined, timeoutMs: undefined, retry: undefined, headers: undefined, onResponse: undefined },
  { onResponse: (response) => use<ResponseInfo>(response) },
  { onResponse: () => 7 },
];
// @ts-expect-error: a signal is no controller
const noSignal: CallOptions = { signal: new AbortController() };

declare const info: ResponseInfo;
use<number>(info.status);
use<string | undefined>(info.headers["retry-after"]);
use<string | undefined>(info.requestId);
use<boolean>(info.deprecated);
use<readonly Attempt[]>(info.attempts);
// @ts-expect-error: a history is not written to
info.attempts.push();

declare const attempt: Attempt;
use<number>(attempt.startedAtMs);
use<number>(attempt.durationMs);
use<number | undefined>(attempt.status);
use<string | undefined>(attempt.requestId);

const query: ListQuery = { filters: 'type eq "a"' };

export { auths, half, noText, noTextGiven, noFlag, noKind, versions, noVersion, noAuth, noLimit, noHeader, noFetch, noOption, calls, noSignal, query };
