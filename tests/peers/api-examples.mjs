// Runs the examples of docs/api.md in their order against a demo world: `bin/test` starts `hibiki demo --json > demo.json` and then
// `node tests/peers/api-examples.mjs demo.json`. The head of the section "Examples" says how an example is written. An example fails when
// it is answered with errors, with user errors, or with a root field that is null.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const roles = ["anonymous", "creator", "brand", "admin"];
const { url, accounts } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const text = readFileSync(new URL("../../docs/api.md", import.meta.url), "utf8");
const section = text.split(/^## Examples$/m)[1]?.split(/^## /m)[0] ?? "";
const kept = {};

/** `$name` becomes what an example before it kept under that name. */
const filled = (value) => {
  if (Array.isArray(value)) return value.map(filled);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner)]));
  if (typeof value !== "string" || !/^\$\w+$/.test(value)) return value;
  assert(value.slice(1) in kept, `no example before it keeps ${value}`);
  return kept[value.slice(1)];
};

/** Every user error, however deep it stands. */
const userErrors = (value) =>
  value && typeof value === "object"
    ? Object.entries(value).flatMap(([key, inner]) => (key === "userErrors" && Array.isArray(inner) ? inner : userErrors(inner)))
    : [];

const run = async (query, json) => {
  const role = /^# as (\w+)$/m.exec(query)?.[1];
  assert(roles.includes(role) && query.startsWith("# as "), "its first line is `# as creator`, `brand`, `admin` or `anonymous`");
  const headers = { "content-type": "application/json", accept: "application/graphql-response+json" };
  if (role !== "anonymous") headers.authorization = `Bearer ${accounts.find((account) => account.role === role).token}`;
  const variables = filled(json ? JSON.parse(json) : {});
  const response = await fetch(new URL("graphql", url), { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  assert(!answer.errors, JSON.stringify(answer.errors));
  assert(answer.data, "there is no data");
  assert.deepEqual(userErrors(answer.data), []);
  for (const [field, value] of Object.entries(answer.data)) assert(value !== null, `${field} is null`);
  for (const [, name, path] of query.matchAll(/^# keeps (\w+) = (\S+)$/gm)) {
    const value = path.split(".").reduce((at, part) => at?.[part], answer.data);
    assert(value !== undefined && value !== null, `nothing at ${path}: ${JSON.stringify(answer.data)}`);
    kept[name] = value;
  }
  return role;
};

const blocks = [...section.matchAll(/^```graphql\n([\s\S]*?)^```\n(?:\s*^```json\n([\s\S]*?)^```$)?/gm)];
assert.equal(blocks.length, section.match(/^```graphql$/gm)?.length, "each block ends, and its variables stand right behind it");
let failed = 0;
for (const [, query, json] of blocks) {
  const name = /\b(?:query|mutation) (\w+)/.exec(query)?.[1] ?? "(nameless)";
  try {
    console.log(await run(query, json), name);
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${name}: ${error.message}`);
  }
}
console.log(`${blocks.length} examples of docs/api.md, ${failed} failed`);
process.exitCode = failed || blocks.length < 10 ? 1 : 0;
