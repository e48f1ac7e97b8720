// The same names for a CommonJS program whose syntax is kept as it is written.
import sdk = require("isc-service-desk");
import sandboxes = require("isc-service-desk/sandbox");
import slim = require("isc-service-desk/slim");
import ports = require("isc-service-desk/sandbox/node");

async function run(options: sdk.ServiceDeskClientOptions): Promise<sdk.Page> {
  const sandbox: sandboxes.Sandbox = sandboxes.createSandbox();
  const served: ports.ServedSandbox = await ports.serve(sandbox);
  try {
    return await new sdk.ServiceDeskClient({ ...options, baseUrl: served.url }).integrations.list();
  } catch (error) {
    if (error instanceof sdk.ValidationError) throw new Error(error.field);
    throw sdk.isServiceDeskError(error) ? new Error(error.code) : error;
  } finally {
    await served.close();
  }
}

async function start(source: slim.WasmSource): Promise<slim.ServiceDeskClient> {
  await slim.init(source);
  return new slim.ServiceDeskClient({ tenant: "acme", auth: { token: "t" } });
}

export = { run, start };
