/** Giving a permission: plain choices, then the same in words, then a yes. Nothing is signed before it was shown. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { activeAt, type Member, ROLES } from "../../protocol/chain.ts";
import { ANY_HOSPITAL, CLASSES, type Consent, PURPOSES } from "../../protocol/messages.ts";
import { countryName, fill, sentences } from "../../protocol/sentences.ts";
import { gate, type JourneyPage } from "../book.ts";
import { draft, fromNow, give, type Wish } from "../consenting.ts";
import { Back, Button, Buttons, Choice, Field, Form, Missing, Progress, Screen, useSpeech, useWork } from "../parts.tsx";
import type { Wallet } from "../wallet.ts";
import { Paragraphs } from "./permissions.tsx";

const DAY_S = 86_400;
const USUAL_DAYS = 90;

type For = "emergency" | "member" | "country";

interface Choices {
  readonly whom: For;
  readonly member: string;
  readonly country: string;
  readonly what: readonly string[];
  readonly why: readonly string[];
  readonly where: readonly string[];
  readonly until: string;
  readonly card: boolean;
  readonly standing: boolean;
}

const FIRST: Choices = {
  whom: "emergency",
  member: "",
  country: "",
  what: ["patient-summary"],
  why: ["treatment"],
  where: [],
  until: new Date(Date.now() + USUAL_DAYS * DAY_S * 1000).toISOString().slice(0, 10),
  card: false,
  standing: true,
};

interface Offer {
  readonly hospitals: readonly Member[];
  readonly countries: readonly string[];
}

export function GivePermission({ wallet, journey }: { wallet: Wallet; journey: JourneyPage }) {
  const { words } = useSpeech();
  const loading = useWork();
  const [offer, setOffer] = useState<Offer>();
  const [choices, setChoices] = useState<Choices>(FIRST);
  const [consent, setConsent] = useState<Consent>();
  useEffect(() => {
    void loading.run(async () => {
      const found = await offered(wallet);
      setOffer(found);
      const [hospital] = found.hospitals;
      setChoices((now) => ({
        ...now,
        where: found.countries,
        member: hospital?.id ?? "",
        country: hospital?.word.country ?? "",
      }));
    });
  }, [wallet]);
  if (!offer) {
    return (
      <Screen title={words.consentTitle}>
        <Progress work={loading} />
        <Back />
      </Screen>
    );
  }
  if (consent) {
    const change = () => setConsent(undefined);
    return <Preview {...{ wallet, journey, consent, offer, change }} standing={choices.standing || choices.whom === "emergency"} />;
  }
  return <Chooser {...{ wallet, journey, offer, choices, setChoices }} onDraft={setConsent} />;
}

async function offered(wallet: Wallet): Promise<Offer> {
  const tip = await wallet.reader.tip();
  const members = (await wallet.reader.everybody(tip)).filter((member) => activeAt(member.word, tip.number));
  const hospitals = members.filter((member) => member.word.roles & ROLES.hospital);
  return { hospitals, countries: [...new Set(hospitals.map((member) => member.word.country))].sort() };
}

interface ChooserProps {
  readonly wallet: Wallet;
  readonly journey: JourneyPage;
  readonly offer: Offer;
  readonly choices: Choices;
  setChoices(change: (now: Choices) => Choices): void;
  onDraft(consent: Consent): void;
}

function Chooser({ wallet, journey, offer, choices, setChoices, onDraft }: ChooserProps) {
  const { words, phrases } = useSpeech();
  const work = useWork();
  const [wrong, setWrong] = useState<string>();
  const set = (change: Partial<Choices>) => setChoices((now) => ({ ...now, ...change }));
  const emergency = choices.whom === "emergency";
  const show = () => {
    const problem = problemOf(choices, words);
    setWrong(problem);
    if (problem) return;
    void work.run(async () => onDraft(await draft(wallet, journey, [wishOf(choices, await fromNow(wallet))])));
  };
  const option = (whom: For, label: string) => (
    <Choice kind="radio" name="whom" label={label} checked={choices.whom === whom} onChange={() => set({ whom })} />
  );
  return (
    <Screen title={words.consentTitle}>
      <Form onSubmit={show}>
        <fieldset>
          <legend>{words.consentFor}</legend>
          {option("emergency", words.forEmergency)}
          {option("member", words.forMember)}
          {choices.whom === "member" && (
            <Select id="member" label={words.hospital} value={choices.member} onChange={(member) => set({ member })}
              options={offer.hospitals.map((one) => [one.id, `${one.id}, ${countryName(one.word.country, phrases)}`])} />
          )}
          {option("country", words.forCountry)}
          {choices.whom === "country" && (
            <Select id="country" label={words.country} value={choices.country} onChange={(country) => set({ country })}
              options={offer.countries.map((code) => [code, countryName(code, phrases)])} />
          )}
        </fieldset>
        {!emergency && (
          <>
            <Many legend={words.consentWhat} name="what" options={CLASSES.map((one) => [one, phrases.classes[one]])}
              chosen={choices.what} onChange={(what) => set({ what })} />
            <Many legend={words.consentWhy} name="why" options={PURPOSES.map((one) => [one, phrases.purposes[one]])}
              chosen={choices.why} onChange={(why) => set({ why })} />
          </>
        )}
        <Where offer={offer} chosen={choices.where} onChange={(where) => set({ where })} />
        <Field id="until" label={words.consentUntil} type="date" value={choices.until}
          onInput={(event) => set({ until: event.currentTarget.value })} />
        {!emergency && (
          <>
            <Choice kind="checkbox" name="card" label={words.consentCard} checked={choices.card}
              onChange={(card) => set({ card })} />
            <Choice kind="checkbox" name="standing" label={words.consentStanding} checked={choices.standing}
              onChange={(standing) => set({ standing })} />
          </>
        )}
        <div role="alert">{wrong && <p class="failure">{wrong}</p>}</div>
        <Progress work={work} />
        <Buttons>
          <Button type="submit" work={work}>
            {words.consentWords}
          </Button>
        </Buttons>
      </Form>
      <Back />
    </Screen>
  );
}

function problemOf(choices: Choices, words: ReturnType<typeof useSpeech>["words"]): string | undefined {
  const empty = (list: readonly string[]) => !list.length;
  if (choices.whom !== "emergency" && empty(choices.what)) return fill(words.chooseOne, { what: words.consentWhat });
  if (choices.whom !== "emergency" && empty(choices.why)) return fill(words.chooseOne, { what: words.consentWhy });
  if (empty(choices.where)) return fill(words.chooseOne, { what: words.consentWhere });
  return endOf(choices.until) * 1000 > Date.now() ? undefined : words.chooseDay;
}

/** The end of a day in this place, Unix seconds; not a number for no day. */
function endOf(day: string): number {
  return new Date(`${day}T23:59:59`).getTime() / 1000 + 1;
}

