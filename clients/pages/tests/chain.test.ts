import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bytes, equal, fromHex, toHex } from "../src/protocol/bytes.ts";
import { type Entry, entryOf, firstHead, fold, type Kind, KINDS, ROLES } from "../src/protocol/chain.ts";
import { HospesError, NotOnChainError, ProofError } from "../src/protocol/errors.ts";
import { blockHash, decodeGenesis, isDemonstration, pin } from "../src/protocol/genesis.ts";
import { decodeHeader, type FinalHeader, verifyDescent, verifySeal } from "../src/protocol/headers.ts";
import { Node } from "../src/protocol/node.ts";
import { ChainReader } from "../src/protocol/reader.ts";
import { decodeRlp } from "../src/protocol/rlp.ts";
import { type AccountProof, verifyStorage } from "../src/protocol/state.ts";
import { accountOf, allAccounts, epochOf, logState, mapped, memberOf, PLACES, type Reading } from "../src/protocol/storage.ts";
import { padRight, utf8 } from "../src/protocol/bytes.ts";
import { vectors } from "./vectors.ts";

const told = vectors("proofs");
const genesis = decodeGenesis(utf8(told.genesis));
const tip = verifySeal(genesis, fromHex(told.tip.header), fromHex(told.tip.seal));

interface ToldProof {
  address: string;
  nodes: string[];
  slots: { slot: string; value: string; nodes: string[] }[];
}

function proofOf(one: ToldProof): AccountProof {
  const nodes = (list: string[]) => list.map((node) => fromHex(node));
  const slots = one.slots.map(({ slot, nodes: own }) => ({ slot: BigInt(slot), nodes: nodes(own) }));
  return { address: fromHex(one.address), nodes: nodes(one.nodes), slots };
}

function valuesOf(address: Bytes): Map<bigint, bigint> {
  const one = told.accounts.find((account: ToldProof) => equal(fromHex(account.address), address));
  return verifyStorage(tip, proofOf(one), one.slots.map((slot: { slot: string }) => BigInt(slot.slot)));
}

function resolve<T>(reading: Reading<T>, values: Map<bigint, bigint>): T {
  let step = reading.next(values);
  while (!step.done) {
    for (const slot of step.value) assert.ok(values.has(slot), `0x${slot.toString(16)} was not in Python's proof`);
    step = reading.next(values);
  }
  return step.value;
}

test("the pin of a genesis is Python's, in any order of keys", () => {
  assert.equal(toHex(pin(genesis)), told.pin);
  assert.equal(toHex(blockHash(genesis)), told.genesisHash);
  const reversed = Object.fromEntries(Object.entries(JSON.parse(told.genesis)).reverse());
  assert.equal(toHex(pin(decodeGenesis(utf8(JSON.stringify(reversed))))), told.pin);
  assert.ok(isDemonstration(genesis));
});

test("a header is final when the pinned authority sealed it", () => {
  assert.equal(`${tip.number} ${tip.time}`, `${told.tip.number} ${told.tip.time}`);
  assert.equal(toHex(tip.stateRoot), told.stateRoot);
  assert.equal(verifySeal(genesis, genesis.header, new Uint8Array(0)).number, 0n);
});

test("a header that somebody else sealed, or for another network, or that was changed, is not final", () => {
  const [header, seal] = [fromHex(told.tip.header), fromHex(told.tip.seal)];
  assert.throws(() => verifySeal(genesis, header, fromHex(told.forgedSeal)), ProofError);
  assert.throws(() => verifySeal(genesis, header, fromHex(told.otherNetworkSeal)), ProofError);
  assert.throws(() => verifySeal(genesis, header, seal.slice(1)), ProofError);
  assert.throws(() => verifySeal({ ...genesis, authority: new Uint8Array(20) }, header, seal), ProofError);
  for (let at = 0; at < header.length; at += 7) {
    const changed = header.slice();
    changed[at]! ^= 1;
    assert.throws(() => verifySeal(genesis, changed, seal), ProofError, `byte ${at}`);
  }
  const zero = decodeHeader(genesis.header);
  const other = { ...genesis, header: fromHex(told.headers[0]) };
  assert.throws(() => verifySeal(other, zero.rlp, new Uint8Array(0)), ProofError);
});

