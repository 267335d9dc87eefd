"""What each call costs as a transaction of its own, against the bars of contracts/SPEC.md.

Real signed transactions on py-evm, each in a block of its own, over the state of a genesis. The figures stand in
``gas.json``; a change of one is a change of the contracts that a reader should see, so they are compared exactly.
"""

import json
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import pytest
from eth.chains.base import MiningChain
from eth.consensus.noproof import NoProofConsensus
from eth.db.atomic import AtomicDB
from eth.vm.forks.prague import PragueVM
from eth_account import Account as Wallet
from eth_utils.address import to_checksum_address

from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG, ALERTS, REGISTRY
from hospes.contracts.genesis import allocation
from hospes.core.chain import Role
from hospes.core.identities import Account, Address
from tests.contracts.conftest import (
    CHAIN_ID,
    RELAYER,
    SPEC,
    START,
    Traveller,
    account,
    addresses,
    deposit_body,
    erasure_of,
    grants,
    hash_of,
)
from tests.contracts.raising import NEXT, THIRD, Raising, in_order

SNAPSHOT: Final = Path(__file__).parent / "gas.json"
GAS_LIMIT: Final = 30_000_000
AHEAD: Final = 1 << 32
"""Unix seconds (the year 2106): ahead of the clock of any machine that this runs on."""
TRANSACTION_GAS: Final = 5_000_000
BARS: Final = {
    "give, a journey's first entry": 120_000,
    "give": 82_000,
    "withdraw": 63_000,
    "access": 45_000,
    "raise": 130_000,
    "acknowledge": 45_000,
    "escalate": 160_000,
}
"""Gas that a call may take (contracts/SPEC.md)."""


class Ledger:
    """A py-evm chain that begins with the allocation and seals each transaction in a block of its own."""

    def __init__(self, start: int = START) -> None:
        consensus = PragueVM.configure(consensus_class=NoProofConsensus)
        chain_class: Any = MiningChain.configure("GasChain", vm_configuration=((0, consensus),), chain_id=CHAIN_ID)
        state = {
            address: {
                "balance": 10**18,  # members too pay for gas here
                "nonce": placed.nonce,
                "code": placed.code,
                "storage": placed.storage,
            }
            for address, placed in allocation(SPEC).items()
        }
        state[RELAYER.address] = {"balance": 10**18, "nonce": 0, "code": b"", "storage": {}}
        parameters = {"difficulty": 0, "gas_limit": GAS_LIMIT, "timestamp": start}
        self._chain = chain_class.from_genesis(AtomicDB(), parameters, state)
        self._nonces: dict[Address, int] = {}

    def spend(self, to: Address, data: bytes, sender: Account = RELAYER) -> int:
        """Seal a transaction and return the gas it used; it must succeed."""
        nonce = self._nonces.get(sender.address, 0)
        self._nonces[sender.address] = nonce + 1
        fields = {
            "to": to_checksum_address(to),
            "data": data,
            "nonce": nonce,
            "gas": TRANSACTION_GAS,
            "gasPrice": 10**9,
            "value": 0,
            "chainId": CHAIN_ID,
        }
        raw = Wallet.sign_transaction(fields, sender.secret).raw_transaction
        transaction = self._chain.get_vm().get_transaction_builder().decode(bytes(raw))
        _, (receipt,), _ = self._chain.mine_all([transaction])
        assert receipt.state_root == b"\x01", "the contract refused"
        return cast("int", receipt.gas_used)


def measured() -> dict[str, int]:
    """Return the gas of each kind of call, in one history."""
    ledger, anna = Ledger(), Traveller()
    access = partial(calls.append, anna.journey)
    figures = {
        "give, a journey's first entry": ledger.spend(*anna.give(grants(1))),
        "give": ledger.spend(*anna.give(grants(2))),
        "withdraw": ledger.spend(*anna.withdraw(grants(1))),
        "withdraw before giving": ledger.spend(*anna.withdraw(grants(3))),
        "end": ledger.spend(*anna.end(1)),
        "end again": ledger.spend(*anna.end(2)),
        "access": ledger.spend(ACCESS_LOG, access(hash_of("access")), account("ada")),
        "deposit": ledger.spend(*anna.deposit(deposit_body())),
        "erase": ledger.spend(*anna.erase(erasure_of())),
    }
    ben = Traveller("Ben's journey")
    first = calls.append(ben.journey, hash_of("access"))
    figures["access, a journey's first entry"] = ledger.spend(ACCESS_LOG, first, account("ada"))
    return figures | governance(ledger) | alerts()


def governance(ledger: Ledger) -> dict[str, int]:
    """Return the gas of the registry's calls, with seven members."""
    ada = account("ada")
    service = calls.set_service("https://ada.example/v2", b"\x00\x20" + bytes(range(32)))
    change = calls.propose_epoch(Role.KEEPER, 2, addresses("elm", "bel", "cor", "dun"))
    suspension = calls.propose_suspension(account("gil").address)
    figures = {
        "set_service": ledger.spend(REGISTRY, service, ada),
        "propose_epoch": ledger.spend(REGISTRY, change, ada),
        "propose_suspension": ledger.spend(REGISTRY, suspension, ada),
    }
    for name in ("ada", "bel", "cor"):
        figures["vote"] = ledger.spend(REGISTRY, calls.vote(2, support=True), account(name))
    figures["vote that decides"] = ledger.spend(REGISTRY, calls.vote(2, support=True), account("dun"))
    figures["execute a suspension"] = ledger.spend(REGISTRY, calls.execute(2))
    return figures


def alerts() -> dict[str, int]:
    """Return the gas of the alerts' calls, with two of four oracles attesting unless said otherwise."""
    # py-evm takes the machine's time where it is later than a second after the parent: here it never is.
    ledger = Ledger(start=AHEAD)
    first = Raising(deadline=AHEAD + 2)
    following = NEXT.but(deadline=AHEAD + 3600)
    by_all = Raising(THIRD, deadline=AHEAD + 3600, attesters=in_order("cor", "dun", "fox", "gil"))
    return {
        "raise": ledger.spend(ALERTS, first.data(), first.account),
        "raise, four attestations": ledger.spend(ALERTS, by_all.data(), by_all.account),
        "escalate": ledger.spend(ALERTS, following.data_after(first.alert_hash), following.account),
        "acknowledge": ledger.spend(ALERTS, calls.acknowledge(first.alert_hash), account("ada")),
    }


@pytest.fixture(scope="module")
def figures() -> dict[str, int]:
    """The gas of each kind of call."""
    return measured()


def test_gas_is_as_in_the_snapshot(figures: dict[str, int]) -> None:
    """Every call costs what the snapshot says; if a change is wanted, write the figures shown here into it."""
    assert json.loads(SNAPSHOT.read_text()) == figures, json.dumps(figures, indent=2)


@pytest.mark.parametrize("name", BARS)
def test_gas_stays_below_its_bar(figures: dict[str, int], name: str) -> None:
    """The calls of every day stay below their bars."""
    assert figures[name] <= BARS[name]
