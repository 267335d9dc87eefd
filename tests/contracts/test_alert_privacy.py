"""Neither journey nor severity stands on the chain: whatever an alert says, calldata, events and storage say nothing.

An alert is known by its digest, which its salt makes unguessable. So two histories of alerts that say different things
must be the same byte for byte, once the digests and the signatures over them are taken out.
"""

from dataclasses import dataclass, replace
from typing import Final

import pytest

from hospes.contracts import storage
from hospes.contracts.abi import Value
from hospes.contracts.addresses import ALERTS
from hospes.contracts.artifacts import load, read_json
from hospes.contracts.calls import acknowledge, decode_call
from hospes.core.identities import Address, MemberId
from hospes.core.messages import Alert
from hospes.core.typed_data import digest
from tests.contracts.conftest import DOMAIN, START, Result, World, account, hash_of
from tests.contracts.raising import HOUR_S, Raising, overdue

JOURNEY: Final = account("Anna's journey").address
ALERT: Final = Alert(JOURNEY, MemberId("ada"), 3, START - 7, START + HOUR_S, hash_of("irregular"), hash_of("salt"))
NEXT: Final = replace(ALERT, addressee=MemberId("bel"), deadline=START + 3 * HOUR_S, salt=hash_of("next salt"))
OTHERS: Final[dict[str, dict[str, object]]] = {
    "journey": {"journey": account("Ben's journey").address},
    "severity": {"severity": 1},
    "moment": {"raised_at": START - 100},
    "detail": {"detail": hash_of("falling")},
    "salt": {"salt": hash_of("another salt")},
}


@dataclass(frozen=True)
class History:
    """All that a chain has of two alerts: calldata, events, storage."""

    calldata: tuple[bytes, ...]
    events: tuple[Result, ...]
    words: tuple[int, ...]

    @property
    def text(self) -> bytes:
        """Everything as bytes."""
        told = [repr(event.arguments).encode() for result in self.events for event in result.events]
        values = [value for result in self.events for event in result.events for value in event.arguments.values()]
        raw = [value for value in values if isinstance(value, bytes)]
        return b"|".join([*self.calldata, *told, *raw, *(word.to_bytes(32) for word in self.words)])


def sent(alert: Alert) -> Raising:
    """Return an alert as its oracles send it."""
    return Raising(digest(DOMAIN, alert), alert.addressee, alert.deadline)


def history(world: World, first: Alert, following: Alert) -> History:
    """Raise an alert, escalate it, acknowledge both, and return what the chain has of them."""
    raising, after = sent(first), sent(following)
    name, next_name = raising.alert_hash, after.alert_hash
    with world.anchor():
        overdue(world, raising)
        results = (
            after.following(world, name),
            world.send(ALERTS, acknowledge(name), account("ada")),
            world.send(ALERTS, acknowledge(next_name), account("bel")),
        )
        words = tuple(world.slot(ALERTS, slot) for each in (name, next_name) for slot in storage.alert_slots(each))
        return History((raising.data(), after.data_after(name), acknowledge(name)), results, words)


def without_digests(found: History, first: Alert, following: Alert) -> tuple[object, ...]:
    """Return a history with the digests named and the signatures left out."""
    names: dict[Value, str] = {digest(DOMAIN, first): "first", digest(DOMAIN, following): "next"}

    def plain(arguments: dict[str, Value]) -> dict[str, object]:
        return {key: names.get(value, value) for key, value in arguments.items() if key != "attestations"}

    calls = [plain(decode_call(data).arguments) for data in found.calldata]
    told = [(event.event, plain(event.arguments)) for result in found.events for event in result.events]
    words = [names.get(word.to_bytes(32), word) for word in found.words]
    return calls, told, words


@pytest.mark.parametrize("change", OTHERS.values(), ids=list(OTHERS))
def test_what_an_alert_says_changes_nothing_but_its_digest(world: World, change: dict[str, object]) -> None:
    """Alerts of another traveller, severity, moment, finding or salt leave the same chain but for their digests."""
    others = replace(ALERT, **change), replace(NEXT, **change)  # type: ignore[arg-type]
    assert digest(DOMAIN, others[0]) != digest(DOMAIN, ALERT)
    expected = without_digests(history(world, ALERT, NEXT), ALERT, NEXT)
    assert without_digests(history(world, *others), *others) == expected


def test_no_byte_of_the_journey_is_there(world: World) -> None:
    """The journey's address, the detail and the salt appear nowhere: not in calldata, events or storage."""
    text = history(world, ALERT, NEXT).text
    assert bytes(digest(DOMAIN, ALERT)) in text
    for secret in (JOURNEY, ALERT.detail, ALERT.salt, NEXT.salt):
        assert bytes(secret) not in text


def test_the_interface_has_no_place_for_them() -> None:
    """No argument, event field or variable is a journey, a severity or a text, and storage is by digest alone."""
    artifact = load()["alerts"]
    inputs = [item.inputs for item in artifact.functions] + [item.inputs for item in artifact.events]
    names = {each.name for item in inputs for each in item}
    assert names == {
        "alertHash",
        "nextHash",
        "addressee",
        "deadline",
        "oracleEpoch",
        "attestations",
        "account",
        "late",
        "arg0",  # of the public variables' getters
    }
    variables = read_json("layout.json")["contracts"]["alerts"]["storage"]
    assert {name: place["type"] for name, place in variables.items()} == {
        "words": "HashMap[bytes32, uint256]",
        "asked": "HashMap[bytes32, uint256]",
        "escalated_to": "HashMap[bytes32, bytes32]",
    }


def test_addresses_are_the_members_only(world: World) -> None:
    """Every address in the events is a member's account: an oracle that sent or the hospital that was asked."""
    members = {account(name).address for name in ("ada", "bel", "cor")}
    told = [event for result in history(world, ALERT, NEXT).events for event in result.events]
    shown = {value for event in told for key, value in event.arguments.items() if key in ("addressee", "account")}
    assert shown <= members
    assert Address(JOURNEY) not in shown
