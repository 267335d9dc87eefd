/** The card: journey and gate secret, as text and in its QR code (PROTOCOL section 1, "Card"). */
import { base32, type Bytes, concat, equal, fromBase32, toInteger, uint } from "./bytes.ts";
import { MalformedError } from "./errors.ts";
import { keccak } from "./identities.ts";

const VERSION = 1;
const SIZE = 1 + 8 + 20 + 16 + 4;
export const GATE_SECRET_BYTES = 16;

export interface Card {
  readonly chainId: bigint;
  readonly journey: Bytes;
  readonly gateSecret: Bytes;
}

/** What grants name: the hash of the secret. */
export function gateOf(gateSecret: Bytes): Bytes {
  return keccak(gateSecret);
}

/** The text of the card: base32 in groups of four. */
export function encodeCard(card: Card): string {
  const body = concat(Uint8Array.of(VERSION), uint(card.chainId, 8), card.journey, card.gateSecret);
  return base32(concat(body, keccak(body).subarray(0, 4))).match(/.{1,4}/g)!.join(" ");
}

/** Read a card as scanned or typed: case, white space, dashes and look-alike digits do not matter. */
export function decodeCard(text: string): Card {
  const letters = text
    .replace(/[\s-]/g, "")
    .replaceAll("0", "O")
    .replaceAll("1", "I")
    .replaceAll("8", "B")
    .toUpperCase();
  const data = fromBase32(letters);
  if (!data) throw new MalformedError("card", "", "a character does not belong to a card");
  if (data.length !== SIZE) throw new MalformedError("card", "", "some characters are missing or too many");
  const [body, sum] = [data.subarray(0, -4), data.subarray(-4)];
  if (!equal(keccak(body).subarray(0, 4), sum) || data[0] !== VERSION) {
    throw new MalformedError("card", "", "the checksum does not fit; please compare it with the printed card");
  }
  const card = { chainId: toInteger(data.subarray(1, 9)), journey: data.slice(9, 29), gateSecret: data.slice(29, 45) };
  if (encodeCard(card).replaceAll(" ", "") !== letters) {
    throw new MalformedError("card", "", "the last character does not fit; please compare it with the printed card");
  }
  return card;
}
