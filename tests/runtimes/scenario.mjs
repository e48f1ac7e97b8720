// The main job of a user of the package, for any runtime: nothing here is of Node, of a page, or of a worker. What it
// reports is plain JSON.

/** What the job reports where everything works. */
export const EXPECTED = {
  created: "Runtime desk",
  total: 4,
  found: ["Runtime desk"],
  got: "Tickets",
  patched: "Patched",
  updated: "Updated",
  status: "string",
  gone: ["NotFoundError", "not-found", 404, true, true],
  aborted: "enough",
};

/**
 * @param {any} entry what the package, or its slim form, exports
 * @param {object} options those of a client
 */
export async function mainJob(entry, options) {
  const { ServiceDeskClient, NotFoundError, filter, isServiceDeskError, patch } = entry;
  const client = new ServiceDeskClient(options);
  const { integrations } = client;
  const input = {
    name: EXPECTED.created,
    description: "Tickets",
    type: "Generic SDIM",
    attributes: { url: "https://desk.example", password: "p" },
  };
  const { id, name } = await integrations.create(input);
  const { total } = await integrations.list({ count: true });
  const found = [];
  for await (const each of integrations.iterate({ filters: filter.name.eq(name) })) found.push(each.name);
  const { description: got } = await integrations.get(id);
  const { description: patched } = await integrations.patch(id, patch().replace("/description", "Patched"));
  const { description: updated } = await integrations.update(id, (current) => ({ ...current, description: "Updated" }));
  const { provisioningMaxStatusCheckDays } = await client.statusCheck.get();
  await integrations.delete(id);
  const error = await failureOf(integrations.get(id));
  const gone = [error.name, error.code, error.status, error instanceof NotFoundError, isServiceDeskError(error)];
  const controller = new AbortController();
  const pending = failureOf(integrations.list({}, { signal: controller.signal }));
  controller.abort("enough");
  const aborted = await pending;
  return {
    created: name,
    total,
    found,
    got,
    patched,
    updated,
    status: typeof provisioningMaxStatusCheckDays,
    gone,
    aborted,
  };
}

/** The job against a server, then against a tenant in this very process. */
export async function bothJobs(entry, createSandbox, { baseUrl, auth }) {
  const sandbox = createSandbox({ integrations: 3 });
  const own = "clientId" in auth ? sandbox.credentials : { token: () => sandbox.token() };
  return {
    agent: agent(),
    overHttp: await mainJob(entry, { baseUrl, auth }),
    inProcess: await mainJob(entry, { baseUrl: sandbox.baseUrl, auth: own, fetch: sandbox.fetch }),
  };
}

/** What the runtime calls itself. */
export function agent() {
  const { Bun, Deno, EdgeRuntime, navigator, process } = /** @type {any} */ (globalThis);
  if (EdgeRuntime !== undefined) return `EdgeRuntime/${EdgeRuntime}`;
  return Bun === undefined && Deno === undefined && process !== undefined
    ? `Node.js/${process.version.slice(1)}`
    : navigator.userAgent;
}

async function failureOf(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("nothing failed");
}
