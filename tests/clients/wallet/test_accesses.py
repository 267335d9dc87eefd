"""Who looked: every access of the proven log, explained only by notices that are its opening."""

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from hospes.clients.hospital.errors import NothingReleasedError
from hospes.clients.wallet import accesses as module
from hospes.clients.wallet.accesses import Accesses, Fate, accesses
from hospes.clients.wallet.deposit import deposit
from hospes.clients.wallet.evidence import evidence
from hospes.clients.wallet.secret import create_secret
from hospes.clients.wallet.status import status
from hospes.clients.wallet.wallet import Wallet, WalletFiles
from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG
from hospes.core import boxes, wire
from hospes.core.audit import Evidence
from hospes.core.bodies import Notice, NoticesReply, SealedNotice
from hospes.core.identities import Address, Hash
from hospes.core.proof import Journal
from hospes.service.client import Peer
from tests.clients.wallet.conftest import CHEAP, DOCUMENT, PASSPHRASE, open_wallet, prepare
from tests.simulators.clinic import Place


async def _seen(wallet: Wallet) -> Accesses:
    return await accesses(wallet, wallet.journey())


@pytest.fixture(scope="module")
def looked(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Wallet:
    """A wallet whose journey saw one break-glass; for tests that change nothing."""
    files = WalletFiles(tmp_path_factory.mktemp("looked") / "wallet")
    create_secret(files.secret, PASSPHRASE, os.urandom, CHEAP)
    wallet = open_wallet(place, files, place.town.http())
    place.run(prepare(wallet))
    place.run(place.hospital().break_glass(wallet.journey().card, "Dr. Nuñez"))
    return wallet


def test_nobody_looked(place: Place, wallet: Wallet) -> None:
    """A journey without accesses is shown as such, up to a named block."""
    place.run(prepare(wallet))
    found = place.run(_seen(wallet))
    assert (found.looks, found.silent, found.doubts) == ((), (), ())
    assert found.block > 0


def test_a_break_glass_is_shown_with_all_that_is_known(place: Place, looked: Wallet) -> None:
    """Who, from where, what for, what was released by how many keepers, marked as break-glass."""
    (look,) = place.run(_seen(looked)).looks
    assert (look.member, look.country, look.practitioner) == ("hospital-evora", "PT", "Dr. Nuñez")
    assert (look.fate, look.break_glass, look.why, look.released[0].needed) == (Fate.OPENED, True, "emergency", 4)
    assert [(released.what, len(released.keepers)) for released in look.released] == [("emergency-summary", 7)]


def test_how_many_keepers_a_record_takes_is_its_own_deposits_word(place: Place, wallet: Wallet) -> None:
    """Not that of the keepers in office now: of a record that the book does not know, it is unknown."""
    place.run(prepare(wallet))
    place.run(place.hospital().break_glass(wallet.journey().card, "Dr. Nuñez"))
    journey = wallet.journey()
    forgotten = replace(journey, deposits=())
    (look,) = place.run(accesses(wallet, forgotten)).looks
    assert [released.needed for released in look.released] == [None]
    place.run(deposit(wallet, journey, [replace(DOCUMENT, content=b"a later record")]))
    (look,) = place.run(accesses(wallet, replace(forgotten, deposits=wallet.journey().deposits[1:]))).looks
    assert [released.needed for released in look.released] == [None]


def test_a_refusal_is_shown_too(place: Place, wallet: Wallet) -> None:
    """A hospital of a country that was not allowed got nothing, and the traveller sees that it tried."""
    place.run(prepare(wallet))
    with pytest.raises(NothingReleasedError):
        place.run(place.hospital("hospital-badajoz").break_glass(wallet.journey().card, "Dr. Gil"))
    (look,) = place.run(_seen(wallet)).looks
    assert (look.member, look.fate, look.released, len(look.shown_to)) == ("hospital-badajoz", Fate.REFUSED, (), 7)


def test_an_entry_that_no_keeper_was_shown_is_unexplained(place: Place, wallet: Wallet) -> None:
    """The log has an access, and nobody can say what for: the member is named all the same."""
    place.run(prepare(wallet))
    place.run(_append(place, wallet.journey().address, "hospital-bordeaux"))
    (look,) = place.run(_seen(wallet)).looks
    assert (look.member, look.country, look.fate, look.practitioner) == (
        "hospital-bordeaux",
        "FR",
        Fate.UNEXPLAINED,
        "",
    )


async def _append(place: Place, journey: Address, member: str) -> None:
    sender = place.town.world.sender(member)
    await sender.final(await sender.send(ACCESS_LOG, calls.append(journey, Hash(b"?" * 32))))


def test_without_a_standing_consent_accesses_are_explained_as_well(place: Place, wallet: Wallet) -> None:
    """Keepers learn the notice key with the deposit, also from a traveller who wants no emergency permission."""
    journey = place.run(wallet.new_journey(""))
    place.run(deposit(wallet, journey, [DOCUMENT]))
    with pytest.raises(NothingReleasedError):
        place.run(place.hospital().break_glass(journey.card, "Dr. Nuñez"))
    (look,) = place.run(_seen(wallet)).looks
    assert (look.fate, look.practitioner) == (Fate.REFUSED, "Dr. Nuñez")


def test_silent_keepers_are_named(everybody: Place, looked: Wallet) -> None:
    """Who did not answer is told, since it may know more; the others explain what they were shown."""
    everybody.town.cut_off("keeper-porto")
    found = everybody.run(_seen(looked))
    assert [missing.member for missing in found.silent] == ["keeper-porto"]
    assert len(found.looks[0].released[0].keepers) == 6


Forge = Callable[[Wallet, SealedNotice], SealedNotice]


def _resealed(wallet: Wallet, sealed: SealedNotice, change: Callable[[Notice], Notice]) -> SealedNotice:
    """Return a notice that was opened, changed, and sealed again to the same key."""
    journey = wallet.journey()
    info = boxes.notice_info(wallet.domain, journey.address, sealed.number)
    key = wallet.keys(journey).notice
    changed = change(wire.decode(Notice, key.open(sealed.box, info)))
    return replace(sealed, box=boxes.seal(key.public, info, wire.encode(changed)))


FORGERIES: list[Forge] = [
    lambda wallet, sealed: _resealed(wallet, sealed, lambda n: replace(n, access=replace(n.access, practitioner="No"))),
    lambda wallet, sealed: _resealed(wallet, sealed, lambda n: replace(n, released=("laboratory",))),
    lambda _, sealed: replace(sealed, number=sealed.number - 1),
    lambda _, sealed: replace(sealed, number=99),
    lambda _, sealed: replace(sealed, box=sealed.box[:-1] + bytes([sealed.box[-1] ^ 1])),
]


@pytest.mark.parametrize("forge", FORGERIES)
def test_a_notice_that_is_not_the_opening_of_its_entry_explains_nothing(
    place: Place, looked: Wallet, monkeypatch: pytest.MonkeyPatch, forge: Forge
) -> None:
    """Changed, moved or damaged notices of all keepers leave the entry unexplained, and each keeper is doubted."""
    monkeypatch.setattr(Peer, "post", _forging(looked, forge))
    found = place.run(_seen(looked))
    assert [look.fate for look in found.looks] == [Fate.UNEXPLAINED]
    assert {doubt.keeper for doubt in found.doubts} == set(place.town.keepers)


def _forging(wallet: Wallet, forge: Forge) -> Callable[..., object]:
    honest = Peer.post

    async def post(peer: Peer, path: str, content: wire.Shaped, cls: type[object]) -> object:
        reply = await honest(peer, path, content, cls)
        if isinstance(reply, NoticesReply):
            return NoticesReply(tuple(forge(wallet, sealed) for sealed in reply.notices))
        return reply

    return post


def test_a_keeper_that_never_ends_its_answer_is_cut_short(
    place: Place, looked: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A keeper that gives ever more notices is asked a bounded number of times, and fills no screen with its lies."""
    asked: list[str] = []

    async def post(peer: Peer, path: str, content: object, cls: type[object]) -> object:
        del path, content, cls
        asked.append(peer.url)
        return NoticesReply((SealedNotice(1_000_000 + len(asked), b"?"),))

    monkeypatch.setattr(Peer, "post", post)
    found = place.run(_seen(looked))
    assert len(asked) == 7 * module.MAX_PAGES
    assert len(found.doubts) == 7 * module.MAX_DOUBTS


def test_status_counts_what_the_log_holds(place: Place, looked: Wallet) -> None:
    """One record with seven keepers, one standing consent with all of them, one access, and nothing foreign."""
    state = place.run(status(looked, looked.journey()))
    (deposited,), (consented,) = state.deposits, state.consents
    assert (deposited.state, deposited.accepted, deposited.threshold, deposited.outdated) == ("deposited", 7, 4, False)
    assert (consented.state, consented.holders, state.accesses, state.foreign) == ("given", 7, 1, ())


async def _shown(wallet: Wallet) -> Evidence:
    journey = wallet.journey()
    return await evidence(wallet, journey, await accesses(wallet, journey))


def test_what_the_traveller_shows_opens_every_entry(place: Place, looked: Wallet) -> None:
    """The evidence for an auditor has the opening of each entry of the log: consent, deposit and access."""
    shown = place.run(_shown(looked))
    journal = place.run(_journal(looked))
    opened = {opening.entry_hash(looked.domain) for opening in shown.openings}
    assert opened == {entry.entry_hash for entry in journal.entries}
    assert Evidence.decode(shown.encode()) == shown


async def _journal(wallet: Wallet) -> Journal:
    return await wallet.reader.journal(wallet.journey().address, await wallet.reader.tip())


def test_an_entry_that_this_wallet_did_not_sign_is_a_warning(place: Place, wallet: Wallet) -> None:
    """When the book is older than the log, or the key is stolen, what was signed elsewhere is shown."""
    place.run(prepare(wallet))
    wallet.book.change(lambda pages: pages.with_journey(replace(wallet.journey(), consents=())))
    state = place.run(status(wallet, wallet.journey()))
    assert [(entry.number, entry.kind) for entry in state.foreign] == [(1, "given")]
