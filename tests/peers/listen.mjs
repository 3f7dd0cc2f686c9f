// One graphql-ws subscription to a chat, without reconnecting: node listen.mjs ws://…/graphql/ws COOKIE ACTOR THREAD ORIGIN [AFTER]
// Prints "open" once it is subscribed, then each event as a line of JSON, then { closed: code }. Ends with its standard input.
import WebSocket from "ws";

const [url, cookie, actor, thread, origin, after] = process.argv.slice(2);
const socket = new WebSocket(url, "graphql-transport-ws", { headers: { cookie, origin } });
const say = (what) => console.log(JSON.stringify(what));
const query = "subscription ($thread: ID, $after: String) { messageAdded(threadId: $thread, after: $after) { cursor node { body } } }";

socket.on("open", () => socket.send(JSON.stringify({ type: "connection_init", payload: { actor } })));
socket.on("message", (data) => {
  const message = JSON.parse(data);
  if (message.type === "connection_ack") {
    const variables = { thread, after: after || null };
    socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query, variables } }));
    console.log("open");
  } else if (message.type === "ping") socket.send(JSON.stringify({ type: "pong" }));
  else if (message.type === "next") say(message.payload.data?.messageAdded ?? message.payload);
  else say(message);
});
socket.on("close", (code) => say({ closed: code }));
socket.on("error", (error) => say({ error: error.message }));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
