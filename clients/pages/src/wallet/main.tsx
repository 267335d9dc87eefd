/**
 * The traveller's wallet in a browser: which screen is shown, and what is open.
 *
 * Routes stand behind the `#` of the address and name screens only; one that is unknown leads home. The service worker
 * brings the page without network. Nothing of the wallet is ever sent to the server that gave the page.
 */
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Bytes, equal, toHex } from "../protocol/bytes.ts";
import { isDemonstration } from "../protocol/genesis.ts";
import { countryName, fill, type Language, LANGUAGES } from "../protocol/sentences.ts";
import { type Accesses, accesses } from "./accesses.ts";
import type { JourneyPage } from "./book.ts";
import { finishConsents } from "./consenting.ts";
import { finishDeposits } from "./depositing.ts";
import { DamagedError } from "./errors.ts";
import { addressOf, findLock, keptCard, type Lock } from "./keeping.ts";
import { speechOf, SpeechContext, useSpeech } from "./parts.tsx";
import { CardScreen, KeptCard } from "./screens/card.tsx";
import { GivePermission } from "./screens/consent.tsx";
import { Home } from "./screens/home.tsx";
import { Journeys, NewJourney } from "./screens/journeys.tsx";
import { Looks } from "./screens/looks.tsx";
import { Permission, Permissions } from "./screens/permissions.tsx";
import { DepositForm, Records } from "./screens/records.tsx";
import { Damaged, NewPassphrase, Start, Stranded, Unlock } from "./screens/start.tsx";
import { findNetwork, type Network, type Wallet } from "./wallet.ts";

const POLL_MS = 1000;
/** How long after a change keepers are asked again: they are shown an access after it stands in the log. */
const SETTLING_MS = 6000;

interface Found {
  readonly network?: Network;
  readonly lock?: Lock;
  readonly damaged?: boolean;
  readonly error?: unknown;
}

function App() {
  const [language, setLanguage] = useLanguage();
  const [found, setFound] = useState<Found>({});
  const [card, setCard] = useState<string>();
  const look = () => {
    void keptCard().then(setCard, () => undefined);
    find().then(setFound, (error: unknown) => setFound({ error }));
  };
  useEffect(look, []);
  return (
    <SpeechContext.Provider value={speechOf(language)}>
      <Frame demonstration={!found.network || isDemonstration(found.network.genesis)} {...{ language, setLanguage }}>
        <Content {...{ found, setFound, card, setCard, look }} />
      </Frame>
    </SpeechContext.Provider>
  );
}

async function find(): Promise<Found> {
  const network = await findNetwork();
  try {
    return { network, lock: await findLock() };
  } catch (error) {
    if (error instanceof DamagedError) return { network, damaged: true };
    throw error;
  }
}

interface ContentProps {
  readonly found: Found;
  readonly card: string | undefined;
  setFound(found: Found): void;
  setCard(text: string | undefined): void;
  look(): void;
}

function Content({ found, setFound, card, setCard, look }: ContentProps) {
  const { words } = useSpeech();
  const route = useRoute();
  const [wallet, setWallet] = useState<Wallet>();
  const { network, lock } = found;
  const onCopy = (next: Lock) => network && setFound({ network, lock: next });
  const onOpen = (opened: Wallet, own: Lock) => {
    setFound({ ...found, lock: own });
    setWallet(opened);
    location.hash = "#/";
  };
  if (route === "kept-card" && !wallet) return <KeptCard text={card} />;
  if (found.error !== undefined) return <Stranded error={found.error} cardKept={card !== undefined} retry={look} />;
  if (network && found.damaged) return <Damaged network={network} cardKept={card !== undefined} onCopy={onCopy} />;
  if (!network || !lock) return <p role="status">{words.loading}</p>;
  if (wallet) {
    const onLock = () => {
      setWallet(undefined);
      location.hash = "#/";
    };
    return <Opened {...{ wallet, lock, route, card, setCard, onLock }} />;
  }
  if (lock.kind !== "none") return <Unlock {...{ network, lock, onOpen }} cardKept={card !== undefined} />;
  if (route === "passphrase") return <NewPassphrase {...{ network, onOpen }} />;
  return <Start {...{ network, onOpen, onCopy }} />;
}

