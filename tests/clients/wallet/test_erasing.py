"""Erasing: release stops, everybody who held anything signs that it is gone, and nothing brings it back."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from hospes.app.roster import KEEPERS, STORE
from hospes.clients.hospital.errors import NothingReleasedError
from hospes.clients.wallet import erasing
from hospes.clients.wallet.deposit import deposit
from hospes.clients.wallet.erasing import Erased, erase
from hospes.clients.wallet.errors import NoRecordError, NotRelayedError, TooFewKeepersError, WalletFileError
from hospes.clients.wallet.history import DepositState
from hospes.clients.wallet.keepers import Missing
from hospes.clients.wallet.locking import alone
from hospes.clients.wallet.receipts import NO_SHARE
from hospes.clients.wallet.status import status
from hospes.clients.wallet.wallet import Wallet
from hospes.core import wire
from hospes.core.bodies import ReceiptReply
from hospes.core.chain import EntryKind
from hospes.core.identities import Hash, MemberId
from hospes.core.typed_data import digest as message_digest
from hospes.service.client import Peer
from tests.clients.wallet.conftest import DOCUMENT, prepare
from tests.simulators.clinic import Place


async def _erased(wallet: Wallet) -> Erased:
    journey = wallet.journey()
    return await erase(wallet, journey, journey.deposit(1))


async def _entries(wallet: Wallet, kind: EntryKind) -> int:
    journal = await wallet.reader.journal(wallet.journey().address, await wallet.reader.tip())
    return len(journal.of_kind(kind))


def test_an_erased_record_opens_no_more(place: Place, wallet: Wallet) -> None:
    """All keepers and the store sign, the log says so, and break-glass finds nothing where the record was."""
    place.run(prepare(wallet))
    place.run(place.hospital().break_glass(wallet.journey().card, "Dr. Nuñez"))
    erased = place.run(_erased(wallet))
    assert (erased.what, erased.keepers, erased.stores, erased.needed, erased.missing) == (
        "emergency-summary",
        7,
        1,
        4,
        (),
    )
    assert place.run(_entries(wallet, EntryKind.ERASED)) == 1
    with pytest.raises(NothingReleasedError):
        place.run(place.hospital().break_glass(wallet.journey().card, "Dr. Nuñez"))
    state = place.run(status(wallet, wallet.journey()))
    assert (state.deposits[0].state, state.foreign) == (DepositState.ERASED, ())


def test_erasing_again_is_the_same_erasure(place: Place, wallet: Wallet) -> None:
    """A repetition signs nothing new and has the same receipts."""
    place.run(prepare(wallet))
    first = place.run(_erased(wallet))
    assert replace(place.run(_erased(wallet)), told=first.told) == first
    assert place.run(_entries(wallet, EntryKind.ERASED)) == 1
    assert len(wallet.journey().erasures) == 1


def test_an_unfinished_deposit_ends_with_its_erasure(everybody: Place, wallet: Wallet) -> None:
    """Nothing that opens the record stays in the wallet, and the next deposit does not bring it back."""
    journey = everybody.run(wallet.new_journey(""))
    everybody.town.cut_off("keeper-lyon", "keeper-porto", "keeper-berlin")
    with pytest.raises(TooFewKeepersError):
        everybody.run(deposit(wallet, journey, [DOCUMENT]))
    everybody.town.cut_off()
    everybody.run(_erased(wallet))
    assert wallet.journey().deposit(1).shares == ()
    assert not any(wallet.files.unfinished.iterdir())
    assert everybody.run(deposit(wallet, wallet.journey(), ())).records == ()
    assert everybody.run(_entries(wallet, EntryKind.DEPOSITED)) == 0
    assert everybody.run(status(wallet, wallet.journey())).deposits[0].state is DepositState.ERASED


def test_nobody_erases_while_another_program_deposits(place: Place, wallet: Wallet) -> None:
    """The other program may be about to bring the record back, so the traveller is told to wait."""
    place.run(prepare(wallet))
    with alone(wallet.files.depositing, wait=False), pytest.raises(WalletFileError, match="at work"):
        place.run(_erased(wallet))
    assert wallet.journey().erasures == ()


def test_a_wallet_whose_clock_is_behind_erases_as_well(place: Place, wallet: Wallet) -> None:
    """The chain would refuse a deadline of long ago, so it is counted from the later of both clocks."""
    place.run(prepare(wallet))
    wallet.clock = lambda: 0.0
    erased = place.run(_erased(wallet))
    assert (erased.keepers, erased.stores, erased.missing) == (7, 1, ())


def test_who_was_away_is_asked_again(everybody: Place, wallet: Wallet) -> None:
    """A keeper and the store that were away are named; repeated, they are handed the erasure and sign too."""
    everybody.run(prepare(wallet))
    everybody.town.cut_off("keeper-porto", "archive-nantes")
    erased = everybody.run(_erased(wallet))
    assert (erased.keepers, erased.stores) == (6, 0)
    assert {missing.member for missing in erased.missing} == {"keeper-porto", "archive-nantes"}
    everybody.town.cut_off()
    erased = everybody.run(_erased(wallet))
    assert (erased.keepers, erased.stores, erased.missing) == (7, 1, ())


def test_the_document_can_be_deposited_anew(place: Place, wallet: Wallet) -> None:
    """The same document becomes another record, and keepers get the standing consents again that they deleted."""
    place.run(prepare(wallet))
    place.run(_erased(wallet))
    outcome = place.run(deposit(wallet, wallet.journey(), [DOCUMENT]))
    assert [record.new for record in outcome.records] == [True]
    opened = place.run(place.hospital().break_glass(wallet.journey().card, "Dr. Nuñez"))
    assert opened.records[0].document == DOCUMENT.content


def test_a_record_of_many_blocks_needs_several_erasures(
    place: Place, wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message names a bounded number of blocks; together the erasures name all, and each is in the log."""
    monkeypatch.setattr(erasing, "MAX_LIST", 1)
    place.run(prepare(wallet))
    erased = place.run(_erased(wallet))
    assert (erased.keepers, erased.stores, erased.missing) == (7, 1, ())
    assert place.run(_entries(wallet, EntryKind.ERASED)) == 2


