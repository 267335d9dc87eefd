/**
 * RLP, as headers, trie nodes and accounts are written; decoding only, and strict: every value has one spelling.
 *
 * Sources: Ethereum yellow paper, appendix B.
 */
import { type Bytes, own, toInteger } from "./bytes.ts";
import { ProofError } from "./errors.ts";

export type Item = Bytes | Item[];
const MAX_DEPTH = 16;

export function decodeRlp(data: Uint8Array, what: string): Item {
  const [item, end] = decodeAt(data, 0, what, 0);
  if (end !== data.length) throw new ProofError(what, "it is not RLP");
  return item;
}

/** A list that holds byte strings only. */
export function byteStrings(item: Item, what: string): Bytes[] {
  if (!Array.isArray(item)) throw new ProofError(what, "it is not a list");
  if (item.some(Array.isArray)) throw new ProofError(what, "a list stands where a field should");
  return item as Bytes[];
}

function decodeAt(data: Uint8Array, at: number, what: string, depth: number): [Item, number] {
  const first = data[at];
  if (first === undefined || depth > MAX_DEPTH) throw new ProofError(what, "it is not RLP");
  if (first < 0x80) return [own(data.subarray(at, at + 1)), at + 1];
  const isList = first >= 0xc0;
  const [start, size] = extent(data, at, first - (isList ? 0xc0 : 0x80), what);
  const end = start + size;
  if (end > data.length) throw new ProofError(what, "it is not RLP");
  if (!isList) {
    if (size === 1 && data[start]! < 0x80) throw new ProofError(what, "it is not RLP");
    return [own(data.subarray(start, end)), end];
  }
  const items: Item[] = [];
  const inside = data.subarray(0, end);
  for (let next = start; next < end; ) {
    const [item, after] = decodeAt(inside, next, what, depth + 1);
    items.push(item);
    next = after;
  }
  return [items, end];
}

/** Where the payload begins and how long it is. */
function extent(data: Uint8Array, at: number, code: number, what: string): [number, number] {
  if (code <= 55) return [at + 1, code];
  const digits = code - 55;
  const length = data.subarray(at + 1, at + 1 + digits);
  if (length.length < digits || digits > 4 || length[0] === 0) throw new ProofError(what, "it is not RLP");
  const size = Number(toInteger(length));
  if (size <= 55) throw new ProofError(what, "it is not RLP");
  return [at + 1 + digits, size];
}
