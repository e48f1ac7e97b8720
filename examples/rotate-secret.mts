// Shows how one attribute of every integration of a type is changed, without touching what others change meanwhile.
// Run with: node examples/rotate-secret.mts (Node 22.18 or newer, in a folder where isc-service-desk is installed; no account is needed)

import { EditConflictError, ServiceDeskClient, filter } from "isc-service-desk";
import { createSandbox } from "isc-service-desk/sandbox";

const sandbox = createSandbox({ integrations: 40 });
const client = new ServiceDeskClient({ baseUrl: sandbox.baseUrl, auth: sandbox.credentials, fetch: sandbox.fetch });

let changed = 0;
for await (const { id, name } of client.integrations.iterate({ filters: filter.type.eq("ServiceNow SDIM") })) {
  try {
    await client.integrations.update(id, (now) => ({ ...now, attributes: { ...now.attributes, clientSecret: "n3w-s3cret" } }));
    changed += 1;
  } catch (error) {
    if (!(error instanceof EditConflictError)) throw error;
    console.log(`${name} is being edited: try it later`);
  }
}
console.log(`${changed} secrets changed`); // => 4 secrets changed

const [patch] = sandbox.requests.filter(({ method }) => method === "PATCH");
console.log(JSON.stringify(patch?.body)); // => [{"op":"replace","path":"/attributes/clientSecret","value":"[redacted]"}]
