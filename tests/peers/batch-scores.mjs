// The batch and the server give the same creators the same scores: what the demo world holds is exported, scored by the batch, and compared
// with what the API shows. `bin/test` calls it: `node tests/peers/batch-scores.mjs demo.json DEMO_FOLDER HIBIKI HIBIKI_BATCH WORK_FOLDER`.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [demo, folder, hibiki, batch, work] = process.argv.slice(2);
const { url, accounts } = JSON.parse(readFileSync(demo, "utf8"));
const { token } = accounts.find(({ role }) => role === "brand");

const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
const query = "{ creators(first: 100, orderBy: SCORE) { nodes { id displayName score { value day influence } } } }";
const answer = await fetch(`${url}graphql`, { method: "POST", headers, body: JSON.stringify({ query }) });
const nodes = (await answer.json()).data.creators.nodes.filter(({ score }) => score.value !== null);
assert(nodes.length >= 10, "the demo world has creators with scores");
const [{ score: { day } }] = nodes;

const rows = (file) => {
  const [head, ...lines] = readFileSync(file, "utf8").trim().split(/\r?\n/).map((line) => line.split(","));
  return lines.map((line) => Object.fromEntries(head.map((name, n) => [name, line[n]])));
};
const lines = join(work, "interactions.jsonl");
execFileSync(hibiki, ["export", "interactions", "--out", lines], { env: { ...process.env, HIBIKI_DATA_DIR: folder }, stdio: "ignore" });
// The batch sums what an actor did in a day over all creators, and caps that; the server knows of them only what they did with one. To be compared,
// whoever acts with two creators is two actors.
const actors = new Map();
// As text: the numbers are longer than JavaScript's.
const apart = (line) =>
  line.replace(/"actor":(\d+)/, (_, actor) => {
    const key = `${/"creator":"(\d+)"/.exec(line)[1]} ${actor}`;
    if (!actors.has(key)) actors.set(key, actors.size + 1);
    return `"actor":${actors.get(key)}`;
  });
writeFileSync(lines, readFileSync(lines, "utf8").trim().split("\n").map(apart).join("\n") + "\n");
execFileSync(batch, ["--root", join(work, "store"), "run", "--day", day, "--to", join(work, "scores.csv"), lines], { stdio: "ignore" });
const scores = new Map(rows(join(work, "scores.csv")).map((row) => [row.creator, row]));
const keys = new Map(rows(`${lines}.creators.csv`).map(({ creator, id }) => [id.replaceAll("-", ""), creator]));

/** Equal as far as the API shows decimals. */
const same = (shown, whole) => {
  const decimals = String(shown).split(".")[1]?.length ?? 0;
  return Math.abs(Number(shown) - Number(whole)) <= 0.5 * 10 ** -decimals + 1e-6;
};
let compared = 0;
for (const { id, displayName, score } of nodes.filter(({ score }) => score.day === day)) {
  const row = scores.get(keys.get(id.split("_")[1]));
  assert(row, `${displayName} is not among the batch's scores`);
  assert(same(score.value, row.score), `${displayName}: the server says ${score.value}, the batch ${row.score}`);
  assert(same(score.influence, row.influence), `${displayName}: the server says ${score.influence}, the batch ${row.influence}`);
  compared += 1;
}
console.log(`${compared} creators have the same score by the batch and by the server on ${day}`);
