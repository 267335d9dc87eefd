/**
 * Who is who: hashes, addresses, accounts and their signatures. It does not know what is signed.
 *
 * Sources: PROTOCOL section 1 (signatures: 65 bytes r, s, v; low s; v 27 or 28), SEC 1 section 4.1.6 (recovery).
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { type Bytes, concat, equal, own, toHex, toInteger } from "./bytes.ts";
import { MalformedError, SignatureError } from "./errors.ts";

export const ZERO_HASH: Bytes = new Uint8Array(32);
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const MEMBER_ID = /^[a-z0-9-]{1,31}$/;
const COUNTRY = /^[A-Z]{2}$/;

export function keccak(data: Uint8Array): Bytes {
  return own(keccak_256(data));
}

export function checkMemberId(text: string): string {
  if (!MEMBER_ID.test(text)) throw new MalformedError("member id", "", "expected 1 to 31 of a-z, 0-9 and -");
  return text;
}

export function checkCountry(text: string): string {
  if (!COUNTRY.test(text)) throw new MalformedError("country", "", "expected two capital letters (ISO 3166-1 alpha-2)");
  return text;
}

/** Whether 32 bytes are a secret key: a number from 1 to the curve's order less one. */
export function isSecret(secret: Uint8Array): boolean {
  const scalar = toInteger(secret);
  return secret.length === 32 && scalar > 0n && scalar < ORDER;
}

/** A secret key that signs for a journey. */
export class Account {
  readonly address: Bytes;
  readonly #secret: Bytes;

  constructor(secret: Uint8Array) {
    if (!isSecret(secret)) throw new MalformedError("secret key", "", "expected 32 bytes between 1 and the curve's order");
    this.#secret = own(secret);
    this.address = addressOf(secp256k1.getPublicKey(secret, false));
  }

  /** Sign a 32-byte digest: r, s (low), v; deterministic (RFC 6979). */
  sign(digest: Uint8Array): Bytes {
    const signed = secp256k1.sign(digest, this.#secret, { prehash: false, lowS: true, format: "recovered" });
    return concat(signed.subarray(1), Uint8Array.of(27 + signed[0]!));
  }
}

/** Return the address that signed `digest`, or throw `SignatureError`. */
export function recover(digest: Uint8Array, signature: Uint8Array, what: string): Bytes {
  if (signature.length !== 65) throw new SignatureError(what, `expected 65 bytes, got ${signature.length}`);
  if (toInteger(signature.subarray(32, 64)) > ORDER / 2n) throw new SignatureError(what, "its s is in the upper half");
  const v = signature[64]!;
  if (v !== 27 && v !== 28) throw new SignatureError(what, "its v is neither 27 nor 28");
  try {
    const recovered = concat(Uint8Array.of(v - 27), signature.subarray(0, 64));
    const point = secp256k1.recoverPublicKey(recovered, digest, { prehash: false });
    return addressOf(secp256k1.Point.fromBytes(point).toBytes(false));
  } catch {
    throw new SignatureError(what, "no key could have made it");
  }
}

export function requireSigner(digest: Uint8Array, signature: Uint8Array, signer: Uint8Array, what: string): void {
  if (!equal(recover(digest, signature, what), signer)) {
    throw new SignatureError(what, `another key than that of ${toHex(signer)} made it`);
  }
}

function addressOf(uncompressed: Uint8Array): Bytes {
  return keccak(uncompressed.subarray(1)).slice(12);
}
