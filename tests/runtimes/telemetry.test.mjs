// Spans of OpenTelemetry in Node, whose context is that of AsyncLocalStorage: a request of the client's, which the
// instrumentation of Node's fetch sees, belongs to the span in which its call was made.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import test from "node:test";
import * as imported from "isc-service-desk";

import { UndiciInstrumentation, telemetry } from "./helpers/kit.mjs";

const { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } = telemetry;

const required = createRequire(import.meta.url)("isc-service-desk");

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
provider.register();
const instrumentation = new UndiciInstrumentation();
instrumentation.setTracerProvider(provider);
const tracer = provider.getTracer("of the test");

const NAMES = Array.from({ length: 20 }, (_, index) => `call-${index}`);
const PATH = "/service-desk-integrations/v1";
const INTEGRATION = { id: "an-id", name: "n", type: "t", attributes: {} };

/** An API behind a port, which is busy when it is asked for something the first time, and sells tokens. */
async function api(context) {
  const asked = new Set();
  const answer = ({ pathname, search }) => {
    if (pathname === "/oauth/token") return [200, { access_token: "bought", token_type: "bearer", expires_in: 749 }];
    const isFirst = !asked.has(pathname + search);
    asked.add(pathname + search);
    return isFirst ? [503, {}] : [200, search === "" ? INTEGRATION : [INTEGRATION]];
  };
  const server = createServer((request, response) => {
    const [status, body] = answer(new URL(request.url, "http://x"));
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => (server.closeAllConnections(), server.close()));
  exporter.reset();
  return `http://127.0.0.1:${server.address().port}`;
}

/** Does something in a span of that name. */
const spanned = (name, act) =>
  tracer.startActiveSpan(name, async (span) => {
    try {
      return await act();
    } finally {
      span.end();
    }
  });

/** Of each request, in the order of their ends: its path, and the name of the span that it belongs to. */
function requests() {
  const spans = exporter.getFinishedSpans();
  const names = new Map(spans.map((span) => [span.spanContext().spanId, span.name]));
  const sent = spans.filter(({ attributes }) => attributes["url.path"] !== undefined);
  return sent.map((span) => `${span.attributes["url.path"]} of ${names.get(span.parentSpanContext?.spanId)}`);
}

const TOKEN = { token: () => "t0ken" };
const limits = {
  "": { rateLimit: "off" },
  " under a queue": { rateLimit: { requests: 5, perMs: 30 } },
};

for (const [way, { ServiceDeskClient }] of [["imported", imported], ["required", required]]) {
  for (const [when, limit] of Object.entries(limits)) {
    test(`OpenTelemetry: each request, and its retry, is of the span of its call${when}, ${way}`, async (context) => {
      const baseUrl = await api(context);
      const client = new ServiceDeskClient({ baseUrl, auth: TOKEN, retry: { baseDelayMs: 5 }, ...limit });
      await Promise.all(NAMES.map((name) => spanned(name, () => client.integrations.get(name))));
      const expected = NAMES.flatMap((name) => Array(2).fill(`${PATH}/${name} of ${name}`));
      assert.deepEqual(requests().sort(), expected.sort());
    });

    test(`OpenTelemetry: a token request is of the span of the call that began it${when}, ${way}`, async (context) => {
      const baseUrl = await api(context);
      const auth = { clientId: "an id", clientSecret: "a secret" };
      const client = new ServiceDeskClient({ baseUrl, auth, retry: { baseDelayMs: 5 }, ...limit });
      await Promise.all(NAMES.map((name) => spanned(name, () => client.integrations.get(name))));
      const expected = NAMES.flatMap((name) => Array(2).fill(`${PATH}/${name} of ${name}`));
      assert.deepEqual(requests().sort(), ["/oauth/token of call-0", ...expected].sort());
    });

    test(`OpenTelemetry: pages and updates are of the spans that they were asked for in${when}, ${way}`, async (context) => {
      const baseUrl = await api(context);
      const client = new ServiceDeskClient({ baseUrl, auth: TOKEN, retry: { baseDelayMs: 5 }, ...limit });
      const walk = (name) => async () => {
        for await (const { id } of client.integrations.iterate({ offset: Number(name.split("-")[1]), count: false })) assert.ok(id);
      };
      const update = (name) => () => client.integrations.update(name, (now) => now);
      await Promise.all(NAMES.map((name, index) => spanned(name, (index % 2 ? walk : update)(name))));
      const expected = NAMES.flatMap((name, index) => Array(2).fill(index % 2 ? `${PATH} of ${name}` : `${PATH}/${name} of ${name}`));
      assert.deepEqual(requests().sort(), expected.sort());
    });
  }
}
