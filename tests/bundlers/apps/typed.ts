// The app in TypeScript: types of the package, and values of it, in one import.

import { NotFoundError, ServiceDeskClient, type ServiceDeskIntegrationDto } from "isc-service-desk";
import { leave } from "./shared/outcome.mjs";

const { baseUrl, token } = (globalThis as unknown as { tenant: { baseUrl: string; token: string } }).tenant;
const { integrations } = new ServiceDeskClient({ baseUrl, auth: { token } });

async function run(): Promise<{ count: number; refused: unknown[] }> {
  const items: ServiceDeskIntegrationDto[] = (await integrations.list()).items;
  const refused = await integrations.get("nowhere").catch((error: unknown) => error);
  if (!(refused instanceof NotFoundError)) throw refused;
  return { count: items.length, refused: [refused.name, refused.code, true] };
}

leave(run());
