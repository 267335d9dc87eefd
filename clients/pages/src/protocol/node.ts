/** One ledger node over Ethereum JSON-RPC: it fetches and never believes; `reader` verifies what comes. */
import { type Bytes, fromHex, toHex, uint } from "./bytes.ts";
import { NodeError, UnreachableError } from "./errors.ts";
import type { AccountProof } from "./state.ts";

const TIMEOUT_MS = 10_000;

export interface Log {
  readonly topics: readonly Bytes[];
  readonly data: Bytes;
  readonly block: bigint;
}

export class Node {
  constructor(
    readonly url: string,
    private readonly fetcher: typeof fetch = (...given) => fetch(...given),
  ) {}

  async request(method: string, ...params: readonly unknown[]): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const answer = await this.exchange(body);
    if (typeof answer !== "object" || answer === null) throw new NodeError(method, "the answer is not an object");
    const { error, result } = answer as { error?: { message?: unknown; code?: unknown }; result?: unknown };
    if (error) throw new NodeError(method, `${error.message ?? "no reason given"}`, Number(error.code ?? 0));
    if (result === undefined) throw new NodeError(method, "no result");
    return result;
  }

  /** Header RLP and seal of a block, unverified. */
  async finality(block: bigint | "finalized" = "finalized"): Promise<{ header: Bytes; signature: Bytes }> {
    const method = "hospes_getFinality";
    const answer = members(method, await this.request(method, tag(block)));
    return { header: hex(method, answer["header"]), signature: hex(method, answer["signature"]) };
  }

  /** RLP of up to 1,024 headers from a block on, unverified. */
  async headers(first: bigint, count: number): Promise<Bytes[]> {
    const method = "hospes_getHeaders";
    const answer = await this.request(method, tag(first), tag(BigInt(count)));
    return items(method, answer).map((item) => hex(method, item));
  }

  /** The proof of an account and of slots of it, unverified. */
  async proof(address: Bytes, slots: readonly bigint[], block: bigint): Promise<AccountProof> {
    const method = "eth_getProof";
    const keys = slots.map((slot) => toHex(uint(slot, 32)));
    const answer = members(method, await this.request(method, toHex(address), keys, tag(block)));
    const given = items(method, answer["storageProof"]);
    if (given.length !== slots.length) throw new NodeError(method, "it gave another number of slots");
    const nodes = (list: unknown) => items(method, list).map((node) => hex(method, node));
    return {
      address,
      nodes: nodes(answer["accountProof"]),
      slots: slots.map((slot, i) => ({ slot, nodes: nodes(members(method, given[i])["proof"]) })),
    };
  }

  /** The events of a contract between two blocks, both included, unproven. */
  async logs(address: Bytes, topics: readonly Bytes[], first: bigint, last: bigint): Promise<Log[]> {
    const method = "eth_getLogs";
    const query = { address: toHex(address), topics: topics.map(toHex), fromBlock: tag(first), toBlock: tag(last) };
    return items(method, await this.request(method, query)).map((item) => {
      const log = members(method, item);
      return {
        topics: items(method, log["topics"]).map((topic) => hex(method, topic)),
        data: hex(method, log["data"]),
        block: quantity(method, log["blockNumber"]),
      };
    });
  }

  private async exchange(body: string): Promise<unknown> {
    try {
      const response = await this.fetcher(this.url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body,
        credentials: "omit",
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return await response.json();
    } catch (error) {
      throw new UnreachableError(this.url, (error as Error).name);
    }
  }
}

function tag(block: bigint | string): string {
  return typeof block === "string" ? block : `0x${block.toString(16)}`;
}

function members(method: string, answer: unknown): Record<string, unknown> {
  if (typeof answer !== "object" || answer === null) throw new NodeError(method, "the answer is not an object");
  return answer as Record<string, unknown>;
}

function items(method: string, answer: unknown): unknown[] {
  if (!Array.isArray(answer)) throw new NodeError(method, "the answer is not a list");
  return answer;
}

function hex(method: string, value: unknown): Bytes {
  if (typeof value !== "string") throw new NodeError(method, "the answer holds something else than hexadecimal");
  return fromHex(value.toLowerCase(), undefined, method);
}

function quantity(method: string, value: unknown): bigint {
  if (typeof value !== "string" || !/^0x[0-9a-f]{1,16}$/i.test(value)) {
    throw new NodeError(method, "the answer holds something else than a number");
  }
  return BigInt(value);
}
