/**
 * The pinned genesis: the one document that tells which network one is on, and whom its blocks are trusted from.
 *
 * Sources: PROTOCOL section 2 ("Pinned genesis"), RFC 8785.
 */
import { type Bytes } from "./bytes.ts";
import { DEMONSTRATION_CHAIN_ID } from "./chain.ts";
import { MalformedError } from "./errors.ts";
import { keccak } from "./identities.ts";
import { Domain } from "./typed-data.ts";
import { bytes, decode, encode, integer, type Of, struct } from "./wire.ts";

export const GenesisFile = struct(
  "Genesis",
  {
    allocationHash: bytes(32),
    authority: bytes(20),
    chainId: integer,
    contracts: struct("ContractAddresses", {
      accessLog: bytes(20),
      alerts: bytes(20),
      consent: bytes(20),
      registry: bytes(20),
    }),
    header: bytes(),
  },
  (genesis) => {
    if (genesis.chainId < 1n << 32n || genesis.chainId >= 1n << 52n) {
      throw new MalformedError("Genesis", "chainId", "expected a number in [2**32, 2**52)");
    }
  },
);
export type Genesis = Of<typeof GenesisFile>;

/** Read `genesis.json`; any order of keys is accepted, the pin is of the canonical form. */
export function decodeGenesis(data: Uint8Array): Genesis {
  return decode("Genesis", GenesisFile, data);
}

/** The hash that a wallet pins. */
export function pin(genesis: Genesis): Bytes {
  return keccak(encode(genesis));
}

export function blockHash(genesis: Genesis): Bytes {
  return keccak(genesis.header);
}

export function domainOf(genesis: Genesis): Domain {
  return new Domain(genesis.chainId, genesis.contracts.consent);
}

/** Whether this is the demonstration network, which every screen must say. */
export function isDemonstration(genesis: Genesis): boolean {
  return genesis.chainId === DEMONSTRATION_CHAIN_ID;
}
