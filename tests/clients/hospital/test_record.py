"""Records from shares: order, attribution, and what becomes of shares that are odd in several ways at once."""

from dataclasses import replace

import pytest

from hospes.clients.hospital import Answered, Lying, Origin
from hospes.clients.hospital.record import Yardstick, find_origin, sort_shares
from hospes.core.audit import SignedAnswer
from hospes.core.bodies import ReleasedShare
from hospes.core.chain import EntryKind
from hospes.core.content_ids import digest_of
from hospes.core.identities import Hash, MemberId, keccak
from hospes.core.messages import Answer, Issued
from hospes.core.sealing import Manifest, SignedIssued
from hospes.core.typed_data import digest
from tests.simulators.clinic import DOCUMENT, Place, Ready
from tests.simulators.liars import forged

ZERO = Hash(bytes(32))


@pytest.fixture(scope="module")
def yardstick(place: Place, ready: Ready) -> Yardstick:
    """What the traveller's log and the keepers' epoch say."""

    async def read() -> Yardstick:
        reader = place.town.world.reader()
        tip = await reader.tip()
        journal, epoch = await reader.journal(ready.traveller.address, tip), await reader.epoch(tip)
        return Yardstick(reader.domain, ("emergency-summary",), journal, {epoch.number: epoch})

    return place.run(read())


def _answers(place: Place, ready: Ready, yardstick: Yardstick) -> list[Answered]:
    """Return an answer of each keeper with its share."""

    async def members() -> list[Answered]:
        reader = place.town.world.reader()
        keepers = await reader.members(yardstick.epochs[1].accounts, await reader.tip())
        signed = [SignedAnswer(keeper.account, Answer(ZERO, 1, ZERO, ZERO), bytes(65)) for keeper in keepers]
        shares = [ReleasedShare(1, ready.deposited.deposit, share) for share in ready.deposited.shares]
        return [Answered(*each) for each in zip(keepers, [(share,) for share in shares], signed, strict=True)]

    return place.run(members())


def test_right_shares_of_one_deposit_come_together(place: Place, ready: Ready, yardstick: Yardstick) -> None:
    """Every keeper's share counts once, under the entry of its deposit."""
    answers = _answers(place, ready, yardstick)
    doubled = [replace(answer, shares=answer.shares * 2) for answer in answers]
    for outcomes in (answers, doubled):
        (found,), judged = sort_shares(outcomes, yardstick)
        assert found.entry.kind is EntryKind.DEPOSITED
        assert sorted(found.shares.values()) == sorted(ready.deposited.shares)
        assert found.missing == 0
        assert list(judged) == outcomes


def test_a_right_share_beside_a_wrong_one_still_counts(place: Place, ready: Ready, yardstick: Yardstick) -> None:
    """Whoever lies once is named, and what is right of it is right: its hash says so."""
    answers = _answers(place, ready, yardstick)[:4]
    (right,) = answers[0].shares
    odd = [replace(answers[0], shares=(forged(right), right)), *answers[1:]]
    (found,), judged = sort_shares(odd, yardstick)
    assert found.missing == 0
    assert isinstance(judged[0], Lying)
    assert "its share for entry 1 is wrong" in judged[0].reason


def test_a_keeper_of_another_epoch_has_no_share(place: Place, ready: Ready, yardstick: Yardstick) -> None:
    """A share counts only from the keepers that the deposit was made for."""
    without = replace(yardstick, epochs={})
    found, judged = sort_shares(_answers(place, ready, yardstick), without)
    assert found == ()
    assert all(isinstance(each, Lying) and "it is no keeper of the deposit" in each.reason for each in judged)


@pytest.mark.parametrize(
    ("signer", "issuer", "document", "what", "reason"),
    [
        ("hospital-evora", "hospital-badajoz", DOCUMENT, "emergency-summary", "another key made it"),
        ("hospital-badajoz", "hospital-badajoz", b"another", "emergency-summary", "its issuer signed another one"),
        ("hospital-badajoz", "hospital-badajoz", DOCUMENT, "imaging", "its issuer signed it as imaging"),
        ("hospital-badajoz", "hospital-nowhere", DOCUMENT, "emergency-summary", "the chain holds no member"),
    ],
)
def test_what_an_issuer_did_not_sign_shows_as_the_travellers(
    place: Place, signer: str, issuer: str, document: bytes, what: str, reason: str
) -> None:
    """A wrong signer, another document, another class and an unknown issuer all fall back, and say why."""
    world = place.town.world
    word = Issued(MemberId(issuer), what, keccak(document), 1)
    signed = SignedIssued(word, world[signer].account.sign(digest(world.genesis.domain, word)))
    manifest = Manifest("emergency-summary", "text/plain", 22, 22, (digest_of(b"segment"),), signed)

    async def find() -> Origin:
        reader = world.reader()
        return await find_origin(manifest, DOCUMENT, reader, await reader.tip())

    origin = place.run(find())
    assert (origin.issuer, origin.issued_at) == (None, 0)
    assert origin.text.startswith(f"cut by the traveller; that {issuer} issued it could not be confirmed")
    assert reason in origin.text
