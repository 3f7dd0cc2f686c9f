// Two people in two browsers talk through the built app: `npm run build && node test.mjs DEMO.json`, where DEMO.json is what
// `hibiki demo --json` printed. CHROMIUM names the browser; SHOTS a folder for pictures.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import puppeteer from "puppeteer-core";

const { url, accounts } = JSON.parse(readFileSync(process.argv[2], "utf8"));
process.env.HIBIKI_URL = url;
const { preview } = await import("vite");

const tokenOf = (role) => accounts.find((account) => account.role === role).token;

async function api(token, query, variables) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(`${url}graphql`, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await answer.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  for (const payload of Object.values(data)) assert.deepEqual(payload?.userErrors ?? [], []);
  return data;
}

/** A cable between browsers and server that can be pulled out. */
async function cable(to) {
  const ends = new Set();
  let plugged = true;
  const server = createServer((near) => {
    if (!plugged) return near.destroy();
    const far = connect(to, "127.0.0.1");
    for (const [from, into] of [[near, far], [far, near]]) {
      ends.add(from);
      from.pipe(into);
      from.on("error", () => {});
      from.on("close", () => (ends.delete(from), into.destroy()));
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const pull = () => {
    plugged = false;
    for (const end of ends) end.destroy();
  };
  return { port: server.address().port, pull, plug: () => (plugged = true), close: () => (pull(), server.close()) };
}

// Hana joins, which opens the conversation, unless she has done so before.
const creator = tokenOf("creator");
const { invitations } = await api(creator, "{ invitations { nodes { id allowedActions } } }");
const open = invitations.nodes.find(({ allowedActions }) => allowedActions.includes("ACCEPT"));
if (open) {
  await api(creator, "mutation ($id: ID!) { invitationAccept(input: { invitation: { id: $id } }) { userErrors { message } } }", { id: open.id });
}
const { threads } = await api(creator, "{ threads(first: 1) { nodes { id job { name } } } }");
const thread = threads.nodes[0];

// A token of the brand's own for this test, to be revoked at its end.
const SIGN_IN = "mutation ($input: SignInInput!) { signIn(input: $input) { token apiToken { id } userErrors { message } } }";
const { email, password } = accounts.find(({ role }) => role === "brand");
const { actor } = (await api(tokenOf("brand"), "{ actor { actor } }")).actor;
const signedIn = (await api(tokenOf("brand"), SIGN_IN, { input: { email, password, actor } })).signIn;
const brand = signedIn.token;

const SEND = "mutation ($input: MessageSendInput!) { messageSend(input: $input) { userErrors { message } } }";
const say = (token, body) => api(token, SEND, { input: { threadId: thread.id, body } });
const run = Date.now().toString(36);
for (let n = 1; n <= 25; n++) await say(n % 2 ? brand : creator, `${run} earlier ${n}`);

const server = await preview({ root: import.meta.dirname, logLevel: "error", preview: { port: 0, host: "127.0.0.1" } });
const line = await cable(server.httpServer.address().port);
const page = `http://127.0.0.1:${line.port}/`;
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox", "--accept-lang=ja"], headless: true });
const faults = [];

async function person(width, scheme) {
  const tab = await (await browser.createBrowserContext()).newPage();
  tab.setDefaultTimeout(20_000);
  await tab.setViewport({ width, height: 800 });
  await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  tab.on("pageerror", (error) => faults.push(error));
  const wire = await tab.createCDPSession();
  const heard = [];
  wire.on("Network.webSocketFrameReceived", ({ response }) => {
    const { type, payload } = JSON.parse(response.payloadData || "{}");
    if (type === "next") heard.push(payload.data.messageAdded.node.body);
  });
  await wire.send("Network.enable");
  return {
    tab,
    wire,
    heard,
    see: (text, within = "body") =>
      tab.waitForFunction((text, within) => document.querySelector(within)?.innerText.includes(text), {}, text, within),
    bodies: () => tab.$$eval("ol .body", (all) => all.map((one) => one.textContent)),
    say: async (body) => {
      await tab.locator("#body").fill(body);
      await tab.locator(".composer button").click();
    },
    check: async (name) => {
      await tab.addScriptTag({ path: new URL("node_modules/axe-core/axe.min.js", import.meta.url).pathname });
      const { violations } = await tab.evaluate(() => window.axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), [], name);
      assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is too wide`);
      if (process.env.SHOTS) await tab.screenshot({ path: `${process.env.SHOTS}/${name}.png` });
    },
  };
}

try {
  const mei = await person(1100, "light");
  await mei.tab.goto(page);
  await mei.see("APIトークン");
  await mei.check("sign-in");
  await mei.tab.locator("#token").fill("hbk_wrong");
  await mei.tab.locator("form button").click();
  await mei.see("トークンが無効");
  await mei.tab.locator("#token").fill(brand);
  await mei.tab.locator("form button").click();

  // What is said after a page was read, and comes before the page does.
  const held = new Promise((done) => {
    mei.wire.on("Fetch.requestPaused", ({ request, requestId }) => {
      if (request.postData?.includes("query Thread(")) done();
      // Refused where the disabling below has let it go already.
      else mei.wire.send("Fetch.continueRequest", { requestId }).catch(() => {});
    });
  });
  await mei.wire.send("Fetch.enable", { patterns: [{ urlPattern: "*/graphql", requestStage: "Response" }] });
  await mei.tab.locator(`a[href="#/${thread.id}"]`).click();
  await held;
  await say(creator, `${run} in between`);
  await mei.see(`${run} in between`, "nav");
  await mei.wire.send("Fetch.disable");
  await mei.see(`${run} earlier 25`, "ol");
  await mei.see(`${run} in between`, "ol");

  const hana = await person(360, "dark");
  await hana.tab.goto(`${page}#url=${encodeURIComponent(page)}&token=${creator}`);
  await hana.see(thread.job.name, "nav");
  assert.equal(await hana.tab.evaluate(() => location.hash), "", "the token stays in the address");
  await hana.check("list");

  // To one who looks at the list, and back to one who looks at the conversation.
  await mei.say(`${run} to the list`);
  await hana.see(`${run} to the list`, "nav");
  await hana.see("未読", ".unread");
  await hana.tab.locator(`a[href="#/${thread.id}"]`).click();
  await hana.see(`${run} to the list`, "ol");
  await hana.check("conversation");
  await hana.say(`${run} ありがとう`);
  await mei.see(`${run} ありがとう`, "ol");
  await mei.see(`${run} ありがとう`, "p[role=status]");
  await hana.tab.waitForFunction(() => !document.querySelector(".unread"));

  // Back to the beginning.
  assert.ok(!(await hana.bodies()).includes(`${run} earlier 1`));
  while (await hana.tab.$(".scroll button")) {
    const shown = (await hana.bodies()).length;
    await hana.tab.locator(".scroll button").click();
    await hana.tab.waitForFunction((shown) => document.querySelectorAll("ol .body").length > shown, {}, shown);
  }
  assert.ok((await hana.bodies()).includes(`${run} earlier 1`));

  // The server's word stands beside the field and goes once it is heeded.
  await mei.say("  ");
  await mei.see("入力してください。", "#body-errors");
  assert.equal(await mei.tab.$eval("#body", (field) => field.ariaInvalid), "true");
  await mei.check("refused");

  // What was said while the line was down comes once, in its place; what could not be sent can be sent again.
  line.pull();
  await Promise.all([mei.see("接続が切れました", "#root > .notice"), hana.see("接続が切れました", "#root > .notice")]);
  await say(creator, `${run} while away`);
  await mei.say(`${run} tried again`);
  await mei.see("処理できませんでした。", ".composer");
  line.plug();
  await mei.see(`${run} while away`, "ol");
  await mei.tab.locator(".composer button").click();
  await Promise.all([mei.see(`${run} tried again`, "ol"), hana.see(`${run} tried again`, "ol")]);

  const ALL = "query ($id: ID!) { thread(id: $id) { messages(last: 100) { nodes { body } } } }";
  const said = (await api(creator, ALL, { id: thread.id })).thread.messages.nodes.map(({ body }) => body);
  assert.deepEqual((await hana.bodies()).slice(-said.length), said);
  const seen = await mei.bodies();
  assert.deepEqual(seen, said.slice(-seen.length));

  for (const { heard } of [mei, hana]) assert.equal(new Set(heard).size, heard.length, "a message came twice over the line");
  assert.equal(mei.heard.at(-1), `${run} tried again`);

  // Who is shut out is told so.
  await api(brand, "mutation ($id: ID!) { apiTokenRevoke(input: { id: $id }) { userErrors { message } } }", { id: signedIn.apiToken.id });
  await mei.say(`${run} too late`);
  await mei.see("トークンが無効", ".sign-in");
  assert.deepEqual(faults, []);
  console.log("two browsers talk: sent, received, paged, refused, resumed, shut out");
} catch (error) {
  for (const tab of await browser.pages()) console.log(tab.url(), await tab.$eval("body", (body) => body.innerText));
  throw error;
} finally {
  await browser.close();
  line.close();
  server.httpServer.closeAllConnections();
  await server.close();
}
