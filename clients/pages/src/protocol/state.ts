/**
 * The state of a final block: Merkle-Patricia proofs of accounts and storage slots. It does not know what a slot means.
 *
 * Nodes are untrusted: each counts only by its hash.
 *
 * Sources: Ethereum yellow paper, appendix D and section 4.1; EIP-1186.
 */
import { type Bytes, equal, toHex, toInteger, uint } from "./bytes.ts";
import { ProofError } from "./errors.ts";
import type { FinalHeader } from "./headers.ts";
import { keccak } from "./identities.ts";
import { byteStrings, decodeRlp, type Item } from "./rlp.ts";

const EMPTY_ROOT = keccak(Uint8Array.of(0x80));
const MAX_NODES = 65;
const MAX_NODE_BYTES = 600;

export interface SlotProof {
  readonly slot: bigint;
  readonly nodes: readonly Bytes[];
}

export interface AccountProof {
  readonly address: Bytes;
  readonly nodes: readonly Bytes[];
  readonly slots: readonly SlotProof[];
}

/** Return the values of `slots` of a contract at `header`; 0 where the proof shows that nothing stands there. */
export function verifyStorage(header: FinalHeader, proof: AccountProof, slots: readonly bigint[]): Map<bigint, bigint> {
  const root = storageRoot(header, proof);
  const given = new Map(proof.slots.map((slot) => [slot.slot, slot.nodes]));
  return new Map(
    slots.map((slot) => {
      const nodes = given.get(slot);
      if (!nodes) throw new ProofError(`slot 0x${slot.toString(16)}`, "the proof does not hold it");
      return [slot, slotValue(root, slot, nodes)];
    }),
  );
}

/** Return the value of `key` under `root`, or undefined when the nodes prove that it has none. */
export function verifyTrie(root: Bytes, key: Bytes, nodes: readonly Bytes[]): Bytes | undefined {
  if (nodes.length > MAX_NODES || nodes.some((node) => node.length > MAX_NODE_BYTES)) {
    throw new ProofError("a value", "its proof is larger than any proof");
  }
  if (equal(root, EMPTY_ROOT)) return undefined;
  const known = new Map(nodes.map((node) => [toHex(keccak(node)), node]));
  let path = nibbles(key);
  let node = nodeOf(root, known);
  for (;;) {
    let reference: Item;
    if (node.length === 17) {
      if (path.length === 0) return valueOf(node[16]!);
      reference = node[path[0]!]!;
      path = path.slice(1);
    } else {
      const [prefix, leaf] = unpackPath(node[0]!);
      if (!prefix.every((nibble, i) => path[i] === nibble)) return undefined;
      path = path.slice(prefix.length);
      if (leaf) return path.length ? undefined : valueOf(node[1]!);
      reference = node[1]!;
    }
    if (!Array.isArray(reference) && reference.length === 0) return undefined;
    node = nodeOf(reference, known);
  }
}

function storageRoot(header: FinalHeader, proof: AccountProof): Bytes {
  const encoded = verifyTrie(header.stateRoot, keccak(proof.address), proof.nodes);
  if (!encoded) return EMPTY_ROOT;
  const what = `account ${toHex(proof.address)}`;
  const fields = byteStrings(decodeRlp(encoded, what), what);
  if (fields.length !== 4 || fields[2]!.length !== 32 || fields[3]!.length !== 32) {
    throw new ProofError(what, "it does not have an account's fields");
  }
  return fields[2]!;
}

function slotValue(root: Bytes, slot: bigint, nodes: readonly Bytes[]): bigint {
  const encoded = verifyTrie(root, keccak(uint(slot, 32)), nodes);
  if (!encoded) return 0n;
  const what = `slot 0x${slot.toString(16)}`;
  const value = decodeRlp(encoded, what);
  if (Array.isArray(value) || value.length > 32) throw new ProofError(what, "its value is not a word");
  return toInteger(value);
}

/** A node of less than 32 bytes stands in its parent; others go by their hash. */
function nodeOf(reference: Item, known: ReadonlyMap<string, Bytes>): Item[] {
  if (Array.isArray(reference)) return shaped(reference);
  const encoded = known.get(toHex(reference));
  if (!encoded) throw new ProofError("a value", "a node of its path is missing");
  return shaped(decodeRlp(encoded, "a node of a path"));
}

function shaped(node: Item): Item[] {
  if (!Array.isArray(node) || (node.length !== 17 && node.length !== 2)) {
    throw new ProofError("a value", "a node of its path is neither branch nor short node");
  }
  return node;
}

/** The hex-prefix encoding: nibbles, and whether a leaf. */
function unpackPath(packed: Item): [number[], boolean] {
  if (Array.isArray(packed) || packed.length === 0 || packed[0]! >> 4 > 3) {
    throw new ProofError("a value", "a short node has no path");
  }
  const all = nibbles(packed);
  return [all.slice(all[0]! & 1 ? 1 : 2), (all[0]! & 2) !== 0];
}

function nibbles(data: Uint8Array): number[] {
  return [...data].flatMap((byte) => [byte >> 4, byte & 15]);
}

function valueOf(value: Item): Bytes | undefined {
  if (Array.isArray(value)) throw new ProofError("a value", "a node stands where a value should");
  return value.length ? value : undefined;
}
