// The types of what governs calls and tells of them: retries, the rate limit, events, the history, unknown outcomes.
import {
  ServiceDeskClient, UnknownOutcomeError,
  type Attempt, type CallOptions, type ClientEvent, type RetryOptions, type ServiceDeskClientOptions, type ServiceDeskError,
} from "isc-service-desk";

type Known<T> = 0 extends 1 & T ? never : T;
declare function use<T>(value: Known<T>): void;

const retries: NonNullable<CallOptions["retry"]>[] = ["off", {}, { attempts: 2 }, { baseDelayMs: 0, maxDelayMs: 1, maxRetryAfterMs: 0 }];
// @ts-expect-error: "none" lifts limits of time
const noRetry: CallOptions = { retry: "none" };
// @ts-expect-error: there is no such member
const noMember: RetryOptions = { retries: 3 };

const limits: NonNullable<ServiceDeskClientOptions["rateLimit"]>[] = ["off", { requests: 100, perMs: 10_000 }, { requests: 5, perMs: 1, concurrency: 2 }];
// @ts-expect-error: a limit needs its span
const noLimit: ServiceDeskClientOptions["rateLimit"] = { requests: 5 };
// @ts-expect-error: the rate limit is the client's
const noCallLimit: CallOptions = { rateLimit: "off" };
// @ts-expect-error: the listener is the client's
const noListener: CallOptions = { onEvent: () => {} };

/** Every kind of event is known, and what it holds. */
export function line(event: ClientEvent): string {
  switch (event.type) {
    case "request":
      use<string>(event.method);
      return `${event.operation} ${event.attempt} ${event.url}`;
    case "response":
      use<string | undefined>(event.requestId);
      return `${event.operation} ${event.attempt} ${event.status} ${event.durationMs}`;
    case "wait":
      use<"rate-limit" | "retry" | "retry-after">(event.reason);
      return `${event.operation} ${event.waitMs}`;
    case "token":
      use<"missing" | "expiring" | "rejected">(event.reason);
      return `${event.durationMs}`;
    case "reconciled":
      return event.id;
    case "hidden-secrets":
      return event.paths.join();
    case "deprecated":
      return event.url;
    default: {
      const none: never = event;
      return none;
    }
  }
}

/** A listener may take an event apart before it is known which one it is, and after that, too. */
export const listener: ServiceDeskClientOptions["onEvent"] = ({ type, operation, attempt, method, url, status, durationMs, requestId, reason, waitMs, id, paths }) => {
  use<string | undefined>(operation ?? method ?? url ?? requestId ?? id);
  use<number | undefined>(attempt ?? status ?? durationMs ?? waitMs);
  use<"rate-limit" | "retry" | "retry-after" | "missing" | "expiring" | "rejected" | undefined>(reason);
  use<string[] | undefined>(paths);
  if (type === "response") use<number>(status);
  if (type === "wait") use<"rate-limit" | "retry" | "retry-after">(reason);
  // @ts-expect-error: no request has a status
  if (type === "request") use<number>(status);
};
// @ts-expect-error: no event has such a member
export const noEvent: ServiceDeskClientOptions["onEvent"] = ({ nope }) => nope;

export async function conduct(options: ServiceDeskClientOptions): Promise<void> {
  for (const retry of retries) for (const rateLimit of limits) new ServiceDeskClient({ ...options, retry, rateLimit, onEvent: (event) => use<ClientEvent>(event) });
  const client = new ServiceDeskClient({ ...options, onEvent: async (event) => void line(event) });
  await client.types.list({ retry: "off", onResponse: ({ attempts }) => use<readonly Attempt[]>(attempts) });
}

export async function keeps({ integrations }: ServiceDeskClient, options: ServiceDeskClientOptions): Promise<void> {
  new ServiceDeskClient({ ...options, secretNames: { hide: ["pin"], show: ["issueToken"] } });
  await integrations.update("i", (now) => now, { hiddenSecrets: "send-back", timeoutMs: 1_000 });
  // @ts-expect-error: it is one of three
  await integrations.update("i", (now) => now, { hiddenSecrets: "keep" });
  // @ts-expect-error: it is an option of update() alone
  await integrations.get("i", { hiddenSecrets: "none" });
}

export function why(error: ServiceDeskError): string | undefined {
  for (const { retryReason, waitedMs } of error.attempts) {
    use<string | undefined>(retryReason);
    use<number | undefined>(waitedMs);
  }
  if (error instanceof UnknownOutcomeError) use<string>(error.integrationName);
  // @ts-expect-error: only an UnknownOutcomeError has it
  error.integrationName;
  return error.code === "unknown-outcome" ? error.message : undefined;
}
