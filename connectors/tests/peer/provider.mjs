// Starts oidc-provider on a free port of loopback and prints its address; ends when standard input does.
//
// A line of JSON { url, login } on standard input is somebody with a browser: logs in and consents at the provider's own pages, beginning
// at the consent page's address, and prints the address that the browser is sent back to.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Provider } from "oidc-provider";

// What the provider remarks does not belong among the answers.
console.info = console.warn = console.error;
const [redirectUri] = process.argv.slice(2);
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "hibiki",
        client_secret: "peer-secret",
        redirect_uris: [redirectUri],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
      },
    ],
    pkce: { required: () => true },
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    features: { revocation: { enabled: true }, devInteractions: { enabled: true } },
    claims: { openid: ["sub"], profile: ["name", "preferred_username"] },
    findAccount: async (_, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, name: `${id} of the peer`, preferred_username: id }),
    }),
    conformIdTokenClaims: false,
  });
  server.on("request", provider.callback());
  console.log(issuer);
});

async function consent({ url, login }) {
  const cookies = new Map();
  let form;
  for (let step = 0; step < 20; step++) {
    const headers = { cookie: [...cookies].map((pair) => pair.join("=")).join("; ") };
    const answer = await fetch(url, { headers, method: form ? "POST" : "GET", body: form && new URLSearchParams(form), redirect: "manual" });
    for (const cookie of answer.headers.getSetCookie()) {
      const [name, value] = cookie.split(";")[0].split("=");
      cookies.set(name, value);
    }
    form = undefined;
    const next = answer.headers.get("location");
    if (next) {
      url = new URL(next, url).href;
      if (url.startsWith(redirectUri)) return url;
    } else {
      const prompt = (await answer.text()).includes('value="login"') ? "login" : "consent";
      form = { prompt, login, password: "any" };
    }
  }
  throw new Error(`never came back from ${url}`);
}

createInterface({ input: process.stdin })
  .on("line", async (line) => console.log(await consent(JSON.parse(line))))
  .on("close", () => process.exit(0));
