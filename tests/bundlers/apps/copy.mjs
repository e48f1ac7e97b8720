// An app that shares its page with other bundles: it works by itself, and shows its copy of the package to them.

import { NotFoundError, ServiceDeskClient, isServiceDeskError } from "isc-service-desk";
import { leave } from "./shared/outcome.mjs";

const { baseUrl, token } = globalThis.tenant;
const { integrations } = new ServiceDeskClient({ baseUrl, auth: { token } });
const copies = (globalThis.copies ??= []);
const copy = { NotFoundError, isServiceDeskError, error: integrations.get("nowhere").catch((error) => error) };
copies.push(copy);

/** What each copy says to the error of each, once all are there. */
async function meet() {
  await new Promise((loaded) => globalThis.addEventListener("load", loaded));
  const errors = await Promise.all(copies.map(({ error }) => error));
  return {
    count: (await integrations.list()).items.length,
    copies: new Set(copies.map(({ NotFoundError }) => NotFoundError)).size,
    known: errors.map((error) => error instanceof NotFoundError && isServiceDeskError(error)),
  };
}

leave(meet());
