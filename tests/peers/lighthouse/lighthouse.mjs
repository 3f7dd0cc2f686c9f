// Measures the main pages of a demo world with Lighthouse: `node tests/peers/lighthouse/lighthouse.mjs demo.json [--performance]`, where
// demo.json is what `hibiki demo --json` printed. Pages of creators and of everybody as on a phone, those of brands and admins as at a desk.
//
// Accessibility and best practices are the same on every machine: below 95, the run fails. Performance is a measurement: a page that falls
// short is measured again, up to three times, and the best counts. It fails the run with --performance only, since a machine that has
// other work makes any page slow; without it, it is said.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import lighthouse, { desktopConfig } from "lighthouse";
import puppeteer from "puppeteer-core";

const LEAST = 95, MOST_RUNS = 3;
const CATEGORIES = ["performance", "accessibility", "best-practices"];
const [file, ...flags] = process.argv.slice(2);
const { url, mailbox, accounts } = JSON.parse(readFileSync(file, "utf8"));
const home = new URL(url);

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--no-first-run"];
const browser = await puppeteer.launch({ executablePath, args, headless: true });
const port = new URL(browser.wsEndpoint()).port;
const tab = await browser.newPage();

const open = async (path) => {
  const answer = await tab.goto(new URL(path, home), { waitUntil: "domcontentloaded" });
  assert(answer.ok(), `${path}: ${answer.status()}`);
};
/** The first link on a page that looks so. */
const link = async (from, pattern) => {
  await open(from);
  const hrefs = await tab.$$eval("a[href]", (links) => links.map((a) => new URL(a.href).pathname));
  const found = hrefs.find((href) => pattern.test(href));
  assert(found, `${from} has no link like ${pattern}: ${hrefs}`);
  return found;
};
const forget = async () => browser.deleteCookie(...(await browser.cookies()));
const signIn = async (role) => {
  await forget();
  const { email, password } = accounts.find((account) => account.role === role);
  await open("/sign-in");
  await tab.type("[name=email]", email);
  await tab.type("[name=password]", password);
  await Promise.all([tab.waitForNavigation(), tab.keyboard.press("Enter")]);
  assert.notEqual(new URL(tab.url()).pathname, "/sign-in");
  return new URL(tab.url()).pathname.replace(/\/$/, "");
};
const api = async (role, query, variables) => {
  const { token } = accounts.find((account) => account.role === role);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const { data, errors } = await (await fetch(new URL("graphql", url), { method: "POST", headers, body: JSON.stringify({ query, variables }) })).json();
  assert(!errors, JSON.stringify(errors));
  return data;
};

/** Opens an invitation that still can be answered; its page knows the visitor by a cookie from then on. */
async function teaser() {
  await open(mailbox);
  const letters = await tab.$$eval("a[href^='/mailbox/']", (links) => links.map((a) => a.href));
  for (const letter of letters) {
    const text = await (await fetch(letter)).text();
    // The letter may stand in a frame, and its text escaped.
    const frame = /src="(\/mailbox\/[^"]+)"/.exec(text)?.[1];
    const html = frame ? await (await fetch(new URL(frame, home))).text() : text;
    const token = /\/i\/[\w-]+/.exec(html)?.[0];
    if (!token) continue;
    await open(token);
    if (await tab.$(".act a, .act button")) return new URL(tab.url()).pathname;
    await forget();
  }
  throw new Error("no letter holds an invitation that is open");
}

/** Joins a campaign unless it has been done, so that there is somebody to talk with. */
async function join() {
  const { invitations, threads } = await api("creator", "{ invitations { nodes { id allowedActions } } threads(first: 1) { nodes { id } } }");
  if (threads.nodes.length) return;
  const { id } = invitations.nodes.find(({ allowedActions }) => allowedActions.includes("ACCEPT"));
  const { invitationAccept } = await api("creator", "mutation ($id: ID!) { invitationAccept(input: { invitation: { id: $id } }) { userErrors { message } } }", { id });
  assert.deepEqual(invitationAccept.userErrors, []);
}

