// A page that is given client credentials, which belong on a server.
import { ServiceDeskClient } from "/dist/index.js";

const options = { tenant: "acme", auth: { clientId: "id", clientSecret: "secret" } };

function told() {
  try {
    return String(new ServiceDeskClient(options));
  } catch ({ code, field }) {
    return [code, field];
  }
}

globalThis.report = Promise.resolve(told());
