"""Who may write: the active members of the registry, at the block that comes next, and nobody else."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG, REGISTRY
from hospes.contracts.storage import member_word_slot
from hospes.core.chain import MemberWord, Role
from hospes.core.identities import Account, Address, Country, Hash, MemberId
from hospes.nodes.ledger import MembersOnly
from hospes.nodes.ledger.errors import NotAMemberError
from hospes.nodes.ledger.ingress import StateReader
from tests.simulators.ledgers import OUTSIDER, SmallLedger, account, signed, small_network


@pytest.fixture
def network(tmp_path: Path) -> Iterator[SmallLedger]:
    """The contracts of Hospes with three hospitals, and a rich account that belongs to nobody."""
    small = small_network(tmp_path / "network")
    yield small
    small.engine.close()


def _send(network: SmallLedger, sender: Account, to: Address, data: bytes) -> None:
    network.submit(sender, data, to, gas=1_000_000)
    assert network.seal().receipts[0].state_root == b"\x01"


def test_members_write_and_others_do_not(network: SmallLedger) -> None:
    """An account with money but without membership is refused at the door."""
    call = calls.append(account(200).address, Hash(b"\x01" * 32))
    _send(network, account(0), ACCESS_LOG, call)
    with pytest.raises(NotAMemberError) as caught:
        network.engine.submit(signed(OUTSIDER, 0, ACCESS_LOG, call))
    assert caught.value.sender == OUTSIDER.address
    assert network.engine.waiting_count() == 0


def test_a_member_is_admitted_and_suspended_by_votes(network: SmallLedger) -> None:
    """The door follows the registry: in from the next block on after admission, out after suspension."""
    newcomer = account(91)
    _vote(network, calls.propose_admission(newcomer.address, MemberId("wien"), Role.HOSPITAL, Country("AT")), 1)
    call = calls.append(account(200).address, Hash(b"\x02" * 32))
    _send(network, newcomer, ACCESS_LOG, call)
    _vote(network, calls.propose_suspension(newcomer.address), 2)
    with pytest.raises(NotAMemberError):
        network.engine.submit(signed(newcomer, 1, ACCESS_LOG, call))


def _vote(network: SmallLedger, proposal: bytes, number: int) -> None:
    _send(network, account(0), REGISTRY, proposal)
    # Three of four members are more than half, whether the newcomer is one already or not.
    for index in range(3):
        _send(network, account(index), REGISTRY, calls.vote(number, support=True))
    _send(network, account(0), REGISTRY, calls.execute(number))


class _Words:
    """A registry of one word."""

    def __init__(self, word: MemberWord, head: int) -> None:
        self._word, self._head = word, head

    @property
    def next_block(self) -> int:
        return self._head + 1

    def nonce(self, account: Address) -> int:
        raise AssertionError(account)

    def balance(self, account: Address) -> int:
        raise AssertionError(account)

    def storage(self, account: Address, slot: int) -> int:
        assert (account, slot) == (REGISTRY, member_word_slot(OUTSIDER.address))
        return self._word.pack()


@pytest.mark.parametrize(
    ("word", "head", "admitted"),
    [
        (MemberWord(Role.KEEPER, Country("PT"), 5, 0), 4, True),
        (MemberWord(Role.KEEPER, Country("PT"), 5, 0), 3, False),
        (MemberWord(Role.KEEPER, Country("PT"), 0, 9), 7, True),
        (MemberWord(Role.KEEPER, Country("PT"), 0, 9), 8, False),
        (MemberWord(Role(0), Country(""), 0, 0), 8, False),
    ],
)
def test_membership_is_that_of_the_next_block(word: MemberWord, head: int, admitted: bool) -> None:  # noqa: FBT001
    """What counts is whether the member is active in the block that its transaction will stand in."""
    state: StateReader = _Words(word, head)
    ask: Callable[[], None] = lambda: MembersOnly(REGISTRY).require(OUTSIDER.address, state)  # noqa: E731
    if admitted:
        ask()
    else:
        with pytest.raises(NotAMemberError):
            ask()
