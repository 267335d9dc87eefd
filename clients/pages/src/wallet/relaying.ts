/**
 * Getting a signed call into the log: through any member, and into the proven log before it counts. A member can refuse
 * or delay, not change it; so the wallet asks one after the other, alternating countries (PROTOCOL section 5).
 */
import { RelayReply, type RelayRequest } from "../protocol/bodies.ts";
import { type Bytes, equal } from "../protocol/bytes.ts";
import { activeAt, type Entry, type Kind, KINDS, type Member } from "../protocol/chain.ts";
import { RemoteError } from "../protocol/errors.ts";
import { Deposit, DepositBody } from "../protocol/messages.ts";
import { Peer } from "../protocol/peer.ts";
import { hashStruct } from "../protocol/typed-data.ts";
import type { JourneyPage } from "./book.ts";
import { type Missing, NotRelayedError } from "./errors.ts";
import { askEach, type Keepers, reasonOf, type Wallet } from "./wallet.ts";

const PATIENCE_MS = 10_000;
const POLL_MS = 150;
const REFUSED_BY_CONTRACT = "refused-by-contract";

/** A signed call and the entry that it must become. */
export interface Call {
  readonly request: RelayRequest;
  readonly kind: Kind;
  readonly entryHash: Bytes;
}

export function giveCall(journey: Bytes, grantsHash: Bytes, deadline: bigint, signature: Bytes): Call {
  const request = { call: "give" as const, arguments: { journey, grantsHash, deadline }, signature };
  return { request, kind: KINDS.given, entryHash: grantsHash };
}

export function withdrawCall(journey: Bytes, grantsHash: Bytes, signature: Bytes): Call {
  const request = { call: "withdraw" as const, arguments: { journey, grantsHash }, signature };
  return { request, kind: KINDS.withdrawn, entryHash: grantsHash };
}

export function depositCall(wallet: Wallet, deposit: Deposit, signature: Bytes): Call {
  const bodyHash = hashStruct(DepositBody, deposit.body);
  const request = { call: "deposit" as const, arguments: { journey: deposit.journey, bodyHash }, signature };
  return { request, kind: KINDS.deposited, entryHash: wallet.reader.domain.digest(Deposit, deposit) };
}

/** The final entry that a call became, if there is one. */
export async function logged(wallet: Wallet, call: Call): Promise<Entry | undefined> {
  const journal = await wallet.reader.journal(call.request.arguments.journey, await wallet.reader.tip());
  return journal.entries.find((entry) => entry.kind === call.kind && equal(entry.entryHash, call.entryHash));
}

/** Bring a call into the log and return its final entry; one that is there already is not sent again. */
export async function relay(wallet: Wallet, call: Call): Promise<Entry> {
  const known = await logged(wallet, call);
  if (known) return known;
  const missing: Missing[] = [];
  for (const member of alternating(await wallet.keepers())) {
    const outcome = await through(wallet, member, call);
    if (typeof outcome !== "string") return outcome;
    missing.push({ member: member.id, reason: outcome });
  }
  throw new NotRelayedError(call.request.call, missing);
}

/**
 * Hand a call that ends something to all keepers that hold anything of the journey, and see it into the log: each keeper
 * honours it from its reply on.
 */
export async function handIn(
  wallet: Wallet,
  journey: JourneyPage,
  call: Call,
): Promise<{ entry: Entry; told: readonly string[]; missing: readonly Missing[] }> {
  const known = await logged(wallet, call);
  if (known) return { entry: known, told: [], missing: [] };
  const keepers = await wallet.keepersOf(journey, await wallet.reader.tip());
  const told = await askEach(keepers, async (_keeper, peer) => {
    try {
      await peer.post("/v1/relay", call.request, "RelayReply", RelayReply);
    } catch (error) {
      // It honours the call before it relays it, and another keeper's relaying may have come first.
      if (!(error instanceof RemoteError) || error.problem !== REFUSED_BY_CONTRACT) throw error;
    }
  });
  const entry = (told.answers.length && (await awaitEntry(wallet, call))) || (await relay(wallet, call));
  return { entry, told: told.answers.map(([keeper]) => keeper.id), missing: told.missing };
}

async function awaitEntry(wallet: Wallet, call: Call): Promise<Entry | undefined> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
    const entry = await logged(wallet, call);
    if (entry) return entry;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return undefined;
}

/** The entry that `member` brought a call to, or why there is none. */
async function through(wallet: Wallet, member: Member, call: Call): Promise<Entry | string> {
  try {
    await new Peer(member.service).post("/v1/relay", call.request, "RelayReply", RelayReply);
  } catch (error) {
    // Refused, perhaps, because the call that another member took is in the log by now.
    return (await logged(wallet, call)) ?? reasonOf(error);
  }
  return (await awaitEntry(wallet, call)) ?? `not final after ${PATIENCE_MS / 1000} s`;
}

/** Active keepers in a random order in which neighbours are of different countries while possible. */
function alternating(keepers: Keepers): readonly Member[] {
  const waiting = keepers.members
    .filter((member) => activeAt(member.word, keepers.at.number))
    .map((member) => [crypto.getRandomValues(new Uint32Array(1))[0]!, member] as const)
    .sort(([left], [right]) => left - right)
    .map(([, member]) => member);
  const order: Member[] = [];
  while (waiting.length) {
    const last = order.at(-1)?.word.country;
    const next = Math.max(waiting.findIndex((member) => member.word.country !== last), 0);
    order.push(...waiting.splice(next, 1));
  }
  return order;
}
