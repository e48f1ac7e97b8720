// A program that knows neither a browser nor Node.
import { ServiceDeskClient, filter, isServiceDeskError, type ServiceDeskIntegrationDto } from "isc-service-desk";
import { createSandbox } from "isc-service-desk/sandbox";
import { init } from "isc-service-desk/slim";
import type { ServedSandbox } from "isc-service-desk/sandbox/node";

export async function run(served: ServedSandbox): Promise<ServiceDeskIntegrationDto[]> {
  await init(new Uint8Array());
  const sandbox = createSandbox({ integrations: 3 });
  const client = new ServiceDeskClient({ baseUrl: served.url, auth: sandbox.credentials, fetch: sandbox.fetch });
  const found: ServiceDeskIntegrationDto[] = [];
  try {
    for await (const each of client.integrations.iterate({ filters: filter.name.eq("a") })) found.push(each);
  } catch (error) {
    if (!isServiceDeskError(error)) throw error;
  }
  return found;
}
