import { useEffect, useRef, useState, useSyncExternalStore, type FormEvent, type KeyboardEvent } from "react";
import type { Client } from "urql";
import { Failed } from "./App";
import { useChat, type Chat } from "./chat";
import type { ThreadPartsFragment, ProblemFragment } from "./gql/graphql";
import type { Words } from "./words";

type Props = { client: Client; brand: boolean; dates: Intl.DateTimeFormat; text: Words; onExpired: () => void };

/** The open conversation stands in the address as `#/id`, so that back and reload do what they should. */
const useOpen = () =>
  useSyncExternalStore(on("hashchange", window), () => (location.hash.startsWith("#/") ? location.hash.slice(2) : null));

const useVisible = () => useSyncExternalStore(on("visibilitychange", document), () => document.visibilityState === "visible");

function on(name: string, target: EventTarget) {
  return (changed: () => void) => {
    target.addEventListener(name, changed);
    return () => target.removeEventListener(name, changed);
  };
}

export function Conversations({ client, brand, dates, text, onExpired }: Props) {
  const chat = useChat(client, onExpired);
  const open = useOpen();
  const title = ({ creator, job }: ThreadPartsFragment) => (brand ? creator?.displayName : job?.brandName) ?? "–";
  return (
    <>
      {chat.problem && <Failed text={text} again={chat.problem.again} />}
      <p role="status" className="unseen">
        {chat.heard && text.newMessage(chat.heard.author.name, chat.heard.body)}
      </p>
      <main className={open ? "panes open" : "panes"}>
        <nav aria-label={text.title}>
          {chat.next === undefined && !chat.problem && <p>{text.loading}</p>}
          {chat.next === null && chat.threads.length === 0 && <p>{text.none}</p>}
          <ul>
            {chat.threads.map((thread) => (
              <li key={thread.id}>
                <a href={`#/${thread.id}`} aria-current={thread.id === open ? "page" : undefined}>
                  <strong>{title(thread)}</strong>
                  {thread.unreadCount > 0 && <span className="unread">{text.unread(thread.unreadCount)}</span>}
                  <span className="about">{thread.job?.name}</span>
                  <span className="last">{thread.lastMessage?.body}</span>
                </a>
              </li>
            ))}
          </ul>
          {chat.next && <button onClick={() => void chat.loadThreads(chat.next ?? null)}>{text.more}</button>}
        </nav>
        <div className="talk">
          {open ? (
            <Conversation key={open} id={open} chat={chat} title={title} dates={dates} text={text} />
          ) : (
            <p className="choose">{text.choose}</p>
          )}
        </div>
      </main>
    </>
  );
}

type ConversationProps = Pick<Props, "dates" | "text"> & { id: string; chat: Chat; title: (thread: ThreadPartsFragment) => string };

function Conversation({ id, chat, title, dates, text }: ConversationProps) {
  const { loadTalk, markRead } = chat;
  const thread = chat.threads.find((one) => one.id === id);
  const talk = chat.talks[id];
  const heading = useRef<HTMLHeadingElement>(null);
  const visible = useVisible();
  const loaded = talk?.before !== undefined;
  useEffect(() => {
    if (!loaded) void loadTalk(id, null);
  }, [id, loaded, loadTalk]);
  const there = thread !== undefined;
  useEffect(() => heading.current?.focus(), [there]);
  const unread = thread?.unreadCount ?? 0;
  useEffect(() => {
    if (visible && unread > 0) void markRead(id);
  }, [id, visible, unread, markRead]);
  if (!thread) {
    return (
      <>
        <a href="#" className="back">{text.back}</a>
        <p>{chat.missing === id ? text.missing : text.loading}</p>
      </>
    );
  }
  const before = talk?.before;
  return (
    <>
      <a href="#" className="back">{text.back}</a>
      <h2 ref={heading} tabIndex={-1}>
        {title(thread)} <small>{thread.job?.name}</small>
      </h2>
      {/* Drawn from its end, so that the browser itself holds the place while earlier messages come in above. */}
      <div className="scroll" tabIndex={0} role="region" aria-label={title(thread)}>
        <div>
          {before && <button onClick={() => void loadTalk(id, before)}>{text.older}</button>}
          {!loaded && <p>{text.loading}</p>}
          <ol>
            {(loaded ? talk.messages : []).map(({ id, body, isMine, sentAt, author }) => (
              <li key={id} className={isMine ? "mine" : undefined}>
                <p className="by">
                  {author.name} · <time dateTime={sentAt}>{dates.format(new Date(sentAt))}</time>
                </p>
                <p className="body">{body}</p>
              </li>
            ))}
          </ol>
        </div>
      </div>
      {thread.allowedActions.includes("SEND") ? <Composer id={id} send={chat.send} text={text} /> : <p>{text.readOnly}</p>}
    </>
  );
}

const emptyDraft = () => ({ body: "", key: crypto.randomUUID() });

function Composer({ id, send, text }: { id: string; send: Chat["send"]; text: Words }) {
  const [draft, setDraft] = useState(emptyDraft);
  const [errors, setErrors] = useState<ProblemFragment[]>([]);
  const [state, setState] = useState<"idle" | "sending" | "failed">("idle");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (state === "sending") return;
    setState("sending");
    const sent = await send(id, draft.body, draft.key);
    setState(sent === "failed" ? "failed" : "idle");
    if (sent === "failed") return;
    setErrors(sent.userErrors);
    if (sent.userErrors.length === 0) setDraft(emptyDraft());
  };
  const keyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit();
  };
  const atBody = errors.filter(({ field }) => field?.join(".") === "input.body");
  const others = errors.filter((error) => !atBody.includes(error));
  return (
    <form className="composer" onSubmit={(event) => void submit(event)}>
      <label htmlFor="body">{text.message}</label>
      <textarea
        id="body"
        rows={2}
        value={draft.body}
        readOnly={state === "sending"}
        aria-invalid={atBody.length > 0}
        aria-describedby="body-hint body-errors"
        onKeyDown={keyDown}
        // The same key for the same text: a second try after a lost answer says nothing twice.
        onChange={(event) => setDraft({ ...emptyDraft(), body: event.target.value })}
      />
      <button aria-disabled={state === "sending"}>{state === "sending" ? text.sending : text.send}</button>
      <p id="body-hint" className="hint">{text.hint}</p>
      <p id="body-errors" role="alert">{atBody.map(({ message }) => message).join(" ")}</p>
      {others.length > 0 && <p role="alert">{others.map(({ message }) => message).join(" ")}</p>}
      {state === "failed" && <p role="alert">{text.failed}</p>}
    </form>
  );
}
