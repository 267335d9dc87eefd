/**
 * One traveller's wallet at work on one network: its secret, its book, and how it reaches and reads the network.
 *
 * It holds the parts together; what is done with them stands in the module named after it.
 */
import { type Bytes, equal, fromHex, toHex } from "../protocol/bytes.ts";
import { GATE_SECRET_BYTES } from "../protocol/cards.ts";
import { activeAt, type Epoch, type Member } from "../protocol/chain.ts";
import { HospesError } from "../protocol/errors.ts";
import { type Genesis, GenesisFile, isDemonstration, pin } from "../protocol/genesis.ts";
import { decodeHeader, type FinalHeader } from "../protocol/headers.ts";
import { deriveJourney, type JourneyKeys } from "../protocol/journeys.ts";
import { Node } from "../protocol/node.ts";
import { Peer, printable } from "../protocol/peer.ts";
import { type ChainMemory, ChainReader } from "../protocol/reader.ts";
import type { MessageType } from "../protocol/typed-data.ts";
import { list, type Of, parse, struct, text } from "../protocol/wire.ts";
import { Book, type JourneyPage } from "./book.ts";
import { load, save } from "./database.ts";
import { type Missing, OtherNetworkError } from "./errors.ts";
import { random } from "./vault.ts";

const NetworkFile = struct("NetworkFile", { genesis: GenesisFile, ledger: text, stores: list(text) });
export type Network = Of<typeof NetworkFile>;
const PIN_KEY = "pin";

/** One epoch's keepers, in order, proven at a final block. */
export interface Keepers {
  readonly epoch: Epoch;
  readonly members: readonly Member[];
  readonly at: FinalHeader;
}

/** What became of asking several members at once. */
export interface Told<T> {
  readonly answers: readonly (readonly [Member, T])[];
  readonly missing: readonly Missing[];
}

/** Ask the server that gave the page which network it is for, and compare with the pin that the wallet remembers. */
export async function findNetwork(): Promise<Network> {
  const response = await fetch("/network.json", { credentials: "omit" });
  const network = NetworkFile(parse("NetworkFile", new Uint8Array(await response.arrayBuffer())), "", "NetworkFile");
  const [known, given] = [await load<string>(PIN_KEY), toHex(pin(network.genesis))];
  if (known !== undefined && known !== given) throw new OtherNetworkError(known, given);
  return network;
}

/** From now on this wallet believes this genesis and no other. */
export async function pinNetwork(genesis: Genesis): Promise<void> {
  await save(PIN_KEY, toHex(pin(genesis)));
}

export class Wallet {
  readonly reader: ChainReader;
  readonly book: Book;
  readonly #root: Bytes;

  constructor(
    root: Bytes,
    readonly network: Network,
  ) {
    this.#root = root;
    const node = new Node(network.ledger);
    this.reader = new ChainReader(node, network.genesis, new HighestBlock(pin(network.genesis)));
    this.book = new Book(root, pin(network.genesis));
  }

  get chainId(): bigint {
    return this.network.genesis.chainId;
  }

  get demonstration(): boolean {
    return isDemonstration(this.network.genesis);
  }

  now(): bigint {
    return BigInt(Math.floor(Date.now() / 1000));
  }

  /** The later of the wallet's time and a final block's: others count from that at least. */
  timeAt(final: FinalHeader): bigint {
    const now = this.now();
    return now > final.time ? now : final.time;
  }

  keys(journey: JourneyPage): JourneyKeys {
    return deriveJourney(this.#root, this.chainId, Number(journey.index));
  }

  sign<T>(journey: JourneyPage, type: MessageType<T>, message: T): Bytes {
    return this.keys(journey).account.sign(this.reader.domain.digest(type, message));
  }

  /**
   * Begin a journey under a key that the chain has never seen: a wallet that lost its book must not take up an old
   * address, since two journeys under one address could be linked.
   */
  async newJourney(name: string): Promise<JourneyPage> {
    const tip = await this.reader.tip();
    const known = await this.book.journeys();
    let index = known.reduce((next, page) => Math.max(next, Number(page.index) + 1), 0);
    const address = () => deriveJourney(this.#root, this.chainId, index).account.address;
    while ((await this.reader.journal(address(), tip)).entries.length) index++;
    const page: JourneyPage = {
      index: BigInt(index),
      address: address(),
      name,
      gateSecret: random(GATE_SECRET_BYTES),
      begunAt: this.now(),
      consents: [],
      deposits: [],
    };
    await this.book.add(page);
    return page;
  }

  /** The keepers in office, or those of epoch `number`. */
  async keepers(at?: FinalHeader, number?: bigint): Promise<Keepers> {
    const final = at ?? (await this.reader.tip());
    const epoch = await this.reader.keepers(final, number);
    return { epoch, members: await this.reader.members(epoch.accounts, final), at: final };
  }

  /** Every keeper that may hold anything of a journey: those in office, and those of its deposits. */
  async keepersOf(journey: JourneyPage, at: FinalHeader): Promise<readonly Member[]> {
    const office = await this.keepers(at);
    const numbers = new Set(journey.deposits.map((page) => page.deposit.body.keeperEpoch));
    numbers.delete(office.epoch.number);
    const earlier = await Promise.all([...numbers].map((number) => this.keepers(at, number)));
    const all = [office, ...earlier].flatMap((keepers) => keepers.members);
    return all.filter((member, i) => all.findIndex((other) => equal(other.account, member.account)) === i);
  }
}

/** Refuse a member that must not be sent anything any more. */
export function checkActive(member: Member, at: FinalHeader): void {
  if (!activeAt(member.word, at.number)) {
    throw new HospesError("suspended-member", `${member.id} is not active`, { member: member.id });
  }
}

/** Ask several members at once; one that fails does not keep the others from answering. */
export async function askEach<T>(
  members: readonly Member[],
  ask: (member: Member, peer: Peer) => Promise<T>,
): Promise<Told<T>> {
  const answers: (readonly [Member, T])[] = [];
  const missing: Missing[] = [];
  const one = async (member: Member) => {
    try {
      answers.push([member, await ask(member, new Peer(member.service))]);
    } catch (error) {
      missing.push({ member: member.id, reason: reasonOf(error) });
    }
  };
  await Promise.all(members.map(one));
  return { answers, missing };
}

export function reasonOf(error: unknown): string {
  return error instanceof HospesError ? printable(error.message) : (error as Error).name;
}

/** The highest final block that this wallet saw, so that no node can take it back in time. */
class HighestBlock implements ChainMemory {
  private readonly key: string;

  constructor(pinned: Bytes) {
    this.key = `highest-block-${toHex(pinned).slice(2, 18)}`;
  }

  /** What is damaged is as good as forgotten: the next block is proven all the same. */
  load(): Bytes | undefined {
    try {
      return decodeHeader(fromHex(localStorage.getItem(this.key) ?? "")).rlp;
    } catch {
      return undefined;
    }
  }

  store(rlp: Bytes): void {
    localStorage.setItem(this.key, toHex(rlp));
  }
}
