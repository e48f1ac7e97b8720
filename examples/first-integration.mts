// Shows how an integration is made from the template of its type, and how a failure is told apart.
// Run with: node examples/first-integration.mts (Node 22.18 or newer, in a folder where isc-service-desk is installed; no account is needed)

import { ApiError, ServiceDeskClient, ValidationError } from "isc-service-desk";
import { createSandbox } from "isc-service-desk/sandbox";

const sandbox = createSandbox({ integrations: [] });
const client = new ServiceDeskClient({ baseUrl: sandbox.baseUrl, auth: sandbox.credentials, fetch: sandbox.fetch });

const kinds = await client.types.list();
const kind = kinds.find(({ type }) => type === "Generic SDIM");
if (kind === undefined) throw new Error("this tenant makes no Generic SDIM");
const template = await client.templates.get(kind.scriptName);

const input = {
  name: "Facilities desk",
  description: "Badges and laptops",
  type: template.type,
  attributes: { ...template.attributes, url: "https://desk.example" },
  provisioningConfig: template.provisioningConfig,
};

const made = await client.integrations.create(input);
console.log(made.type, made.name); // => Generic SDIM Facilities desk

try {
  await client.integrations.create(input);
} catch (error) {
  if (error instanceof ValidationError) console.log("not sent:", error.field, error.message);
  else if (error instanceof ApiError) console.log("refused:", error.status, error.code); // => refused: 400 bad-request
  else throw error;
}
