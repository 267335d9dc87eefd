/** Permissions: those that were given, one in words, taking it back, and handing it to a hospital as a file. */
import { useState } from "preact/hooks";
import { grantFile } from "../../protocol/bodies.ts";
import type { Bytes } from "../../protocol/bytes.ts";
import { fill, listed, type Paragraph, sentences, whoIs } from "../../protocol/sentences.ts";
import { canonical } from "../../protocol/wire.ts";
import { type ConsentPage, gate } from "../book.ts";
import { nameOf, withdraw } from "../consenting.ts";
import { type History, historyOf } from "../history.ts";
import { Back, Button, Buttons, Missing, Progress, saveFile, Screen, useLoaded, useSpeech, useWork } from "../parts.tsx";
import type { Wallet } from "../wallet.ts";

export type Countries = Readonly<Record<string, string>>;

/** Member ids and their countries, proven. */
export async function countriesOf(wallet: Wallet): Promise<Countries> {
  const members = await wallet.reader.everybody(await wallet.reader.tip());
  return Object.fromEntries(members.map((member) => [member.id, member.word.country]));
}

interface Seen {
  readonly past: History;
  readonly countries: Countries;
  readonly keepers: number;
}

async function look(wallet: Wallet, address: Bytes): Promise<Seen> {
  const [past, countries, keepers] = await Promise.all([
    historyOf(wallet, address),
    countriesOf(wallet),
    wallet.keepers(),
  ]);
  return { past, countries, keepers: keepers.members.length };
}

interface PermissionsProps {
  readonly wallet: Wallet;
  readonly address: Bytes;
  readonly block: bigint;
}

export function Permissions({ wallet, address, block }: PermissionsProps) {
  const { words, phrases } = useSpeech();
  const looked = useLoaded(() => look(wallet, address), [address, block]);
  const seen = looked.value;
  return (
    <Screen title={words.permissionsTitle}>
      {seen && !seen.past.page.consents.length && <p>{words.permissionsNone}</p>}
      <ul class="cards">
        {seen?.past.page.consents.map((page) => {
          const who = [...new Set(page.consent.grants.map((grant) => whoIs(grant.who, { members: seen.countries }, phrases)))];
          const name = listed(who, phrases);
          return (
            <li key={nameOf(page)}>
              <h2>{name}</h2>
              <State page={page} seen={seen} />
              <p>
                <a href={`#/permission/${nameOf(page)}`}>{fill(words.permissionRead, { who: name })}</a>
              </p>
            </li>
          );
        })}
      </ul>
      <Progress work={looked} />
      <Buttons>
        <Button onClick={() => (location.hash = "#/consent")}>{words.permissionNew}</Button>
      </Buttons>
      <Back />
    </Screen>
  );
}

function State({ page, seen }: { page: ConsentPage; seen: Seen }) {
  const { words } = useSpeech();
  const state = seen.past.consentState(page);
  const held = page.standing && (state === "given" || state === "pending");
  return (
    <p>
      {words[`consent.${state}`]} {held && fill(words.heldBy, { count: page.holders.length, all: seen.keepers })}
    </p>
  );
}

export function Permission({ wallet, address, block, name }: PermissionsProps & { name: string }) {
  const { words, language } = useSpeech();
  const work = useWork();
  const looked = useLoaded(() => look(wallet, address), [address, block]);
  const seen = looked.value;
  const [asking, setAsking] = useState(false);
  const [said, setSaid] = useState<string>();
  const [missing, setMissing] = useState<readonly { member: string; reason: string }[]>([]);
  const page = seen?.past.page.consents.find((one) => nameOf(one) === name);
  if (seen && !page) return <Gone />;
  const state = page && seen?.past.consentState(page);
  const live = state === "given" || state === "pending" || state === "withdrawing";
  const takeBack = () =>
    work.run(async () => {
      const done = await withdraw(wallet, address, page!);
      setAsking(false);
      setSaid(fill(words.takenBack, { number: done.entry.number, count: done.told.length }));
      setMissing(done.missing);
      await looked.reload();
    });
  const save = () =>
    page!.consent.grants.forEach((grant, i) =>
      saveFile(`hospes-permission-${i + 1}.json`, canonical(grantFile(address, page!.consent, grant))),
    );
  return (
    <Screen title={asking ? words.takeBackTitle : words.permissionTitle}>
      {page && seen && <State page={page} seen={seen} />}
      {asking && <p>{words.takeBackText}</p>}
      <Progress work={work.busy || work.error !== undefined || seen ? work : looked} said={said} />
      <Missing list={missing} />
      {page && live && (
        <Buttons>
          {asking ? (
            <>
              <Button work={work} onClick={() => void takeBack()}>
                {words.takeBackYes}
              </Button>
              <Button work={work} onClick={() => setAsking(false)}>
                {words.keep}
              </Button>
            </>
          ) : (
            <>
              <Button onClick={() => setAsking(true)}>{words.takeBack}</Button>
              {!page.standing && <Button onClick={save}>{words.file}</Button>}
            </>
          )}
        </Buttons>
      )}
      {page && seen && (
        <Paragraphs
          paragraphs={sentences(page.consent, {
            gate: gate(seen.past.page),
            members: seen.countries,
            standing: page.standing,
            language,
          })}
        />
      )}
      <Back to="#/permissions" />
    </Screen>
  );
}

function Gone() {
  const { words } = useSpeech();
  return (
    <Screen title={words.permissionTitle}>
      <p>{words.permissionsNone}</p>
      <Back to="#/permissions" />
    </Screen>
  );
}

/** A consent in words. */
export function Paragraphs({ paragraphs }: { paragraphs: readonly Paragraph[] }) {
  const last = paragraphs.length - 1;
  return (
    <div class="consent">
      {paragraphs.map((paragraph, i) => (
        <section key={paragraph.title} class={i === last ? "small-print" : undefined}>
          <h2>{paragraph.title}</h2>
          {paragraph.sentences.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </section>
      ))}
    </div>
  );
}
