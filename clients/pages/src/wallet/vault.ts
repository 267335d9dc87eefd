/**
 * The root secret: 32 bytes from which all keys of all journeys come, from a passkey or sealed under a passphrase.
 *
 * With a passkey nothing is kept but which one it is: the secret is what the passkey gives for a fixed input, so a
 * passkey that its owner's devices share gives it again. With a passphrase it is drawn at random and sealed in the form of
 * Python's wallet file. It never leaves the page.
 *
 * Sources: Web Authentication level 3, section 10.1.4 (prf); RFC 7914 (scrypt); OWASP Password Storage Cheat Sheet
 * (N = 2**17, r = 8, p = 1); UAX 15 (NFKC).
 */
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { type Bytes, own, utf8 } from "../protocol/bytes.ts";
import { MalformedError } from "../protocol/errors.ts";
import { expand } from "../protocol/journeys.ts";
import { bytes, integer, type Of, struct } from "../protocol/wire.ts";
import { PasskeyError, PassphraseError, WeakPassphraseError } from "./errors.ts";

export const SHORTEST_PASSPHRASE = 8;
export const COST = 1 << 17;
const CONTEXT = utf8("hospes/wallet-secret/1");
const PRF_INPUT = utf8("hospes/passkey-root/1");

/** A root secret sealed under a passphrase, as `hospes.clients.wallet.secret` writes it. */
export const SecretFile = struct(
  "_File",
  { version: integer, cost: integer, salt: bytes(16), nonce: bytes(12), sealed: bytes() },
  ({ version, cost }) => {
    const powerOfTwo = (cost & (cost - 1n)) === 0n;
    if (version !== 1n || cost < 1n << 10n || cost > 1n << 20n || !powerOfTwo) {
      throw new MalformedError("wallet secret", "cost", "not one of this version");
    }
  },
);
export type SecretFile = Of<typeof SecretFile>;

export const PasskeyFile = struct("Passkey", { credential: bytes() });
export type PasskeyFile = Of<typeof PasskeyFile>;

export function random(size: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(size));
}

export async function createSecret(passphrase: string, cost = COST): Promise<{ root: Bytes; file: SecretFile }> {
  if ([...passphrase].length < SHORTEST_PASSPHRASE) throw new WeakPassphraseError(SHORTEST_PASSPHRASE);
  const [root, salt, nonce] = [random(32), random(16), random(12)];
  const key = await stretched(passphrase, salt, cost);
  const sealed = new Uint8Array(await crypto.subtle.encrypt(parameters(nonce), key, root));
  return { root, file: { version: 1n, cost: BigInt(cost), salt, nonce, sealed } };
}

export async function openSecret(file: SecretFile, passphrase: string): Promise<Bytes> {
  const key = await stretched(passphrase, file.salt, Number(file.cost));
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters(file.nonce), key, file.sealed));
  } catch {
    throw new PassphraseError();
  }
}

/** Whether this browser and machine may have passkeys that give secrets; only using one tells for certain. */
export function mayHavePasskeys(): boolean {
  return typeof PublicKeyCredential === "function" && window.isSecureContext;
}

/** Make a passkey and take the secret from it. */
export async function createPasskey(): Promise<{ root: Bytes; file: PasskeyFile }> {
  const credential = await passkey(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: random(32),
        rp: { id: location.hostname, name: "Hospes" },
        user: { id: random(16), name: "Hospes wallet", displayName: "Hospes wallet" },
        pubKeyCredParams: [-7, -8, -257].map((alg) => ({ alg, type: "public-key" as const })),
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        extensions: { prf: { eval: { first: PRF_INPUT } } },
      },
    }),
  );
  const file = { credential: own(new Uint8Array(credential.rawId)) };
  const given = outputOf(credential);
  // Some authenticators tell the output only when the passkey is used.
  return { root: given ? rootOf(given) : await openPasskey(file), file };
}

/** Take the secret from the passkey that the wallet was made with. */
export async function openPasskey(file: PasskeyFile): Promise<Bytes> {
  const credential = await passkey(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: random(32),
        rpId: location.hostname,
        allowCredentials: [{ id: file.credential, type: "public-key" }],
        userVerification: "required",
        extensions: { prf: { eval: { first: PRF_INPUT } } },
      },
    }),
  );
  const given = outputOf(credential);
  if (!given) throw new PasskeyError("unsupported");
  return rootOf(given);
}

function rootOf(output: Bytes): Bytes {
  return expand(output, utf8("hospes/passkey-root/1"));
}

function outputOf(credential: PublicKeyCredential): Bytes | undefined {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (!first) return undefined;
  const output = first instanceof ArrayBuffer ? new Uint8Array(first) : new Uint8Array((first as Uint8Array).buffer);
  return output.length === 32 ? own(output) : undefined;
}

async function passkey(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await ask();
    if (credential instanceof PublicKeyCredential) return credential;
  } catch (error) {
    if ((error as Error).name === "NotSupportedError") throw new PasskeyError("unsupported");
  }
  throw new PasskeyError("refused");
}

function parameters(nonce: Bytes): AesGcmParams {
  return { name: "AES-GCM", iv: nonce, additionalData: CONTEXT };
}

async function stretched(passphrase: string, salt: Bytes, cost: number): Promise<CryptoKey> {
  const key = await scryptAsync(utf8(passphrase.normalize("NFKC")), salt, { N: cost, r: 8, p: 1, dkLen: 32 });
  return crypto.subtle.importKey("raw", own(key), "AES-GCM", false, ["encrypt", "decrypt"]);
}
