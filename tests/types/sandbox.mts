// The types of the sandbox, and of the client on it.
import { ServiceDeskClient, type ApiVersion as ClientVersion, type ServiceDeskIntegrationDto } from "isc-service-desk";
import { createSandbox, type ApiVersion, type Fault, type Sandbox, type SandboxOptions, type SandboxState } from "isc-service-desk/sandbox";
import { serve, type ServedSandbox } from "isc-service-desk/sandbox/node";

type Known<T> = 0 extends 1 & T ? never : T;
declare function use<T>(value: Known<T>): void;
declare const integration: ServiceDeskIntegrationDto;

const options: SandboxOptions[] = [
  {}, { integrations: 600 }, { integrations: [] }, { integrations: [integration] }, { tenant: "acme", now: () => 0, latencyMs: 5 },
  { credentials: { clientId: "a", clientSecret: "b" } }, { credentials: { clientId: "a", clientSecret: "b", tokenTtlSeconds: 1 } }, { rateLimit: { requests: 1, perMs: 1 } },
  { behaviour: { secrets: "masked", duplicateName: 409, pastEnd: "empty", booleanFilters: false, statusCheck: "numbers", exposeTotal: false } },
];
// @ts-expect-error: secrets are never answered in clear
const inClear: SandboxOptions = { behaviour: { secrets: "clear" } };
// @ts-expect-error: there is no such option
const noOption: SandboxOptions = { nope: 1 };

const faults: Fault[] = [
  { then: { status: 503 } }, { then: { status: 503, headers: { "retry-after": "1" }, body: "text" }, times: 2 }, { on: "token", then: { drop: "before" } },
  { on: { method: "GET" }, then: { drop: "after" } }, { on: { path: "/types" }, then: { truncate: 5 } }, { on: { method: "PUT", path: "/types" }, then: { stallMs: 5 } },
];
// @ts-expect-error: a fault does something
const noFault: Fault = { on: "token" };
// @ts-expect-error: there is no such time
const during: Fault = { then: { drop: "during" } };
// @ts-expect-error: there is no such name
const elsewhere: Fault = { on: "elsewhere", then: { status: 500 } };

export async function run(): Promise<void> {
  const sandbox: Sandbox = createSandbox(options[0]);
  use<string>(sandbox.baseUrl);
  use<{ clientId: string; clientSecret: string }>(sandbox.credentials);
  use<string>(sandbox.token());
  for (const fault of faults) use<void>(sandbox.fault(fault));
  const state = sandbox.snapshot();
  use<SandboxState>(state);
  use<ServiceDeskIntegrationDto[]>(state.integrations);
  use<string | undefined>(state.templates["GenericSDIM"]?.type);
  use<void>(sandbox.restore(state));
  for (const { method, path, query, status, contentType, body } of sandbox.requests) {
    use<string>(method + path + query);
    use<number>(status);
    use<string | undefined>(contentType);
    use<unknown>(body);
  }
  // @ts-expect-error: the record is not written to
  sandbox.requests.push();
  use<Response>(await sandbox.fetch(sandbox.baseUrl));
  use<Response>(await sandbox.fetch(new URL(sandbox.baseUrl), { method: "POST" }));
  new ServiceDeskClient({ baseUrl: sandbox.baseUrl, auth: sandbox.credentials, fetch: sandbox.fetch });
  new ServiceDeskClient({ baseUrl: sandbox.baseUrl, auth: { token: sandbox.token }, fetch: sandbox.fetch });
  const asFetch: typeof fetch = sandbox.fetch as typeof fetch;
  use<typeof fetch>(asFetch);

  const served: ServedSandbox = await serve(sandbox);
  await serve(sandbox, { port: 0, host: "127.0.0.1", allowedHosts: ["sandbox"] });
  use<string>(served.url);
  use<number>(served.port);
  use<void>(await served.close());
  // @ts-expect-error: a port is a number
  await serve(sandbox, { port: "80" });
  // @ts-expect-error: there may be several
  await serve(sandbox, { allowedHosts: "sandbox" });
  // @ts-expect-error: something is served
  await serve();
}

const version: ApiVersion = "v1";
use<ClientVersion>(version);

export { inClear, noOption, noFault, during, elsewhere };
