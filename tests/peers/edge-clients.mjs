// The public socket and event-stream clients against the edge with its toy schema: `bin/test` starts the example `toy` and then
// `node tests/peers/edge-clients.mjs 4100`.
import assert from "node:assert/strict";
import { createClient as socketClient } from "graphql-ws";
import { createClient as streamClient } from "graphql-sse";
import WebSocket from "ws";

const port = process.argv[2] ?? "4100";
const authorization = "Bearer ann";
const socket = socketClient({
  url: `ws://127.0.0.1:${port}/graphql/ws`,
  webSocketImpl: WebSocket,
  connectionParams: { authorization },
});
const stream = streamClient({ url: `http://127.0.0.1:${port}/graphql/stream`, headers: { authorization }, retryAttempts: 0 });

const run = (client, query) =>
  new Promise((resolve) => {
    const results = [];
    client.subscribe(
      { query },
      {
        next: (result) => results.push(result),
        error: (errors) => resolve([...results, { errors }]),
        complete: () => resolve(results),
      },
    );
  });

for (const client of [socket, stream]) {
  assert.deepEqual(await run(client, "{ me }"), [{ data: { me: "ann" } }]);
  assert.deepEqual(await run(client, "mutation { bump }"), [{ data: { bump: 1 } }]);
  assert.deepEqual(await run(client, "subscription { ticks(count: 2) }"), [{ data: { ticks: 0 } }, { data: { ticks: 1 } }]);
  for (const [query, code] of [
    ["{ nope }", "GRAPHQL_VALIDATION_FAILED"],
    ["subscription { nope }", "GRAPHQL_VALIDATION_FAILED"],
    ["subscription { refused }", "FORBIDDEN"],
  ]) {
    const [result, ...more] = await run(client, query);
    assert.equal(result.errors[0].extensions.code, code);
    assert.equal(more.length, 0);
  }
}
console.log("graphql-ws and graphql-sse agree");
process.exit(0);
