// What is known of the conversations, and where it comes from: pages of them, answers to what was sent, and the subscription.
import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import type { AnyVariables, Client, CombinedError, TypedDocumentNode } from "urql";
import { isForbidden } from "./client";
import type { MessagePartsFragment, ThreadPartsFragment, ProblemFragment } from "./gql/graphql";
import { MessageAddedSubscription, MessageSendMutation, ThreadMarkReadMutation, ThreadQuery, ThreadsQuery } from "./operations";

/** A conversation's messages as far as they were read. `before` leads to the earlier ones: null at the first, undefined before a page was read. */
type Talk = { messages: MessagePartsFragment[]; before: string | null | undefined };

type State = {
  threads: ThreadPartsFragment[];
  /** Leads to more conversations; null when there are no more, undefined before the first page. */
  next: string | null | undefined;
  live: string | null;
  talks: Record<string, Talk>;
};

type Action =
  | { type: "threads"; threads: ThreadPartsFragment[]; next: string | null; live: string }
  | { type: "thread"; thread: ThreadPartsFragment }
  | { type: "page"; id: string; talk: Talk }
  | { type: "said"; id: string; message: MessagePartsFragment }
  | { type: "read"; id: string; unreadCount: number };

const time = (at: string) => Date.parse(at);

/** Each message once, in the order in which they were said. */
function merged(some: MessagePartsFragment[], more: MessagePartsFragment[]) {
  const all = new Map([...some, ...more].map((message) => [message.id, message]));
  return [...all.values()].sort((a, b) => time(a.sentAt) - time(b.sentAt));
}

function placed(threads: ThreadPartsFragment[], more: ThreadPartsFragment[]) {
  const all = new Map([...threads, ...more].map((thread) => [thread.id, thread]));
  return [...all.values()].sort((a, b) => time(b.lastMessageAt) - time(a.lastMessageAt));
}

function reduce(state: State, action: Action): State {
  switch (action.type) {
    case "threads":
      return { ...state, threads: placed(state.threads, action.threads), next: action.next, live: state.live ?? action.live };
    case "thread":
      return { ...state, threads: placed(state.threads, [action.thread]) };
    case "page": {
      const messages = merged(action.talk.messages, state.talks[action.id]?.messages ?? []);
      return { ...state, talks: { ...state.talks, [action.id]: { messages, before: action.talk.before } } };
    }
    case "said": {
      const { id, message } = action;
      // Kept for a conversation that was not opened, too: it may be on its way.
      const { messages = [], before } = state.talks[id] ?? {};
      const talks = { ...state.talks, [id]: { messages: merged(messages, [message]), before } };
      const thread = state.threads.find((one) => one.id === id);
      const last = thread?.lastMessage;
      // What came while the list was made is in the list already.
      if (!thread || last?.id === message.id || (last && time(message.sentAt) < time(last.sentAt))) return { ...state, talks };
      const unreadCount = thread.unreadCount + (message.isMine ? 0 : 1);
      const changed = { ...thread, lastMessage: message, lastMessageAt: message.sentAt, unreadCount };
      return { ...state, talks, threads: placed(state.threads, [changed]) };
    }
    case "read":
      return { ...state, threads: state.threads.map((one) => (one.id === action.id ? { ...one, unreadCount: action.unreadCount } : one)) };
  }
}

/** What went wrong, and how to try again. */
export type Problem = { again: () => void };

export type Sent = { userErrors: ProblemFragment[] } | "failed";

export const unauthenticated = (error: CombinedError) =>
  error.graphQLErrors.some(({ extensions }) => extensions.code === "UNAUTHENTICATED") || isForbidden(error.networkError);

export function useChat(client: Client, onExpired: () => void) {
  const [state, dispatch] = useReducer(reduce, { threads: [], next: undefined, live: null, talks: {} });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [heard, setHeard] = useState<MessagePartsFragment | null>(null);
  const known = useRef(state.threads);
  useEffect(() => {
    known.current = state.threads;
  });

  const ask = useCallback(
    async <Data, Variables extends AnyVariables>(
      document: TypedDocumentNode<Data, Variables>,
      variables: Variables,
      then: (data: Data) => void,
    ) => {
      setProblem(null);
      const { data, error } = await client.query(document, variables);
      if (error && unauthenticated(error)) onExpired();
      else if (!data) setProblem({ again: () => void ask(document, variables, then) });
      else then(data);
    },
    [client, onExpired],
  );

  const loadThreads = useCallback(
    (after: string | null) =>
      ask(ThreadsQuery, { after }, ({ threads: { nodes, pageInfo, liveCursor } }) =>
        dispatch({ type: "threads", threads: nodes, next: pageInfo.hasNextPage ? pageInfo.endCursor : null, live: liveCursor }),
      ),
    [ask],
  );

  const [missing, setMissing] = useState<string | null>(null);
  const loadTalk = useCallback(
    (id: string, before: string | null) =>
      ask(ThreadQuery, { id, before }, ({ thread }) => {
        if (!thread) return setMissing(id);
        const { messages, ...parts } = thread;
        dispatch({ type: "thread", thread: parts });
        const earlier = messages.pageInfo.hasPreviousPage ? messages.pageInfo.startCursor : null;
        dispatch({ type: "page", id, talk: { messages: messages.nodes, before: earlier } });
      }),
    [ask],
  );

  useEffect(() => void loadThreads(null), [loadThreads]);

  useEffect(() => {
    if (!state.live) return;
    const { unsubscribe } = client.subscription(MessageAddedSubscription, { after: state.live }).subscribe(({ data, error }) => {
      if (error) return unauthenticated(error) ? onExpired() : setProblem({ again: () => location.reload() });
      if (!data) return;
      const { threadId, node } = data.messageAdded;
      // A conversation that has just begun, or one of a page that was not read yet.
      if (!known.current.some((thread) => thread.id === threadId)) void loadTalk(threadId, null);
      dispatch({ type: "said", id: threadId, message: node });
      if (!node.isMine) setHeard(node);
    });
    return unsubscribe;
  }, [client, state.live, loadTalk, onExpired]);

  const send = useCallback(
    async (threadId: string, body: string, idempotencyKey: string): Promise<Sent> => {
      const { data, error } = await client.mutation(MessageSendMutation, { input: { threadId, body, idempotencyKey } });
      if (error && unauthenticated(error)) onExpired();
      if (!data) return "failed";
      const { message, userErrors } = data.messageSend;
      if (message) dispatch({ type: "said", id: threadId, message });
      return { userErrors };
    },
    [client, onExpired],
  );

  const markRead = useCallback(
    async (threadId: string) => {
      const { data } = await client.mutation(ThreadMarkReadMutation, { input: { threadId } });
      const thread = data?.threadMarkRead.thread;
      if (thread) dispatch({ type: "read", id: thread.id, unreadCount: thread.unreadCount });
    },
    [client],
  );

  return { ...state, problem, heard, missing, loadThreads, loadTalk, send, markRead };
}

export type Chat = ReturnType<typeof useChat>;