test("headers descend by their parents, without a gap", () => {
  const headers = told.headers.map((one: string) => fromHex(one)) as Bytes[];
  const first = decodeHeader(genesis.header);
  verifyDescent(first, headers, tip);
  assert.throws(() => verifyDescent(first, headers.slice(1), tip), ProofError);
  assert.throws(() => verifyDescent(first, [headers[1]!, headers[0]!, ...headers.slice(2)], tip), ProofError);
  assert.throws(() => verifyDescent(first, headers.slice(0, -1), tip), ProofError);
});

test("every proven slot has the value that Python reads, and an absent one is zero", () => {
  let absent = 0;
  for (const one of told.accounts as ToldProof[]) {
    const values = verifyStorage(tip, proofOf(one), one.slots.map((slot) => BigInt(slot.slot)));
    for (const slot of one.slots) {
      assert.equal(values.get(BigInt(slot.slot)), BigInt(slot.value), slot.slot);
      if (BigInt(slot.value) === 0n) absent++;
    }
  }
  assert.ok(absent >= 2);
});

test("a proof with a changed, missing or exchanged node proves nothing", () => {
  let forged = 0;
  for (const one of told.accounts as ToldProof[]) {
    for (const [i, slot] of one.slots.entries()) {
      if (i % 4) continue;
      const proof = proofOf({ ...one, slots: [slot] });
      const wanted = [BigInt(slot.slot)];
      const nodes = proof.slots[0]!.nodes;
      for (const at of nodes.keys()) {
        const changed = nodes.map((node) => node.slice());
        changed[at]![changed[at]!.length - 1]! ^= 1;
        const bad = { ...proof, slots: [{ slot: wanted[0]!, nodes: changed }] };
        assert.throws(() => verifyStorage(tip, bad, wanted), ProofError);
        const missing = { ...proof, slots: [{ slot: wanted[0]!, nodes: nodes.filter((_, j) => j !== at) }] };
        assert.throws(() => verifyStorage(tip, missing, wanted), ProofError);
        forged += 2;
      }
      assert.throws(() => verifyStorage(tip, { ...proof, nodes: proof.nodes.slice(1) }, wanted), ProofError);
      assert.throws(() => verifyStorage(tip, proof, [wanted[0]! + 1n]), ProofError);
    }
  }
  assert.ok(forged > 100);
});

test("the proof of one slot does not prove another", () => {
  const one = told.accounts[0] as ToldProof;
  const held = one.slots.filter((slot) => BigInt(slot.value) !== 0n);
  let lies = 0;
  for (const [i, slot] of held.entries()) {
    const other = held[(i + 1) % held.length]!;
    const proof = proofOf({ ...one, slots: [{ ...slot, nodes: other.nodes }] });
    try {
      assert.notEqual(verifyStorage(tip, proof, [BigInt(slot.slot)]).get(BigInt(slot.slot)), BigInt(other.value));
    } catch (error) {
      assert.ok(error instanceof ProofError);
    }
    lies++;
  }
  assert.ok(lies > 50);
});

