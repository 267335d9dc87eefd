/**
 * The console: who looks, what is new, and the view that is open. It holds no record longer than its view is open.
 */
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Accesses } from "./accesses.tsx";
import { AlertView } from "./alert.tsx";
import { Desk } from "./desk.tsx";
import { Gateway, keepToken, Problem, tokenOf } from "./gateway.ts";
import { InboxView } from "./inbox.tsx";
import { RecordView } from "./record.tsx";
import { type Alert, type Inbox, type Network, type Opening, type Session, seconds } from "./replies.ts";
import { SignIn } from "./sign-in.tsx";
import { Trouble } from "./trouble.tsx";
import { byUrgency, DEMONSTRATION, severityWords } from "./words.ts";

export type View =
  | { readonly at: "inbox" }
  | { readonly at: "alert"; readonly alertHash: string }
  | { readonly at: "record"; readonly opening: Opening }
  | { readonly at: "desk" }
  | { readonly at: "accesses" };
const LANGUAGE = "hospes-language";

export function App() {
  const [token, setToken] = useState(() => tokenOf(location, sessionStorage, history));
  const [session, setSession] = useState<Session>();
  const [trouble, setTrouble] = useState<Problem>();
  const [network, setNetwork] = useState<Network>();
  const gateway = useMemo(() => new Gateway(token), [token]);
  useEffect(() => {
    gateway.network().then(setNetwork, () => setNetwork(undefined));
  }, [gateway]);

  const signIn = useCallback((given: string) => {
    keepToken(sessionStorage, given);
    setSession(undefined);
    setTrouble(undefined);
    setToken(given);
  }, []);
  const load = useCallback(() => {
    setTrouble(undefined);
    if (token) gateway.session().then(setSession, setTrouble);
  }, [gateway, token]);
  useEffect(load, [load]);

  const banner = <Banner demonstration={session?.demonstration ?? network?.demonstration ?? false} />;
  if (session && !trouble) return <Signed {...{ gateway, session, banner }} leave={() => signIn("")} />;
  const refused = trouble?.status === 401;
  return (
    <>
      <header>{banner}</header>
      {!token || refused ? (
        <SignIn member={network?.member} trouble={trouble} signIn={signIn} />
      ) : (
        <main id="main">
          <h1>Hospes console</h1>
          {trouble ? <Trouble problem={trouble} again={load} /> : <p class="waiting">Opening the console…</p>}
        </main>
      )}
    </>
  );
}

/** Every screen of a demonstration says so. */
function Banner({ demonstration }: { demonstration: boolean }) {
  return demonstration ? <p class="demonstration">{DEMONSTRATION}</p> : null;
}

interface SignedProps {
  readonly gateway: Gateway;
  readonly session: Session;
  readonly banner: preact.ComponentChild;
  readonly leave: () => void;
}

function Signed({ gateway, session, banner, leave }: SignedProps) {
  const { inbox, live, trouble, replace, reload } = useInbox(gateway);
  const now = useNow(session);
  const [view, setView] = useState<View>({ at: "inbox" });
  const [language, setLanguage] = useLanguage(session);
  const news = useNews(inbox);
  const heading = useFocus(view);
  const alert = view.at === "alert" ? inbox?.alerts.find((each) => each.alertHash === view.alertHash) : undefined;
  const waiting = (inbox?.alerts ?? []).filter((each) => each.standing === "confirmed").length;
  useEffect(() => {
    document.title = `${waiting ? `(${waiting}) ` : ""}Hospes console, ${session.member}`;
  }, [waiting, session.member]);
  const open = (opening: Opening) => setView({ at: "record", opening });

  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header>
        {banner}
        <p class="who">
          <strong>{session.member}</strong> <span>{session.practitioner}</span>
        </p>
        <nav aria-label="Console">
          <Tab is={view.at === "inbox" || view.at === "alert"} go={() => setView({ at: "inbox" })}>
            Inbox{waiting ? ` (${waiting})` : ""}
          </Tab>
          <Tab is={view.at === "desk"} go={() => setView({ at: "desk" })}>
            Cards and grants
          </Tab>
          <Tab is={view.at === "accesses"} go={() => setView({ at: "accesses" })}>
            What we asked for
          </Tab>
          <button type="button" class="plain" onClick={leave}>
            Sign out
          </button>
        </nav>
        <p class={live ? "live" : "live gone"}>{live ? "Live" : "Not live: trying to reach the gateway again"}</p>
      </header>
      <p class="hidden" role="status" aria-live="polite">
        {news}
      </p>
      <main id="main" ref={heading} tabIndex={-1}>
        {trouble && <Trouble problem={trouble} again={reload} />}
        {view.at === "inbox" && (
          <InboxView inbox={inbox} now={now} open={(alertHash) => setView({ at: "alert", alertHash })} />
        )}
        {view.at === "alert" &&
          (alert ? (
            <AlertView {...{ alert, gateway, session, now, language, setLanguage, replace, open }} />
          ) : (
            <p>This alert is not in the inbox any more.</p>
          ))}
        {view.at === "record" && (
          <RecordView {...{ opening: view.opening, gateway, session, language, setLanguage }} />
        )}
        {view.at === "desk" && <Desk {...{ gateway, session, language, setLanguage, now, open }} />}
        {view.at === "accesses" && <Accesses gateway={gateway} />}
      </main>
    </>
  );
}

