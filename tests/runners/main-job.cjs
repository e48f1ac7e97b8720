// What users test their code with: a client over a tenant in memory, however both were loaded, wherever Jest runs them.
/* global expect, test */

const INPUT = { name: "Acme", description: "Tickets", type: "Generic SDIM", attributes: {} };

/** A client of a tenant of its own: with a token, which is not refused in a page. */
exports.tenant = ({ ServiceDeskClient, createSandbox }, options = {}) => {
  const sandbox = createSandbox({ integrations: 3 });
  const auth = { token: () => sandbox.token() };
  return { sandbox, client: new ServiceDeskClient({ baseUrl: sandbox.baseUrl, auth, fetch: sandbox.fetch, ...options }) };
};

exports.mainJob = (entries) => {
  const { NotFoundError, ServiceDeskError, ValidationError, filter, isServiceDeskError } = entries;
  const { tenant } = exports;

  test("an integration is created, listed and got", async () => {
    const { client, sandbox } = tenant(entries);
    const { id } = await client.integrations.create(INPUT);
    const { items } = await client.integrations.list({ filters: filter.name.eq("Acme") });
    expect(items).toEqual([await client.integrations.get(id)]);
    expect(sandbox.snapshot().integrations).toHaveLength(4);
  });

  test("a failure is of its class, and an Error", async () => {
    const { client } = tenant(entries);
    const missing = client.integrations.get("62945a496ef440189b1f03e3623411c8");
    await expect(missing).rejects.toBeInstanceOf(NotFoundError);
    await expect(missing).rejects.toBeInstanceOf(ServiceDeskError);
    await expect(missing).rejects.toBeInstanceOf(Error);
    await expect(missing).rejects.toMatchObject({ name: "NotFoundError", code: "not-found", status: 404 });
    await expect(missing.catch(isServiceDeskError)).resolves.toBe(true);
    await expect(client.integrations.list({ filters: 'nmae eq "x"' })).rejects.toBeInstanceOf(ValidationError);
  });

  test("an aborted call rejects with the reason of its signal", async () => {
    const { client, sandbox } = tenant(entries);
    sandbox.fault({ on: { method: "GET" }, then: { stallMs: 60_000 } });
    const controller = new AbortController();
    const reason = new Error("left the page");
    const call = client.types.list({ signal: controller.signal });
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
  });
};
