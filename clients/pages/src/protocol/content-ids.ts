/** Content ids of sealed blocks: version 1, codec raw, sha2-256, base32 lower case (PROTOCOL section 3). */
import { sha256 } from "@noble/hashes/sha2.js";
import { base32, type Bytes, concat, equal, fromBase32, own } from "./bytes.ts";
import { MalformedError, SealingError } from "./errors.ts";

const PREFIX = Uint8Array.of(0x01, 0x55, 0x12, 0x20);

export function digestOf(block: Uint8Array): Bytes {
  return own(sha256(block));
}

export function encodeCid(digest: Bytes): string {
  if (digest.length !== 32) throw new MalformedError("CID", "", `expected a digest of 32 bytes, got ${digest.length}`);
  return `b${base32(concat(PREFIX, digest)).toLowerCase()}`;
}

export function decodeCid(text: string): Bytes {
  const data = /^b[a-z2-7]{58}$/.test(text) ? fromBase32(text.slice(1).toUpperCase()) : undefined;
  if (!data || !equal(data.subarray(0, 4), PREFIX) || encodeCid(data.slice(4)) !== text) {
    throw new MalformedError("CID", "", "expected version 1, codec raw and sha2-256 in lower-case base32");
  }
  return data.slice(4);
}

export function checkBlock(digest: Bytes, block: Uint8Array): void {
  if (!equal(digestOf(block), digest)) throw new SealingError("a block", "its content is not that of its id");
}