FORGERIES: list[Callable[[ReceiptReply], ReceiptReply]] = [
    lambda signed: replace(signed, receipt=replace(signed.receipt, at=signed.receipt.at + 1)),
    lambda signed: replace(signed, receipt=replace(signed.receipt, erasure_hash=Hash(bytes(32)))),
    lambda signed: replace(signed, receipt=replace(signed.receipt, deleted=(Hash(b"?" * 32),))),
    lambda signed: replace(signed, signature=bytes(65)),
]


def test_a_receipt_that_does_not_hold_is_not_counted(
    place: Place, wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Changed, foreign or unsigned receipts count for nobody; asked again, the true ones do."""
    place.run(prepare(wallet))
    for forge in FORGERIES:
        monkeypatch.setattr(Peer, "post", _forging(forge))
        assert place.run(_erased(wallet)).keepers == 0
        monkeypatch.undo()
    assert place.run(_erased(wallet)).keepers == 7


def test_a_keeper_that_accepted_and_signs_for_nothing_has_not_deleted(
    place: Place, wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A true signature under an empty receipt does not count for a share that was accepted; it is named instead."""
    place.run(prepare(wallet))
    monkeypatch.setattr(Peer, "post", _forging(_signs_for_nothing(place, wallet)))
    erased = place.run(_erased(wallet))
    assert (erased.keepers, erased.missing) == (6, (Missing(MemberId("keeper-porto"), NO_SHARE),))
    monkeypatch.undo()
    assert len(wallet.journey().erasures[0].receipts) > 6
    assert place.run(_erased(wallet)).missing == erased.missing


def test_a_keeper_that_accepted_nothing_may_sign_for_nothing(
    place: Place, wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who never said that it holds a share contradicts nothing."""
    place.run(prepare(wallet))
    journey, porto = wallet.journey(), place.town.world["keeper-porto"].account.address
    page = journey.deposit(1)
    others = tuple(acceptance for acceptance in page.accepted if acceptance.keeper != porto)
    wallet.book.change_journey(journey, lambda now: now.with_deposit(replace(page, accepted=others)))
    monkeypatch.setattr(Peer, "post", _forging(_signs_for_nothing(place, wallet)))
    erased = place.run(_erased(wallet))
    assert (erased.keepers, erased.missing) == (7, ())


def test_an_erasure_past_its_deadline_is_signed_anew_for_a_store(
    everybody: Place, wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that was away for longer than a week is shown a fresh erasure; the keepers' old receipts still count."""
    monkeypatch.setattr(erasing, "REACH_ALL_S", 1_000)
    everybody.run(prepare(wallet))
    everybody.town.cut_off("archive-nantes")
    assert everybody.run(_erased(wallet)).stores == 0
    everybody.town.world.clock.now += 2_000
    everybody.town.cut_off()
    erased = everybody.run(_erased(wallet))
    assert (erased.keepers, erased.stores, erased.missing) == (7, 1, ())
    assert everybody.run(_entries(wallet, EntryKind.ERASED)) == 2
    old, fresh = (page.erasure for page in wallet.journey().erasures)
    assert (old.records, old.digests) == (fresh.records, fresh.digests)
    assert fresh.deadline >= old.deadline + 2_000
    everybody.town.world.clock.now += 2_000
    assert replace(everybody.run(_erased(wallet)), told=erased.told) == erased
    assert len(wallet.journey().erasures) == 2


def test_an_erasure_that_missed_its_deadline_unlogged_is_signed_anew(
    everybody: Place, wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could be reached for longer than a week: repeated, a fresh erasure reaches the log and everybody."""
    monkeypatch.setattr(erasing, "REACH_ALL_S", 1_000)
    everybody.run(prepare(wallet))
    everybody.town.cut_off(*(keeper.id for keeper in KEEPERS), STORE.id)
    with pytest.raises(NotRelayedError):
        everybody.run(_erased(wallet))
    everybody.town.cut_off()
    everybody.town.world.clock.now += 2_000
    erased = everybody.run(_erased(wallet))
    assert (erased.keepers, erased.stores, erased.missing) == (7, 1, ())
    assert everybody.run(_entries(wallet, EntryKind.ERASED)) == 1
    assert len(wallet.journey().erasures) == 2


def test_a_share_that_went_with_an_earlier_erasure_is_found_there(
    everybody: Place, wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A keeper whose receipt was lost names the record under the old erasure only, and is asked for that one, too."""
    monkeypatch.setattr(erasing, "REACH_ALL_S", 1_000)
    everybody.run(prepare(wallet))
    everybody.town.cut_off("archive-nantes")
    everybody.run(_erased(wallet))
    journey = wallet.journey()
    lost = replace(journey, erasures=(replace(journey.erasures[0], receipts=()),))
    wallet.book.change_journey(journey, lambda _: lost)
    everybody.town.cut_off()
    everybody.town.world.clock.now += 2_000
    erased = everybody.run(_erased(wallet))
    assert (erased.keepers, erased.stores, erased.missing) == (7, 1, ())


def _signs_for_nothing(place: Place, wallet: Wallet) -> Callable[[ReceiptReply], ReceiptReply]:
    """Return what makes one keeper's receipts empty, under a true signature."""
    keeper = place.town.world["keeper-porto"].account

    def empty(signed: ReceiptReply) -> ReceiptReply:
        if keeper.sign(message_digest(wallet.domain, signed.receipt)) != signed.signature:
            return signed
        receipt = replace(signed.receipt, deleted=())
        return ReceiptReply(receipt, keeper.sign(message_digest(wallet.domain, receipt)))

    return empty


def _forging(forge: Callable[[ReceiptReply], ReceiptReply]) -> Callable[..., object]:
    honest = Peer.post

    async def post(peer: Peer, path: str, content: wire.Shaped, cls: type[object]) -> object:
        reply = await honest(peer, path, content, cls)
        return forge(reply) if isinstance(reply, ReceiptReply) else reply

    return post


def test_a_record_that_is_not_there_is_told_so(place: Place, wallet: Wallet) -> None:
    """Records are numbered from 1; another number is a typed error."""
    journey = place.run(wallet.new_journey(""))
    with pytest.raises(NoRecordError):
        journey.deposit(1)
