// What a spy of a test runner must be able to do to the package: `spyOn` is that of the runner.
/* global afterEach, expect, test */

const { tenant } = require("./main-job.cjs");

exports.spies = (entries, { spyOn, restoreAll }) => {
  const { ServiceDeskClient, filter, patch } = entries;

  afterEach(() => restoreAll());

  /** Each object that has methods, and their names. */
  const objectsOf = (client) => {
    const objects = [client.integrations, client.types, client.templates, client.statusCheck];
    objects.push(filter, filter.id, filter.name, filter.type, filter.cluster, filter.name.eq("x"), patch());
    return objects.map((object) => [object, Object.getOwnPropertyNames(object).filter((name) => typeof object[name] === "function")]);
  };

  test("a spy sees each call of a method, which does what it did", async () => {
    const { client, sandbox } = tenant(entries);
    const list = spyOn(client.types, "list");
    await expect(client.types.list()).resolves.not.toHaveLength(0);
    expect(list).toHaveBeenCalledTimes(1);
    expect(sandbox.requests).toHaveLength(1);
    const eq = spyOn(filter.name, "eq");
    expect(String(filter.name.eq("x"))).toBe('name eq "x"');
    expect(eq).toHaveBeenCalledWith("x");
  });

  test("a spy stands in for each method of a client, a filter and a patch", async () => {
    const { client, sandbox } = tenant(entries);
    let count = 0;
    for (const [object, names] of objectsOf(client)) {
      for (const name of names) {
        const spy = spyOn(object, name).mockReturnValue("of the test");
        expect(object[name]("x")).toBe("of the test");
        expect(spy).toHaveBeenCalledTimes(1);
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(25);
    expect(sandbox.requests).toHaveLength(0);
  });

  test("a client whose spies are gone is what it was", async () => {
    const { client } = tenant(entries);
    for (const name of ["list", "get"]) spyOn(client.integrations, name).mockRejectedValue(new Error("of the test"));
    await expect(client.integrations.list()).rejects.toThrow("of the test");
    restoreAll();
    await expect(client.integrations.list()).resolves.toMatchObject({ items: { length: 3 } });
  });

  test("a spy on a static method makes the client that a test wants", () => {
    const { client } = tenant(entries);
    spyOn(ServiceDeskClient, "fromEnv").mockReturnValue(client);
    expect(ServiceDeskClient.fromEnv()).toBe(client);
  });
};
