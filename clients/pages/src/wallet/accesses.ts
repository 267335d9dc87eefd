/**
 * Who looked: every access in the proven log, explained by what the keepers were shown.
 *
 * The log proves that an access happened and which member asked; the notices say who, what, why, and what was released.
 * A notice counts only if it is the opening of its entry. What no keeper explains stays unexplained, and is shown.
 *
 * Sources: PROTOCOL sections 2 ("Log"), 5 (`POST /v1/notices`) and 6.
 */
import { Notice, NoticesReply } from "../protocol/bodies.ts";
import { noticeInfo } from "../protocol/boxes.ts";
import { type Bytes, equal, toHex } from "../protocol/bytes.ts";
import { type Entry, KINDS, type Member } from "../protocol/chain.ts";
import { HospesError, ProofError } from "../protocol/errors.ts";
import { Access, Inquiry } from "../protocol/messages.ts";
import type { Journal } from "../protocol/reader.ts";
import { decode, type Of } from "../protocol/wire.ts";
import type { JourneyPage } from "./book.ts";
import type { Missing } from "./errors.ts";
import { askEach, reasonOf, type Wallet } from "./wallet.ts";

const MAX_PAGES = 64;
const MAX_DOUBTS = 8;

export type Fate = "opened" | "refused" | "unexplained";

export interface Look {
  readonly number: bigint;
  readonly time: bigint;
  /** Who asked, by the registry: known even for an unexplained one. */
  readonly member: string;
  readonly country: string;
  readonly fate: Fate;
  readonly breakGlass: boolean;
  readonly practitioner: string;
  readonly why: string;
  readonly what: readonly string[];
  readonly released: readonly { readonly what: string; readonly keepers: number }[];
  readonly shownTo: number;
  readonly needed: number;
}

/** A notice that does not explain its entry, and why. */
export interface Doubt {
  readonly keeper: string;
  readonly number: bigint;
  readonly reason: string;
}

export interface Accesses {
  readonly looks: readonly Look[];
  readonly block: bigint;
  readonly time: bigint;
  readonly silent: readonly Missing[];
  readonly doubts: readonly Doubt[];
}

type SealedNotices = Of<typeof NoticesReply>["notices"];

/** Ask all keepers what they were shown, and match it with the proven log. */
export async function accesses(wallet: Wallet, journey: JourneyPage): Promise<Accesses> {
  const before = await wallet.reader.tip();
  const { epoch } = await wallet.keepers(before);
  const told = await askEach(await wallet.keepersOf(journey, before), (keeper, peer) =>
    inquire(wallet, journey, keeper, (body) => peer.post("/v1/notices", body, "NoticesReply", NoticesReply)),
  );
  const tip = await wallet.reader.tip(); // later than every answer, so that each notice's entry is in the journal
  const journal = await wallet.reader.journal(journey.address, tip);
  const found = journal.entries.filter((entry) => entry.kind === KINDS.access);
  const members = await wallet.reader.members(found.map((entry) => entry.account), tip);
  const notices = new Map<bigint, Map<string, Notice>>();
  const doubts: Doubt[] = [];
  for (const [keeper, sealed] of told.answers) {
    doubts.push(...(await readAll(wallet, journey, journal, keeper.id, sealed, notices)));
  }
  found.forEach((entry, i) => doubts.push(...mismatches(entry, members[i]!, notices.get(entry.number))));
  const looks = found.map((entry, i) => look(entry, members[i]!, notices.get(entry.number), Number(epoch.threshold)));
  return { looks, block: tip.number, time: tip.time, silent: told.missing, doubts };
}

/** Everything that one keeper has, page by page. */
async function inquire(
  wallet: Wallet,
  journey: JourneyPage,
  keeper: Member,
  post: (body: object) => Promise<Of<typeof NoticesReply>>,
): Promise<SealedNotices> {
  const all: SealedNotices[number][] = [];
  let first = 1n;
  for (let page = 0; page < MAX_PAGES; page++) {
    const inquiry = { journey: journey.address, keeper: keeper.account, fromNumber: first, at: wallet.now() };
    const { notices } = await post({ inquiry, signature: wallet.sign(journey, Inquiry, inquiry) });
    all.push(...notices);
    const last = notices.reduce((most, notice) => (notice.number > most ? notice.number : most), 0n);
    if (last <= first) break;
    first = last;
  }
  return all.filter((one, i) => all.findIndex((other) => equal(other.box, one.box)) === i);
}

/** Open one keeper's notices; those that explain their entry go into `notices`, the others are doubts. */
async function readAll(
  wallet: Wallet,
  journey: JourneyPage,
  journal: Journal,
  keeper: string,
  sealed: SealedNotices,
  notices: Map<bigint, Map<string, Notice>>,
): Promise<Doubt[]> {
  const doubts: Doubt[] = [];
  for (const one of sealed) {
    if (doubts.length === MAX_DOUBTS) break;
    try {
      const notice = await read(wallet, journey, journal, one);
      const same = notices.get(one.number) ?? new Map<string, Notice>();
      const earlier = same.get(keeper)?.released ?? [];
      same.set(keeper, { ...notice, released: [...new Set([...earlier, ...notice.released])].sort() });
      notices.set(one.number, same);
    } catch (error) {
      doubts.push({ keeper, number: one.number, reason: reasonOf(error) });
    }
  }
  return doubts;
}

/** Open one notice and check that it is the opening of its entry. */
async function read(
  wallet: Wallet,
  journey: JourneyPage,
  journal: Journal,
  sealed: { readonly number: bigint; readonly box: Bytes },
): Promise<Notice> {
  const entry = journal.entries.find(({ number }) => number === sealed.number);
  if (!entry) throw new ProofError(`entry ${sealed.number}`, "the final log has none of that number");
  const { domain } = wallet.reader;
  const info = noticeInfo(domain, journey.address, sealed.number);
  const notice = decode("Notice", Notice, await wallet.keys(journey).notice.open(sealed.box, info));
  const wrong = (reason: string) => new HospesError("notice", `the notice of entry ${sealed.number}: ${reason}`);
  if (entry.kind !== KINDS.access || !equal(domain.digest(Access, notice.access), entry.entryHash)) {
    throw wrong("it is not what the entry stands for");
  }
  if (!equal(notice.access.journey, journey.address)) throw wrong("it is for another journey");
  if (!notice.released.every((what) => notice.access.what.includes(what))) {
    throw wrong("it releases what was not asked for");
  }
  return notice;
}

function look(entry: Entry, member: Member, notices: Map<string, Notice> | undefined, needed: number): Look {
  const all = [...(notices?.values() ?? [])];
  const access = all[0]?.access;
  const released = (access?.what ?? [])
    .map((what) => ({ what, keepers: all.filter((notice) => notice.released.includes(what)).length }))
    .filter(({ keepers }) => keepers > 0);
  return {
    number: entry.number,
    time: entry.time,
    member: member.id || toHex(entry.account),
    country: member.word.country,
    fate: !access ? "unexplained" : released.length ? "opened" : "refused",
    breakGlass: access?.why === "emergency",
    practitioner: access?.practitioner ?? "",
    why: access?.why ?? "",
    what: access?.what ?? [],
    released,
    shownTo: all.length,
    needed,
  };
}

/** Notices whose access names another member or country than the one whose account made the entry. */
function mismatches(entry: Entry, member: Member, notices: Map<string, Notice> | undefined): Doubt[] {
  return [...(notices ?? [])]
    .filter(([, { access }]) => access.member !== member.id || access.where !== member.word.country)
    .map(([keeper]) => ({ keeper, number: entry.number, reason: "it names another member than the one that asked" }));
}
