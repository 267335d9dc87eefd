import assert from "node:assert/strict";
import { test } from "node:test";
import { HospesError } from "../src/protocol/errors.ts";
import { LANGUAGES } from "../src/protocol/sentences.ts";
import { tellError, wordsOf } from "../src/wallet/words.ts";

test("every language fills the same places in every text, and leaves none out", () => {
  const places = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join();
  const english = wordsOf("en");
  for (const language of LANGUAGES) {
    const words = wordsOf(language);
    assert.deepEqual(Object.keys(words).sort(), Object.keys(english).sort());
    for (const key of Object.keys(english) as (keyof typeof english)[]) {
      assert.ok(words[key], key);
      assert.equal(places(words[key]), places(english[key]), key);
      assert.ok(!words[key].includes("hospes wallet "), key);
    }
  }
});

test("an error is told in words with its facts, and an unforeseen one without any", () => {
  const words = wordsOf("en");
  assert.match(tellError(new HospesError("weak-passphrase", "", { shortest: "8" }), words), /at least 8 characters/);
  assert.equal(tellError(new HospesError("never heard of", "a name"), words), words["error.other"]);
  assert.equal(tellError(new TypeError("a name that must not be shown"), words), words["error.other"]);
});
