// The public GraphQL-over-HTTP audits against the edge with its toy schema: `bin/test` starts `cargo run -p hibiki-edge --example toy`
// and then `node tests/peers/edge-audits.mjs http://127.0.0.1:4100/graphql`.
import { auditServer } from "graphql-http";

const results = await auditServer({ url: process.argv[2] ?? "http://127.0.0.1:4100/graphql" });
const counts = {};
for (const result of results) {
  counts[result.status] = (counts[result.status] ?? 0) + 1;
  if (result.status !== "ok") console.log(result.status, result.id, result.name, "-", result.reason);
}
console.log(results.length, "audits:", counts);
process.exitCode = counts.error || counts.warn || counts.notice ? 1 : 0;
