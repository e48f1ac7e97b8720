// A page whose calls fail: what the stack of each failure says.
import { ServiceDeskClient, filter, patch } from "/dist/index.js";
import { input } from "./input.mjs";

const client = new ServiceDeskClient(input);
const tokenless = new ServiceDeskClient({ ...input, auth: { token: () => Promise.reject(new Error("of the function")) } });
const MISSING = "62945a496ef440189b1f03e3623411c8";

/** WebKit forgets a function whose last act is a call. */
function functionOfThePage(act) {
  const given = act();
  return given;
}

const begun = (act) => functionOfThePage(act);

async function thrownBy(act) {
  try {
    await act();
  } catch (error) {
    return error;
  }
  return undefined;
}

const get = () => client.integrations.get(MISSING);

const failures = {
  awaited: () => thrownBy(async () => await begun(get)),
  caught: () => new Promise((resolve) => { begun(get).catch(resolve); }),
  "one of many": () => thrownBy(() => Promise.all([client.types.list(), begun(get)])),
  "after a token": () => thrownBy(() => begun(() => tokenless.types.list())),
  "a step": () => thrownBy(() => begun(() => client.integrations.iterate({ pageSize: 0 }))),
  update: () => thrownBy(() => begun(() => client.integrations.update(MISSING, (now) => now))),
  constructor: () => thrownBy(() => begun(() => new ServiceDeskClient({ ...input, timeout: 5 }))),
  filter: () => thrownBy(() => begun(() => filter.parse("nmae"))),
  patch: () => thrownBy(() => begun(() => patch().replace("name", 7))),
};

const told = async (fail) => {
  const { name, stack } = await fail();
  return [name, stack.includes("functionOfThePage")];
};

globalThis.report = (async () => {
  const entries = await Promise.all(Object.entries(failures).map(async ([what, fail]) => [what, await told(fail)]));
  return Object.fromEntries(entries);
})();