interface OpenedProps {
  readonly wallet: Wallet;
  readonly lock: Lock;
  readonly route: string;
  readonly card: string | undefined;
  setCard(text: string | undefined): void;
  onLock(): void;
}

function Opened({ wallet, lock, route, card, setCard, onLock }: OpenedProps) {
  const { words } = useSpeech();
  const [journeys, setJourneys] = useState<readonly JourneyPage[]>();
  const [current, setCurrent] = useState(() => addressOf(sessionStorage.getItem("journey")));
  useEffect(() => void wallet.book.journeys().then(setJourneys), [wallet, route]);
  const choose = (page: JourneyPage) => {
    sessionStorage.setItem("journey", toHex(page.address));
    setCurrent(page.address);
    setJourneys(undefined);
    void wallet.book.journeys().then(setJourneys);
    location.hash = "#/";
  };
  if (!journeys) return <p role="status">{words.loading}</p>;
  const journey = journeys.find((page) => current && equal(page.address, current)) ?? journeys.at(-1);
  if (!journey || route === "new-journey") {
    return <NewJourney wallet={wallet} first={!journey} onBegin={choose} />;
  }
  return (
    <OnJourney key={toHex(journey.address)} {...{ wallet, lock, route, card, setCard, onLock, journeys, journey, choose }} />
  );
}

interface OnJourneyProps extends OpenedProps {
  readonly journeys: readonly JourneyPage[];
  readonly journey: JourneyPage;
  choose(page: JourneyPage): void;
}

function OnJourney({ wallet, lock, route, card, setCard, onLock, journeys, journey, choose }: OnJourneyProps) {
  const [address] = useState(journey.address); // the same object, whenever the book is read again
  const [finishing] = useState(() => finish(wallet, journey));
  const watched = useAccesses(wallet, address);
  const block = watched.found?.block ?? 0n;
  const [name, argument] = route.split("/");
  const screen = () => {
    switch (name) {
      case "records":
        return <Records {...{ wallet, address, block }} />;
      case "deposit":
        return <DepositForm {...{ wallet, address }} />;
      case "permissions":
        return <Permissions {...{ wallet, address, block }} />;
      case "permission":
        return <Permission key={argument} {...{ wallet, address, block }} name={argument ?? ""} />;
      case "consent":
        return <GivePermission {...{ wallet, journey }} />;
      case "looks":
        return <Looks found={watched.found} error={watched.error} />;
      case "card":
        return <CardScreen {...{ wallet, journey, address }} kept={card} onKeep={setCard} />;
      case "journeys":
        return <Journeys journeys={journeys} current={address} onChoose={choose} />;
      default:
        return <Home {...{ wallet, lock, journey, address, block, finishing, onLock }} />;
    }
  };
  return (
    <>
      <News found={watched.found} journey={journey} shown={name === "looks"} />
      {screen()}
    </>
  );
}

/** What an earlier visit left unfinished goes on; what fails is shown where it stands, not here. */
async function finish(wallet: Wallet, journey: JourneyPage): Promise<void> {
  await Promise.allSettled([finishDeposits(wallet, journey.address), finishConsents(wallet, journey.address)]);
}

/** Says on every screen that somebody asked, until the traveller has looked who: also when it was while they were away. */
function News({ found, journey, shown }: { found: Accesses | undefined; journey: JourneyPage; shown: boolean }) {
  const { words, phrases } = useSpeech();
  const key = `seen-${journey.index}`;
  const count = found?.looks.length ?? 0;
  const [seen, setSeen] = useState(() => Number(localStorage.getItem(key)) || 0);
  useEffect(() => {
    if (!shown || !found) return;
    localStorage.setItem(key, `${count}`);
    setSeen(count);
  }, [shown, count]);
  const look = !shown && count > seen ? found?.looks.at(-1) : undefined;
  return (
    <div role="alert" class="news">
      {look && (
        <p class="break-glass">
          {fill(words.looksNew, { member: look.member, country: countryName(look.country, phrases) })}{" "}
          <a href="#/looks">{words.looksButton}</a>
        </p>
      )}
    </div>
  );
}

