// Shows requests, retries and durations of calls as metrics, in the text format that Prometheus reads.
// Run with: node examples/metrics.mts (Node 22.18 or newer, in a folder where isc-service-desk is installed; no account is needed)

import { ServiceDeskClient, type ClientEvent } from "isc-service-desk";
import { createSandbox } from "isc-service-desk/sandbox";

const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

/** Counters by their name with labels. */
const counts = new Map<string, number>();
const durations = { below: new Map(BUCKETS.map((bound) => [bound, 0])), sum: 0, count: 0 };

const count = (series: string, by = 1) => counts.set(series, (counts.get(series) ?? 0) + by);

function onEvent(event: ClientEvent): void {
  if (event.type === "request") count(`isc_requests_total{operation="${event.operation}"}`);
  if (event.type === "wait") count(`isc_wait_seconds_total{reason="${event.reason}"}`, event.waitMs / 1000);
  if (event.type === "response") {
    count(`isc_responses_total{operation="${event.operation}",status="${event.status}"}`);
    const seconds = event.durationMs / 1000;
    for (const [bound, number] of durations.below) if (seconds <= bound) durations.below.set(bound, number + 1);
    durations.sum += seconds;
    durations.count += 1;
  }
}

/** What a scrape gets. */
function metrics(): string {
  const lines = [];
  for (const name of ["isc_requests_total", "isc_responses_total", "isc_wait_seconds_total"]) {
    lines.push(`# TYPE ${name} counter`);
    for (const [series, value] of counts) if (series.startsWith(`${name}{`)) lines.push(`${series} ${value}`);
  }
  const name = "isc_response_duration_seconds";
  lines.push(`# TYPE ${name} histogram`);
  for (const [bound, number] of durations.below) lines.push(`${name}_bucket{le="${bound}"} ${number}`);
  lines.push(`${name}_bucket{le="+Inf"} ${durations.count}`, `${name}_sum ${durations.sum}`, `${name}_count ${durations.count}`);
  return lines.join("\n") + "\n";
}

const sandbox = createSandbox({ integrations: 600 });
const client = new ServiceDeskClient({
  baseUrl: sandbox.baseUrl,
  auth: sandbox.credentials,
  fetch: sandbox.fetch,
  retry: { baseDelayMs: 10 },
  onEvent,
});

sandbox.fault({ on: { method: "GET" }, then: { status: 503 } });
sandbox.fault({ on: { method: "GET" }, then: { drop: "before" } });
for await (const page of client.integrations.iterate().pages()) page.items.length;

console.log(metrics());
// => # TYPE isc_requests_total counter
// => isc_requests_total{operation="getServiceDeskIntegrations"} 5
// => isc_responses_total{operation="getServiceDeskIntegrations",status="503"} 1
// => isc_responses_total{operation="getServiceDeskIntegrations",status="200"} 3
// => # TYPE isc_response_duration_seconds histogram
// => isc_response_duration_seconds_bucket{le="+Inf"} 4
// => isc_response_duration_seconds_count 4
