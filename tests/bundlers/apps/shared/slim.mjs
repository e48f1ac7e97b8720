// What the slim apps do once they have found the core: load it, list, and fail.

import { NotFoundError, ServiceDeskClient, init } from "isc-service-desk/slim";

/** @param {string | URL} core where the bundler put it */
export async function runFrom(core) {
  await init(core);
  const { baseUrl, token } = globalThis.tenant;
  const { integrations } = new ServiceDeskClient({ baseUrl, auth: { token } });
  const { items } = await integrations.list();
  const refused = await integrations.get("nowhere").catch((error) => error);
  return { count: items.length, refused: [refused.name, refused.code, refused instanceof NotFoundError] };
}