interface Watched {
  readonly found?: Accesses;
  readonly error?: unknown;
}

/** The accesses of a journey, followed: the chain is asked each second, the keepers when it has something new. */
function useAccesses(wallet: Wallet, address: Bytes): Watched {
  const [watched, setWatched] = useState<Watched>({});
  useEffect(() => {
    let timer = 0;
    let stopped = false;
    let seen = { block: -1n, looks: -1, until: 0 };
    const follow = async () => {
      try {
        const tip = await wallet.reader.tip();
        if (tip.number !== seen.block || Date.now() < seen.until) {
          const found = await accesses(wallet, await wallet.book.journey(address));
          const changed = found.looks.length !== seen.looks;
          seen = { block: found.block, looks: found.looks.length, until: changed ? Date.now() + SETTLING_MS : seen.until };
          if (!stopped) setWatched({ found });
        }
      } catch (error) {
        if (!stopped) setWatched((now) => ({ ...now, error }));
        seen = { ...seen, block: -1n };
      }
      if (!stopped) timer = window.setTimeout(() => void follow(), POLL_MS);
    };
    void follow();
    return () => {
      stopped = true;
      window.clearTimeout(timer);
    };
  }, [wallet, address]);
  return watched;
}

interface FrameProps {
  readonly demonstration: boolean;
  readonly language: Language;
  setLanguage(language: Language): void;
  readonly children: preact.ComponentChildren;
}

function Frame({ demonstration, language, setLanguage, children }: FrameProps) {
  const { words } = useSpeech();
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        {words.skip}
      </a>
      <header>
        <p class="name">Hospes</p>
        <div class="languages" role="group" aria-label={words.language}>
          {LANGUAGES.map((one) => (
            <button type="button" key={one} lang={one} aria-pressed={one === language} onClick={() => setLanguage(one)}>
              {one === "en" ? "English" : "Português"}
            </button>
          ))}
        </div>
        {demonstration && <p class="demonstration">{words.demonstration}</p>}
      </header>
      {children}
      <footer>
        <p>{words.honest}</p>
      </footer>
    </>
  );
}

/** To the heading; not through the address, which names the screen. */
function skip(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>("h1")?.focus();
}

function useLanguage(): [Language, (language: Language) => void] {
  const [language, setLanguage] = useState<Language>(() => {
    const kept = localStorage.getItem("language") ?? navigator.language.slice(0, 2);
    return LANGUAGES.find((one) => one === kept) ?? "en";
  });
  useEffect(() => void (document.documentElement.lang = language), [language]);
  return [
    language,
    (next) => {
      localStorage.setItem("language", next);
      setLanguage(next);
    },
  ];
}

function useRoute(): string {
  const read = () => /^#\/([a-z-]*(?:\/[0-9a-f]{16})?)$/.exec(location.hash)?.[1] ?? "";
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const changed = () => {
      setRoute(read());
      window.scrollTo(0, 0);
    };
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  return route;
}

/** Under trusted types an address of a script needs a policy; ours knows one address. */
async function registerWorker(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const path = "/service-worker.js";
  const types = (window as { trustedTypes?: { createPolicy(name: string, rules: object): { createScriptURL(url: string): string } } }).trustedTypes;
  const policy = types?.createPolicy("hospes-wallet", { createScriptURL: () => path });
  await navigator.serviceWorker.register(policy ? policy.createScriptURL(path) : path);
}

registerWorker().catch(() => undefined); // without one the page works, only not without network
render(<App />, document.getElementById("page")!);
