// An S3 server on loopback with one bucket, in a folder that goes with it: the key's id is checked, its signature of version 4 is not. Prints its address;
// then, for each line that it is given, the names in the bucket as JSON. Ends with its standard input.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import S3rver from "s3rver";

const directory = mkdtempSync(join(tmpdir(), "hibiki-s3-"));
const server = new S3rver({ address: "127.0.0.1", port: 0, silent: true, directory, configureBuckets: [{ name: "stories" }] });
const { port } = await server.run();
console.log(`http://127.0.0.1:${port}`);
const lines = createInterface({ input: process.stdin });
lines.on("line", () => {
  const names = readdirSync(join(directory, "stories"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  console.log(JSON.stringify(names.map((entry) => join(entry.parentPath, entry.name).slice(join(directory, "stories").length + 1))));
});
lines.on("close", async () => {
  await server.close();
  rmSync(directory, { recursive: true, force: true });
  process.exit(0);
});
