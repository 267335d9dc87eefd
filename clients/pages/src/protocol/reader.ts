/**
 * The chain as a page may believe it: every answer of a node verified against the pinned genesis.
 *
 * It returns values at one final block and remembers the highest final block it ever saw, so that a node that lies about
 * the past or serves another chain is found out. It sends nothing.
 *
 * Sources: PROTOCOL sections 2 and 6; EIP-1186.
 */
import { type Bytes, equal, own, padLeft } from "./bytes.ts";
import { ENTRY, type Entry, entryOf, type Epoch, firstHead, fold, type Member, ROLES } from "./chain.ts";
import { NodeError, NotOnChainError, ProofError } from "./errors.ts";
import { domainOf, type Genesis } from "./genesis.ts";
import { decodeHeader, type FinalHeader, type Header, verifyDescent, verifySeal } from "./headers.ts";
import type { Node } from "./node.ts";
import { verifyStorage } from "./state.ts";
import { accountOf, allAccounts, epochOf, logState, memberOf, type Reading, type Values } from "./storage.ts";
import type { Domain } from "./typed-data.ts";

const HEADERS_A_CALL = 1024;
const LIMIT_EXCEEDED = -32005;

/** Where the highest final header seen is remembered. */
export interface ChainMemory {
  load(): Bytes | undefined;
  store(rlp: Bytes): void;
}

/** A journey's log, proven complete up to `at`. */
export interface Journal {
  readonly journey: Bytes;
  readonly at: FinalHeader;
  readonly entries: readonly Entry[];
}

export class ChainReader {
  readonly domain: Domain;
  #highest: Header;
  #advancing: Promise<unknown> = Promise.resolve();

  constructor(
    readonly node: Node,
    readonly genesis: Genesis,
    private readonly memory?: ChainMemory,
  ) {
    this.domain = domainOf(genesis);
    this.#highest = decodeHeader(memory?.load() ?? genesis.header);
  }

  /** The latest final block, checked to descend from the highest one seen. */
  async tip(): Promise<FinalHeader> {
    const turn = this.#advancing.then(() => this.advance());
    this.#advancing = turn.catch(() => undefined);
    return turn;
  }

  /** Block `number` as final; it is not checked to descend from the highest one. */
  async final(number: bigint): Promise<FinalHeader> {
    const { header, signature } = await this.node.finality(number);
    const final = verifySeal(this.genesis, header, signature);
    if (final.number !== number) throw new ProofError(`finality of block ${number}`, `the node gave ${final.number}`);
    return final;
  }

  /** A journey's complete log up to `at`, folded to the head proven there. */
  async journal(journey: Bytes, at: FinalHeader): Promise<Journal> {
    const { accessLog } = this.genesis.contracts;
    const { head, count } = await this.read(accessLog, logState(this.genesis, journey), at);
    const entries = count ? await this.entries(journey, 1n, at.number) : [];
    if (entries.some((entry) => !equal(entry.journey, journey) || entry.block > at.number)) {
      throw new ProofError("the log", "an entry is not of this journey and time");
    }
    if (BigInt(entries.length) !== count) {
      throw new ProofError("the log", `${count} entries are proven, ${entries.length} were given`);
    }
    if (!equal(fold(firstHead(this.genesis.chainId, accessLog, journey), 0n, entries), head)) {
      throw new ProofError("the log", "its entries do not fold to the proven head");
    }
    return { journey, at, entries };
  }

  async member(account: Bytes, at: FinalHeader): Promise<Member> {
    return this.read(this.genesis.contracts.registry, memberOf(account, at.number), at);
  }

  /** Several accounts' members, in the same order, with one proof for each step of all of them. */
  async members(accounts: readonly Bytes[], at: FinalHeader): Promise<Member[]> {
    return this.together(this.genesis.contracts.registry, accounts.map((account) => memberOrNobody(account, at)), at);
  }

  async memberNamed(name: string, at: FinalHeader): Promise<Member> {
    return this.member(await this.read(this.genesis.contracts.registry, accountOf(name), at), at);
  }

