// @ts-check
// The error classes, for every environment. Both cores and all entries share this file; where two copies of the package
// meet (ESM beside CommonJS, two versions), brands on the prototypes make instanceof hold across them.

/** @param {string} name */
const brand = (name) => Symbol.for(`isc-service-desk.${name}`);

/**
 * What the cause says, where that is free of secrets: not the words of a token function. `message` may be a getter that throws.
 * @param {ServiceDeskError} error
 */
function messageOfCause(error) {
  try {
    const cause = Object.getOwnPropertyDescriptor(error, "cause")?.value;
    if (!(error instanceof NetworkError || cause instanceof ServiceDeskError)) return undefined;
    const message = cause?.message ?? cause;
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

/** Every failure but the caller's own abort is one of these. */
export class ServiceDeskError extends Error {
  /** What a log or a support ticket wants: an Error alone serializes as {}. */
  toJSON() {
    const { headers } = /** @type {any} */ (this);
    const cause = messageOfCause(this);
    return Object.assign(
      { name: this.name, message: this.message },
      this,
      cause && { cause },
      // A cookie may hold a session.
      headers && { headers: { ...headers, "set-cookie": undefined } },
    );
  }

  /** @param {unknown} value */
  static [Symbol.hasInstance](value) {
    try {
      const own = Object.getOwnPropertyDescriptor(this, "brand");
      if (own === undefined) return Function.prototype[Symbol.hasInstance].call(this, value);
      return typeof value === "object" && value !== null && /** @type {any} */ (value)[own.value] === true;
    } catch {
      // A proxy that throws is no error of the package.
      return false;
    }
  }
}

export class ValidationError extends ServiceDeskError {}
export class ApiError extends ServiceDeskError {}
export class BadRequestError extends ApiError {}
export class UnauthorizedError extends ApiError {}
export class ForbiddenError extends ApiError {}
export class NotFoundError extends ApiError {}
export class ConflictError extends ApiError {}
export class RateLimitError extends ApiError {}
export class ServerError extends ApiError {}
export class RedirectError extends ServiceDeskError {}
export class TokenError extends ServiceDeskError {}
export class NetworkError extends ServiceDeskError {}
export class TimeoutError extends ServiceDeskError {}
export class BadResponseError extends ServiceDeskError {}
export class UnknownOutcomeError extends ServiceDeskError {}
export class PageDriftError extends ServiceDeskError {}
export class EditConflictError extends ServiceDeskError {}
export class SecretsAtRiskError extends ServiceDeskError {}

// Names are given as text: a minifier renames classes. The code is that with which the core asks for the class.
/** @type {[string, typeof ServiceDeskError, string][]} */
const TABLE = [
  ["ServiceDeskError", ServiceDeskError, "internal"],
  ["ValidationError", ValidationError, "invalid-argument"],
  ["ApiError", ApiError, "unexpected-status"],
  ["BadRequestError", BadRequestError, "bad-request"],
  ["UnauthorizedError", UnauthorizedError, "unauthorized"],
  ["ForbiddenError", ForbiddenError, "forbidden"],
  ["NotFoundError", NotFoundError, "not-found"],
  ["ConflictError", ConflictError, "conflict"],
  ["RateLimitError", RateLimitError, "rate-limited"],
  ["ServerError", ServerError, "server-error"],
  ["RedirectError", RedirectError, "redirected"],
  ["TokenError", TokenError, "token-request-failed"],
  ["NetworkError", NetworkError, "network"],
  ["TimeoutError", TimeoutError, "timeout"],
  ["BadResponseError", BadResponseError, "bad-response"],
  ["UnknownOutcomeError", UnknownOutcomeError, "unknown-outcome"],
  ["PageDriftError", PageDriftError, "page-drift"],
  ["EditConflictError", EditConflictError, "edit-conflict"],
  ["SecretsAtRiskError", SecretsAtRiskError, "secrets-at-risk"],
];

/**
 * Without a prototype: a page may have given each object a `get`, which no descriptor can have beside a value.
 * @param {object} target
 * @param {string | symbol} name
 * @param {unknown} value
 * @param {PropertyDescriptor} [more]
 */
const define = (target, name, value, more) =>
  Object.defineProperty(target, name, /** @type {PropertyDescriptor} */ ({ __proto__: null, value, ...more }));

const CHANGEABLE = { configurable: true, writable: true };

/** @type {Record<string, typeof ServiceDeskError>} */
const CLASSES = { __proto__: /** @type {any} */ (null) };

for (const [name, type, code] of TABLE) {
  define(type, "brand", brand(name));
  define(type.prototype, brand(name), true);
  define(type.prototype, "name", name, CHANGEABLE);
  CLASSES[code] = type;
}
define(ServiceDeskError.prototype, "code", "internal", CHANGEABLE);
define(ServiceDeskError.prototype, "attempts", Object.freeze([]), CHANGEABLE);

/**
 * The error of the class that belongs to `code`, with those of `fields` that are defined as its own properties.
 * @param {string} code
 * @param {string} message
 * @param {Record<string, unknown>} [fields]
 * @param {unknown} [cause]
 */
export function makeError(code, message, fields = {}, cause = undefined) {
  const error = new (CLASSES[code] ?? ServiceDeskError)(message, cause === undefined ? undefined : { cause });
  for (const [name, value] of Object.entries({ code, ...fields })) {
    if (value !== undefined) define(error, name, value, { enumerable: true, ...CHANGEABLE });
  }
  return error;
}

/** @param {unknown} value */
export function isServiceDeskError(value) {
  return value instanceof ServiceDeskError;
}
