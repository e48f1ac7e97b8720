// What most of the apps do with a client, whatever it talks to: list, create, iterate, filter, and fail twice.

import { NotFoundError, ValidationError, filter } from "isc-service-desk";

const INPUT = {
  name: "Made in a page",
  description: "Tickets",
  type: "ServiceNow SDIM",
  attributes: { url: "https://desk.example" },
};

/** @param {import("isc-service-desk").ServiceDeskClient} client */
export async function work({ integrations }) {
  const listed = await integrations.list({ limit: 2, count: true });
  const made = await integrations.create(INPUT);
  const iterated = [];
  for await (const { name } of integrations.iterate({ pageSize: 2, sorters: "name" })) iterated.push(name);
  const filtered = await integrations.list({ filters: filter.name.eq(made.name).and(filter.type.eq(made.type)) });
  const refused = await integrations.get("nowhere").catch((error) => error);
  const invalid = await integrations.list({ limit: 251 }).catch((error) => error);
  return {
    listed: { count: listed.items.length, total: listed.total },
    made: made.name,
    iterated,
    filtered: filtered.items.map(({ id }) => id === made.id),
    refused: [refused.name, refused.code, refused.status, refused instanceof NotFoundError],
    invalid: [invalid.name, invalid.code, invalid.field, invalid instanceof ValidationError],
  };
}
