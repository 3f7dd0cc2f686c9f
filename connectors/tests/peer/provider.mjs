// Starts oidc-provider on a free port of loopback and prints its address; ends when standard input does.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

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
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