function wishOf(choices: Choices, notBefore: bigint): Wish {
  const period = { where: choices.where, notBefore, notAfter: BigInt(Math.floor(endOf(choices.until))) };
  if (choices.whom === "emergency") {
    return { who: ANY_HOSPITAL, what: ["emergency-summary"], why: ["emergency"], card: true, ...period };
  }
  const who = choices.whom === "member" ? `member:${choices.member}` : `country:${choices.country}`;
  return { who, what: choices.what, why: choices.why, card: choices.card, ...period };
}

interface PreviewProps {
  readonly wallet: Wallet;
  readonly journey: JourneyPage;
  readonly consent: Consent;
  readonly offer: Offer;
  readonly standing: boolean;
  change(): void;
}

function Preview({ wallet, journey, consent, offer, standing, change }: PreviewProps) {
  const { words, language } = useSpeech();
  const work = useWork();
  const [said, setSaid] = useState<string>();
  const [missing, setMissing] = useState<readonly { member: string; reason: string }[]>([]);
  const members = useMemo(
    () => Object.fromEntries(offer.hospitals.map((member) => [member.id, member.word.country])),
    [offer],
  );
  const sign = () =>
    work.run(async () => {
      const given = await give(wallet, journey.address, consent, standing);
      setMissing(given.missing);
      setSaid(fill(words.consentDone, { number: given.entry.number }));
    });
  return (
    <Screen title={words.previewTitle}>
      <Paragraphs paragraphs={sentences(consent, { gate: gate(journey), members, standing, language })} />
      <Progress work={work} said={said} />
      <Missing list={missing} />
      {!said && (
        <Buttons>
          <Button work={work} onClick={() => void sign()}>
            {words.agree}
          </Button>
          <Button work={work} onClick={change}>
            {words.change}
          </Button>
        </Buttons>
      )}
      <Back />
    </Screen>
  );
}

type Option = readonly [value: string, label: string];

interface ManyProps {
  readonly legend: string;
  readonly name: string;
  readonly options: readonly Option[];
  readonly chosen: readonly string[];
  onChange(chosen: readonly string[]): void;
}

function Many({ legend, name, options, chosen, onChange }: ManyProps) {
  const toggle = (value: string, on: boolean) =>
    onChange(on ? [...chosen, value] : chosen.filter((other) => other !== value));
  return (
    <fieldset>
      <legend>{legend}</legend>
      {options.map(([value, label]) => (
        <Choice key={value} kind="checkbox" name={name} label={label} checked={chosen.includes(value)}
          onChange={(on) => toggle(value, on)} />
      ))}
    </fieldset>
  );
}

/** Countries: those of the network's hospitals, and any other. */
function Where({ offer, chosen, onChange }: { offer: Offer; chosen: readonly string[]; onChange: ManyProps["onChange"] }) {
  const { words, phrases } = useSpeech();
  const shown = [...new Set([...offer.countries, ...chosen])];
  const [other, setOther] = useState("");
  const others = Object.entries(phrases.countries)
    .filter(([code]) => !shown.includes(code))
    .sort(([, left], [, right]) => left.localeCompare(right, phrases.language));
  return (
    <>
      <Many legend={words.consentWhere} name="where" options={shown.map((code) => [code, countryName(code, phrases)])}
        chosen={chosen} onChange={onChange} />
      <div class="row">
        <Select id="other" label={words.otherCountry} value={other} onChange={setOther} options={[["", "–"], ...others]} />
        <Button plain onClick={() => other && (onChange([...chosen, other]), setOther(""))}>
          {words.addCountry}
        </Button>
      </div>
    </>
  );
}

interface SelectProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly Option[];
  onChange(value: string): void;
}

function Select({ id, label, value, options, onChange }: SelectProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
