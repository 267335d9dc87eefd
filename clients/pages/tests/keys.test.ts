import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { BoxSecret, depositInfo, infoOf, noticeInfo, type Purpose, seal, standingInfo } from "../src/protocol/boxes.ts";
import { type Bytes, concat, fromHex, toHex, uint, utf8 } from "../src/protocol/bytes.ts";
import { decodeCard, encodeCard, gateOf } from "../src/protocol/cards.ts";
import { decodeCid, digestOf, encodeCid } from "../src/protocol/content-ids.ts";
import { BoxError, HospesError, MalformedError, SealingError, ShareError } from "../src/protocol/errors.ts";
import { deriveJourney, expand } from "../src/protocol/journeys.ts";
import { checkKey, keyCheck, openDocument, openManifest, paddedSize, sealRecord } from "../src/protocol/sealing.ts";
import { combine, split } from "../src/protocol/shares.ts";
import { Domain } from "../src/protocol/typed-data.ts";
import { decode, encode } from "../src/protocol/wire.ts";
import { PassphraseError, WeakPassphraseError } from "../src/wallet/errors.ts";
import { createSecret, openSecret, SecretFile } from "../src/wallet/vault.ts";
import { tree, vectors } from "./vectors.ts";

test("a root secret gives the journeys that it gives in Python", () => {
  for (const one of vectors("journeys").journeys) {
    const keys = deriveJourney(fromHex(one.root), BigInt(one.chainId), one.index);
    assert.equal(toHex(keys.account.address), one.address);
    assert.equal(toHex(keys.notice.publicKey), one.noticeKey);
  }
});

test("a secret that Python sealed opens with its passphrase, and with no other", async () => {
  const { secret } = vectors("journeys");
  const file = decode("secret", SecretFile, tree(secret.file));
  const root = await openSecret(file, secret.passphrase);
  assert.equal(toHex(deriveJourney(root, BigInt(secret.chainId), 0).account.address), secret.journey);
  assert.equal(toHex(expand(root, utf8("hospes/wallet-book/1"))), secret.bookKey);
  await assert.rejects(openSecret(file, `${secret.passphrase} `), PassphraseError);
  const made = await createSecret("several words", 1 << 10);
  assert.deepEqual(await openSecret(decode("secret", SecretFile, encode(made.file)), "several words"), made.root);
  await assert.rejects(createSecret("short", 1 << 10), WeakPassphraseError);
  for (const cost of ["1000", "2", "2097152"]) {
    assert.throws(() => decode("secret", SecretFile, tree({ ...secret.file, cost })), MalformedError);
  }
});

test("a card is written as in Python and read as people type it", () => {
  const { cards, refused } = vectors("cards");
  for (const one of cards) {
    const card = { chainId: BigInt(one.chainId), journey: fromHex(one.journey), gateSecret: fromHex(one.gateSecret) };
    assert.equal(encodeCard(card), one.text);
    assert.equal(toHex(gateOf(card.gateSecret)), one.gate);
    for (const typed of one.typed) assert.deepEqual(decodeCard(typed), card);
  }
  for (const text of refused) assert.throws(() => decodeCard(text), MalformedError, text);
});

test("shares are those that Python makes of the same randomness, and any threshold of them gives the key", () => {
  for (const one of vectors("shares")) {
    const drawn = one.entropy.map((value: string) => fromHex(value));
    const made = split(fromHex(one.key), one.threshold, one.count, () => drawn.shift());
    assert.deepEqual(made.map(toHex), one.shares);
    assert.equal(toHex(combine(made.slice(-one.threshold), one.threshold)), one.key);
    if (one.threshold > 1) {
      assert.throws(() => combine(made.slice(1, one.threshold), one.threshold), ShareError);
      assert.throws(() => combine([made[0]!, made[0]!, ...made.slice(2)], one.threshold), ShareError);
    }
  }
  assert.throws(() => split(new Uint8Array(32), 3, 2, (size) => new Uint8Array(size)), ShareError);
});

test("padding is Padmé's", () => {
  for (const [size, padded] of vectors("sealing").padded) assert.equal(paddedSize(size), padded, `${size}`);
});

