// The same names for a CommonJS program.
import { ServiceDeskClient, ValidationError, isServiceDeskError, type Page, type ServiceDeskClientOptions } from "isc-service-desk";
import { createSandbox, type Sandbox } from "isc-service-desk/sandbox";
import { ServiceDeskClient as SlimClient, init, type WasmSource } from "isc-service-desk/slim";
import { serve, type ServedSandbox } from "isc-service-desk/sandbox/node";

export async function run(options: ServiceDeskClientOptions): Promise<Page> {
  const sandbox: Sandbox = createSandbox();
  const served: ServedSandbox = await serve(sandbox);
  try {
    return await new ServiceDeskClient({ ...options, baseUrl: served.url }).integrations.list();
  } catch (error) {
    if (error instanceof ValidationError) throw new Error(error.field);
    throw isServiceDeskError(error) ? new Error(error.code) : error;
  } finally {
    await served.close();
  }
}

export async function runSlim(source: Promise<WasmSource>, options: ServiceDeskClientOptions): Promise<ServiceDeskClient> {
  await init(source);
  return new SlimClient(options);
}
