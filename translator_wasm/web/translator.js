/**
 * The medical translator in the browser: the same translator.wasm and packs as in Python, the same answers.
 *
 * It detects no language, keeps nothing of what it translated and asks nobody but for its own three files. What it does
 * not know stays in the source language: show `pieces`, never the bare target, and show `NOTICE` on every screen.
 * A strict content security policy must allow 'wasm-unsafe-eval'. Source: SPEC.md sections 1, 3 and 4.
 *
 * @typedef {{source: [number, number], target: [number, number], kind: string, concept: string, known: boolean}} Span
 * @typedef {{source: string, target: string, status: string, spans: Span[]}} Translation
 */

/** What a reader must know of every translation, in the reader's language. */
export const NOTICE = Object.freeze({
  en: "Translated by a program; not checked by a clinician.",
  pt: "Traduzido por um programa; não verificado por um clínico.",
  es: "Traducido por un programa; no comprobado por un clínico.",
  fr: "Traduit par un programme ; non vérifié par un clinicien.",
  de: "Von einem Programm übersetzt; nicht von einer ärztlichen Fachperson geprüft.",
  fi: "Ohjelman kääntämä; kliinikko ei ole tarkistanut.",
});

/** Flags of a text. */
export const Flag = Object.freeze({ NONE: 0, POINT: 1, CODE: 2, CAPITAL: 4 });

const STATUSES = ["exact", "composed", "partial", "unknown"];
const KINDS = [
  "", "finding", "substance", "site", "laterality", "severity", "form", "route", "frequency", "test", "result",
  "procedure", "device", "vaccine", "status", "month", "unit", "number", "quantity", "date", "person", "label",
  "course", "sentence", "medicine", "dosage", "list", "unknown", "joint", "day", "year",
];
const VERSION = 1;
const MAX_TEXT_BYTES = 16384;
const BATCH_TEXTS = 1000;
const ALIGNMENT = 16;
const PAGE = 65536;
const FIRST_ROOM = 1 << 16;
const MAX_ROOM = 1 << 26;
const ERROR_ROOM = -4;
const REFUSALS = { "-5": "a language pack is damaged", "-6": "the language packs are not of one edition" };
const TEXT_SECTION = 28;
const CONCEPTS_SECTION = 28 + 8 * 5;
const CONCEPT_SIZE = 16;
const RECORD_HEAD = 12;
const SPAN_SIZE = 20;
const NO_CONCEPT = 0xffff;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** An error of the translator; it never holds a text. */
export class TranslatorError extends Error {
  /** @param {string} slug @param {string} message */
  constructor(slug, message) {
    super(message);
    this.name = "TranslatorError";
    this.slug = slug;
  }
}

/** Translates from one language into another. */
export class Translator {
  #exports;
  #ids;
  #pair;
  #work;
  #fixed;
  #top;
  #room = FIRST_ROOM;

  /**
   * Load the engine and two packs.
   * @param {{wasm: URL|string|BufferSource, sourcePack: URL|string|BufferSource, targetPack: URL|string|BufferSource}} files
   * @returns {Promise<Translator>}
   */
  static async load({ wasm, sourcePack, targetPack }) {
    const [code, source, target] = await Promise.all([wasm, sourcePack, targetPack].map(bytesOf));
    const { instance } = await WebAssembly.instantiate(code, {});
    return new Translator(instance, source, target);
  }

  /** @param {WebAssembly.Instance} instance @param {Uint8Array} source @param {Uint8Array} target */
  constructor(instance, source, target) {
    this.#exports = instance.exports;
    if (this.#exports.htr_version() !== VERSION) {
      throw new TranslatorError("translator-pack", "translator.wasm is of another version than this page");
    }
    this.#top = this.#exports.__heap_base.value;
    const sourceAt = this.#place(source);
    const targetAt = this.#place(target);
    this.#pair = this.#reserve(this.#exports.htr_pair_size());
    this.#work = this.#reserve(this.#exports.htr_work_size());
    this.#fixed = this.#top;
    const answer = this.#exports.htr_open(sourceAt, source.length, targetAt, target.length, this.#pair);
    if (answer !== 0) throw new TranslatorError("translator-pack", REFUSALS[answer] ?? "the engine refuses the packs");
    this.#ids = conceptIds(source);
  }

  /** Translate one text. @param {string} text @param {number} [flags] @returns {Translation} */
  translate(text, flags = Flag.NONE) {
    return this.translateMany([text], flags)[0];
  }

  /** Translate texts. @param {string[]} texts @param {number} [flags] @returns {Translation[]} */
  translateMany(texts, flags = Flag.NONE) {
    const found = [];
    for (let start = 0; start < texts.length; start += BATCH_TEXTS) {
      const some = texts.slice(start, start + BATCH_TEXTS);
      this.#read(this.#answer(batchOf(some, flags)), some, found);
    }
    return found;
  }

