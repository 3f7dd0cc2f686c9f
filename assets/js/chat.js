// Live chat: a small client of the graphql-transport-ws protocol that appends messages to a list rendered by the server.
//
// The list (macro ui::chat) carries: data-endpoint (socket address), data-thread, data-cursor (where the live part begins),
// data-fallback (address of the page that holds the list; POST …/read says that all was seen), data-zone, optional data-actor (sent as Hibiki-Actor).
// <template id="LIST-message"> is the shape of a message; [data-chat-state="LIST"] tells how the connection is.
// Each li has data-cursor, the message's id: it keeps a message from appearing twice.
//
// The subscription sends every message after the cursor, then new ones as they come. Change QUERY and read() together.
const QUERY = `subscription Chat($thread: ID!, $after: String) {
  messageAdded(threadId: $thread, after: $after) { cursor node { id body sentAt isMine author { name } } }
}`;
const read = ({ messageAdded: { cursor, node } }) => ({ place: cursor, cursor: node.id, body: node.body, at: node.sentAt, own: node.isMine, author: node.author.name });

function follow(id) {
  const list = () => document.getElementById(id);
  const { endpoint, thread, fallback, actor, zone } = list().dataset, lang = document.documentElement.lang;
  // As the server writes instants: in the reader's own zone, not the browser's.
  const clock = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { year: "numeric", month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone || undefined });
  const time = (at) => clock.format(new Date(at)).replace(/,? at |, /, " ");
  let socket, misses = 0, timer, alive, place = list().dataset.cursor;

  const tell = (state) => {
    const part = document.querySelector(`[data-chat-state="${id}"]`);
    if (part && part.textContent !== part.dataset[state]) { part.textContent = part.dataset[state]; part.hidden = false; }
  };
  const seen = (key) => [...list().children].some((item) => item.dataset.cursor === key);
  const add = (item) => {
    // Whoever sees the newest message goes on seeing it; whoever reads further up is left in peace.
    const last = list().lastElementChild, low = !last || last.getBoundingClientRect().top < innerHeight;
    list().append(item);
    list().closest("section, main")?.querySelector("[data-chat-empty]")?.remove();
    if (low) item.scrollIntoView({ block: "nearest" });
  };

  function append(message) {
    place = message.place;
    if (!list() || seen(message.cursor)) return;
    const item = document.getElementById(`${id}-message`).content.firstElementChild.cloneNode(true);
    item.dataset.cursor = message.cursor;
    item.id = `m-${message.cursor}`;
    item.classList.toggle("bubble-own", message.own);
    item.querySelector("[data-author]").textContent = message.author;
    item.querySelector("[data-body]").textContent = message.body;
    Object.assign(item.querySelector("time"), { dateTime: message.at, textContent: time(message.at) });
    add(item);
    if (!message.own && document.visibilityState === "visible") fetch(`${fallback}/read`, { method: "POST" }).catch(() => null);
  }

  async function poll() {
    const answer = await fetch(fallback, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok || !list()) return tell("lost");
    const now = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id);
    for (const item of [...(now?.children ?? [])]) if (!seen(item.dataset.cursor)) add(item);
    tell("polling");
  }

  function open() {
    clearTimeout(timer);
    if (!list()) return;
    const address = new URL(endpoint, location);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(address, "graphql-transport-ws");
    const send = (message) => socket.send(JSON.stringify(message));
    const awake = () => { clearTimeout(alive); alive = setTimeout(() => socket.close(), 70_000); };
    socket.onopen = () => { send({ type: "connection_init", payload: actor ? { "Hibiki-Actor": actor } : {} }); awake(); };
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      awake();
      if (message.type === "connection_ack") {
        misses = 0;
        send({ id: "1", type: "subscribe", payload: { query: QUERY, variables: { thread, after: place || null } } });
        tell("live");
      } else if (message.type === "ping") send({ type: "pong" });
      else if (message.type === "next" && message.payload.data) append(read(message.payload.data));
      else if (message.type === "error" || message.type === "complete") { misses += 3; socket.close(); }
    };
    socket.onclose = () => {
      clearTimeout(alive);
      if (!list()) return;
      misses += 1;
      if (misses >= 3 && fallback) poll(); else tell("lost");
      const wait = misses >= 3 ? 8000 : 1000 * 2 ** misses;
      timer = setTimeout(open, wait * (0.75 + Math.random() / 2));
    };
  }

  // A quiet connection is probed, so that a dead one is noticed.
  setInterval(() => { if (socket?.readyState === WebSocket.OPEN) socket.send('{"type":"ping"}'); }, 25_000);
  addEventListener("online", () => { if (socket?.readyState !== WebSocket.OPEN) { misses = 0; open(); } });
  open();
}

const start = () => {
  for (const list of document.querySelectorAll("[data-chat]:not([data-on])")) { list.dataset.on = "1"; follow(list.id); }
};
document.addEventListener("hibiki:page", start);
start();
