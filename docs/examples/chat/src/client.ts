// urql over HTTP, graphql-ws for what comes by itself.
import { createClient as createSocket } from "graphql-ws";
import { Client, fetchExchange, subscriptionExchange } from "urql";
import type { Session } from "./session";

/** Whether a socket was closed since the caller is not allowed in, or not any more. */
export const isForbidden = (closed: unknown) => closed instanceof CloseEvent && closed.code === 4403;

export type Link = { client: Client; close: () => void };

export function connect(session: Session, onLive: (live: boolean) => void): Link {
  const socketUrl = new URL("graphql/ws", session.url);
  socketUrl.protocol = socketUrl.protocol.replace("http", "ws");
  // A token is made for one actor, so `Hibiki-Actor` is not needed: it chooses among the actors of a cookie's session.
  const authorization = `Bearer ${session.token}`;
  let overdue: ReturnType<typeof setTimeout>;
  const socket = createSocket({
    url: socketUrl.href,
    connectionParams: { authorization },
    retryAttempts: Infinity,
    shouldRetry: (closed) => !isForbidden(closed),
    // With chance in it, so that a server that comes back is not run over.
    retryWait: (tries) => new Promise((go) => setTimeout(go, Math.min(30_000, 500 * 2 ** tries) * (0.5 + Math.random() / 2))),
    keepAlive: 15_000,
    on: {
      connected: () => onLive(true),
      closed: () => {
        clearTimeout(overdue);
        onLive(false);
      },
      // A connection that died without a word is noticed by the pong that does not come.
      ping: (received) => {
        if (!received) overdue = setTimeout(() => socket.terminate(), 5_000);
      },
      pong: (received) => {
        if (received) clearTimeout(overdue);
      },
    },
  });
  const client = new Client({
    url: new URL("graphql", session.url).href,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization, "graphql-client-name": "hibiki-example-chat" }, credentials: "omit" },
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => {
            // graphql-ws sends these variables again after a reconnect: with the last cursor nothing is lost and nothing comes twice.
            const variables: Record<string, unknown> = { ...request.variables };
            const next = (result: { data?: Record<string, unknown> | null }) => {
              const cursor = (result.data?.messageAdded as { cursor?: string } | undefined)?.cursor;
              if (cursor) variables.after = cursor;
              sink.next(result as Parameters<typeof sink.next>[0]);
            };
            const { query = "" } = request;
            return { unsubscribe: socket.subscribe({ query, variables }, { ...bind(sink), next }) };
          },
        }),
      }),
    ],
  });
  return { client, close: () => void socket.dispose() };
}

function bind(sink: { error: (error: Error) => void; complete: () => void }) {
  return { error: (error: unknown) => sink.error(error as Error), complete: () => sink.complete() };
}
