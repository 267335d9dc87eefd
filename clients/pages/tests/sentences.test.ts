import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex } from "../src/protocol/bytes.ts";
import { Consent } from "../src/protocol/messages.ts";
import { type Language, LANGUAGES, phrasesOf, sentences } from "../src/protocol/sentences.ts";
import { decode } from "../src/protocol/wire.ts";
import { tree, vectors } from "./vectors.ts";

test("a consent reads on the page as it reads in Python, in every language", () => {
  const seen = new Set<string>();
  for (const one of vectors("sentences")) {
    const consent = decode("Consent", Consent, tree(one.consent));
    const language = one.language as Language;
    const setting = { gate: fromHex(one.gate), members: one.members, standing: one.standing, language };
    assert.deepEqual(sentences(consent, setting), one.paragraphs);
    seen.add(language);
  }
  assert.deepEqual([...seen].sort(), [...LANGUAGES].sort());
});

test("every language has the same words to fill, and names the same countries, classes and purposes", () => {
  const places = (template: string) => (template.match(/\{\w+/g) ?? []).sort().join();
  const english = phrasesOf("en");
  for (const language of LANGUAGES) {
    const words = phrasesOf(language);
    assert.deepEqual(Object.keys(words), Object.keys(english));
    for (const [key, template] of Object.entries(english)) {
      const own = words[key as keyof typeof words];
      if (typeof template === "string") assert.equal(places(own as string), places(template), key);
      else assert.deepEqual(Object.keys(own), Object.keys(template), key);
    }
  }
});
