/**
 * A consent as sentences that a person can agree to: every field of every grant, what it means, what cannot be undone.
 *
 * It decides nothing and signs nothing. The words are generated from Python's `clients.wallet.phrases`, and a test
 * compares every paragraph with Python's.
 */
import { type Bytes, equal, isZero, toHex } from "./bytes.ts";
import { ANY_HOSPITAL, CLASSES, type Consent, type Grant, grantsHash } from "./messages.ts";
import PHRASES from "./phrases.json";

export type Phrases = (typeof PHRASES)["en"];
export type Language = keyof typeof PHRASES;
export const LANGUAGES = Object.keys(PHRASES) as Language[];
const LAST_SECOND = 253_402_300_799n;

export interface Paragraph {
  readonly title: string;
  readonly sentences: readonly string[];
}

/** What the sentences are told with. */
export interface Setting {
  /** Of the journey's card. */
  readonly gate: Bytes;
  /** Countries of the members that the consent names, from the registry. */
  readonly members: Readonly<Record<string, string>>;
  /** Whether keepers will hold the consent. */
  readonly standing: boolean;
  readonly language: Language;
}

export function phrasesOf(language: Language): Phrases {
  return PHRASES[language];
}

export function sentences(consent: Consent, setting: Setting): readonly Paragraph[] {
  const words = PHRASES[setting.language];
  const count = consent.grants.length;
  const grants = consent.grants.map((grant, i) => ({
    title: fill(words.grant_title, { number: i + 1, count }),
    sentences: grantSentences(grant, setting, words),
  }));
  return [
    { title: words.consent_title, sentences: [] },
    ...grants,
    { title: words.meaning_title, sentences: meaning(consent, setting, words) },
    { title: words.undone_title, sentences: [words.undone_read, words.undone_log] },
    { title: words.print_title, sentences: smallPrint(consent, words) },
  ];
}

/** A time in words, in UTC. */
export function moment(time: bigint, words: Phrases): string {
  if (time > LAST_SECOND) return fill(words.moment_far, { seconds: time });
  const at = new Date(Number(time) * 1000);
  const second = at.getUTCSeconds();
  return fill(second ? words.moment_with_seconds : words.moment, {
    day: at.getUTCDate(),
    month: words.months[at.getUTCMonth()]!,
    year: at.getUTCFullYear(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second,
  });
}

export function countryName(code: string, words: Phrases): string {
  return (words.countries as Record<string, string>)[code] ?? code;
}

/** A list in words. */
export function listed(items: readonly string[], words: Phrases): string {
  if (items.length < 2) return items.join("");
  return items.slice(0, -1).join(words.comma) + words.last + items.at(-1)!;
}

/** The names of classes in the order of their numbers. */
export function classNames(what: readonly string[], words: Phrases): string[] {
  const order = [...what].sort((a, b) => (CLASSES as readonly string[]).indexOf(a) - CLASSES.indexOf(b as never));
  return order.map((name) => (words.classes as Record<string, string>)[name] ?? name);
}

/** Fill `{name}` and `{name:02}`. */
export function fill(template: string, places: Readonly<Record<string, string | number | bigint>>): string {
  return template.replace(/\{(\w+)(:02)?\}/g, (_all, name: string, padded?: string) => {
    const value = String(places[name] ?? "");
    return padded ? value.padStart(2, "0") : value;
  });
}

function grantSentences(grant: Grant, setting: Setting, words: Phrases): string[] {
  const what = listed(classNames(grant.what, words), words);
  const why = listed(grant.why.map((purpose) => (words.purposes as Record<string, string>)[purpose]!), words);
  const where = listed(grant.where.map((code) => countryName(code, words)), words);
  return [
    fill(words.what, { who: whoIs(grant.who, setting, words), what }),
    fill(words.why, { why }),
    fill(words.where, { where }),
    fill(words.when, { begin: moment(grant.notBefore, words), end: moment(grant.notAfter, words) }),
    card(grant.gate, setting, words),
  ];
}

export function whoIs(who: string, setting: Pick<Setting, "members">, words: Phrases): string {
  if (who === ANY_HOSPITAL) return words.anybody;
  const at = who.indexOf(":");
  const name = who.slice(at + 1);
  if (who.slice(0, at) === "country") return fill(words.of_country, { country: countryName(name, words) });
  if (!Object.hasOwn(setting.members, name)) return fill(words.stranger, { name });
  return fill(words.member, { name, country: countryName(setting.members[name]!, words) });
}

function card(gate: Bytes, setting: Setting, words: Phrases): string {
  if (isZero(gate)) return words.card_not_needed;
  return equal(gate, setting.gate) ? words.card_needed : fill(words.card_of_another, { gate: toHex(gate) });
}

function meaning(consent: Consent, setting: Setting, words: Phrases): string[] {
  const emergency = consent.grants.some((grant) => grant.why.includes("emergency"));
  return [
    setting.standing ? words.meaning_standing : words.meaning_shown,
    emergency ? words.meaning_emergency : words.meaning_no_emergency,
    words.meaning_log,
    words.meaning_withdraw,
  ];
}

function smallPrint(consent: Consent, words: Phrases): string[] {
  const salts = consent.grants.map((grant, i) => fill(words.print_salt, { number: i + 1, salt: toHex(grant.salt) }));
  const name = fill(words.print_name, { name: toHex(grantsHash(consent)) });
  return [fill(words.print_deadline, { deadline: moment(consent.deadline, words) }), ...salts, name];
}
