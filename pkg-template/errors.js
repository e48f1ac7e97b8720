// @ts-check
// The error classes, for every environment. Both cores and all entries share this file; where two copies of the package
// meet (ESM beside CommonJS, two versions), brands on the prototypes make instanceof hold across them.

/** @param {string} name */
const brand = (name) => Symbol.for(`isc-service-desk.${name}`);

/** Every failure but the caller's own abort is one of these. */
export class ServiceDeskError extends Error {
  /** What a log wants: an Error alone serializes as {}. */
  toJSON() {
    return Object.assign({ name: this.name, message: this.message }, this);
  }

  /** @param {unknown} value */
  static [Symbol.hasInstance](value) {
    const own = Object.getOwnPropertyDescriptor(this, "brand");
    if (own === undefined) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && /** @type {any} */ (value)[own.value] === true;
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

// Names are given as text: a minifier renames classes.
/** @type {[string, typeof ServiceDeskError][]} */
const NAMES = [
  ["ServiceDeskError", ServiceDeskError],
  ["ValidationError", ValidationError],
  ["ApiError", ApiError],
  ["BadRequestError", BadRequestError],
  ["UnauthorizedError", UnauthorizedError],
  ["ForbiddenError", ForbiddenError],
  ["NotFoundError", NotFoundError],
  ["ConflictError", ConflictError],
  ["RateLimitError", RateLimitError],
  ["ServerError", ServerError],
  ["RedirectError", RedirectError],
  ["TokenError", TokenError],
  ["NetworkError", NetworkError],
  ["TimeoutError", TimeoutError],
  ["BadResponseError", BadResponseError],
  ["UnknownOutcomeError", UnknownOutcomeError],
  ["PageDriftError", PageDriftError],
  ["EditConflictError", EditConflictError],
];
for (const [name, type] of NAMES) {
  Object.defineProperty(type, "brand", { value: brand(name) });
  Object.defineProperty(type.prototype, brand(name), { value: true });
  Object.defineProperty(type.prototype, "name", { value: name, configurable: true, writable: true });
}
Object.defineProperty(ServiceDeskError.prototype, "code", { value: "internal", configurable: true, writable: true });
Object.defineProperty(ServiceDeskError.prototype, "attempts", { value: Object.freeze([]), configurable: true, writable: true });

/** @type {Record<string, typeof ServiceDeskError>} */
const CLASSES = {
  "invalid-argument": ValidationError,
  "bad-request": BadRequestError,
  "unauthorized": UnauthorizedError,
  "forbidden": ForbiddenError,
  "not-found": NotFoundError,
  "conflict": ConflictError,
  "rate-limited": RateLimitError,
  "server-error": ServerError,
  "unexpected-status": ApiError,
  "redirected": RedirectError,
  "token-request-failed": TokenError,
  "network": NetworkError,
  "timeout": TimeoutError,
  "bad-response": BadResponseError,
  "unknown-outcome": UnknownOutcomeError,
  "page-drift": PageDriftError,
  "edit-conflict": EditConflictError,
};

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
    if (value !== undefined) Object.defineProperty(error, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return error;
}

/** @param {unknown} value */
export function isServiceDeskError(value) {
  return value instanceof ServiceDeskError;
}
