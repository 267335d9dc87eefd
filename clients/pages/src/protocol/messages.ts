/**
 * The typed messages of the protocol: what travellers and members sign, and what every commitment stands for.
 *
 * Each quotes its type from PROTOCOL section 1 and refuses what that section forbids.
 */
import { type Bytes, compare, isZero, utf8 } from "./bytes.ts";
import { MalformedError } from "./errors.ts";
import { checkCountry, checkMemberId } from "./identities.ts";
import { hashList, hashStruct, message, type MessageType } from "./typed-data.ts";
import { bytes, integer, list, type Of, text } from "./wire.ts";

export const CLASSES = [
  "emergency-summary",
  "patient-summary",
  "medication",
  "laboratory",
  "imaging",
  "discharge",
  "mental-health",
  "device-readings",
] as const;
export type RecordClass = (typeof CLASSES)[number];
export const PURPOSES = ["treatment", "emergency", "research"] as const;
export const ANY_HOSPITAL = "hospital:*";
const MAX_LIST = 64;
const MAX_KEEPERS = 16;
const MAX_TEXT_BYTES = 256;

const hash = bytes(32);
const address = bytes(20);

export const Grant = message(
  "Grant(string who,string[] what,string[] why,string[] where,uint64 notBefore,uint64 notAfter,bytes32 gate,bytes32 salt)",
  {
    who: text,
    what: list(text),
    why: list(text),
    where: list(text),
    notBefore: integer,
    notAfter: integer,
    gate: hash,
    salt: hash,
  },
  [],
  (grant) => {
    checkWho(grant.who);
    checkWords("Grant", "what", grant.what, CLASSES);
    checkWords("Grant", "why", grant.why, PURPOSES);
    checkList("Grant", "where", grant.where.map(utf8));
    grant.where.forEach(checkCountry);
    if (grant.notBefore >= grant.notAfter) throw new MalformedError("Grant", "notAfter", "the grant ends before it begins");
    if (grant.who === ANY_HOSPITAL && isZero(grant.gate)) {
      throw new MalformedError("Grant", "gate", "a grant to hospital:* must have a gate");
    }
  },
);
export type Grant = Of<typeof Grant>;

export const Consent = message(
  "Consent(Grant[] grants,uint64 deadline)",
  { grants: list(Grant), deadline: integer },
  [Grant],
  (consent) => checkList("Consent", "grants", consent.grants.map((grant) => hashStruct(Grant, grant))),
);
export type Consent = Of<typeof Consent>;

export const Withdrawal = message("Withdrawal(Grant[] grants)", { grants: list(Grant) }, [Grant], (withdrawal) =>
  checkList("Withdrawal", "grants", withdrawal.grants.map((grant) => hashStruct(Grant, grant))),
);
export const Ending = message("Ending(uint64 through)", { through: integer });

export const Access = message(
  "Access(address journey,string member,string practitioner,string[] what,string why,string where,bytes recipientKey,bytes32 evidence,uint64 requestedAt,bytes32 salt)",
  {
    journey: address,
    member: text,
    practitioner: text,
    what: list(text),
    why: text,
    where: text,
    recipientKey: bytes(),
    evidence: hash,
    requestedAt: integer,
    salt: hash,
  },
  [],
  (access) => {
    checkMemberId(access.member);
    checkText("Access", "practitioner", access.practitioner);
    checkWords("Access", "what", access.what, CLASSES);
    checkWords("Access", "why", [access.why], PURPOSES);
    checkCountry(access.where);
  },
);
export type Access = Of<typeof Access>;

export const DepositBody = message(
  "DepositBody(bytes32 record,string what,bytes32 manifest,uint32 keeperEpoch,uint8 threshold,bytes32[] shareHashes,bytes32 keyCheck,uint64 depositedAt,bytes32 salt)",
  {
    record: hash,
    what: text,
    manifest: hash,
    keeperEpoch: integer,
    threshold: integer,
    shareHashes: list(hash),
    keyCheck: hash,
    depositedAt: integer,
    salt: hash,
  },
  [],
  (body) => {
    checkWords("DepositBody", "what", [body.what], CLASSES);
    const count = BigInt(body.shareHashes.length);
    if (!(1n <= body.threshold && body.threshold <= count && count <= MAX_KEEPERS)) {
      throw new MalformedError("DepositBody", "shareHashes", "expected threshold to 16 of them");
    }
  },
);
export type DepositBody = Of<typeof DepositBody>;

