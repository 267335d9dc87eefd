/**
 * Consenting and withdrawing: from what the traveller wishes to a final entry, each step kept in the book.
 *
 * It shows nothing (`sentences` does) and asks nobody: whoever calls `give` has the traveller's yes.
 *
 * Sources: PROTOCOL sections 1, 2 ("Consent word"), 5 ("standing") and 6 ("handed directly to a keeper").
 */
import { StandingReply } from "../protocol/bodies.ts";
import { seal, standingInfo } from "../protocol/boxes.ts";
import { type Bytes, equal, toHex } from "../protocol/bytes.ts";
import { type Entry, FOR_GOOD, type Member } from "../protocol/chain.ts";
import { HospesError, SignatureError } from "../protocol/errors.ts";
import { ZERO_HASH } from "../protocol/identities.ts";
import { ANY_HOSPITAL, Consent, type Grant, grantsHash, Mailbox, sortedGrants, Withdrawal } from "../protocol/messages.ts";
import { canonical, encode } from "../protocol/wire.ts";
import { type ConsentPage, gate, type JourneyPage, withConsent } from "./book.ts";
import type { Missing } from "./errors.ts";
import { historyOf } from "./history.ts";
import { type Call, giveCall, handIn, relay, withdrawCall } from "./relaying.ts";
import { random } from "./vault.ts";
import { askEach, checkActive, type Wallet } from "./wallet.ts";

const REACH_CHAIN_S = 3600n;

/** One grant as the traveller wishes it, before it gets its salt. */
export interface Wish {
  readonly who: string;
  readonly what: readonly string[];
  readonly why: readonly string[];
  readonly where: readonly string[];
  readonly notBefore: bigint;
  readonly notAfter: bigint;
  readonly card: boolean;
}

/** Return the consent to show and then to sign. */
export async function draft(wallet: Wallet, journey: JourneyPage, wishes: readonly Wish[]): Promise<Consent> {
  const past = await historyOf(wallet, journey.address);
  if (past.endedThrough() === FOR_GOOD) throw new HospesError("ended-for-good", "the journey was ended for good");
  const consent = {
    grants: sortedGrants(wishes.map((wish) => grantOf(wish, journey))),
    deadline: past.time() + REACH_CHAIN_S,
  };
  Consent.check(consent);
  return consent;
}

/** A beginning that neither this clock nor the chain's has yet to reach, on a whole minute. */
export async function fromNow(wallet: Wallet): Promise<bigint> {
  const [now, { time }] = [wallet.now(), await wallet.reader.tip()];
  const earlier = now < time ? now : time;
  return earlier - (earlier % 60n);
}

/** Sign a consent that the traveller agreed to, bring it into the log, and hand it to the keepers if it is standing. */
export async function give(
  wallet: Wallet,
  address: Bytes,
  consent: Consent,
  standing: boolean,
): Promise<{ entry: Entry; missing: readonly Missing[] }> {
  const past = await historyOf(wallet, address);
  const live = past.page.consents.find(
    (page) =>
      page.standing === standing && same(page.consent, consent) && ["pending", "given"].includes(past.consentState(page)),
  );
  const page = live ?? {
    consent,
    signature: wallet.sign(past.page, Consent, consent),
    standing,
    signedAt: wallet.now(),
    holders: [],
    withdrawal: new Uint8Array(0),
  };
  if (!live) await wallet.book.change(address, (now) => withConsent(now, page));
  const entry = await relay(wallet, giveCallOf(address, page));
  return { entry, missing: await handOver(wallet, address) };
}

/** Bring consents into the log that were signed and may still be given, and standing ones to keepers without. */
export async function finishConsents(wallet: Wallet, address: Bytes): Promise<void> {
  const past = await historyOf(wallet, address);
  for (const page of past.page.consents) {
    if (past.consentState(page) === "pending") await relay(wallet, giveCallOf(address, page));
    if (past.consentState(page) === "withdrawing") await withdraw(wallet, address, page);
  }
  if (past.page.consents.length) await handOver(wallet, address);
}

/** Withdraw a consent: signed and kept, handed to every keeper directly, and brought into the log. */
export async function withdraw(wallet: Wallet, address: Bytes, page: ConsentPage) {
  const { grants } = page.consent;
  const journey = await wallet.book.journey(address);
  const withdrawal = page.withdrawal.length ? page.withdrawal : wallet.sign(journey, Withdrawal, { grants });
  const noted = await wallet.book.change(address, (now) => {
    const current = now.consents.find((other) => equal(grantsHash(other.consent), grantsHash(page.consent))) ?? page;
    return withConsent(now, { ...current, withdrawal });
  });
  return handIn(wallet, noted, withdrawCall(address, grantsHash(page.consent), withdrawal));
}

/**
 * Give every standing consent that holds to each keeper in office that does not have it yet. A keeper that has none gets
 * the mailbox instead: accesses under other consents are to be explained to the traveller too.
 */
