"""Keepers that lie: the odd one is named, the record opens with the others."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import httpx
import pytest

from hospes.app.roster import KEEPERS
from hospes.clients.hospital import Answered, Lying, quorum
from hospes.clients.hospital.errors import TooFewSharesError
from hospes.core.bodies import AnswerReply, ReleasedShare
from hospes.core.identities import Hash, keccak
from tests.simulators.clinic import DOCUMENT, Place, Ready
from tests.simulators.liars import Lie, Told, forged

DOCTOR = "Dr. Inês Costa"


NAMES = [place.id for place in KEEPERS]


def _share(ready: Ready, told: Told, number: int = 1, further: int = 0) -> ReleasedShare:
    """Return the share of the keeper that tells, or of the one so many places further."""
    place = (NAMES.index(told.keeper.id) + further) % len(NAMES)
    return ReleasedShare(number, ready.deposited.deposit, ready.deposited.shares[place])


def _changed(share: ReleasedShare, **changes: Any) -> ReleasedShare:  # noqa: ANN401 - fields of a deposit's body
    deposit = share.deposit
    return replace(share, deposit=replace(deposit, body=replace(deposit.body, **changes)))


Tale = Callable[[Ready, Told], AnswerReply | httpx.Response]
LIES: dict[str, Tale] = {
    "its share for entry 1 is wrong": lambda ready, told: told.releasing((forged(_share(ready, told)),)),
    "its share for entry 1 is another keeper's": lambda ready, told: told.releasing((_share(ready, told, further=1),)),
    "it showed a deposit as entry 999": lambda ready, told: told.releasing((_share(ready, told, number=999),)),
    "it showed a deposit that is not entry 2": lambda ready, told: told.releasing((_share(ready, told, number=2),)),
    "it showed a deposit that is not entry 1": lambda ready, told: told.releasing(
        (_changed(_share(ready, told), manifest=Hash(bytes(32))),)
    ),
    "it released mental-health, which nobody asked for": lambda ready, told: told.releasing(
        (_changed(_share(ready, told), what="mental-health"),)
    ),
    "the box hospes/answer/1 does not open": lambda _, told: told.signed(told.reply.box[:-1] + b"?"),
    "another key made it": lambda _, told: replace(told.reply, final_block=Hash(bytes(32))),
    "AnswerReply is malformed at finalBlock": lambda _, told: replace(told.reply, final_block=Hash(bytes(31))),
    "AnswerReply is malformed: unknown key boxes": lambda _ready, _told: httpx.Response(200, content=b'{"boxes":"0x"}'),
}


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for the slowest liar, however busy the machine is."""
    monkeypatch.setattr(quorum, "STRAGGLERS_S", 60.0)


LIARS = ("keeper-lisboa", "keeper-sevilla", "keeper-berlin")


@pytest.mark.parametrize("first", range(0, len(LIES), len(LIARS)))
def test_lies_name_their_keepers_and_nobody_misses_them(place: Place, ready: Ready, first: int) -> None:
    """With three liars exactly t honest keepers are left: they suffice, and each lie is told for what it is."""
    tales = dict(zip(LIARS, list(LIES.items())[first:], strict=False))
    lies: dict[str, Lie] = {name: partial(tell, ready) for name, (_, tell) in tales.items()}
    opened = place.run(place.hospital(lies=lies).break_glass(ready.traveller.card, DOCTOR))
    assert opened.records[0].document == DOCUMENT
    told = {str(each.keeper.id): each.reason for each in opened.asked.outcomes if isinstance(each, Lying)}
    assert set(told) == set(tales)
    for name, (reason, _) in tales.items():
        assert reason in told[name]
        assert f"{name} does not tell the truth: {told[name]}" in opened.asked.complaints


def test_more_liars_than_can_be_borne_are_all_named(place: Place, ready: Ready) -> None:
    """Four of seven lie: three right shares open nothing, and the error says whom to ask about it."""
    liars = ("keeper-lisboa", "keeper-madrid", "keeper-paris", "keeper-berlin")

    def lie(told: Told) -> AnswerReply:
        return told.releasing((forged(_share(ready, told)),))

    with pytest.raises(TooFewSharesError) as caught:
        place.run(place.hospital(lies=dict.fromkeys(liars, lie)).break_glass(ready.traveller.card, DOCTOR))
    assert (caught.value.good, caught.value.needed) == (3, 4)
    assert all(f"{name} does not tell the truth" in str(caught.value) for name in liars)


def test_an_answer_on_a_block_that_nobody_knows_is_doubted_and_used(place: Place, ready: Ready) -> None:
    """A share is right by its hash, whatever block its keeper claims to stand on; the oddity is told."""
    strange = Hash(keccak(b"a block of another chain"))
    lies: dict[str, Lie] = {"keeper-lyon": lambda told: told.signed(told.reply.box, strange)}
    opened = place.run(place.hospital(lies=lies).break_glass(ready.traveller.card, DOCTOR))
    doubted = [each.keeper.id for each in opened.asked.outcomes if isinstance(each, Answered) and each.doubt]
    assert doubted == ["keeper-lyon"]
    assert any("keeper-lyon: the final block" in text for text in opened.asked.complaints)
