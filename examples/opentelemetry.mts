// Shows each call as a client span of OpenTelemetry, with its attempts and waits as events of the span.
// Run with: node examples/opentelemetry.mts (Node 22.18 or newer, in a folder where isc-service-desk, @opentelemetry/api and
// @opentelemetry/sdk-trace-base are installed; no account is needed)

import { SpanKind, SpanStatusCode, trace, type Span } from "@opentelemetry/api";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { ServiceDeskClient, isServiceDeskError, type Attempt, type CallOptions } from "isc-service-desk";
import { createSandbox, type Sandbox } from "isc-service-desk/sandbox";

// Your program has a provider of its own; this one keeps its spans, so that they can be printed below.
const exporter = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));

const tracer = trace.getTracer("isc-service-desk");

/** The spans of calls on their way, by the header with which a trace goes on at the server. */
const spans = new Map<string | null, Span>();

/** A fetch that tells a call's span what is asked. Of the URL it takes the path alone: a filter may hold names. */
function traced(fetch: Sandbox["fetch"]): Sandbox["fetch"] {
  return (input, init) => {
    const request = new Request(input, init);
    const span = spans.get(request.headers.get("traceparent"));
    span?.setAttributes({ "http.request.method": request.method, "url.path": new URL(request.url).pathname });
    return fetch(request);
  };
}

/** Makes one call, `run(options)`, in a span of that name. */
function inSpan<T>(name: string, run: (options: CallOptions) => Promise<T>): Promise<T> {
  return tracer.startActiveSpan(name, { kind: SpanKind.CLIENT }, async (span) => {
    const { traceId, spanId, traceFlags } = span.spanContext();
    const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
    spans.set(traceparent, span);
    let attempts: readonly Attempt[] = [];
    try {
      return await run({ headers: { traceparent }, onResponse: (response) => ({ attempts } = response) });
    } catch (error) {
      // Anything else is the reason of your own signal.
      const isFailure = isServiceDeskError(error);
      if (isFailure) ({ attempts } = error);
      span.setAttribute("error.type", isFailure ? error.code : "aborted");
      span.setStatus({ code: SpanStatusCode.ERROR, message: isFailure ? error.message : "aborted" });
      throw error;
    } finally {
      describe(span, attempts);
      spans.delete(traceparent);
      span.end();
    }
  });
}

/** Tells a span the history of its call. */
function describe(span: Span, attempts: readonly Attempt[]): void {
  for (const { startedAtMs, durationMs, status, retryReason, waitedMs } of attempts) {
    span.addEvent("attempt", { "http.response.status_code": status, "isc.retry_reason": retryReason }, startedAtMs);
    if (waitedMs) span.addEvent("wait", { "isc.wait_ms": waitedMs }, startedAtMs + durationMs);
  }
  const status = attempts.at(-1)?.status;
  if (status !== undefined) span.setAttribute("http.response.status_code", status);
  if (attempts.length > 1) span.setAttribute("http.request.resend_count", attempts.length - 1);
}

const sandbox = createSandbox();
const client = new ServiceDeskClient({
  baseUrl: sandbox.baseUrl,
  auth: sandbox.credentials,
  fetch: traced(sandbox.fetch),
  retry: { baseDelayMs: 50 },
});

sandbox.fault({ on: { method: "GET" }, then: { status: 503 } });
await inSpan("list integrations", (options) => client.integrations.list({ filters: 'name eq "Acme"' }, options));
await inSpan("get template", (options) => client.templates.get("nothing", options)).catch(() => {});

for (const { name, attributes, events } of exporter.getFinishedSpans()) {
  console.log(`${name}: ${events.map((event) => event.name).join(", ")}`);
  for (const [key, value] of Object.entries(attributes)) console.log(`  ${key}=${value}`);
}
// => list integrations: attempt, wait, attempt
// =>   http.request.method=GET
// =>   url.path=/service-desk-integrations/v1
// =>   http.response.status_code=200
// =>   http.request.resend_count=1
// => get template: attempt
// =>   http.request.method=GET
// =>   url.path=/service-desk-integrations/v1/templates/nothing
// =>   error.type=not-found
// =>   http.response.status_code=404
