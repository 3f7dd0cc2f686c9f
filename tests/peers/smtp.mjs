// npm smtp-server on a free port of loopback. Prints its address, then every mail as a line of JSON: { from, to, data }.
// Addresses that begin with "gone" are refused for good (550), those that begin with "later" for now (451). Ends with its standard input.
import { SMTPServer } from "smtp-server";

const refused = { gone: [550, "no such mailbox"], later: [451, "try again later"] };
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ["AUTH", "STARTTLS"],
  logger: false,
  onRcptTo({ address }, session, done) {
    const [code, text] = Object.entries(refused).find(([start]) => address.startsWith(start))?.[1] ?? [];
    done(code ? Object.assign(new Error(text), { responseCode: code }) : null);
  },
  onData(stream, { envelope }, done) {
    const chunks = [];
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("end", () => {
      const mail = { from: envelope.mailFrom.address, to: envelope.rcptTo.map((r) => r.address), data: Buffer.concat(chunks).toString("utf8") };
      console.log(JSON.stringify(mail));
      done();
    });
  },
});
server.listen(0, "127.0.0.1", () => console.log(`smtp://127.0.0.1:${server.server.address().port}`));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
