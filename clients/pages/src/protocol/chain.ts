/**
 * What the chain says, as values: entries and their fold, words of members, epochs. It does not know where a value
 * stands in storage (`storage`) nor whether it is true (`headers`, `state`).
 *
 * Sources: PROTOCOL section 2.
 */
import { type Bytes, concat, fromUtf8, padLeft, toInteger, uint, utf8 } from "./bytes.ts";
import { MalformedError, ProofError } from "./errors.ts";
import { keccak } from "./identities.ts";

export const DEMONSTRATION_CHAIN_ID = 0x486f73706573n;
export const FOR_GOOD = (1n << 64n) - 1n;
const JOURNEY_LABEL = keccak(utf8("Hospes journey 1"));
const SEAL_LABEL = utf8("Hospes seal 1");
const MASK = (1n << 64n) - 1n;

export const ROLES = { hospital: 1n, keeper: 2n, oracle: 4n, auditor: 8n, validator: 16n } as const;
export const KINDS = { access: 1, given: 2, withdrawn: 3, ended: 4, erased: 5, deposited: 6 } as const;
export type Kind = (typeof KINDS)[keyof typeof KINDS];

/** One numbered line of a journey's log. */
export interface Entry {
  readonly journey: Bytes;
  readonly number: bigint;
  readonly kind: Kind;
  readonly account: Bytes;
  readonly entryHash: Bytes;
  readonly block: bigint;
  readonly time: bigint;
}

export function firstHead(chainId: bigint, log: Bytes, journey: Bytes): Bytes {
  return keccak(concat(JOURNEY_LABEL, uint(chainId, 32), padLeft(log), padLeft(journey)));
}

export function nextHead(head: Bytes, entry: Entry): Bytes {
  const numbers = [uint(entry.kind, 32), uint(entry.number, 32)];
  const times = [uint(entry.block, 32), uint(entry.time, 32)];
  return keccak(concat(head, ...numbers, padLeft(entry.account), entry.entryHash, ...times));
}

/** Return the head after `entries`, which must continue the log after number `count`, or throw `ProofError`. */
export function fold(head: Bytes, count: bigint, entries: readonly Entry[]): Bytes {
  let block = 0n;
  let number = count;
  for (const entry of entries) {
    number += 1n;
    if (entry.number !== number) throw new ProofError("the log", `expected entry ${number}, got ${entry.number}`);
    if (entry.block < block) throw new ProofError("the log", `entry ${number} stands in an earlier block`);
    block = entry.block;
    head = nextHead(head, entry);
  }
  return head;
}

/** What the embedded authority signs under a block. */
export function sealDigest(chainId: bigint, blockHash: Bytes): Bytes {
  return keccak(concat(SEAL_LABEL, uint(chainId, 32), blockHash));
}

/** What the chain says of one account; no country for an account that is no member. */
export interface MemberWord {
  readonly roles: bigint;
  readonly country: string;
  readonly admittedBlock: bigint;
  readonly suspendedBlock: bigint;
}

export function splitWord(word: bigint): [bigint, bigint, bigint, bigint] {
  return [(word >> 192n) & MASK, (word >> 128n) & MASK, (word >> 64n) & MASK, word & MASK];
}

export function memberWord(word: bigint): MemberWord {
  const [roles, code, admittedBlock, suspendedBlock] = splitWord(word);
  if (code > 0xffffn) throw new MalformedError("member word", "country", "not two ASCII letters");
  const country = code ? fromUtf8(uint(code, 2)) : "";
  if (country === undefined) throw new MalformedError("member word", "country", "not two ASCII letters");
  return { roles, country, admittedBlock, suspendedBlock };
}

/** Whether a member is active at `block` (PROTOCOL section 2, "Registry"). */
export function activeAt(word: MemberWord, block: bigint): boolean {
  const admitted = word.country !== "" && word.admittedBlock <= block;
  return admitted && (word.suspendedBlock === 0n || word.suspendedBlock > block);
}

export interface Member {
  readonly account: Bytes;
  readonly id: string;
  readonly word: MemberWord;
  /** Where its services are; empty when it has none. */
  readonly service: string;
  /** `uint16 KEM id || public key`; empty when it has none. */
  readonly boxKey: Bytes;
}

/** One set of keepers in order: a keeper's x is its index + 1. */
export interface Epoch {
  readonly number: bigint;
  readonly accounts: readonly Bytes[];
  readonly threshold: bigint;
  readonly fromBlock: bigint;
}

/** Read one entry from a log of the access log contract, unproven. */
export function entryOf(topics: readonly Bytes[], data: Bytes, block: bigint): Entry {
  const [signature, journey, number] = topics;
  const sizes = topics.length === 3 && topics.every((topic) => topic.length === 32) && data.length === 128;
  if (!sizes || toInteger(signature!) !== toInteger(ENTRY)) throw new ProofError("the log", "an event that is no entry");
  const [kind, account, entryHash, time] = [0, 32, 64, 96].map((at) => data.slice(at, at + 32)) as [
    Bytes,
    Bytes,
    Bytes,
    Bytes,
  ];
  const code = Number(toInteger(kind));
  if (!Object.values<number>(KINDS).includes(code)) throw new ProofError("the log", "no such kind of entry");
  return {
    journey: journey!.slice(12),
    number: toInteger(number!),
    kind: code as Kind,
    account: account.slice(12),
    entryHash,
    block,
    time: toInteger(time),
  };
}

export const ENTRY = keccak(utf8("Entry(address,uint64,uint8,address,bytes32,uint64)"));
