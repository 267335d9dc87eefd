/** Where the traveller stands: whether the card would help now, and the ways to everything else. */
import { useEffect, useState } from "preact/hooks";
import type { Bytes } from "../../protocol/bytes.ts";
import { fill } from "../../protocol/sentences.ts";
import type { JourneyPage } from "../book.ts";
import { type History, historyOf, type Lack } from "../history.ts";
import { type Lock, makeCopy } from "../keeping.ts";
import { Button, Buttons, Progress, saveFile, Screen, useLoaded, useSpeech, useWork } from "../parts.tsx";
import type { Words } from "../words.ts";
import type { Wallet } from "../wallet.ts";
import { nameOfJourney } from "./journeys.tsx";

const MENDS: Readonly<Partial<Record<Lack, { to: string; word: keyof Words }>>> = {
  record: { to: "#/deposit", word: "mendRecord" },
  permission: { to: "#/consent", word: "mendPermission" },
  ended: { to: "#/new-journey", word: "journeyOther" },
};

interface HomeProps {
  readonly wallet: Wallet;
  readonly lock: Lock;
  readonly journey: JourneyPage;
  readonly address: Bytes;
  readonly block: bigint;
  /** Finishes what an earlier visit left unfinished. */
  readonly finishing: Promise<unknown>;
  onLock(): void;
}

export function Home({ wallet, lock, journey, address, block, finishing, onLock }: HomeProps) {
  const { words } = useSpeech();
  const work = useWork();
  const [said, setSaid] = useState<string>();
  const looked = useLoaded(() => historyOf(wallet, address), [address, block]);
  useEffect(() => void finishing.then(looked.reload), [finishing]);
  const past = looked.value;
  const save = () =>
    work.run(async () => {
      saveFile("hospes-wallet-copy.json", await makeCopy(lock, wallet.network.genesis));
      setSaid(words.copySaved);
    });
  return (
    <Screen title={fill(words.homeTitle, { name: nameOfJourney(journey, words) })}>
      {past && <Readiness past={past} />}
      {past?.foreign().map((entry) => (
        <p class="failure" key={`${entry.number}`}>
          {fill(words.foreign, { number: entry.number })}
        </p>
      ))}
      <Progress work={work.busy || work.error !== undefined || !looked.error ? work : looked} said={said} />
      <Buttons>
        <Button onClick={() => (location.hash = "#/card")}>{words.cardButton}</Button>
        <Button onClick={() => (location.hash = "#/looks")}>{words.looksButton}</Button>
      </Buttons>
      <nav aria-label={words.menu}>
        <ul class="menu">
          <li>
            <a href="#/records">{words.records}</a>
          </li>
          <li>
            <a href="#/permissions">{words.permissions}</a>
          </li>
          <li>
            <a href="#/journeys">{words.journeys}</a>
          </li>
          <li>
            <Button plain onClick={() => void save()}>
              {words.copySave}
            </Button>
          </li>
          <li>
            <Button plain onClick={onLock}>
              {words.lock}
            </Button>
          </li>
        </ul>
      </nav>
    </Screen>
  );
}

function Readiness({ past }: { past: History }) {
  const { words } = useSpeech();
  const lacks = past.lacks();
  return (
    <section class={lacks.length ? "warning" : "good"} aria-labelledby="ready">
      <h2 id="ready">{words.stepsTitle}</h2>
      {lacks.length ? <p>{words.notReady}</p> : <p>{words.ready}</p>}
      {lacks.length > 0 && (
        <ul>
          {lacks.map((lack) => (
            <li key={lack}>
              {words[`lack.${lack}`]}{" "}
              {MENDS[lack] && <a href={MENDS[lack].to}>{words[MENDS[lack].word]}</a>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