export const Deposit = message("Deposit(address journey,DepositBody body)", { journey: address, body: DepositBody }, [
  DepositBody,
]);
export type Deposit = Of<typeof Deposit>;
export const Accepted = message("Accepted(bytes32 depositHash)", { depositHash: hash });
export const Answer = message("Answer(bytes32 entryHash,uint64 number,bytes32 boxHash,bytes32 finalBlock)", {
  entryHash: hash,
  number: integer,
  boxHash: hash,
  finalBlock: hash,
});
export const Blocks = message(
  "Blocks(bytes32[] digests,uint64 deadline,bytes32 salt)",
  { digests: list(hash), deadline: integer, salt: hash },
  [],
  (blocks) => checkList("Blocks", "digests", blocks.digests),
);
export const Erasure = message(
  "Erasure(bytes32[] records,bytes32[] digests,uint64 deadline,bytes32 salt)",
  { records: list(hash), digests: list(hash), deadline: integer, salt: hash },
  [],
  (erasure) => {
    checkList("Erasure", "records", erasure.records);
    checkList("Erasure", "digests", erasure.digests);
  },
);
export const Receipt = message(
  "Receipt(bytes32 erasureHash,bytes32[] deleted,uint64 at)",
  { erasureHash: hash, deleted: list(hash), at: integer },
  [],
  (receipt) => {
    if (receipt.deleted.length) checkList("Receipt", "deleted", receipt.deleted);
  },
);
export const Inquiry = message("Inquiry(address journey,address keeper,uint64 fromNumber,uint64 at)", {
  journey: address,
  keeper: address,
  fromNumber: integer,
  at: integer,
});
export const Fetch = message("Fetch(bytes32 digest,address store,uint64 at)", {
  digest: hash,
  store: address,
  at: integer,
});
export const Mailbox = message("Mailbox(address journey,bytes noticeKey)", { journey: address, noticeKey: bytes() });
export const Issued = message(
  "Issued(string issuer,string what,bytes32 documentHash,uint64 issuedAt)",
  { issuer: text, what: text, documentHash: hash, issuedAt: integer },
  [],
  (issued) => {
    checkMemberId(issued.issuer);
    checkWords("Issued", "what", [issued.what], CLASSES);
  },
);
export const Alert = message(
  "Alert(address journey,string addressee,uint8 severity,uint64 raisedAt,uint64 deadline,bytes32 detail,bytes32 salt)",
  {
    journey: address,
    addressee: text,
    severity: integer,
    raisedAt: integer,
    deadline: integer,
    detail: hash,
    salt: hash,
  },
  [],
  (alert) => void checkMemberId(alert.addressee),
);
export const Attestation = message("Attestation(bytes32 alertHash,uint32 oracleEpoch)", {
  alertHash: hash,
  oracleEpoch: integer,
});

/** Every message by its name, for vectors and tools. */
export const MESSAGES: Readonly<Record<string, MessageType<unknown>>> = Object.fromEntries(
  [
    ...[Grant, Consent, Withdrawal, Ending, Access, DepositBody, Deposit, Accepted, Answer, Blocks, Erasure, Receipt],
    ...[Inquiry, Fetch, Mailbox, Issued, Alert, Attestation],
  ].map((type) => [type.typeName, type as unknown as MessageType<unknown>]),
);

/** Grants in the order that messages need: by struct hash. */
export function sortedGrants(grants: readonly Grant[]): readonly Grant[] {
  return grants
    .map((grant) => [hashStruct(Grant, grant), grant] as const)
    .sort(([left], [right]) => compare(left, right))
    .map(([, grant]) => grant);
}

/** What the chain sees of a list of grants. */
export function grantsHash(consent: { readonly grants: readonly Grant[] }): Bytes {
  return hashList(Grant, consent.grants);
}

function checkWho(who: string): void {
  if (who === ANY_HOSPITAL) return;
  const [scheme, name] = [who.slice(0, who.indexOf(":")), who.slice(who.indexOf(":") + 1)];
  if (scheme === "member") checkMemberId(name);
  else if (scheme === "country") checkCountry(name);
  else throw new MalformedError("Grant", "who", "expected member:<id>, country:<code> or hospital:*");
}

function checkList(what: string, where: string, items: readonly Uint8Array[]): void {
  if (items.length < 1 || items.length > MAX_LIST) {
    throw new MalformedError(what, where, `expected 1 to ${MAX_LIST} items, got ${items.length}`);
  }
  if (items.some((item, i) => i > 0 && compare(items[i - 1]!, item) >= 0)) {
    throw new MalformedError(what, where, "expected sorted items without repetition");
  }
}

function checkWords(what: string, where: string, words: readonly string[], allowed: readonly string[]): void {
  checkList(what, where, words.map(utf8));
  if (!words.every((word) => allowed.includes(word))) {
    throw new MalformedError(what, where, "a word that the protocol does not know");
  }
}

/** Refuse free text that is empty, too long, or would break a line: controls, format signs, unassigned, other spaces. */
function checkText(what: string, where: string, words: string): void {
  const printable = !/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(words);
  if (!words || utf8(words).length > MAX_TEXT_BYTES || !printable) {
    throw new MalformedError(what, where, `expected 1 to ${MAX_TEXT_BYTES} bytes of printable text`);
  }
}
