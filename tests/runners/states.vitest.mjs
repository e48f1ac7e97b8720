// States of user interfaces that hold a client, a filter and a patch: Vue's own, Pinia's, and Valtio's. Each is a proxy, and
// gives proxies of what it holds.
/* global expect, test */
import { createPinia, defineStore, setActivePinia } from "pinia";
import { proxy, snapshot } from "valtio/vanilla";
import { isReactive, reactive, ref, shallowReactive } from "vue";
import { ServiceDeskClient, filter, patch } from "isc-service-desk";
import { createSandbox } from "isc-service-desk/sandbox";

import { tenant } from "./main-job.cjs";

const PATCH = [{ op: "replace", path: "/description", value: "Tickets" }];

/** What a state holds. */
function held() {
  const { client, sandbox } = tenant({ ServiceDeskClient, createSandbox });
  const [{ name }] = sandbox.snapshot().integrations;
  return { sandbox, name, parts: { client, filter: filter.name.eq(name), patch: patch().replace("/description", "Tickets"), error: undefined } };
}

const STATES = {
  "reactive() of Vue": (parts) => reactive({ parts }).parts,
  "ref() of Vue": (parts) => ref(parts).value,
  "shallowReactive() of Vue": (parts) => shallowReactive(parts),
  "a store of Pinia": (parts) => {
    setActivePinia(createPinia());
    return defineStore("parts", { state: () => ({ parts }) })().parts;
  },
  "a setup store of Pinia": (parts) => {
    setActivePinia(createPinia());
    return defineStore("parts", () => ({ parts: ref(parts) }))().parts;
  },
  "proxy() of Valtio": (parts) => proxy(parts),
  "snapshot() of Valtio": (parts) => snapshot(proxy(parts)),
};

test("a state of Vue gives a proxy of a client", () => {
  const { parts } = held();
  const state = STATES["reactive() of Vue"](parts);
  expect(isReactive(state.client)).toBe(true);
  expect(state.client).not.toBe(parts.client);
});

for (const [what, stateOf] of Object.entries(STATES)) {
  test(`${what}: a client lists, walks, gets, updates and patches`, async () => {
    const { parts, sandbox, name } = held();
    const state = stateOf(parts);
    const { items } = await state.client.integrations.list();
    expect(items).toHaveLength(3);
    const walked = [];
    for await (const each of state.client.integrations.iterate({ filters: state.filter })) walked.push(each.name);
    expect(walked).toEqual([name]);
    const { id } = items.find((each) => each.name === name);
    await state.client.integrations.patch(id, state.patch);
    await expect(state.client.integrations.get(id)).resolves.toMatchObject({ description: "Tickets" });
    await state.client.integrations.update(id, (now) => ({ ...now, description: "Updated" }));
    expect(sandbox.snapshot().integrations.find((each) => each.id === id).description).toBe("Updated");
    expect(state.client.baseUrl).toBe(sandbox.baseUrl);
    expect(state.client).toBeInstanceOf(ServiceDeskClient);
  });

  test(`${what}: a filter and a patch are what they were`, () => {
    const { parts, name } = held();
    const state = stateOf(parts);
    expect(String(state.filter)).toBe(`name eq ${JSON.stringify(name)}`);
    expect(String(state.filter.not())).toBe(`not name eq ${JSON.stringify(name)}`);
    expect(String(state.filter.and(state.filter))).toBe(`${state.filter} and ${state.filter}`);
    expect(state.filter.matches({ name, type: "t", attributes: {} })).toBe(true);
    expect(JSON.stringify(state.patch)).toBe(JSON.stringify(PATCH));
    expect(state.patch.replace("/name", "x").toJSON()).toHaveLength(2);
    expect(state.patch.length).toBe(1);
  });
}

test("a client is made of options that a state holds", async () => {
  const sandbox = createSandbox({ integrations: 3 });
  for (const stateOf of [reactive, (value) => ref(value).value, proxy]) {
    const options = stateOf({ baseUrl: sandbox.baseUrl, auth: { token: () => sandbox.token() }, fetch: sandbox.fetch, retry: { attempts: 2 } });
    const { integrations } = new ServiceDeskClient(options);
    await expect(integrations.list(stateOf({ limit: 2, filters: filter.type.eq("none") }))).resolves.toMatchObject({ items: [] });
  }
});
