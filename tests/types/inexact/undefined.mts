// A field of an input that is undefined counts as absent, for programs in which TypeScript does not tell the two apart.
import type { ServiceDeskIntegrationInput } from "isc-service-desk";

declare const least: ServiceDeskIntegrationInput;

export const input: ServiceDeskIntegrationInput = { ...least, ownerRef: undefined, provisioningConfig: undefined };
