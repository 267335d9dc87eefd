/**
 * Depositing a record: sealed, stored, its key split among the keepers, and logged, in the protocol's order.
 *
 * Before anything is sealed to a keeper, its key is proven against the pinned genesis. Each step is in the book before
 * the next begins, so a wallet that was closed goes on where it was: nothing is lost, and nothing deposited twice.
 *
 * Sources: PROTOCOL sections 3, 4 and 5 ("Deposit, in this order").
 */
import { AcceptedReply } from "../protocol/bodies.ts";
import { depositInfo, seal } from "../protocol/boxes.ts";
import { base64url, type Bytes, compare, equal, toHex } from "../protocol/bytes.ts";
import type { Entry, Member } from "../protocol/chain.ts";
import { digestOf, encodeCid } from "../protocol/content-ids.ts";
import { SignatureError } from "../protocol/errors.ts";
import { keccak, requireSigner } from "../protocol/identities.ts";
import { Accepted, Blocks, Deposit } from "../protocol/messages.ts";
import { sealRecord } from "../protocol/sealing.ts";
import { shareHash, split } from "../protocol/shares.ts";
import { encode } from "../protocol/wire.ts";
import { type DepositPage, isUnfinished, type JourneyPage, withDeposit } from "./book.ts";
import { forget, keys, load, save } from "./database.ts";
import { DamagedError, type Missing, StoresFailedError, TooFewKeepersError } from "./errors.ts";
import { depositCall, logged, relay } from "./relaying.ts";
import { random } from "./vault.ts";
import { askEach, checkActive, type Keepers, type Wallet } from "./wallet.ts";

export const MEDIA_TYPE = "application/fhir+json";
const PERMITTED_S = 3600n;
const KEPT_UNLOGGED_S = 23n * 3600n;
const MAX_LIST = 64;
const BLOCKS = "blocks/";

export interface Deposited {
  readonly what: string;
  readonly entry: Entry;
  readonly holders: number;
  readonly threshold: number;
  readonly missing: readonly Missing[];
  /** False for a document that was deposited before and left as it was. */
  readonly fresh: boolean;
}

/** Deposit a document under each class, and finish what an earlier visit left unfinished. */
export async function deposit(
  wallet: Wallet,
  address: Bytes,
  document: Bytes,
  classes: readonly string[],
): Promise<Deposited[]> {
  const keepers = await wallet.keepers();
  await tidy(wallet, address, keepers);
  const records: DepositPage[] = [];
  for (const what of classes) {
    const journey = await wallet.book.journey(address);
    records.push(known(journey, what, document, keepers) ?? (await begin(wallet, journey, what, document, keepers)));
  }
  return finishAll(wallet, address, keepers, records);
}

/** Finish deposits that an earlier visit left unfinished. */
export async function finishDeposits(wallet: Wallet, address: Bytes): Promise<Deposited[]> {
  if (!(await wallet.book.journey(address)).deposits.some(isUnfinished)) return [];
  const keepers = await wallet.keepers();
  await tidy(wallet, address, keepers);
  return finishAll(wallet, address, keepers, (await wallet.book.journey(address)).deposits.filter(isUnfinished));
}

/** They go together: entries share blocks of the chain. Every one ends before the first failure is told. */
async function finishAll(wallet: Wallet, address: Bytes, keepers: Keepers, pages: readonly DepositPage[]) {
  const outcomes = await Promise.allSettled(pages.map((page) => finish(wallet, address, page, keepers)));
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed) throw failed.reason;
  return outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
}

/** The deposit of this very document with the keepers in office, if there is one to go on with. */
function known(journey: JourneyPage, what: string, document: Bytes, keepers: Keepers): DepositPage | undefined {
  const hash = keccak(document);
  return journey.deposits.find(
    ({ deposit: { body }, ...page }) =>
      !page.givenUp && body.what === what && equal(page.document, hash) && body.keeperEpoch === keepers.epoch.number,
  );
}

/** Seal a document under a new key, split the key, sign the deposit, and write all this down. */
async function begin(
  wallet: Wallet,
  journey: JourneyPage,
  what: string,
  document: Bytes,
  keepers: Keepers,
): Promise<DepositPage> {
  const [record, key, salt] = [random(32), random(32), random(32)];
  const sealed = await sealRecord({ journey: journey.address, record, what }, key, document, MEDIA_TYPE);
  const shares = split(key, Number(keepers.epoch.threshold), keepers.members.length, random);
  key.fill(0);
  const opening: Deposit = {
    journey: journey.address,
    body: {
      record,
      what,
      manifest: sealed.manifestDigest,
      keeperEpoch: keepers.epoch.number,
      threshold: keepers.epoch.threshold,
      shareHashes: shares.map((share) => shareHash(salt, share)),
      keyCheck: sealed.keyCheck,
      depositedAt: wallet.timeAt(keepers.at),
      salt,
    },
  };
  const blocks = [...sealed.segments, sealed.manifest];
  await save(BLOCKS + toHex(record), blocks);
  const page: DepositPage = {
    deposit: opening,
    signature: wallet.sign(journey, Deposit, opening),
    document: keccak(document),
    digests: blocks.map(digestOf),
    stores: [],
    accepted: [],
    shares,
    givenUp: false,
  };
  return note(wallet, journey.address, page);
}

async function note(wallet: Wallet, address: Bytes, page: DepositPage): Promise<DepositPage> {
  await wallet.book.change(address, (now) => withDeposit(now, page));
  return page;
}

