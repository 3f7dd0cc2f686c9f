// npm smtp-server on a free port of loopback. Prints its address, then every mail that it has accepted as a line of JSON, read by npm
// mailparser: { from, to, data, subject, messageId, text, html }. Addresses that begin with "gone" are refused for good (550), those that
// begin with "later" for now (451). Ends with its standard input.
//
// With --steps it also prints a line before each step of a mail, { step: "recipient" | "data", to }, and takes the step when a line comes in.
import { createInterface } from "node:readline";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

const refused = { gone: [550, "no such mailbox"], later: [451, "try again later"] };
const held = [];
const step = (name, to) =>
  new Promise((go) => {
    if (!process.argv.includes("--steps")) return go();
    held.push(go);
    console.log(JSON.stringify({ step: name, to }));
  });

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ["AUTH", "STARTTLS"],
  logger: false,
  async onRcptTo({ address }, session, done) {
    await step("recipient", address);
    const [code, text] = Object.entries(refused).find(([start]) => address.startsWith(start))?.[1] ?? [];
    done(code ? Object.assign(new Error(text), { responseCode: code }) : null);
  },
  async onData(stream, { envelope }, done) {
    const chunks = [];
    try {
      for await (const chunk of stream) chunks.push(chunk);
    } catch {
      return; // A client that was killed in the middle of its mail: there is nobody to answer, and no mail.
    }
    const data = Buffer.concat(chunks);
    const to = envelope.rcptTo.map((r) => r.address);
    await step("data", to[0]);
    const { subject, messageId, text, html } = await simpleParser(data);
    done();
    console.log(JSON.stringify({ from: envelope.mailFrom.address, to, data: data.toString("utf8"), subject, messageId, text, html }));
  },
});
// Clients that are killed leave broken connections behind.
server.on("error", () => {});
server.listen(0, "127.0.0.1", () => console.log(`smtp://127.0.0.1:${server.server.address().port}`));
createInterface({ input: process.stdin }).on("line", () => held.shift()?.()).on("close", () => process.exit(0));
