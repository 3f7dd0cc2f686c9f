// The public GraphQL-over-HTTP audits against a running server: `npm i graphql graphql-http@1.23.1` somewhere, then
// `node audits.mjs http://127.0.0.1:4100/graphql` there, with the `toy` example running.
import { auditServer } from "graphql-http";

const results = await auditServer({ url: process.argv[2] ?? "http://127.0.0.1:4100/graphql" });
const counts = {};
for (const result of results) {
  counts[result.status] = (counts[result.status] ?? 0) + 1;
  if (result.status !== "ok") console.log(result.status, result.id, result.name, "-", result.reason);
}
console.log(results.length, "audits:", counts);
process.exitCode = counts.error || counts.warn || counts.notice ? 1 : 0;
