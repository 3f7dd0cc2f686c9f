// GraphiQL on our own origin. Reads its addresses from the data attributes of #graphiql:
//   data-endpoint  POST address        data-socket  graphql-transport-ws address
//   data-headers   first text of the headers editor        data-query  first text of the query editor
// Queries go with the session cookie, or with the Authorization header typed in the headers editor; the same headers
// are sent as connection parameters of the socket. Headers are never stored in the browser.
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { GraphiQL } from "graphiql";
import { createGraphiQLFetcher } from "@graphiql/toolkit";

const root = document.getElementById("graphiql");
const socket = new URL(root.dataset.socket, location);
socket.protocol = location.protocol === "https:" ? "wss:" : "ws:";

const fetcher = createGraphiQLFetcher({ url: root.dataset.endpoint, subscriptionUrl: socket.href });

createRoot(root).render(createElement(GraphiQL, {
  fetcher,
  defaultQuery: root.dataset.query,
  defaultHeaders: root.dataset.headers,
  shouldPersistHeaders: false,
  isHeadersEditorEnabled: true,
}));
