// The app as CommonJS has it.

const { NotFoundError, ServiceDeskClient } = require("isc-service-desk");

const { baseUrl, token } = globalThis.tenant;
const { integrations } = new ServiceDeskClient({ baseUrl, auth: { token } });

async function run() {
  const { items } = await integrations.list();
  const refused = await integrations.get("nowhere").catch((error) => error);
  return { count: items.length, refused: [refused.name, refused.code, refused instanceof NotFoundError] };
}

(globalThis.outcomes ??= []).push(run());
