// A member that is undefined counts as absent, for programs in which TypeScript does not tell the two apart.
import type { CallOptions, ListQuery, ServiceDeskIntegrationInput } from "isc-service-desk";

declare const least: ServiceDeskIntegrationInput;

export const input: ServiceDeskIntegrationInput = { ...least, ownerRef: undefined, provisioningConfig: undefined };
export const query: ListQuery = { limit: undefined };
export const options: CallOptions = { signal: undefined, timeoutMs: undefined, onResponse: undefined };