test("members, keepers and log heads are read from proven slots as Python reads them", () => {
  const registry = valuesOf(genesis.contracts.registry);
  const accounts = resolve(allAccounts(), registry);
  assert.deepEqual(accounts.map(toHex), told.members.map((member: { account: string }) => member.account));
  for (const member of told.members) {
    const found = resolve(memberOf(fromHex(member.account), tip.number), registry);
    const { word, ...rest } = found;
    assert.deepEqual(
      { ...rest, account: toHex(found.account), boxKey: toHex(found.boxKey), ...word, roles: `${word.roles}` },
      {
        ...member,
        admittedBlock: BigInt(member.admittedBlock),
        suspendedBlock: BigInt(member.suspendedBlock),
      },
    );
    assert.equal(toHex(resolve(accountOf(member.id), registry)), member.account);
  }
  const epoch = resolve(epochOf(ROLES.keeper), registry);
  assert.deepEqual([...epoch.accounts].map(toHex), told.epoch.accounts);
  assert.equal(`${epoch.number} ${epoch.threshold}`, `${told.epoch.number} ${told.epoch.threshold}`);
  const log = valuesOf(genesis.contracts.accessLog);
  const state = resolve(logState(genesis, fromHex(told.journey)), log);
  assert.deepEqual([toHex(state.head), state.count], [told.head, 3n]);
  assert.equal(resolve(logState(genesis, fromHex(told.stranger)), log).count, 0n);
  assert.throws(() => resolve(accountOf("nobody"), new Map([[mapped(2n, padRight(utf8("nobody"), 32)), 0n]])), NotOnChainError);
});

test("slots are where Python finds them", () => {
  const slots = vectors("slots");
  const [journey, account] = [fromHex(slots.journey), fromHex(slots.account)];
  const hex = (slot: bigint) => `0x${slot.toString(16)}`;
  const { registry, accessLog, service, epoch } = PLACES;
  const line = mapped(mapped(registry.services, account), 3n);
  const set = mapped(mapped(registry.epochs, ROLES.keeper), 2n);
  assert.deepEqual(
    {
      logHead: hex(mapped(accessLog.head, journey)),
      logCount: hex(mapped(accessLog.count, journey)),
      memberId: hex(mapped(registry.id, account)),
      memberWord: hex(mapped(registry.word, account)),
      account_: hex(mapped(registry.account, padRight(utf8(slots.name), 32))),
      members: hex(registry.members),
      serviceCount: hex(mapped(registry.serviceCount, account)),
      service3: [service.fromBlock, service.url, service.boxKey].map((offset) => hex(line + offset)),
      epochNumber: hex(mapped(registry.epochNumber, ROLES.keeper)),
      epoch2: [epoch.fromBlock, epoch.threshold, epoch.accounts].map((offset) => hex(set + offset)),
    },
    Object.fromEntries(Object.entries(slots).filter(([key]) => !["journey", "account", "name"].includes(key))),
  );
});

interface ToldEntry {
  journey: string;
  number: string;
  kind: string;
  account: string;
  entryHash: string;
  block: string;
  time: string;
}

function entry(one: ToldEntry): Entry {
  return {
    journey: fromHex(one.journey),
    number: BigInt(one.number),
    kind: Number(one.kind) as Kind,
    account: fromHex(one.account),
    entryHash: fromHex(one.entryHash),
    block: BigInt(one.block),
    time: BigInt(one.time),
  };
}

test("entries fold to Python's head, and a missing or changed one does not", () => {
  for (const one of vectors("entries")) {
    const first = firstHead(BigInt(one.chainId), fromHex(one.log), fromHex(one.journey));
    const entries = one.entries.map(entry) as Entry[];
    assert.equal(toHex(fold(first, 0n, entries)), one.head);
    for (const at of entries.keys()) {
      const changed = entries.map((each, i) => (i === at ? { ...each, time: each.time + 1n } : each));
      assert.notEqual(toHex(fold(first, 0n, changed)), one.head);
      if (at < entries.length - 1) assert.throws(() => fold(first, 0n, entries.filter((_, i) => i !== at)), ProofError);
    }
  }
});

/** A node that answers from the vectors; `lie` changes what it says. */
class PaperNode extends Node {
  lie: (method: string, result: unknown) => unknown = (_method, result) => result;

  constructor() {
    super("paper");
  }

  override async request(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return this.lie(method, this.answer(method, params));
  }

