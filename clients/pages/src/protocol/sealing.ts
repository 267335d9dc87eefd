/**
 * A record at rest: padded, cut into segments, sealed under its own key, described by a sealed manifest.
 *
 * One key seals one document once: that is what makes the counter nonces safe.
 *
 * Sources: PROTOCOL section 3; Padmé: Nikitin et al. (PoPETs 2019), section 4; AES-256-GCM: NIST SP 800-38D.
 */
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concat, equal, isZero, own, padRight, uint, utf8 } from "./bytes.ts";
import { checkBlock, digestOf } from "./content-ids.ts";
import { MalformedError, SealingError } from "./errors.ts";
import { keccak } from "./identities.ts";
import { CLASSES, Issued } from "./messages.ts";
import { bytes, decode, encode, integer, list, type Of, optional, struct, text } from "./wire.ts";

export const SEGMENT_BYTES = (1 << 20) - 16;
const MAX_RECORD_BYTES = 1n << 30n;

const SignedIssued = struct("SignedIssued", { issued: Issued, signature: bytes() });

export const Manifest = struct(
  "Manifest",
  {
    what: text,
    mediaType: text,
    length: integer,
    paddedLength: integer,
    segments: list(bytes(32)),
    issued: optional(SignedIssued),
  },
  (manifest) => {
    if (!(CLASSES as readonly string[]).includes(manifest.what)) {
      throw new MalformedError("Manifest", "what", "a word that the protocol does not know");
    }
    if (!/^[ -~]{0,127}$/.test(manifest.mediaType)) {
      throw new MalformedError("Manifest", "mediaType", "expected at most 127 printable ASCII characters");
    }
    const { length, paddedLength } = manifest;
    const sizes = length >= 1n && length <= MAX_RECORD_BYTES && paddedLength === BigInt(paddedSize(Number(length)));
    if (!sizes || manifest.segments.length !== Math.ceil(Number(paddedLength) / SEGMENT_BYTES)) {
      throw new MalformedError("Manifest", "length", "the lengths and the segments contradict each other");
    }
  },
);
export type Manifest = Of<typeof Manifest>;

/** What every sealed piece of a record is bound to. */
export interface RecordContext {
  readonly journey: Bytes;
  readonly record: Bytes;
  readonly what: string;
}

export interface SealedRecord {
  readonly segments: readonly Bytes[];
  readonly manifest: Bytes;
  readonly manifestDigest: Bytes;
  readonly keyCheck: Bytes;
}

/** Padmé's padded size. */
export function paddedSize(length: number): number {
  if (length <= 1) return length;
  const exponent = 31 - Math.clz32(length);
  const lastBits = exponent - (32 - Math.clz32(exponent));
  const unit = 2 ** lastBits;
  return Math.ceil(length / unit) * unit;
}

/** Seal a document under a key that was never used before. */
export async function sealRecord(
  context: RecordContext,
  key: Bytes,
  document: Uint8Array,
  mediaType: string,
): Promise<SealedRecord> {
  if (!document.length) throw new MalformedError("document", "", "it is empty");
  const size = paddedSize(document.length);
  const padded = padRight(document, size);
  const count = Math.ceil(size / SEGMENT_BYTES);
  const segmentKey = derived(key, "hospes/segment/1");
  const segments: Bytes[] = [];
  for (let index = 0; index < count; index++) {
    const piece = padded.subarray(index * SEGMENT_BYTES, (index + 1) * SEGMENT_BYTES);
    segments.push(await sealPiece(context, segmentKey, piece, index, count));
  }
  const manifest = await sealManifest(context, key, {
    what: context.what,
    mediaType,
    length: BigInt(document.length),
    paddedLength: BigInt(size),
    segments: segments.map(digestOf),
  });
  return { segments, manifest, manifestDigest: digestOf(manifest), keyCheck: keyCheck(key) };
}

export async function openManifest(context: RecordContext, key: Bytes, block: Bytes): Promise<Manifest> {
  const plain = await openPiece(context, derived(key, "hospes/manifest/1"), block, 0, 1, "the manifest");
  const manifest = decode("Manifest", Manifest, plain.subarray(0, plain.findLastIndex((byte) => byte !== 0) + 1));
  if (manifest.what !== context.what) throw new SealingError("the manifest", "its class is not that of the deposit");
  return manifest;
}

export async function openDocument(
  context: RecordContext,
  key: Bytes,
  manifest: Manifest,
  segments: readonly Bytes[],
): Promise<Bytes> {
  if (segments.length !== manifest.segments.length) {
    throw new SealingError("the record", `${segments.length} of ${manifest.segments.length} segments`);
  }
  const segmentKey = derived(key, "hospes/segment/1");
  const pieces: Bytes[] = [];
  for (const [index, block] of segments.entries()) {
    checkBlock(manifest.segments[index]!, block);
    pieces.push(await openPiece(context, segmentKey, block, index, segments.length, `segment ${index}`));
  }
  const document = concat(...pieces);
  const length = Number(manifest.length);
  if (document.length !== Number(manifest.paddedLength) || !isZero(document.subarray(length))) {
    throw new SealingError("the record", "its padding is not what the manifest says");
  }
  return document.slice(0, length);
}

/** What a deposit says of its key. */
export function keyCheck(key: Bytes): Bytes {
  return own(hmac(sha256, key, utf8("hospes/key-check/1")));
}

export function checkKey(key: Bytes, expected: Bytes): void {
  if (!equal(keyCheck(key), expected)) {
    throw new SealingError("the record", "its key is not the one that was deposited");
  }
}

async function sealManifest(context: RecordContext, key: Bytes, manifest: Manifest): Promise<Bytes> {
  const plain = encode(manifest);
  const padded = padRight(plain, paddedSize(plain.length));
  return sealPiece(context, derived(key, "hospes/manifest/1"), padded, 0, 1);
}

async function sealPiece(context: RecordContext, key: Bytes, plain: Uint8Array, index: number, count: number) {
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  return new Uint8Array(await crypto.subtle.encrypt(parameters(context, index, count), aes, own(plain)));
}

async function openPiece(
  context: RecordContext,
  key: Bytes,
  block: Bytes,
  index: number,
  count: number,
  what: string,
): Promise<Bytes> {
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters(context, index, count), aes, block));
  } catch {
    throw new SealingError(what, "wrong key, wrong place, or changed");
  }
}

function parameters(context: RecordContext, index: number, count: number): AesGcmParams {
  const what = keccak(utf8(context.what));
  const additionalData = concat(context.journey, context.record, what, uint(index, 4), uint(count, 4));
  return { name: "AES-GCM", iv: uint(index, 12), additionalData };
}

function derived(key: Bytes, info: string): Bytes {
  return own(hkdf(sha256, key, new Uint8Array(0), utf8(info), 32));
}
