// Who is signed in. The token lives in this tab only, and never stays in the address.

export type Session = { url: string; token: string };

const KEY = "hibiki-session";

/** The session of `#url=…&token=…`, or else of this tab. */
export function restore(): Session | null {
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get("token");
  if (token) {
    history.replaceState(null, "", location.pathname + location.search);
    return keep(given.get("url") ?? "", token);
  }
  const kept = sessionStorage.getItem(KEY);
  return kept ? (JSON.parse(kept) as Session) : null;
}

/** An empty address is this page's own origin; null if it is no address. */
export function keep(url: string, token: string): Session | null {
  if (!URL.canParse(url, location.origin)) return null;
  const base = new URL(url, location.origin);
  const session = { url: base.href.replace(/\/*$/, "/"), token: token.trim() };
  sessionStorage.setItem(KEY, JSON.stringify(session));
  return session;
}

export function forget() {
  sessionStorage.removeItem(KEY);
}
