import { useCallback, useEffect, useState, type FormEvent } from "react";
import type { Client } from "urql";
import { unauthenticated } from "./chat";
import { connect } from "./client";
import { Conversations } from "./Conversations";
import type { MeQuery as Me } from "./gql/graphql";
import { MeQuery } from "./operations";
import { forget, keep, restore, type Session } from "./session";
import { browserLang, words, type Lang, type Words } from "./words";

export function App() {
  const [session, setSession] = useState(restore);
  const [expired, setExpired] = useState(false);
  const leave = useCallback((expired: boolean) => {
    forget();
    setExpired(expired);
    setSession(null);
  }, []);
  return session ? (
    <Signed key={session.token} session={session} leave={leave} />
  ) : (
    <SignIn expired={expired} onSession={setSession} />
  );
}

function SignIn({ expired, onSession }: { expired: boolean; onSession: (session: Session) => void }) {
  const text = words[browserLang];
  const [badUrl, setBadUrl] = useState(false);
  useLang(browserLang, text);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const session = keep(String(form.get("url")), String(form.get("token")));
    if (session) onSession(session);
    else setBadUrl(true);
  };
  return (
    <main className="sign-in">
      <h1>{text.title}</h1>
      {expired && <p role="alert">{text.expired}</p>}
      <form onSubmit={submit}>
        <label htmlFor="url">{text.server}</label>
        <input id="url" name="url" inputMode="url" aria-describedby="url-hint" aria-invalid={badUrl} onChange={() => setBadUrl(false)} />
        <p id="url-hint" role={badUrl ? "alert" : undefined}>
          {badUrl ? text.badUrl : text.serverHint}
        </p>
        <label htmlFor="token">{text.token}</label>
        <input id="token" name="token" type="password" autoComplete="off" required />
        <button>{text.signIn}</button>
      </form>
    </main>
  );
}

type Known = { client: Client; me: Me };

function Signed({ session, leave }: { session: Session; leave: (expired: boolean) => void }) {
  const [known, setKnown] = useState<Known | null>(null);
  const [failed, setFailed] = useState(0);
  const [attempt, setAttempt] = useState(0);
  // Unknown until the socket opens or breaks.
  const [live, setLive] = useState(true);
  useEffect(() => {
    const { client, close } = connect(session, setLive);
    let gone = false;
    void client.query(MeQuery, {}).then(({ data, error }) => {
      if (gone) return;
      if (error && unauthenticated(error)) leave(true);
      else if (data) setKnown({ client, me: data });
      else setFailed(attempt + 1);
    });
    return () => {
      gone = true;
      close();
    };
  }, [session, leave, attempt]);
  const viewer = known?.me.viewer;
  const lang: Lang = viewer ? (viewer.locale === "JA" ? "ja" : "en") : browserLang;
  const text = words[lang];
  useLang(lang, text);
  const onExpired = useCallback(() => leave(true), [leave]);
  const kind = known?.me.actor?.kind;
  return (
    <>
      <header>
        <h1>{text.title}</h1>
        {viewer && <span className="who">{known.me.actor?.name ?? viewer.name}</span>}
        <button onClick={() => leave(false)}>{text.signOut}</button>
      </header>
      {!live && <p role="status" className="notice">{text.offline}</p>}
      {!known && failed <= attempt && <p className="notice">{text.loading}</p>}
      {failed > attempt && <Failed text={text} again={() => setAttempt(failed)} />}
      {known && kind !== "MEMBER" && kind !== "CREATOR" && <p role="alert">{text.wrongActor}</p>}
      {viewer && (kind === "MEMBER" || kind === "CREATOR") && (
        <Conversations
          client={known.client}
          brand={kind === "MEMBER"}
          dates={new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short", timeZone: viewer.timeZone })}
          text={text}
          onExpired={onExpired}
        />
      )}
    </>
  );
}

export function Failed({ text, again }: { text: Words; again: () => void }) {
  return (
    <p role="alert" className="notice">
      {text.failed} <button onClick={again}>{text.again}</button>
    </p>
  );
}

function useLang(lang: Lang, text: Words) {
  useEffect(() => {
    document.documentElement.lang = lang;
    document.title = `${text.title} · Hibiki`;
  }, [lang, text]);
}
