/**
 * JSON as it crosses every boundary: camelCase names, integers as decimal strings, bytes as 0x lower-case hexadecimal;
 * unknown, missing and duplicate keys are refused (PROTOCOL section 5). It does not know the messages.
 *
 * A `Shape` reads a parsed tree into a typed value or throws `MalformedError`; writing needs none.
 */
import { type Bytes, fromHex, fromUtf8, toHex, utf8 } from "./bytes.ts";
import { MalformedError } from "./errors.ts";

export const MAX_BYTES = 1 << 20;
const MAX_DEPTH = 16;
const MAX_DIGITS = 78;

export interface Shape<T> {
  (tree: unknown, where: string, what: string): T;
  readonly optional?: boolean;
}
export type Of<S> = S extends Shape<infer T> ? T : never;

type Fields = Readonly<Record<string, Shape<unknown>>>;
type Optionals<F extends Fields> = { [K in keyof F]: F[K] extends { readonly optional: true } ? K : never }[keyof F];
export type Struct<F extends Fields> = {
  readonly [K in Exclude<keyof F, Optionals<F>>]: Of<F[K]>;
} & { readonly [K in Optionals<F>]?: Of<F[K]> };

export const text: Shape<string> = (tree, where, what) => {
  if (typeof tree !== "string") throw new MalformedError(what, where, "expected a string");
  if (!tree.isWellFormed()) throw new MalformedError(what, where, "holds half a surrogate pair");
  return tree;
};

export const integer: Shape<bigint> = (tree, where, what) => {
  if (typeof tree !== "string" || !/^(?:0|[1-9][0-9]*)$/.test(tree) || tree.length > MAX_DIGITS) {
    throw new MalformedError(what, where, "expected a whole number in decimal digits");
  }
  return BigInt(tree);
};

export const boolean: Shape<boolean> = (tree, where, what) => {
  if (typeof tree !== "boolean") throw new MalformedError(what, where, "expected true or false");
  return tree;
};

/** Bytes of that many, or of any number. */
export function bytes(size?: number): Shape<Bytes> {
  return (tree, where, what) => {
    if (typeof tree !== "string") throw new MalformedError(what, where, "expected a string");
    return fromHex(tree, size, where);
  };
}

export function list<T>(item: Shape<T>): Shape<readonly T[]> {
  return (tree, where, what) => {
    if (!Array.isArray(tree)) throw new MalformedError(what, where, "expected a list");
    return tree.map((value, i) => item(value, `${where}[${i}]`, what));
  };
}

export function optional<T>(shape: Shape<T>): Shape<T> & { readonly optional: true } {
  return Object.assign((tree: unknown, where: string, what: string) => shape(tree, where, what), {
    optional: true as const,
  });
}

/** An object with exactly these keys; `check` throws for values that contradict each other. */
export function struct<F extends Fields>(
  name: string,
  fields: F,
  check?: (value: Struct<F>) => void,
): Shape<Struct<F>> {
  return (tree, where) => {
    if (typeof tree !== "object" || tree === null || Array.isArray(tree)) {
      throw new MalformedError(name, where, "expected an object");
    }
    const given = tree as Record<string, unknown>;
    for (const key of Object.keys(given)) {
      if (!Object.hasOwn(fields, key)) throw new MalformedError(name, where, "unknown key");
    }
    const value: Record<string, unknown> = {};
    for (const [key, shape] of Object.entries(fields)) {
      const path = where ? `${where}.${key}` : key;
      if (Object.hasOwn(given, key)) value[key] = shape(given[key], path, name);
      else if (!shape.optional) throw new MalformedError(name, path, "missing");
    }
    check?.(value as Struct<F>);
    return value as Struct<F>;
  };
}

/** Return the canonical JSON (RFC 8785) of a value made of objects, lists, strings, bytes and whole numbers. */
export function encode(value: unknown): Bytes {
  return utf8(canonical(value));
}

export function canonical(value: unknown): string {
  if (typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  if (typeof value === "bigint") return `"${value}"`;
  if (value instanceof Uint8Array) return `"${toHex(value)}"`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
    return `{${members.join(",")}}`;
  }
  throw new TypeError(`the wire has no form for ${typeof value}`);
}

/** Read the JSON of one value of a shape. */
export function decode<T>(what: string, shape: Shape<T>, data: Uint8Array, limit = MAX_BYTES): T {
  return shape(parse(what, data, limit), "", what);
}

/** Read JSON into a tree, refusing duplicate keys and what is too large or too deep. */
export function parse(what: string, data: Uint8Array, limit = MAX_BYTES): unknown {
  if (data.length > limit) throw new MalformedError(what, "", `larger than ${limit} bytes`);
  const source = fromUtf8(data);
  if (source === undefined) throw new MalformedError(what, "", "not UTF-8 JSON");
  return new Parser(what, source).whole();
}

const TOKEN = /[\t\n\r ]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\.)*")|(-?[0-9][-+.0-9eE]*)|(true|false|null))/y;

/** The JSON of RFC 8259 with unique keys: `JSON.parse` would keep the last of two silently. */
class Parser {
  private at = 0;

  constructor(
    private readonly what: string,
    private readonly source: string,
  ) {}

  whole(): unknown {
    const tree = this.value(this.token(), 0);
    if (/[^\t\n\r ]/.test(this.source.slice(this.at))) throw this.wrong();
    return tree;
  }

  private token(): string {
    TOKEN.lastIndex = this.at;
    const match = TOKEN.exec(this.source);
    if (!match) throw this.wrong();
    this.at = TOKEN.lastIndex;
    return match[1] ?? match[2] ?? match[3] ?? match[4]!;
  }

  private value(token: string, depth: number): unknown {
    if (depth > MAX_DEPTH) throw new MalformedError(this.what, "", `nested deeper than ${MAX_DEPTH}`);
    if (token === "{") return this.object(depth);
    if (token === "[") return this.array(depth);
    return this.scalar(token);
  }

  private object(depth: number): unknown {
    const members: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    let token = this.token();
    if (token === "}") return members;
    for (;;) {
      if (!token.startsWith('"')) throw this.wrong();
      const key = this.scalar(token) as string;
      if (Object.hasOwn(members, key)) throw new MalformedError(this.what, "", "a key stands twice");
      if (this.token() !== ":") throw this.wrong();
      members[key] = this.value(this.token(), depth + 1);
      const next = this.token();
      if (next === "}") return members;
      if (next !== ",") throw this.wrong();
      token = this.token();
    }
  }

  private array(depth: number): unknown {
    const items: unknown[] = [];
    let token = this.token();
    if (token === "]") return items;
    for (;;) {
      items.push(this.value(token, depth + 1));
      const next = this.token();
      if (next === "]") return items;
      if (next !== ",") throw this.wrong();
      token = this.token();
    }
  }

  private scalar(token: string): unknown {
    try {
      return JSON.parse(token);
    } catch {
      throw this.wrong();
    }
  }

  private wrong(): MalformedError {
    return new MalformedError(this.what, "", "not UTF-8 JSON");
  }
}
