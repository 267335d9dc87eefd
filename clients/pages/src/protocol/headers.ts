/**
 * Headers and their finality: what the pinned genesis' authority sealed, and what descends from it.
 *
 * Sources: PROTOCOL section 2 ("Finality proof"); Ethereum yellow paper, section 4.4.
 */
import { type Bytes, equal, own, toInteger } from "./bytes.ts";
import { sealDigest } from "./chain.ts";
import { ProofError, SignatureError } from "./errors.ts";
import { blockHash, type Genesis } from "./genesis.ts";
import { keccak, recover } from "./identities.ts";
import { byteStrings, decodeRlp } from "./rlp.ts";

const MAX_HEADER_BYTES = 2048;
const [PARENT_HASH, STATE_ROOT, NUMBER, TIME] = [0, 3, 8, 11] as const;

export interface Header {
  readonly number: bigint;
  readonly time: bigint;
  readonly hash: Bytes;
  readonly parentHash: Bytes;
  readonly stateRoot: Bytes;
  readonly rlp: Bytes;
}

declare const FINAL: unique symbol;
/** A header that the pinned genesis makes final; only `verifySeal` returns one. */
export type FinalHeader = Header & { readonly [FINAL]: true };

export function decodeHeader(data: Uint8Array): Header {
  if (data.length > MAX_HEADER_BYTES) throw new ProofError("the header", "it is longer than any header");
  const fields = byteStrings(decodeRlp(data, "the header"), "the header");
  if (fields.length < 15 || fields.length > 25) throw new ProofError("the header", "it does not have a header's fields");
  const [parentHash, stateRoot] = [fields[PARENT_HASH]!, fields[STATE_ROOT]!];
  const [number, time] = [toInteger(fields[NUMBER]!), toInteger(fields[TIME]!)];
  if (parentHash.length !== 32 || stateRoot.length !== 32 || number >> 64n || time >> 64n) {
    throw new ProofError("the header", "a field has the wrong size");
  }
  return { number, time, hash: keccak(data), parentHash, stateRoot, rlp: own(data) };
}

/** Return the header as final if the genesis' authority sealed it, or throw `ProofError`. */
export function verifySeal(genesis: Genesis, rlp: Uint8Array, seal: Uint8Array): FinalHeader {
  const header = decodeHeader(rlp);
  if (header.number === 0n) {
    if (!equal(header.hash, blockHash(genesis))) {
      throw new ProofError("block 0", "it is not the pinned genesis: this is another network");
    }
    return header as FinalHeader;
  }
  const what = `finality of block ${header.number}`;
  if (!equal(signerOf(genesis, header, seal, what), genesis.authority)) {
    throw new ProofError(what, "the network's authority never sealed it");
  }
  return header as FinalHeader;
}

/** Check that `tip` descends from `ancestor` through `chain`: the headers after it, up to and including the tip. */
export function verifyDescent(ancestor: Header, chain: readonly Uint8Array[], tip: Header): void {
  let parent = ancestor;
  for (const data of chain) {
    const header = decodeHeader(data);
    if (!equal(header.parentHash, parent.hash) || header.number !== parent.number + 1n) {
      throw new ProofError(`descent of block ${tip.number}`, `block ${header.number} does not follow its parent`);
    }
    parent = header;
  }
  if (!equal(parent.hash, tip.hash)) {
    throw new ProofError(`descent of block ${tip.number}`, `it does not descend from known block ${ancestor.number}`);
  }
}

function signerOf(genesis: Genesis, header: Header, seal: Uint8Array, what: string): Bytes {
  try {
    return recover(sealDigest(genesis.chainId, header.hash), seal, "seal");
  } catch (error) {
    if (error instanceof SignatureError) throw new ProofError(what, error.facts["reason"] ?? error.message);
    throw error;
  }
}