  private answer(method: string, params: readonly unknown[]): unknown {
    if (method === "hospes_getFinality") return { header: told.tip.header, signature: told.tip.seal };
    if (method === "hospes_getHeaders") {
      const from = Number(params[0]) - 1;
      return told.headers.slice(from, from + Number(params[1]));
    }
    if (method === "eth_getLogs") {
      return told.logs
        .filter((log: { topics: string[] }) => log.topics[1] === (params[0] as { topics: string[] }).topics[1])
        .map((log: { block: string }) => ({ ...log, blockNumber: `0x${BigInt(log.block).toString(16)}` }));
    }
    const one = told.accounts.find((account: ToldProof) => account.address === params[0]) as ToldProof;
    const proofs = (params[1] as string[]).map((key) => {
      const found = one.slots.find((slot) => BigInt(slot.slot) === BigInt(key));
      return { proof: found!.nodes };
    });
    return { accountProof: one.nodes, storageProof: proofs };
  }
}

test("a reader believes an honest node", async () => {
  const reader = new ChainReader(new PaperNode(), genesis);
  const at = await reader.tip();
  const members = await reader.everybody(at);
  assert.deepEqual(members.map((member) => member.id), told.members.map((member: { id: string }) => member.id));
  const keepers = await reader.keepers(at);
  assert.equal(keepers.accounts.length, 7);
  const journal = await reader.journal(fromHex(told.journey), at);
  assert.deepEqual(journal.entries, told.entries.map(entry));
  assert.ok(journal.entries.every((one) => one.kind === KINDS.access));
  assert.equal((await reader.journal(fromHex(told.stranger), at)).entries.length, 0);
});

test("a node that hides, changes or adds an entry, or goes back in time, is found out", async () => {
  const journey = fromHex(told.journey);
  const lies: Record<string, (logs: Record<string, string>[]) => unknown> = {
    hides: (logs) => logs.slice(1),
    "hides the last": (logs) => logs.slice(0, -1),
    doubles: (logs) => [...logs, logs.at(-1)],
    reorders: (logs) => [...logs].reverse(),
    "changes a block": (logs) => logs.map((log) => ({ ...log, blockNumber: "0x1" })),
    "changes a hash": (logs) => logs.map((log) => ({ ...log, data: log["data"]!.replace(/.$/, "f").replace(/.{65}$/, "0".repeat(65)) })),
  };
  for (const [name, lie] of Object.entries(lies)) {
    const node = new PaperNode();
    const reader = new ChainReader(node, genesis);
    const at = await reader.tip();
    node.lie = (method, result) => (method === "eth_getLogs" ? lie(result as Record<string, string>[]) : result);
    await assert.rejects(reader.journal(journey, at), ProofError, name);
  }
  const node = new PaperNode();
  const reader = new ChainReader(node, genesis);
  await reader.tip();
  node.lie = () => ({ header: toHex(genesis.header), signature: "0x" });
  await assert.rejects(reader.tip(), ProofError);
});

test("a reader whose memory is of another chain refuses this one", async () => {
  const other = fromHex(told.headers[0]);
  other[10]! ^= 1;
  const memory = { load: () => other, store: () => assert.fail("nothing is to be remembered") };
  await assert.rejects(new ChainReader(new PaperNode(), genesis, memory).tip(), HospesError);
});

test("RLP has one spelling for each value", () => {
  for (const text of ["0x8100", "0x817f", "0xb801ff", "0xb80000", "0xc180ff", "0xc2", "0xf80180", "0x", "0x8080"]) {
    assert.throws(() => decodeRlp(fromHex(text), "it"), ProofError, text);
  }
  assert.deepEqual(decodeRlp(fromHex("0xc3018180"), "it"), [Uint8Array.of(1), Uint8Array.of(0x80)]);
});

test("an event that is no entry is refused", () => {
  const [log] = told.logs;
  const topics = log.topics.map((topic: string) => fromHex(topic)) as Bytes[];
  const data = fromHex(log.data);
  assert.equal(entryOf(topics, data, 1n).number, 1n);
  assert.throws(() => entryOf(topics.slice(1), data, 1n), ProofError);
  assert.throws(() => entryOf(topics, data.slice(1), 1n), ProofError);
  const unknown = data.slice();
  unknown[31] = 9;
  assert.throws(() => entryOf(topics, unknown, 1n), ProofError);
});

void (tip satisfies FinalHeader);
