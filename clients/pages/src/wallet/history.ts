/** A journey's page beside its proven log: what became of each consent and deposit. It asks once and then compares. */
import { type Bytes, equal, isZero, toInteger } from "../protocol/bytes.ts";
import { type Entry, FOR_GOOD, type Kind, KINDS } from "../protocol/chain.ts";
import { Deposit, grantsHash } from "../protocol/messages.ts";
import type { Journal } from "../protocol/reader.ts";
import { type ConsentPage, type DepositPage, gate, isUnfinished, type JourneyPage } from "./book.ts";
import type { Wallet } from "./wallet.ts";

export type ConsentState = "pending" | "void" | "given" | "over" | "withdrawing" | "withdrawn" | "ended";
export type DepositState = "unfinished" | "logged" | "given-up";
/** Why a card opens nothing. */
export type Lack = "ended" | "record" | "permission" | "holders";

export class History {
  constructor(
    private readonly wallet: Wallet,
    readonly page: JourneyPage,
    readonly journal: Journal,
  ) {}

  entry(kind: Kind, entryHash: Bytes): Entry | undefined {
    return this.journal.entries.find((entry) => entry.kind === kind && equal(entry.entryHash, entryHash));
  }

  deposited(page: DepositPage): Entry | undefined {
    return this.entry(KINDS.deposited, this.wallet.reader.domain.digest(Deposit, page.deposit));
  }

  depositState(page: DepositPage): DepositState {
    if (this.deposited(page)) return "logged";
    return isUnfinished(page) ? "unfinished" : "given-up";
  }

  consentState(page: ConsentPage): ConsentState {
    const hash = grantsHash(page.consent);
    const given = this.entry(KINDS.given, hash);
    if (this.entry(KINDS.withdrawn, hash)) return "withdrawn";
    if (page.withdrawal.length) return "withdrawing";
    if (!given) {
      if (this.endedThrough() === FOR_GOOD) return "ended";
      return this.time() > page.consent.deadline ? "void" : "pending";
    }
    if (given.block <= this.endedThrough()) return "ended";
    return page.consent.grants.some((grant) => grant.notAfter > this.time()) ? "given" : "over";
  }

  /** The block up to which all consents have ended; 0 for none. */
  endedThrough(): bigint {
    const ended = this.journal.entries.filter((entry) => entry.kind === KINDS.ended);
    return ended.reduce((most, entry) => (toInteger(entry.entryHash) > most ? toInteger(entry.entryHash) : most), 0n);
  }

  /** Entries that this journey's key signed and the book does not know: somebody else may have the key. */
  foreign(): readonly Entry[] {
    const domain = this.wallet.reader.domain;
    const known: [Kind, Bytes][] = this.page.deposits.map((page) => [
      KINDS.deposited,
      domain.digest(Deposit, page.deposit),
    ]);
    for (const page of this.page.consents) {
      known.push([KINDS.given, grantsHash(page.consent)]);
      if (page.withdrawal.length) known.push([KINDS.withdrawn, grantsHash(page.consent)]);
    }
    const isKnown = (entry: Entry) => known.some(([kind, hash]) => kind === entry.kind && equal(hash, entry.entryHash));
    return this.journal.entries.filter((entry) => entry.kind !== KINDS.access && !isKnown(entry));
  }

  /** Why whoever has the card can open nothing with it in an emergency; empty when they can. */
  lacks(): readonly Lack[] {
    if (this.endedThrough() === FOR_GOOD) return ["ended"];
    const records = this.page.deposits.filter((page) => this.helps(page));
    const permissions = this.page.consents.filter((page) => this.allows(page));
    const found: Lack[] = [];
    if (!records.length) found.push("record");
    if (!permissions.length) found.push("permission");
    const held = permissions.some((consent) => records.some((record) => isHeld(consent, record)));
    if (!found.length && !held) found.push("holders");
    return found;
  }

  /** The later of the clock and the latest final block. */
  time(): bigint {
    return this.wallet.timeAt(this.journal.at);
  }

  private helps(page: DepositPage): boolean {
    return page.deposit.body.what === "emergency-summary" && this.depositState(page) === "logged";
  }

  private allows(page: ConsentPage): boolean {
    if (!page.standing || this.consentState(page) !== "given") return false;
    const now = this.time();
    return page.consent.grants.some(
      (grant) =>
        grant.what.includes("emergency-summary") &&
        grant.why.includes("emergency") &&
        grant.notBefore <= now &&
        now < grant.notAfter &&
        (isZero(grant.gate) || equal(grant.gate, gate(this.page))),
    );
  }
}

export async function historyOf(wallet: Wallet, address: Bytes): Promise<History> {
  const page = await wallet.book.journey(address);
  return new History(wallet, page, await wallet.reader.journal(address, await wallet.reader.tip()));
}

/** Whether enough keepers of a record hold a consent to open it. */
function isHeld(consent: ConsentPage, record: DepositPage): boolean {
  const both = record.accepted.filter((one) => consent.holders.some((holder) => equal(holder, one.keeper)));
  return BigInt(both.length) >= record.deposit.body.threshold;
}