async function handOver(wallet: Wallet, address: Bytes): Promise<readonly Missing[]> {
  const past = await historyOf(wallet, address);
  const missing = new Map<string, Missing>();
  for (const page of past.page.consents) {
    if (page.standing && past.consentState(page) === "given") {
      for (const one of await hand(wallet, address, page, [])) missing.set(one.member, one);
    }
  }
  const journey = await wallet.book.journey(address);
  const informed = journey.consents.flatMap((page) => page.holders);
  const { accounts } = (await wallet.keepers()).epoch;
  if (!accounts.every((account) => informed.some((holder) => equal(holder, account)))) {
    const mailbox = journey.mailbox ?? mailboxOf(wallet, journey);
    for (const one of await hand(wallet, address, mailbox, informed)) missing.set(one.member, one);
  }
  return [...missing.values()];
}

/** Hand one consent to the keepers that neither hold it nor are `informed` without it. */
async function hand(wallet: Wallet, address: Bytes, page: ConsentPage, informed: readonly Bytes[]) {
  const { domain } = wallet.reader;
  const journey = await wallet.book.journey(address);
  const noticeKey = wallet.keys(journey).notice.publicKey;
  const noticeSignature = wallet.sign(journey, Mailbox, { journey: address, noticeKey });
  const plain = encode({ consent: page.consent, signature: page.signature, noticeKey, noticeSignature });
  const hash = grantsHash(page.consent);
  const keepers = await wallet.keepers();
  const done = [...page.holders, ...informed];
  const without = keepers.members.filter((keeper) => !done.some((holder) => equal(holder, keeper.account)));
  const told = await askEach(without, async (keeper: Member, peer) => {
    checkActive(keeper, keepers.at);
    const box = await seal(keeper.boxKey, standingInfo(domain, address, keeper.account), plain);
    const reply = await peer.post("/v1/standing", { journey: address, box }, "StandingReply", StandingReply);
    if (!equal(reply.grantsHash, hash)) throw new SignatureError("StandingReply", "it is for another consent");
  });
  const holders = told.answers.map(([keeper]) => keeper.account);
  await wallet.book.change(address, (now) => held(now, page, holders));
  return told.missing;
}

/** The journey with more keepers that hold a consent, or the mailbox. */
function held(now: JourneyPage, page: ConsentPage, holders: readonly Bytes[]): JourneyPage {
  const own = now.consents.find((other) => equal(grantsHash(other.consent), grantsHash(page.consent)));
  const current = own ?? now.mailbox ?? page;
  const all = [...current.holders, ...holders];
  const unique = all.filter((holder, i) => all.findIndex((other) => equal(other, holder)) === i);
  const changed = { ...current, holders: unique };
  return own ? withConsent(now, changed) : { ...now, mailbox: changed };
}

/** A signed consent that can mean nothing: to nobody, nowhere, over since 1970, too late for the chain. */
function mailboxOf(wallet: Wallet, journey: JourneyPage): ConsentPage {
  const grant: Grant = {
    who: "member:nobody",
    what: ["emergency-summary"],
    why: ["emergency"],
    where: ["ZZ"],
    notBefore: 0n,
    notAfter: 1n,
    gate: ZERO_HASH,
    salt: random(32),
  };
  const consent: Consent = { grants: [grant], deadline: 0n };
  const signature = wallet.sign(journey, Consent, consent);
  return { consent, signature, standing: true, signedAt: wallet.now(), holders: [], withdrawal: new Uint8Array(0) };
}

function grantOf(wish: Wish, journey: JourneyPage): Grant {
  const sorted = (words: readonly string[]) => [...new Set(words)].sort();
  return {
    who: wish.who,
    what: sorted(wish.what),
    why: sorted(wish.why),
    where: sorted(wish.where),
    notBefore: wish.notBefore,
    notAfter: wish.notAfter,
    gate: wish.card || wish.who === ANY_HOSPITAL ? gate(journey) : ZERO_HASH,
    salt: random(32),
  };
}

function giveCallOf(address: Bytes, page: ConsentPage): Call {
  return giveCall(address, grantsHash(page.consent), page.consent.deadline, page.signature);
}

/** Whether two consents differ in salts and beginnings alone, and the earlier begins no later. */
function same(earlier: Consent, later: Consent): boolean {
  const gist = ({ salt: _salt, notBefore: _begin, ...rest }: Grant) => canonical(rest);
  const [old, fresh] = [earlier, later].map((consent) =>
    [...consent.grants].sort((a, b) => (gist(a) < gist(b) ? -1 : gist(a) > gist(b) ? 1 : Number(a.notBefore - b.notBefore))),
  ) as [Grant[], Grant[]];
  const pairs = old.length === fresh.length;
  return pairs && old.every((grant, i) => gist(grant) === gist(fresh[i]!) && grant.notBefore <= fresh[i]!.notBefore);
}

/** A short name of a consent for the page's addresses. */
export function nameOf(page: ConsentPage): string {
  return toHex(grantsHash(page.consent)).slice(2, 18);
}