function Tab({ is, go, children }: { is: boolean; go: () => void; children: preact.ComponentChildren }) {
  return (
    <button type="button" class="tab" aria-current={is ? "page" : undefined} onClick={go}>
      {children}
    </button>
  );
}

/** The inbox, read again at every change that the gateway tells of. */
function useInbox(gateway: Gateway) {
  const [inbox, setInbox] = useState<Inbox>();
  const [live, setLive] = useState(false);
  const [trouble, setTrouble] = useState<Problem>();
  const reload = useCallback(() => {
    gateway.inbox().then((found) => {
      setTrouble(undefined);
      setInbox({ ...found, alerts: [...found.alerts].sort(byUrgency) });
    }, setTrouble);
  }, [gateway]);
  useEffect(() => {
    const stop = new AbortController();
    reload();
    void gateway.listen(reload, setLive, stop.signal);
    return () => stop.abort();
  }, [gateway, reload]);
  const replace = (alert: Alert) =>
    setInbox((old) => old && { ...old, alerts: old.alerts.map((each) => (each.alertHash === alert.alertHash ? alert : each)) });
  return { inbox, live, trouble, replace, reload };
}

/** Unix seconds by the gateway's clock, each second. */
function useNow(session: Session): number {
  const skew = useMemo(() => seconds(session.now) - Math.floor(Date.now() / 1000), [session]);
  const [now, setNow] = useState(seconds(session.now));
  useEffect(() => {
    const timer = setInterval(() => setNow(Math.floor(Date.now() / 1000) + skew), 1000);
    return () => clearInterval(timer);
  }, [skew]);
  return now;
}

function useLanguage(session: Session): [string, (language: string) => void] {
  const known = (code: string | null) => (code !== null && session.languages.includes(code) ? code : undefined);
  const [language, setLanguage] = useState(
    () => known(localStorage.getItem(LANGUAGE)) ?? known(navigator.language.slice(0, 2)) ?? session.languages[0] ?? "en",
  );
  const choose = (code: string) => {
    localStorage.setItem(LANGUAGE, code);
    setLanguage(code);
  };
  return [language, choose];
}

/** What a screen reader says when an alert comes. */
function useNews(inbox: Inbox | undefined): string {
  const known = useRef<Set<string> | undefined>(undefined);
  const [news, setNews] = useState("");
  useEffect(() => {
    if (!inbox) return;
    const fresh = inbox.alerts.filter((each) => known.current && !known.current.has(each.alertHash));
    known.current = new Set(inbox.alerts.map((each) => each.alertHash));
    if (fresh.length) setNews(`New alert: ${fresh.map((each) => severityWords(each.severity)).join(", ")}`);
  }, [inbox]);
  return news;
}

/** A new view begins at its top, for the eye and for the keyboard. */
function useFocus(view: View) {
  const place = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) {
      place.current?.focus();
      scrollTo(0, 0);
    }
    first.current = false;
  }, [view]);
  return place;
}
