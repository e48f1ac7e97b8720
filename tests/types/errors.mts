// The types of failures: what can be told from a caught value.
import {
  ApiError, BadRequestError, BadResponseError, ConflictError, ForbiddenError, NetworkError, NotFoundError, RateLimitError, RedirectError, ServerError,
  ServiceDeskError, TimeoutError, TokenError, UnauthorizedError, ValidationError, isServiceDeskError,
  type AnyServiceDeskError, type Attempt, type ErrorCode, type ErrorMessageDto,
} from "isc-service-desk";

type Known<T> = 0 extends 1 & T ? never : T;
declare function use<T>(value: Known<T>): void;

export function caught(error: unknown): string {
  // @ts-expect-error: what is caught is unknown until it is looked at
  error.code;
  if (error instanceof ValidationError) {
    use<string>(error.field);
    use<{ start: number; end: number } | undefined>(error.position);
  } else if (error instanceof RateLimitError) {
    use<number | undefined>(error.retryAfterMs);
  } else if (error instanceof ApiError) {
    use<number>(error.status);
    use<string | undefined>(error.detailCode);
    use<string | undefined>(error.trackingId);
    use<readonly ErrorMessageDto[]>(error.messages);
    use<readonly ErrorMessageDto[]>(error.causes);
    use<string | undefined>(error.headers["retry-after"]);
  } else if (error instanceof RedirectError) {
    use<number>(error.status);
    use<string | undefined>(error.location);
  } else if (error instanceof TokenError) {
    use<number | undefined>(error.status);
    use<string | undefined>(error.oauthError);
    use<string | undefined>(error.oauthDescription);
  } else if (error instanceof TimeoutError) {
    use<"attempt" | "call">(error.limit);
  } else if (error instanceof BadResponseError) {
    use<number>(error.status);
    use<string | undefined>(error.path);
  } else if (error instanceof NetworkError) {
    use<unknown>(error.cause);
  }
  if (!isServiceDeskError(error)) return "of somebody else";
  use<ServiceDeskError>(error);
  use<Error>(error);
  use<string>(error.name);
  use<string | undefined>(error.operation);
  use<readonly Attempt[]>(error.attempts);
  use<string | undefined>(error.requestId);
  use<string | undefined>(error.url);
  // @ts-expect-error: a code is not written to
  error.code = "network";
  return error.code;
}

/** All codes are known; a switch may name them. */
export function advice(code: ErrorCode): string | undefined {
  switch (code) {
    case "invalid-argument":
    case "bad-request":
    case "unauthorized":
    case "forbidden":
    case "not-found":
    case "conflict":
      return "the caller's";
    case "rate-limited":
    case "server-error":
    case "unexpected-status":
    case "redirected":
    case "token-request-failed":
    case "network":
    case "timeout":
    case "bad-response":
    case "internal":
      return "not the caller's";
    // @ts-expect-error: there is no such code
    case "nope":
      return undefined;
    default:
      return undefined;
  }
}

/** The code tells the class, and with it what the error has. */
export function told(error: unknown): string | number | undefined {
  if (!isServiceDeskError(error)) return undefined;
  switch (error.code) {
    case "invalid-argument":
      use<ValidationError>(error);
      return error.position?.start ?? error.field;
    case "rate-limited":
      use<RateLimitError>(error);
      return error.retryAfterMs;
    case "not-found":
    case "unexpected-status":
      use<ApiError>(error);
      return error.status;
    case "bad-request":
    case "unauthorized":
    case "forbidden":
    case "conflict":
    case "server-error":
      return error.detailCode;
    case "redirected":
      return error.location;
    case "token-request-failed":
      return error.oauthError;
    case "timeout":
      use<"attempt" | "call">(error.limit);
      // @ts-expect-error: no timeout has a status
      return error.status;
    case "bad-response":
      return error.path;
    case "unknown-outcome":
      return error.integrationName;
    case "secrets-at-risk":
      return error.atRisk[0];
    case "network":
    case "page-drift":
    case "edit-conflict":
    case "wasm-blocked":
    case "wasm-not-loaded":
    case "internal":
      return error.requestId;
    default: {
      const none: never = error;
      return none;
    }
  }
}

/** Each class has the codes of its own. */
const conflict = (error: ConflictError): "conflict" => error.code;
const every = (code: ErrorCode): AnyServiceDeskError["code"] => code;
// @ts-expect-error: that is the code of another class
const network = (error: ConflictError): "network" => error.code;

export { conflict, every, network };

export const answered: (typeof ApiError)[] = [BadRequestError, UnauthorizedError, ForbiddenError, NotFoundError, ConflictError, RateLimitError, ServerError];
export const all: (typeof ServiceDeskError)[] = [ApiError, ...answered];

export class Mine extends NotFoundError {
  readonly mine = true;
}
