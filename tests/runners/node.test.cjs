// What only a test outside of a page can do.
/* global expect, test */
const { ServiceDeskClient } = require("isc-service-desk");
const { createSandbox } = require("isc-service-desk/sandbox");
const { serve } = require("isc-service-desk/sandbox/node");

test("a test in Node takes client credentials, and a tenant behind a port", async () => {
  const sandbox = createSandbox();
  const { url, close } = await serve(sandbox);
  try {
    const client = new ServiceDeskClient({ baseUrl: url, auth: sandbox.credentials });
    const types = await client.types.list();
    expect(types.length).toBeGreaterThan(0);
  } finally {
    await close();
  }
});