test("the same key and document give the same blocks as in Python, and they open", async () => {
  for (const one of vectors("sealing").records) {
    const context = { journey: fromHex(one.journey), record: fromHex(one.record), what: one.what };
    const key = fromHex(one.key);
    const unit = fromHex(one.unit);
    const document = Uint8Array.from({ length: one.length }, (_, i) => unit[i % unit.length]!);
    const sealed = await sealRecord(context, key, document, one.mediaType);
    const blocks = [...sealed.segments, sealed.manifest];
    assert.deepEqual(blocks.map((block) => encodeCid(digestOf(block))), one.cids);
    assert.equal(toHex(sealed.manifest), one.manifest);
    assert.equal(toHex(sealed.manifestDigest), one.manifestDigest);
    assert.equal(toHex(sealed.keyCheck), one.keyCheck);
    assert.deepEqual(one.cids.map((cid: string) => toHex(decodeCid(cid))), blocks.map((block) => toHex(digestOf(block))));
    const manifest = await openManifest(context, key, sealed.manifest);
    assert.deepEqual(await openDocument(context, key, manifest, sealed.segments), document);
    const other = { ...context, what: "discharge" };
    await assert.rejects(openManifest(other, key, sealed.manifest), SealingError);
    const changed = sealed.segments.map((block) => block.slice());
    changed[0]![0]! ^= 1;
    await assert.rejects(openDocument(context, key, manifest, changed), SealingError);
    assert.throws(() => checkKey(keyCheck(key), sealed.keyCheck), SealingError);
  }
});

const boxes = vectors("boxes");
const domain = new Domain(BigInt(boxes.domain.chainId), fromHex(boxes.domain.verifyingContract));
const secret = new BoxSecret(fromHex(boxes.secret));
const [journey, keeper, hash] = [boxes.journey, boxes.keeper, boxes.hash].map((value: string) => fromHex(value)) as [
  Bytes,
  Bytes,
  Bytes,
];
const INFOS: Readonly<Record<Purpose, Bytes>> = {
  deposit: depositInfo(domain, hash, journey),
  standing: standingInfo(domain, journey, keeper),
  request: infoOf("request", domain, keeper),
  answer: infoOf("answer", domain, journey, uint(7, 8), hash, keeper),
  notice: noticeInfo(domain, journey, 7n),
  alert: infoOf("alert", domain, hash, keeper),
};

test("boxes that Python sealed open here, for their purpose and context alone", async () => {
  assert.equal(toHex(secret.publicKey), boxes.public);
  for (const one of boxes.boxes as { purpose: Purpose; info: string; plain: string; box: string }[]) {
    assert.equal(toHex(INFOS[one.purpose]), one.info);
    assert.equal(toHex(await secret.open(fromHex(one.box), INFOS[one.purpose])), one.plain);
    for (const other of Object.keys(INFOS) as Purpose[]) {
      if (other !== one.purpose) await assert.rejects(secret.open(fromHex(one.box), INFOS[other]), BoxError);
    }
    const changed = fromHex(one.box);
    changed[changed.length - 1]! ^= 1;
    await assert.rejects(secret.open(changed, INFOS[one.purpose]), BoxError);
  }
});

test("boxes that are sealed here open, and are written for Python to open", async () => {
  const made = [];
  for (const [purpose, info] of Object.entries(INFOS)) {
    const plain = new TextEncoder().encode(`from a page: ${purpose}`);
    const box = await seal(secret.publicKey, info, plain);
    assert.deepEqual(await secret.open(box, info), plain);
    made.push({ purpose, box: toHex(box), plain: toHex(plain) });
  }
  const into = process.env["HOSPES_BOXES"];
  if (into) writeFileSync(into, JSON.stringify(made));
});

test("nothing is sealed to a key of another suite, of low order, or cut off", async () => {
  const low = concat(Uint8Array.of(0, 0x20), new Uint8Array(32));
  for (const key of [low, secret.publicKey.slice(0, 33), concat(Uint8Array.of(0, 0x21), secret.publicKey.slice(2))]) {
    await assert.rejects(seal(key, INFOS.deposit, new Uint8Array(1)), HospesError);
  }
});