const rows = [];
async function measure(name, path, device) {
  let best;
  for (let run = 1; run <= MOST_RUNS; run++) {
    // Nothing of the page that lies open may take part.
    await tab.goto("about:blank");
    const options = { port, output: "json", logLevel: "error", onlyCategories: CATEGORIES, disableStorageReset: false, disableFullPageScreenshot: true };
    const { lhr } = await lighthouse(new URL(path, home).href, options, device === "desk" ? desktopConfig : undefined);
    // Now and then the browser loses its own record of the load.
    if (lhr.runtimeError && run < MOST_RUNS) continue;
    assert(!lhr.runtimeError, `${path}: ${lhr.runtimeError?.message}`);
    assert.equal(new URL(lhr.finalDisplayedUrl).pathname, path, "the page itself was measured, not the sign-in");
    const score = (category) => Math.round((lhr.categories[category].score ?? 0) * 100);
    const short = CATEGORIES.flatMap((category) =>
      lhr.categories[category].auditRefs
        .map(({ id, weight }) => ({ ...lhr.audits[id], weight }))
        .filter(({ score, weight }) => weight && score !== null && score < 0.9)
        .map(({ id, title, displayValue, details }) => `${id}: ${title} ${displayValue ?? ""} ${category === "performance" ? "" : JSON.stringify(details?.items?.slice(0, 3) ?? "")}`),
    );
    const now = { name, device, run, scores: CATEGORIES.map(score), short };
    if (!best || now.scores[0] > best.scores[0]) best = now;
    if (best.scores[0] >= LEAST) break;
  }
  rows.push(best);
  const [performance, accessibility, practices] = best.scores.map((score) => String(score).padStart(4));
  console.log(`${name.padEnd(28)} ${device.padEnd(5)} ${performance} ${accessibility} ${practices}${best.run > 1 ? `   (run ${best.run})` : ""}`);
  if (Math.min(...best.scores) < LEAST) for (const line of best.short) console.log(`    ${line}`);
}

try {
  console.log(`${"page".padEnd(28)} seen  perf  a11y  best practices`);
  await measure("home", "/", "phone");
  await measure("for creators", "/creators", "phone");
  await measure("sign-in", "/sign-in", "phone");
  await measure("teaser of an invitation", await teaser(), "phone");

  await join();
  const creator = await signIn("creator");
  await measure("creator: home", creator, "phone");
  await measure("creator: profile", "/c/profile", "phone");
  await measure("creator: jobs", "/c/jobs", "phone");
  await measure("creator: inbox", "/c/inbox", "phone");
  await measure("creator: conversation", await link("/c/inbox", /^\/c\/inbox\/thr_/), "phone");

  await signIn("linked");
  await measure("creator: analysis", "/c/analysis", "phone");
  await measure("a public score page", await link("/c/analysis", /^\/s\/[^/]+$/), "phone");

  const brand = await signIn("brand");
  await measure("brand: home", brand, "desk");
  await measure("brand: discover", `${brand}/discover`, "desk");
  await measure("brand: creators", `${brand}/creators`, "desk");
  await measure("brand: a creator", await link(`${brand}/creators`, /\/creators\/crt?_?\w*_\w{20,}$/), "desk");
  await measure("brand: campaigns", `${brand}/campaigns`, "desk");
  const campaign = await link(`${brand}/campaigns`, /\/campaigns\/\w+_\w{20,}$/);
  await measure("brand: a campaign", campaign, "desk");
  await measure("brand: a campaign's creators", `${campaign}/creators`, "desk");
  await measure("brand: inbox", `${brand}/inbox`, "desk");

  await signIn("admin");
  await measure("admin: home", "/admin", "desk");
  await measure("admin: people", "/admin/users", "desk");
  await measure("admin: mail", "/admin/mail", "desk");
} finally {
  await browser.close();
}

const strict = flags.includes("--performance") ? CATEGORIES : CATEGORIES.slice(1);
const below = (categories) => rows.filter(({ scores }) => CATEGORIES.some((category, at) => categories.includes(category) && scores[at] < LEAST));
const slow = below(["performance"]);
if (slow.length && !strict.includes("performance")) console.log(`slower than ${LEAST} here, which fails with --performance only: ${slow.map(({ name }) => name).join(", ")}`);
const failed = below(strict);
console.log(`${rows.length} pages, ${failed.length} below ${LEAST} in ${strict.join(", ")}`);
process.exitCode = failed.length ? 1 : 0;
