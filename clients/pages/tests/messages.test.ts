import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex, toHex } from "../src/protocol/bytes.ts";
import { HospesError } from "../src/protocol/errors.ts";
import { Account, recover } from "../src/protocol/identities.ts";
import { Consent, grantsHash, MESSAGES, sortedGrants } from "../src/protocol/messages.ts";
import { Domain, hashStruct } from "../src/protocol/typed-data.ts";
import { canonical, decode, encode } from "../src/protocol/wire.ts";
import { grantFile, shownHash } from "../src/protocol/bodies.ts";
import { tree, vectors } from "./vectors.ts";

const told = vectors("typed-data");
const domain = new Domain(BigInt(told.domain.chainId), fromHex(told.domain.verifyingContract));
const account = new Account(fromHex(told.secret));

test("every message has the digest and the signature that Python gives it", () => {
  assert.equal(toHex(domain.separator), told.separator);
  assert.equal(toHex(account.address), told.address);
  assert.ok(told.messages.length >= 100);
  assert.equal(new Set(told.messages.map((one: { type: string }) => one.type)).size, Object.keys(MESSAGES).length);
  for (const one of told.messages) {
    const type = MESSAGES[one.type]!;
    const message = decode(one.type, type, tree(one.message));
    const digest = domain.digest(type, message);
    assert.equal(toHex(hashStruct(type, message)), one.struct, one.type);
    assert.equal(toHex(digest), one.digest, one.type);
    assert.equal(toHex(account.sign(digest)), one.signature, one.type);
    assert.equal(toHex(recover(digest, fromHex(one.signature), one.type)), told.address);
  }
});

test("a message is written as the JSON that it was read from", () => {
  for (const one of told.messages) {
    const message = decode(one.type, MESSAGES[one.type]!, tree(one.message));
    assert.deepEqual(JSON.parse(canonical(message)), one.message);
    assert.deepEqual(encode(message), encode(decode(one.type, MESSAGES[one.type]!, encode(message))));
  }
});

test("a changed byte of a signature is another signer or none", () => {
  const one = told.messages[0];
  for (let at = 0; at < 65; at++) {
    const changed = fromHex(one.signature);
    changed[at]! ^= 1;
    let signer = "none";
    try {
      signer = toHex(recover(fromHex(one.digest), changed, one.type));
    } catch (error) {
      assert.ok(error instanceof HospesError);
    }
    assert.notEqual(signer, told.address);
  }
});

test("what the protocol forbids is refused by a typed error", () => {
  const refused = vectors("refused");
  assert.ok(refused.length > 35);
  for (const one of refused) {
    const text = new TextEncoder().encode(one.text);
    assert.throws(() => decode(one.type, MESSAGES[one.type]!, text), HospesError, one.text);
  }
});

test("a list of grants has the hash that the chain sees, whatever order it was made in", () => {
  for (const one of told.grantsHashes) {
    const { grants } = decode("Consent", Consent, tree({ grants: one.grants, deadline: "0" }));
    assert.equal(toHex(grantsHash({ grants })), one.hash);
    assert.deepEqual(sortedGrants([...grants].reverse()), grants);
  }
});

test("a grant that is shown without its siblings is written as Python writes it", () => {
  for (const one of vectors("grant-files")) {
    const consent = decode("Consent", Consent, tree(one.consent));
    const file = JSON.parse(one.file);
    const made = grantFile(fromHex(file.journey), consent, consent.grants.at(-1)!);
    assert.equal(canonical(made), one.file);
    assert.equal(toHex(shownHash(made.shown)), one.hash);
  }
});