  async everybody(at: FinalHeader): Promise<Member[]> {
    return this.members(await this.read(this.genesis.contracts.registry, allAccounts(), at), at);
  }

  /** The keepers in office, or those of epoch `number`. */
  async keepers(at: FinalHeader, number?: bigint): Promise<Epoch> {
    return this.read(this.genesis.contracts.registry, epochOf(ROLES.keeper, number), at);
  }

  private async advance(): Promise<FinalHeader> {
    for (;;) {
      const { header, signature } = await this.node.finality();
      const final = verifySeal(this.genesis, header, signature);
      if (equal(final.hash, this.#highest.hash)) return final;
      await this.follow(final);
    }
  }

  /** Go one page of headers towards `tip`, checked to descend from the highest seen; its end must be final itself. */
  private async follow(tip: FinalHeader): Promise<void> {
    const known = this.#highest;
    if (tip.number <= known.number) {
      throw new ProofError("the latest block", `the node serves ${tip.number}, but ${known.number} was final before`);
    }
    const count = Math.min(HEADERS_A_CALL, Number(tip.number - known.number));
    const page = await this.node.headers(known.number + 1n, count);
    if (page.length !== count) throw new ProofError(`descent of block ${tip.number}`, "headers between are missing");
    const last = decodeHeader(page.at(-1)!);
    verifyDescent(known, page, last);
    const sealed = last.number === tip.number ? tip : await this.final(last.number);
    if (!equal(last.hash, sealed.hash)) {
      throw new ProofError(`descent of block ${tip.number}`, "the node gave headers that never became final");
    }
    this.memory?.store(own(last.rlp));
    this.#highest = last;
  }

  /** What the node says are a journey's entries, unproven; too large an answer is asked for in halves. */
  private async entries(journey: Bytes, first: bigint, last: bigint): Promise<Entry[]> {
    try {
      const logs = await this.node.logs(this.genesis.contracts.accessLog, [ENTRY, padLeft(journey)], first, last);
      return logs.map((log) => entryOf(log.topics, log.data, log.block));
    } catch (error) {
      if (!(error instanceof NodeError) || error.code !== LIMIT_EXCEEDED || first >= last) throw error;
    }
    const middle = (first + last) / 2n;
    return [...(await this.entries(journey, first, middle)), ...(await this.entries(journey, middle + 1n, last))];
  }

  private async read<T>(contract: Bytes, reading: Reading<T>, at: FinalHeader): Promise<T> {
    return (await this.together(contract, [reading], at))[0]!;
  }

  /** Run readings in step, so that each step of all of them is one proof. */
  private async together<T>(contract: Bytes, readings: readonly Reading<T>[], at: FinalHeader): Promise<T[]> {
    const results = new Array<T>(readings.length);
    let waiting = readings.map((_, i) => i);
    let values: Values | undefined;
    while (waiting.length) {
      const wanted = new Set<bigint>();
      waiting = waiting.filter((i) => {
        const step = values ? readings[i]!.next(values) : readings[i]!.next(...([] as unknown as [Values]));
        if (step.done) results[i] = step.value;
        else step.value.forEach((slot) => wanted.add(slot));
        return !step.done;
      });
      values = await this.slots(contract, [...wanted], at);
    }
    return results;
  }

  private async slots(contract: Bytes, slots: readonly bigint[], at: FinalHeader): Promise<Values> {
    if (!slots.length) return new Map();
    return verifyStorage(at, await this.node.proof(contract, slots, at.number), slots);
  }
}

/** An account that is no member has no id, no role and no country. */
function* memberOrNobody(account: Bytes, at: FinalHeader): Reading<Member> {
  try {
    return yield* memberOf(account, at.number);
  } catch (error) {
    if (!(error instanceof NotOnChainError)) throw error;
    const word = { roles: 0n, country: "", admittedBlock: 0n, suspendedBlock: 0n };
    return { account, id: "", word, service: "", boxKey: new Uint8Array(0) };
  }
}
