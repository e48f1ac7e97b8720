// The mock server, in a process of its own: one integration for a path that ends with an id, a page for any other path. It
// tells its parent its URL and the id, and ends with it.

import { createServer } from "node:http";

import { PAGE_ITEMS, integrations } from "./bodies.mjs";

const items = integrations();
const page = Buffer.from(JSON.stringify(items));
const single = Buffer.from(JSON.stringify(items[0]));

const server = createServer((request, response) => {
  const path = request.url.split("?")[0];
  const body = path.endsWith(items[0].id) ? single : page;
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": body.length,
    "x-total-count": PAGE_ITEMS,
    "slpt-request-id": "f0e1d2c3b4a5968778695a4b3c2d1e0f",
  });
  response.end(body);
});
// Longer than one client waits for its next turn, so that all keep their connections.
server.keepAliveTimeout = 300_000;
server.listen(0, "127.0.0.1", () => {
  const bytes = { single: single.length, page: page.length };
  process.send({ url: `http://127.0.0.1:${server.address().port}`, id: items[0].id, bytes });
});
process.on("disconnect", () => process.exit());
