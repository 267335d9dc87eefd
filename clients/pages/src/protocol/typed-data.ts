/**
 * EIP-712: the one hashing scheme of everything that a person or a member signs. It hashes and does not sign.
 *
 * A message type quotes PROTOCOL section 1; its fields are the wire's shapes under the same names.
 */
import { type Bytes, concat, padLeft, uint, utf8 } from "./bytes.ts";
import { MalformedError } from "./errors.ts";
import { keccak } from "./identities.ts";
import { type Shape, type Struct, struct } from "./wire.ts";

const DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";
const SIZES: Readonly<Record<string, number>> = { bytes32: 32, address: 20 };

export interface MessageType<T> extends Shape<T> {
  readonly type: string;
  readonly typeName: string;
  readonly typeHash: Bytes;
  readonly members: readonly (readonly [name: string, kind: string])[];
  readonly refers: Readonly<Record<string, MessageType<unknown>>>;
  /** Throw `MalformedError` for what the protocol forbids. */
  check(value: T): void;
}

/** Define a message by its type, its fields, what it refers to and what else the protocol forbids. */
export function message<F extends Readonly<Record<string, Shape<unknown>>>>(
  type: string,
  fields: F,
  refers: readonly MessageType<unknown>[] = [],
  rules: (value: Struct<F>) => void = () => {},
): MessageType<Struct<F>> {
  const [, typeName, inner] = /^(\w+)\((.*)\)$/.exec(type)!;
  const members = inner!.split(",").map((member) => member.split(" ").reverse() as [string, string]);
  const check = (value: Struct<F>) => {
    for (const [name, kind] of members) checkKind(typeName!, name, kind, (value as Record<string, unknown>)[name]);
    rules(value);
  };
  const others = Object.fromEntries(
    refers.flatMap((other) => [[other.typeName, other], ...Object.entries(other.refers)]),
  ) as unknown as Record<string, MessageType<unknown>>;
  const encoded = type + Object.keys(others).sort().map((name) => others[name]!.type).join("");
  const shape = struct(typeName!, fields, check);
  const read = (tree: unknown, where: string, what: string) => shape(tree, where, what);
  return Object.assign(read, { type, typeName: typeName!, typeHash: keccak(utf8(encoded)), members, refers: others, check });
}

/** The signing domain of one network. */
export class Domain {
  readonly separator: Bytes;

  constructor(
    readonly chainId: bigint,
    readonly verifyingContract: Bytes,
  ) {
    const words = [utf8(DOMAIN), utf8("Hospes"), utf8("1")].map(keccak);
    this.separator = keccak(concat(...words, uint(chainId, 32), padLeft(verifyingContract)));
  }

  /** Return what is signed: the hash of 0x1901, separator and struct hash. */
  digest<T>(type: MessageType<T>, value: T): Bytes {
    return keccak(concat(Uint8Array.of(0x19, 0x01), this.separator, hashStruct(type, value)));
  }
}

export function hashStruct<T>(type: MessageType<T>, value: T): Bytes {
  type.check(value);
  const words = type.members.map(([name, kind]) => encode(type, kind, (value as Record<string, unknown>)[name]));
  return keccak(concat(type.typeHash, ...words));
}

/** The hash of an encoded array of structs, such as `grantsHash`. */
export function hashList<T>(type: MessageType<T>, values: readonly T[]): Bytes {
  return keccak(concat(...values.map((value) => hashStruct(type, value))));
}

function encode(type: MessageType<unknown>, kind: string, value: unknown): Bytes {
  if (kind.endsWith("[]")) {
    return keccak(concat(...(value as unknown[]).map((item) => encode(type, kind.slice(0, -2), item))));
  }
  if (kind === "string") return keccak(utf8(value as string));
  if (kind === "bytes") return keccak(value as Bytes);
  if (kind.startsWith("uint")) return uint(value as bigint, 32);
  if (kind in SIZES) return padLeft(value as Bytes);
  return hashStruct(type.refers[kind]!, value);
}

function checkKind(what: string, name: string, kind: string, value: unknown): void {
  if (kind.endsWith("[]")) {
    (value as unknown[]).forEach((item, i) => checkKind(what, `${name}[${i}]`, kind.slice(0, -2), item));
  } else if (kind.startsWith("uint")) {
    const fits = (value as bigint) >= 0n && (value as bigint) < 1n << BigInt(kind.slice(4));
    if (!fits) throw new MalformedError(what, name, `does not fit ${kind}`);
  } else if (kind in SIZES && (value as Bytes).length !== SIZES[kind]) {
    throw new MalformedError(what, name, `expected ${SIZES[kind]} bytes, got ${(value as Bytes).length}`);
  } else if (kind === "string" && !(value as string).isWellFormed()) {
    throw new MalformedError(what, name, "holds half a surrogate pair");
  }
}
