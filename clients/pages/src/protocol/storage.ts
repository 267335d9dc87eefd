/**
 * The contracts' storage: where each value stands, and how to read it from proven slots.
 *
 * A reading is a generator: it yields slots of one contract, is sent their values, and returns the result; some values
 * tell where to look next. It proves nothing and asks nobody.
 *
 * Sources: PROTOCOL section 2 ("Storage": keccak256(slot || key)); contracts/layout.json, compared by a test.
 */
import { type Bytes, concat, fromUtf8, padLeft, padRight, toHex, toInteger, uint, utf8 } from "./bytes.ts";
import { type Epoch, firstHead, type Member, memberWord } from "./chain.ts";
import { MalformedError, NotOnChainError } from "./errors.ts";
import type { Genesis } from "./genesis.ts";
import { checkMemberId, keccak } from "./identities.ts";

export type Values = ReadonlyMap<bigint, bigint>;
export type Reading<T> = Generator<readonly bigint[], T, Values>;

export const PLACES = {
  registry: { id: 0n, word: 1n, account: 2n, serviceCount: 3n, services: 4n, epochNumber: 5n, epochs: 6n, members: 12n },
  service: { fromBlock: 0n, url: 1n, boxKey: 6n },
  epoch: { fromBlock: 0n, threshold: 1n, accounts: 2n },
  accessLog: { head: 0n, count: 1n },
  consent: { words: 0n, through: 1n },
} as const;
const MAX_SET = 16n;
const MAX_MEMBERS = 1024n;
const MAX_URL_BYTES = 128n;
const MAX_BOX_KEY_BYTES = 1218n;

/** The slot of `key` in the mapping at `slot`. */
export function mapped(slot: bigint, key: Uint8Array | bigint): bigint {
  const word = typeof key === "bigint" ? uint(key, 32) : padLeft(key);
  return toInteger(keccak(concat(uint(slot, 32), word)));
}

/** Read a journey's head and count; the head of a log without entries is `head_0`. */
export function* logState(genesis: Genesis, journey: Bytes): Reading<{ head: Bytes; count: bigint }> {
  const slots = [mapped(PLACES.accessLog.head, journey), mapped(PLACES.accessLog.count, journey)] as const;
  const values = yield slots;
  const count = values.get(slots[1])!;
  const first = () => firstHead(genesis.chainId, genesis.contracts.accessLog, journey);
  return { head: count ? uint(values.get(slots[0])!, 32) : first(), count };
}

/** Read the account of a member. */
export function* accountOf(name: string): Reading<Bytes> {
  const slot = mapped(PLACES.registry.account, padRight(utf8(name), 32));
  const value = (yield [slot]).get(slot)!;
  if (!value) throw new NotOnChainError("member", name);
  return address(value, "account");
}

/** Read every account ever admitted, in order of admission. */
export function* allAccounts(): Reading<Bytes[]> {
  const slot = PLACES.registry.members;
  const count = (yield [slot]).get(slot)!;
  if (count > MAX_MEMBERS) throw new MalformedError("registry storage", "members", `more than ${MAX_MEMBERS}`);
  return yield* addresses(slot, count, "members");
}

/** Read all that the registry says of an account: id, word, and services in force at `block`. */
export function* memberOf(account: Bytes, block: bigint): Reading<Member> {
  const places = [mapped(PLACES.registry.id, account), mapped(PLACES.registry.word, account)] as const;
  const values = yield places;
  const id = values.get(places[0])!;
  if (!id) throw new NotOnChainError("member with account", toHex(account));
  const { url, boxKey } = yield* serviceAt(account, block);
  return { account, id: memberId(id), word: memberWord(values.get(places[1])!), service: url, boxKey };
}

/**
 * Read the services in force at `block`: the last line that began by then. What of a line cannot be read is empty: that
 * member cannot be reached, and everybody else can.
 */
function* serviceAt(account: Bytes, block: bigint): Reading<{ url: string; boxKey: Bytes }> {
  const countSlot = mapped(PLACES.registry.serviceCount, account);
  const count = (yield [countSlot]).get(countSlot)!;
  for (let index = count - 1n; index >= 0n; index--) {
    const first = mapped(mapped(PLACES.registry.services, account), index);
    const { fromBlock, url, boxKey } = PLACES.service;
    const values = yield [first + fromBlock, first + url, first + boxKey];
    if (values.get(first + fromBlock)! <= block) {
      const text = yield* data(first + url, values.get(first + url)!, MAX_URL_BYTES);
      const key = yield* data(first + boxKey, values.get(first + boxKey)!, MAX_BOX_KEY_BYTES);
      return { url: fromUtf8(text) ?? "", boxKey: key };
    }
  }
  return { url: "", boxKey: new Uint8Array(0) };
}

/** Read one epoch of a role; the one in office when no number is given. */
export function* epochOf(role: bigint, number?: bigint): Reading<Epoch> {
  if (number === undefined) {
    const slot = mapped(PLACES.registry.epochNumber, role);
    number = (yield [slot]).get(slot)!;
    if (!number) throw new NotOnChainError("epoch of role", `${role}`);
  }
  const first = mapped(mapped(PLACES.registry.epochs, role), number);
  const { fromBlock, threshold, accounts } = PLACES.epoch;
  const values = yield [first + fromBlock, first + threshold, first + accounts];
  const size = values.get(first + accounts)!;
  if (!size) throw new NotOnChainError("epoch", `${number}`);
  if (size > MAX_SET) throw new MalformedError("registry storage", "accounts", `more than ${MAX_SET}`);
  return {
    number,
    accounts: yield* addresses(first + accounts, size, "accounts"),
    threshold: values.get(first + threshold)!,
    fromBlock: values.get(first + fromBlock)!,
  };
}

function* addresses(lengthSlot: bigint, count: bigint, where: string): Reading<Bytes[]> {
  const slots = Array.from({ length: Number(count) }, (_, i) => lengthSlot + 1n + BigInt(i));
  const values = yield slots;
  return slots.map((slot) => address(values.get(slot)!, where));
}

/** Read what a member wrote; nothing when it is longer than the contract can have taken. */
function* data(lengthSlot: bigint, size: bigint, limit: bigint): Reading<Bytes> {
  if (size > limit) return new Uint8Array(0);
  const slots = Array.from({ length: Math.ceil(Number(size) / 32) }, (_, i) => lengthSlot + 1n + BigInt(i));
  const values = yield slots;
  return concat(...slots.map((slot) => uint(values.get(slot)!, 32))).slice(0, Number(size));
}

function memberId(word: bigint): string {
  const padded = uint(word, 32);
  const end = padded.findLastIndex((byte) => byte !== 0) + 1;
  return checkMemberId(fromUtf8(padded.subarray(0, end)) ?? "");
}

function address(word: bigint, where: string): Bytes {
  if (word >> 160n) throw new MalformedError("registry storage", where, "not an address");
  return uint(word, 20);
}