  /** What a code means, or null if it is none of ours. @param {string} system @param {string} code */
  translateCoding(system, code) {
    const found = this.translate(`${system}|${code}`, Flag.CODE);
    return found.status === "exact" ? found : null;
  }

  #answer(batch) {
    for (;;) {
      this.#top = this.#fixed;
      const at = this.#place(batch);
      const out = this.#reserve(this.#room);
      const made = this.#exports.htr_translate(this.#pair, this.#work, at, batch.length, out, this.#room);
      if (made >= 0) return new Uint8Array(this.#exports.memory.buffer, out, made);
      if (made !== ERROR_ROOM || this.#room >= MAX_ROOM) {
        throw new TranslatorError("malformed", `the engine refuses the text (${made})`);
      }
      this.#room *= 4;
    }
  }

  #read(records, sources, found) {
    const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
    let at = 0;
    for (const source of sources) {
      const status = view.getUint8(at + 4);
      const spans = view.getUint16(at + 6, true);
      const length = view.getUint32(at + 8, true);
      const target = decoder.decode(records.subarray(at + RECORD_HEAD, at + RECORD_HEAD + length));
      const first = at + RECORD_HEAD + padded(length);
      const listed = Array.from({ length: spans }, (_, index) => this.#span(view, first + SPAN_SIZE * index));
      found.push({ source, target, status: STATUSES[status], spans: listed });
      at += view.getUint32(at, true);
    }
  }

  #span(view, at) {
    const concept = view.getUint16(at + 16, true);
    return {
      source: [view.getUint32(at, true), view.getUint32(at + 4, true)],
      target: [view.getUint32(at + 8, true), view.getUint32(at + 12, true)],
      kind: KINDS[view.getUint8(at + 18)],
      concept: concept === NO_CONCEPT ? "" : this.#ids[concept],
      known: view.getUint8(at + 19) === 1,
    };
  }

  #reserve(size) {
    const at = Math.ceil(this.#top / ALIGNMENT) * ALIGNMENT;
    this.#top = at + size;
    const lacking = this.#top - this.#exports.memory.buffer.byteLength;
    if (lacking > 0) this.#exports.memory.grow(Math.ceil(lacking / PAGE));
    return at;
  }

  #place(bytes) {
    const at = this.#reserve(bytes.length);
    new Uint8Array(this.#exports.memory.buffer).set(bytes, at);
    return at;
  }
}

/**
 * The target in order, parted where the language changes; ranges of spans count code points, not UTF-16 units.
 * @param {Translation} translation
 * @returns {{text: string, known: boolean}[]}
 */
export function pieces({ target, spans }) {
  const letters = Array.from(target);
  const found = [];
  let done = 0;
  const take = (end, known) => {
    if (end > done) found.push({ text: letters.slice(done, end).join(""), known });
    done = Math.max(done, end);
  };
  for (const span of spans.filter(({ known, kind }) => !known && kind === "unknown")) {
    take(span.target[0], true);
    take(span.target[1], false);
  }
  take(letters.length, true);
  return found;
}

function batchOf(texts, flags) {
  const encoded = texts.map((text) => {
    if (!text.isWellFormed()) {
      throw new TranslatorError("malformed", "a text holds half of a surrogate pair");
    }
    const bytes = encoder.encode(text);
    if (bytes.length > MAX_TEXT_BYTES) throw new TranslatorError("too-large", "a text has more than 16384 bytes");
    return bytes;
  });
  const batch = new Uint8Array(encoded.reduce((sum, bytes) => sum + 8 + padded(bytes.length), 0));
  const view = new DataView(batch.buffer);
  let at = 0;
  for (const bytes of encoded) {
    view.setUint32(at, bytes.length, true);
    view.setUint32(at + 4, flags, true);
    batch.set(bytes, at + 8);
    at += 8 + padded(bytes.length);
  }
  return batch;
}

function padded(length) {
  return (length + 3) & ~3;
}

function conceptIds(pack) {
  const view = new DataView(pack.buffer, pack.byteOffset, pack.byteLength);
  const text = view.getUint32(TEXT_SECTION, true);
  const at = view.getUint32(CONCEPTS_SECTION, true);
  const count = view.getUint32(CONCEPTS_SECTION + 4, true);
  return Array.from({ length: count }, (_, index) => {
    const start = text + view.getUint32(at + CONCEPT_SIZE * index, true);
    return decoder.decode(pack.subarray(start, start + view.getUint16(at + CONCEPT_SIZE * index + 4, true)));
  });
}

async function bytesOf(file) {
  if (file instanceof ArrayBuffer) return new Uint8Array(file);
  if (ArrayBuffer.isView(file)) return new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  const answer = await fetch(file);
  if (!answer.ok) throw new TranslatorError("translator-pack", `a file of the translator cannot be loaded (${answer.status})`);
  return new Uint8Array(await answer.arrayBuffer());
}
