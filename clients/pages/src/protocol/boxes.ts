/**
 * Boxes: what one member or journey sends another so that only they can read it, bound to its purpose and context.
 *
 * Sources: RFC 9180 (HPKE base mode; the library `hpke` over WebCrypto), PROTOCOL section 5.
 */
import { x25519 } from "@noble/curves/ed25519.js";
import * as HPKE from "hpke";
import { type Bytes, concat, equal, own, uint, utf8 } from "./bytes.ts";
import { BoxError, MalformedError } from "./errors.ts";
import type { Domain } from "./typed-data.ts";

const X25519 = Uint8Array.of(0x00, 0x20);
const SUITE = new HPKE.CipherSuite(
  HPKE.KEM_DHKEM_X25519_HKDF_SHA256,
  HPKE.KDF_HKDF_SHA256,
  HPKE.AEAD_AES_256_GCM,
);
const ENCAPSULATED = 32;

export type Purpose = "deposit" | "standing" | "request" | "answer" | "notice" | "alert";

/** What a box is bound to: its purpose, the network, and the context that PROTOCOL section 5 gives the purpose. */
export function infoOf(purpose: Purpose, domain: Domain, ...context: readonly Uint8Array[]): Bytes {
  return concat(utf8(`hospes/${purpose}/1`), domain.separator, ...context);
}

export function depositInfo(domain: Domain, depositHash: Bytes, keeper: Bytes): Bytes {
  return infoOf("deposit", domain, depositHash, keeper);
}

export function standingInfo(domain: Domain, journey: Bytes, keeper: Bytes): Bytes {
  return infoOf("standing", domain, journey, keeper);
}

export function noticeInfo(domain: Domain, journey: Bytes, number: bigint): Bytes {
  return infoOf("notice", domain, journey, uint(number, 8));
}

/** Return a box that only the holder of `publicKey`'s secret opens. */
export async function seal(publicKey: Uint8Array, info: Bytes, plaintext: Uint8Array): Promise<Bytes> {
  if (publicKey.length !== 34 || !equal(publicKey.subarray(0, 2), X25519)) {
    throw new MalformedError("box key", "", "expected KEM id 0x0020 (X25519) and 32 bytes");
  }
  try {
    const key = await SUITE.DeserializePublicKey(publicKey.subarray(2));
    const sealed = await SUITE.Seal(key, plaintext, { info });
    return concat(sealed.encapsulatedSecret, sealed.ciphertext);
  } catch {
    throw new MalformedError("box key", "", "nothing can be sealed to this point");
  }
}

/** A private key that opens boxes. */
export class BoxSecret {
  readonly publicKey: Bytes;
  readonly #secret: Bytes;

  constructor(secret: Uint8Array) {
    if (secret.length !== 32) throw new MalformedError("box secret", "", "expected 32 bytes");
    this.#secret = own(secret);
    this.publicKey = concat(X25519, x25519.getPublicKey(secret));
  }

  async open(box: Uint8Array, info: Bytes): Promise<Bytes> {
    try {
      const privateKey = await SUITE.DeserializePrivateKey(this.#secret);
      const publicKey = await SUITE.DeserializePublicKey(this.publicKey.subarray(2));
      const [encapsulated, ciphertext] = [box.slice(0, ENCAPSULATED), box.slice(ENCAPSULATED)];
      return own(await SUITE.Open({ privateKey, publicKey }, encapsulated, ciphertext, { info }));
    } catch {
      const label = new TextDecoder().decode(info.subarray(0, info.indexOf(0x31) + 1));
      throw new BoxError(label);
    }
  }
}
