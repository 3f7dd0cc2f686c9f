import { defineConfig } from "vite";

// So that page and API have one origin. Hibiki opens sockets for its own and for allowed origins only, hence the rewriting.
const target = process.env.HIBIKI_URL ?? "http://127.0.0.1:8080";
const proxy = { "/graphql": { target, ws: true, changeOrigin: true, rewriteWsOrigin: true } };

export default defineConfig({ server: { proxy }, preview: { proxy } });
