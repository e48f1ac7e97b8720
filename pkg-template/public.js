// @ts-check
// What every entry exports, however its core arrives.

export { ServiceDeskClient } from "./client.js";
export {
  ApiError,
  BadRequestError,
  BadResponseError,
  ConflictError,
  ForbiddenError,
  NetworkError,
  NotFoundError,
  RateLimitError,
  RedirectError,
  ServerError,
  ServiceDeskError,
  TimeoutError,
  TokenError,
  UnauthorizedError,
  ValidationError,
  isServiceDeskError,
} from "./errors.js";
