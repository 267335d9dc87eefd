"""A small ledger in a directory: real engine, a clock that the test turns, a few accounts and hand-made contracts.

The contracts are four lines of assembly each, so that a test of the ledger does not depend on a compiler or on the
contracts of Hospes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from eth_account import Account as Signer

from hospes.contracts.addresses import REGISTRY
from hospes.contracts.allocation import GenesisAccount
from hospes.contracts.genesis import Founder, GenesisSpec, allocation
from hospes.core.chain import Role
from hospes.core.genesis import Genesis
from hospes.core.identities import Account, Address, Country, Hash, MemberId
from hospes.nodes.ledger import Anybody, Engine, MembersOnly, Policy, make_genesis
from hospes.nodes.ledger.blocks import SealedBlock

CHAIN_ID: Final = 0x1_2345_6789
START: Final = 1_700_000_000
"""Time of block 0, Unix seconds."""
WEALTH: Final = 10**18

_OPCODES: Final = {
    "STOP": 0x00, "EQ": 0x14, "SHL": 0x1B, "ADDRESS": 0x30, "CALLDATALOAD": 0x35, "CALLDATASIZE": 0x36,
    "CODECOPY": 0x39, "MSTORE": 0x52, "SLOAD": 0x54, "SSTORE": 0x55, "JUMP": 0x56, "JUMPI": 0x57, "GAS": 0x5A,
    "JUMPDEST": 0x5B, "PUSH0": 0x5F, "DUP1": 0x80, "LOG1": 0xA1, "CALL": 0xF1, "RETURN": 0xF3, "REVERT": 0xFD,
}  # fmt: skip
_PUSH0: Final = 0x5F


def assemble(text: str) -> bytes:
    """Return the code of instructions; ``0x..`` pushes its bytes.

    >>> assemble("0x20 PUSH0 RETURN").hex()
    '60205ff3'
    """
    code = b""
    for word in text.split():
        if word.startswith("0x"):
            data = bytes.fromhex(word[2:])
            code += bytes([_PUSH0 + len(data)]) + data
        else:
            code += bytes([_OPCODES[word]])
    return code


NOTEPAD_CODE: Final = assemble(
    # With one word of calldata: return what stands in that slot.
    "CALLDATASIZE 0x20 EQ 0x19 JUMPI "
    # With two: write the second into the slot named by the first, and log it under that name.
    "0x20 CALLDATALOAD PUSH0 CALLDATALOAD SSTORE "
    "0x20 CALLDATALOAD PUSH0 MSTORE PUSH0 CALLDATALOAD 0x20 PUSH0 LOG1 STOP "
    "JUMPDEST PUSH0 CALLDATALOAD SLOAD PUSH0 MSTORE 0x20 PUSH0 RETURN"
)
REFUSER_CODE: Final = assemble(
    "0x08c379a0 0xe0 SHL PUSH0 MSTORE 0x20 0x04 MSTORE 0x05 0x24 MSTORE "
    "0x656e646564 0xd8 SHL 0x44 MSTORE 0x64 PUSH0 REVERT"
)
"""Reverts with Error("ended")."""
CLEARER_CODE: Final = assemble("PUSH0 PUSH0 SSTORE PUSH0 0x01 SSTORE STOP")
"""Clears slots 0 and 1."""
DIVER_CODE: Final = assemble("PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 ADDRESS GAS CALL STOP")
"""Calls itself as deep as its gas lets it."""

NOTEPAD: Final = Address(b"\x10" * 20)
REFUSER: Final = Address(b"\x11" * 20)
CLEARER: Final = Address(b"\x12" * 20)
DIVER: Final = Address(b"\x13" * 20)
CONTRACTS: Final = {
    NOTEPAD: GenesisAccount(nonce=1, code=NOTEPAD_CODE),
    REFUSER: GenesisAccount(nonce=1, code=REFUSER_CODE),
    CLEARER: GenesisAccount(nonce=1, code=CLEARER_CODE, storage={0: 1, 1: 1}),
    DIVER: GenesisAccount(nonce=1, code=DIVER_CODE),
}


def creation(code: bytes) -> bytes:
    """Return initcode that leaves `code` behind."""
    # PUSH2 length, then: length, offset of the code, place in memory.
    return b"\x61" + len(code).to_bytes(2) + assemble("DUP1 0x0a PUSH0 CODECOPY PUSH0 RETURN") + code


def account(index: int) -> Account:
    """Return one of endless accounts."""
    return Account((1_000 + index).to_bytes(32))


def note(slot: int, word: int) -> bytes:
    """Return the calldata that writes on the notepad."""
    return slot.to_bytes(32) + word.to_bytes(32)


def signed(sender: Account, nonce: int, to: Address | None = NOTEPAD, data: bytes = b"", /, **fields: object) -> bytes:
    """Return a raw transaction of EIP-1559, or what `fields` makes of it."""
    transaction: dict[str, object] = {
        "type": 2, "chainId": CHAIN_ID, "nonce": nonce, "gas": 200_000, "value": 0,
        "maxFeePerGas": 0, "maxPriorityFeePerGas": 0, "data": data,
    }  # fmt: skip
    if to is not None:
        transaction["to"] = bytes(to)
    chosen = {key: value for key, value in (transaction | fields).items() if value is not None}
    return bytes(Signer.sign_transaction(chosen, sender.secret).raw_transaction)


@dataclass
class SmallLedger:
    """One ledger directory and the engine that seals it.

    Attributes
    ----------
    directory : Path
    allocation : mapping
        Everything that block 0 holds.
    policy : Policy
    authority : Account
    now : float
        The engine's clock, Unix seconds; the test turns it.
    hurry : bool
        Let the clock run to the next second whenever the engine looks at it, so that nothing waits for a block.
    """

    directory: Path
    allocation: Mapping[Address, GenesisAccount]
    policy: Policy = field(default_factory=Anybody)
    authority: Account = field(default_factory=lambda: Account(b"\x77" * 32))
    now: float = START + 1.5
    hurry: bool = False
    genesis: Genesis = field(init=False)
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        """Lay the ledger down."""
        self.genesis = make_genesis(CHAIN_ID, self.allocation, self.authority.address, START)
        self.engine = Engine.create(
            self.directory, self.genesis, self.allocation, self.authority, clock=self.clock, policy=self.policy
        )

    def clock(self) -> float:
        """Return the time that the test has set."""
        if self.hurry:
            self.now = max(self.now, self.engine.chain.head().time + 1.0)
        return self.now

    def submit(self, sender: Account, data: bytes = b"", to: Address | None = NOTEPAD, /, **fields: object) -> Hash:
        """Sign the sender's next transaction and hand it in."""
        nonce = self.engine.next_nonce(sender.address)
        return self.engine.submit(signed(sender, nonce, to, data, **fields))

    def seal(self) -> SealedBlock:
        """Let two seconds pass and seal; there must be something to seal."""
        self.now += 2
        block = self.engine.seal()
        assert block is not None
        return block

    def write(self, sender: Account, slot: int, word: int) -> SealedBlock:
        """Write on the notepad, in a block of its own."""
        self.submit(sender, note(slot, word))
        return self.seal()

    def reopen(self) -> None:
        """Close the engine and open the directory again."""
        self.engine.close()
        self.engine = Engine.open(self.directory, self.authority, clock=self.clock, policy=self.policy)


def small_ledger(directory: Path, accounts: int = 3, policy: Policy | None = None) -> SmallLedger:
    """Return a ledger with the hand-made contracts and some funded accounts."""
    funded = {account(index).address: GenesisAccount(balance=WEALTH) for index in range(accounts)}
    return SmallLedger(directory, CONTRACTS | funded, policy or Anybody())


OUTSIDER: Final = account(90)
"""Rich in `small_network`, and no member."""
HOSPITALS: Final = {"lisboa": "PT", "koeln": "DE", "napoli": "IT"}


def small_network(directory: Path) -> SmallLedger:
    """Return a ledger with the contracts of Hospes, three hospitals (accounts 0 to 2), and members only."""
    founders = tuple(
        Founder(account(index).address, MemberId(name), Role.HOSPITAL, Country(country))
        for index, (name, country) in enumerate(HOSPITALS.items())
    )
    spec = GenesisSpec(founders, funding_wei=WEALTH, treasury_wei=WEALTH, balances={OUTSIDER.address: WEALTH})
    return SmallLedger(directory, allocation(spec), MembersOnly(REGISTRY))
