// PostGraphile on the benches' database as its makers would run it for speed: in production mode, a process a core, and nothing that a client
// does not ask for. It knows no callers, no limits and no rights.
//
//   NODE_ENV=production node serve.mjs postgres://… PORT
import cluster from "node:cluster";
import { createServer } from "node:http";
import { availableParallelism } from "node:os";

import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const [database, port] = process.argv.slice(2);
const processes = availableParallelism();
/** As many in all as Hibiki's pool has. */
const connections = 16;

if (cluster.isPrimary) {
  for (let n = 0; n < processes; n += 1) cluster.fork();
  cluster.on("exit", () => process.exit(1));
  process.on("SIGTERM", () => process.exit(0));
} else {

  const instance = postgraphile({
    extends: [PostGraphileAmberPreset],
    pgServices: [makePgService({ connectionString: database, poolConfig: { max: Math.ceil(connections / processes) }, schemas: ["public"] })],
    grafserv: { graphiql: false, watch: false, websockets: false },
    grafast: { explain: false },
  });
  const server = createServer();
  await instance.createServ(grafserv).addTo(server);
  server.listen(Number(port), "127.0.0.1");
  process.on("disconnect", () => process.exit(0));
}
