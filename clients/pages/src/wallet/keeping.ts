/**
 * What of the wallet lies in this browser besides its book: how its secret is locked, the card that is kept readable, and
 * copies of all of it. Whatever was damaged is told as that, never taken for a new wallet.
 */
import { type Bytes, fromHex, toHex } from "../protocol/bytes.ts";
import { decodeCard } from "../protocol/cards.ts";
import { type Genesis, pin } from "../protocol/genesis.ts";
import { bytes, canonical, decode, encode, integer, type Of, optional, struct } from "../protocol/wire.ts";
import { forget, keys, load, save } from "./database.ts";
import { DamagedError, OtherNetworkError } from "./errors.ts";
import { openPasskey, openSecret, PasskeyFile, SecretFile } from "./vault.ts";

export type Lock =
  | { readonly kind: "none" }
  | { readonly kind: "passphrase"; readonly file: SecretFile }
  | { readonly kind: "passkey"; readonly file: PasskeyFile };

const Copy = struct("Copy", {
  version: integer,
  secret: optional(SecretFile),
  passkey: optional(PasskeyFile),
  pin: bytes(32),
  book: bytes(),
});
const MAX_COPY_BYTES = 40 << 20;
const CARD = "card";

/** How the wallet of this browser is locked. */
export async function findLock(): Promise<Lock> {
  const [secret, passkey] = [await load<Bytes>("secret"), await load<Bytes>("passkey")];
  try {
    if (secret) return { kind: "passphrase", file: decode("secret", SecretFile, secret) };
    if (passkey) return { kind: "passkey", file: decode("passkey", PasskeyFile, passkey) };
  } catch {
    throw new DamagedError("secret");
  }
  if (await load("book")) throw new DamagedError("secret");
  return { kind: "none" };
}

/** Keep how a new wallet is locked; after its book, so that no lock stands without one. */
export async function keepLock(lock: Lock): Promise<void> {
  if (lock.kind === "passphrase") await save("secret", encode(lock.file));
  if (lock.kind === "passkey") await save("passkey", encode(lock.file));
  await navigator.storage.persist();
}

export async function unlock(lock: Lock, passphrase: string): Promise<Bytes> {
  if (lock.kind === "passphrase") return openSecret(lock.file, passphrase);
  if (lock.kind === "passkey") return openPasskey(lock.file);
  throw new DamagedError("secret");
}

export async function deleteEverything(): Promise<void> {
  for (const key of await keys()) await forget(key);
  localStorage.clear();
}

/** The wallet as one file: as sealed as it lies here. */
export async function makeCopy(lock: Lock, genesis: Genesis): Promise<string> {
  const book = await load<Bytes>("book");
  if (!book || lock.kind === "none") throw new DamagedError("book");
  const locked = lock.kind === "passphrase" ? { secret: lock.file } : { passkey: lock.file };
  return canonical({ version: 1n, ...locked, pin: pin(genesis), book } satisfies Of<typeof Copy>);
}

/** Put the wallet of a copy into this browser, which has none. */
export async function openCopy(data: Bytes, genesis: Genesis): Promise<Lock> {
  const copy = decode("Copy", Copy, data, MAX_COPY_BYTES);
  const given = toHex(pin(genesis));
  if (toHex(copy.pin) !== given) throw new OtherNetworkError(toHex(copy.pin), given);
  await save("pin", given);
  await save("book", copy.book);
  if (copy.secret) await keepLock({ kind: "passphrase", file: copy.secret });
  if (copy.passkey) await keepLock({ kind: "passkey", file: copy.passkey });
  return findLock();
}

/** A card that the traveller wants readable without passphrase and without network. */
export async function keptCard(): Promise<string | undefined> {
  const text = await load<string>(CARD);
  if (text === undefined) return undefined;
  try {
    decodeCard(text);
    return text;
  } catch {
    return undefined;
  }
}

export async function keepCard(text: string | undefined): Promise<void> {
  await (text === undefined ? forget(CARD) : save(CARD, text));
}

export function addressOf(kept: string | null): Bytes | undefined {
  try {
    return kept === null ? undefined : fromHex(kept, 20);
  } catch {
    return undefined;
  }
}
