/** The bodies of HTTP calls and the plaintexts of boxes that a wallet sends or reads (PROTOCOL section 5). */
import { type Bytes, compare, concat } from "./bytes.ts";
import { keccak } from "./identities.ts";
import { Access, type Consent, type Deposit, Erasure, Grant } from "./messages.ts";
import { hashStruct } from "./typed-data.ts";
import { bytes, integer, list, type Of, struct, text } from "./wire.ts";

export interface DepositRequest {
  readonly deposit: Deposit;
  readonly signature: Bytes;
  readonly box: Bytes;
}
export interface StandingBox {
  readonly consent: Consent;
  readonly signature: Bytes;
  readonly noticeKey: Bytes;
  readonly noticeSignature: Bytes;
}
export interface RelayRequest {
  readonly call: "deposit" | "end" | "erase" | "give" | "withdraw";
  readonly arguments: {
    readonly journey: Bytes;
    readonly grantsHash?: Bytes;
    readonly deadline?: bigint;
    readonly through?: bigint;
    readonly bodyHash?: Bytes;
    readonly erasure?: Of<typeof Erasure>;
  };
  readonly signature: Bytes;
}

export const AcceptedReply = struct("AcceptedReply", { depositHash: bytes(32), signature: bytes() });
export const StandingReply = struct("StandingReply", { grantsHash: bytes(32) });
export const RelayReply = struct("RelayReply", { transaction: bytes(32) });
export const SealedNotice = struct("SealedNotice", { number: integer, box: bytes() });
export const NoticesReply = struct("NoticesReply", { notices: list(SealedNotice) });
export const Notice = struct("Notice", { access: Access, released: list(text), time: integer });
export type Notice = Of<typeof Notice>;

/** One grant shown without the others of its consent, as the wallet hands it to a hospital. */
export interface GrantFile {
  readonly journey: Bytes;
  readonly shown: { readonly grant: Grant; readonly siblings: readonly Bytes[]; readonly deadline: bigint };
}

export function grantFile(journey: Bytes, consent: Consent, grant: Grant): GrantFile {
  const siblings = consent.grants.filter((other) => other !== grant).map((other) => hashStruct(Grant, other));
  return { journey, shown: { grant, siblings: siblings.sort(compare), deadline: consent.deadline } };
}

/** The hash that the chain knows the consent of a shown grant by. */
export function shownHash(shown: GrantFile["shown"]): Bytes {
  return keccak(concat(...[hashStruct(Grant, shown.grant), ...shown.siblings].sort(compare)));
}
