// A page that has given every object members: what becomes of a request.
import { ServiceDeskClient, patch } from "/dist/index.js";

// Made, and started, while the platform is whole.
const ANSWER = new Response("[]");
patch();

// Not `mode`: a reader of a stream takes it from a prototype in WebKit.
const POLLUTION = { credentials: "include", cache: "force-cache", referrerPolicy: "unsafe-url", keepalive: true, body: "x" };

async function requested() {
  const seen = [];
  const fetch = async (request) => {
    seen.push(request);
    return ANSWER.clone();
  };
  Object.assign(Object.prototype, POLLUTION, { onEvent: () => seen.push("told"), get: () => "x" });
  try {
    await new ServiceDeskClient({ baseUrl: "https://tenant.example", auth: { token: "t0ken" }, fetch }).types.list({});
  } finally {
    for (const name of [...Object.keys(POLLUTION), "onEvent", "get"]) delete Object.prototype[name];
  }
  const [{ credentials, cache, referrerPolicy, mode, method }, ...rest] = seen;
  return { credentials, cache, referrerPolicy, mode, method, rest };
}

globalThis.report = requested();
