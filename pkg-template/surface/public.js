// @ts-check
// What every entry exports, however its core arrives.

export { ServiceDeskClient } from "./client.js";
export {
  ApiError,
  BadRequestError,
  BadResponseError,
  ConflictError,
  EditConflictError,
  ForbiddenError,
  NetworkError,
  NotFoundError,
  PageDriftError,
  RateLimitError,
  RedirectError,
  SecretsAtRiskError,
  ServerError,
  ServiceDeskError,
  TimeoutError,
  TokenError,
  UnauthorizedError,
  UnknownOutcomeError,
  ValidationError,
  isServiceDeskError,
} from "../errors.js";
export { Filter, filter } from "./filter.js";
export { PatchBuilder, diff, patch } from "./patch.js";