/** Give up what can no longer be finished, and delete blocks that no page refers to. */
async function tidy(wallet: Wallet, address: Bytes, keepers: Keepers): Promise<void> {
  const journey = await wallet.book.journey(address);
  for (const page of journey.deposits.filter(isUnfinished)) {
    const { body } = page.deposit;
    const late = wallet.timeAt(keepers.at) - body.depositedAt > KEPT_UNLOGGED_S;
    if (await logged(wallet, depositCall(wallet, page.deposit, page.signature))) continue;
    if (late || body.keeperEpoch !== keepers.epoch.number) {
      await note(wallet, address, { ...page, shares: [], givenUp: true });
    }
  }
  const unfinished = (await wallet.book.journeys()).flatMap((each) => each.deposits.filter(isUnfinished));
  const wanted = new Set(unfinished.map((page) => BLOCKS + toHex(page.deposit.body.record)));
  for (const key of await keys()) if (key.startsWith(BLOCKS) && !wanted.has(key)) await forget(key);
}

/** Carry a deposit through the steps that are left. */
async function finish(wallet: Wallet, address: Bytes, page: DepositPage, keepers: Keepers): Promise<Deposited> {
  const call = depositCall(wallet, page.deposit, page.signature);
  const fresh = isUnfinished(page);
  let missing: readonly Missing[] = [];
  if (fresh && !(await logged(wallet, call))) [page, missing] = await place(wallet, address, page, keepers);
  const entry = await relay(wallet, call);
  if (fresh) {
    page = await note(wallet, address, { ...page, shares: [] });
    await forget(BLOCKS + toHex(page.deposit.body.record));
  }
  const { what, threshold } = page.deposit.body;
  return { what, entry, holders: page.accepted.length, threshold: Number(threshold), missing, fresh };
}

/** Bring blocks to the stores and shares to the keepers, as far as they do not hold them already. */
async function place(
  wallet: Wallet,
  address: Bytes,
  page: DepositPage,
  keepers: Keepers,
): Promise<[DepositPage, readonly Missing[]]> {
  let missing: readonly Missing[] = [];
  if (!page.stores.length) {
    const put = await putBlocks(wallet, await wallet.book.journey(address), page);
    page = await note(wallet, address, { ...page, stores: put.answers.map(([store]) => store.id) });
    missing = put.missing;
  }
  const told = await offer(wallet, page, keepers);
  const fresh = told.answers.map(([keeper, signature]) => ({ keeper: keeper.account, signature }));
  page = await note(wallet, address, { ...page, accepted: [...page.accepted, ...fresh] });
  const needed = Math.min(Number(keepers.epoch.threshold) + 1, keepers.members.length);
  if (page.accepted.length < needed) throw new TooFewKeepersError(page.accepted.length, needed, told.missing);
  return [page, [...missing, ...told.missing]];
}

/** Send its share to each keeper that has not accepted yet; return their signatures, checked. */
async function offer(wallet: Wallet, page: DepositPage, keepers: Keepers) {
  const { domain } = wallet.reader;
  const depositHash = domain.digest(Deposit, page.deposit);
  const holds = (keeper: Member) => page.accepted.some((one) => equal(one.keeper, keeper.account));
  return askEach(
    keepers.members.filter((keeper) => !holds(keeper)),
    async (keeper, peer) => {
      checkActive(keeper, keepers.at);
      const share = page.shares[keepers.members.indexOf(keeper)]!;
      const box = await seal(keeper.boxKey, depositInfo(domain, depositHash, keeper.account), encode({ share }));
      const body = { deposit: page.deposit, signature: page.signature, box };
      const reply = await peer.post("/v1/deposit", body, "AcceptedReply", AcceptedReply);
      if (!equal(reply.depositHash, depositHash)) throw new SignatureError("Accepted", "it is for another deposit");
      requireSigner(domain.digest(Accepted, { depositHash }), reply.signature, keeper.account, "Accepted");
      return reply.signature;
    },
  );
}

/** Put all blocks of a record to every store of the network, under permissions that the journey signs. */
async function putBlocks(wallet: Wallet, journey: JourneyPage, page: DepositPage) {
  const blocks = await load<Bytes[]>(BLOCKS + toHex(page.deposit.body.record));
  if (!blocks || blocks.some((block, i) => !equal(digestOf(block), page.digests[i]!))) throw new DamagedError("blocks");
  const tip = await wallet.reader.tip();
  const stores = await Promise.all(wallet.network.stores.map((name) => wallet.reader.memberNamed(name, tip)));
  const headers = permissions(wallet, journey, page.digests, wallet.timeAt(tip) + PERMITTED_S);
  const told = await askEach(stores, async (store, peer) => {
    checkActive(store, tip);
    for (const block of blocks) {
      const cid = encodeCid(digestOf(block));
      await peer.request("PUT", `/v1/blocks/${cid}`, block, { "Hospes-Authorization": headers.get(cid)! });
    }
  });
  if (!told.answers.length) throw new StoresFailedError(told.missing);
  return told;
}

/** The permission header of each block; one signature serves up to 64. */
function permissions(wallet: Wallet, journey: JourneyPage, digests: readonly Bytes[], deadline: bigint) {
  const sorted = [...digests].sort(compare);
  const headers = new Map<string, string>();
  for (let first = 0; first < sorted.length; first += MAX_LIST) {
    const blocks = { digests: sorted.slice(first, first + MAX_LIST), deadline, salt: random(32) };
    const signature = wallet.sign(journey, Blocks, blocks);
    const header = base64url(encode({ journey: journey.address, blocks, signature }));
    for (const digest of blocks.digests) headers.set(encodeCid(digest), header);
  }
  return headers;
}
