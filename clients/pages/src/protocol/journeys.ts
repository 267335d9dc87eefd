/** Journeys: the keys that one root secret gives to each period of care (PROTOCOL section 3; HKDF: RFC 5869). */
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concat, own, uint, utf8 } from "./bytes.ts";
import { BoxSecret } from "./boxes.ts";
import { MalformedError } from "./errors.ts";
import { Account, isSecret } from "./identities.ts";

export interface JourneyKeys {
  readonly index: number;
  /** Signs; its address is the journey. */
  readonly account: Account;
  /** Opens the notices that keepers leave. */
  readonly notice: BoxSecret;
}

export function deriveJourney(root: Bytes, chainId: bigint, index: number): JourneyKeys {
  if (root.length !== 32) throw new MalformedError("root secret", "", "expected 32 bytes");
  const suffix = concat(uint(chainId, 32), uint(index, 4));
  const notice = expand(root, utf8("hospes/notice/1"), suffix, Uint8Array.of(0));
  return { index, account: accountOf(root, suffix), notice: new BoxSecret(notice) };
}

/** The first counter byte that gives a valid scalar: practically always zero. */
function accountOf(root: Bytes, suffix: Bytes): Account {
  for (let counter = 0; counter < 256; counter++) {
    const secret = expand(root, utf8("hospes/journey/1"), suffix, Uint8Array.of(counter));
    if (isSecret(secret)) return new Account(secret);
  }
  throw new MalformedError("root secret", "", "it gives no key");
}

/** HKDF-SHA256, empty salt, 32 bytes. */
export function expand(root: Bytes, ...info: readonly Uint8Array[]): Bytes {
  return own(hkdf(sha256, root, new Uint8Array(0), concat(...info), 32));
}
