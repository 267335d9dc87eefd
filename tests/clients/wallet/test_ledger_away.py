"""Nobody reaches the ledger: a traveller stops release all the same, and the log is made up later."""

from dataclasses import replace

import pytest

from hospes.clients.hospital.errors import NothingReleasedError
from hospes.clients.wallet.consent import draft, emergency_wish, end, give, withdraw
from hospes.clients.wallet.erasing import erase
from hospes.clients.wallet.errors import NoKeepersKnownError, NotRelayedError
from hospes.clients.wallet.handing_in import Ended
from hospes.clients.wallet.history import ConsentState, DepositState, history
from hospes.clients.wallet.keepers import remembered_keepers
from hospes.clients.wallet.pages import Pages
from hospes.clients.wallet.wallet import Wallet
from hospes.core import wire
from hospes.core.chain import EntryKind
from hospes.core.identities import Hash
from tests.clients.wallet.conftest import Open, prepare
from tests.simulators.clinic import Place


@pytest.fixture
def ready(everybody: Place, opened: Open) -> Wallet:
    """A wallet whose record would open in an emergency, started again, and then the ledger is away."""
    everybody.run(prepare(opened()))
    everybody.town.world.ledger_is_away = True
    return _started_again(everybody, opened)


def _started_again(place: Place, opened: Open) -> Wallet:
    """Return a wallet that knows nothing but what is on its disk, and the highest block that it saw."""
    wallet = opened()
    away, place.town.world.ledger_is_away = place.town.world.ledger_is_away, False
    place.run(wallet.reader.tip())  # of the file that a wallet of the command line remembers it in
    place.town.world.ledger_is_away = away
    return wallet


def _states(place: Place, wallet: Wallet) -> list[ConsentState]:
    past = place.run(history(wallet, wallet.journey()))
    return [past.consent_state(page) for page in wallet.journey().consents]


def _nothing_is_released(place: Place, wallet: Wallet) -> None:
    with pytest.raises(NothingReleasedError):
        place.run(place.hospital().break_glass(wallet.journey().card, "Dr. Nuñez"))


async def _numbers(wallet: Wallet, kind: EntryKind) -> list[int]:
    journal = await wallet.reader.journal(wallet.journey().address, await wallet.reader.tip())
    return [entry.number for entry in journal.of_kind(kind)]


def _withdraw(place: Place, wallet: Wallet) -> Ended:
    return place.run(withdraw(wallet, wallet.journey(), wallet.journey().consents[0]))


def test_a_withdrawal_holds_before_the_ledger_is_back(everybody: Place, ready: Wallet) -> None:
    """All keepers confirm it; a hospital that asks when the ledger is back gets nothing, though no entry stands."""
    ended = _withdraw(everybody, ready)
    assert (ended.number, len(ended.told), ended.missing) == (None, 7, ())
    assert "the ledger node" in ended.unlogged
    everybody.town.world.ledger_is_away = False
    _nothing_is_released(everybody, ready)
    assert everybody.run(_numbers(ready, EntryKind.WITHDRAWN)) == []
    assert _states(everybody, ready) == [ConsentState.WITHDRAWING]


def test_repeating_it_when_the_ledger_is_back_finishes_it(everybody: Place, ready: Wallet, opened: Open) -> None:
    """By another program, with the very signature that was kept: one entry."""
    _withdraw(everybody, ready)
    signed = ready.journey().consents[0].withdrawal
    everybody.town.world.ledger_is_away = False
    ended = _withdraw(everybody, opened())
    assert (ended.number, ended.unlogged) == (3, "")
    assert opened().journey().consents[0].withdrawal == signed
    assert _states(everybody, ready) == [ConsentState.WITHDRAWN]
    assert _withdraw(everybody, opened()) == Ended(3, (), (), "")


def test_keepers_that_did_not_confirm_are_named(everybody: Place, ready: Wallet) -> None:
    """With some keepers away too, the others hold it; with all away it is kept, and an error says who was asked."""
    everybody.town.cut_off("keeper-paris", "keeper-lyon")
    ended = _withdraw(everybody, ready)
    assert (len(ended.told), {gone.member for gone in ended.missing}) == (5, {"keeper-paris", "keeper-lyon"})
    everybody.town.cut_off(*everybody.town.keepers)
    with pytest.raises(NotRelayedError, match=r"the ledger: .*; keeper-"):
        _withdraw(everybody, ready)
    assert ready.journey().consents[0].withdrawal


def test_a_book_that_remembers_no_keepers_says_so(everybody: Place, ready: Wallet) -> None:
    """It is signed and kept, nothing has stopped, and it says so; the keepers of another network do not count."""

    def of_another_network(pages: Pages) -> Pages:
        return replace(pages, keepers=tuple(replace(page, network=Hash(bytes(32))) for page in pages.keepers or ()))

    assert len(remembered_keepers(ready)) == 7
    ready.book.change(of_another_network)
    with pytest.raises(NoKeepersKnownError, match=r"nothing has stopped yet.*remembers no keepers"):
        _withdraw(everybody, ready)
    assert ready.journey().consents[0].withdrawal
    everybody.town.world.ledger_is_away = False
    assert _withdraw(everybody, ready).number == 3
    assert len(remembered_keepers(ready)) == 7


def test_an_ending_holds_before_the_ledger_is_back(everybody: Place, ready: Wallet) -> None:
    """What was given is ended at once; repeated, it is the same ending, and it stands in the log."""
    ended = everybody.run(end(ready, ready.journey()))
    assert (ended.number, len(ended.told)) == (None, 7)
    everybody.town.world.ledger_is_away = False
    _nothing_is_released(everybody, ready)
    again = everybody.run(end(ready, ready.journey()))
    assert everybody.run(_numbers(ready, EntryKind.ENDED)) == [again.number]
    assert len(ready.journey().endings) == 1
    assert _states(everybody, ready) == [ConsentState.WITHDRAWN]


def test_an_ending_without_the_ledger_leaves_no_consent_that_could_still_come(everybody: Place, opened: Open) -> None:
    """What may have been given since is withdrawn at the keepers, what was given long before is ended."""
    everybody.run(prepare(opened()))
    everybody.town.world.clock.now += 4000
    everybody.run(prepare_another(opened()))
    wallet = _started_again(everybody, opened)
    everybody.town.world.ledger_is_away = True
    everybody.run(end(wallet, wallet.journey()))
    old, late = wallet.journey().consents
    assert (bool(old.withdrawal), bool(late.withdrawal)) == (False, True)
    everybody.town.world.ledger_is_away = False
    _nothing_is_released(everybody, wallet)
    everybody.run(end(wallet, wallet.journey()))
    assert _states(everybody, wallet) == [ConsentState.ENDED, ConsentState.WITHDRAWN]


async def prepare_another(wallet: Wallet) -> None:
    """Give one more consent."""
    wish = emergency_wish(["ES"], wallet.now() - 60, wallet.now() + 86_400)
    await give(wallet, wallet.journey(), await draft(wallet, wallet.journey(), [wish]), standing=True)


def test_an_erasure_holds_before_the_ledger_is_back(everybody: Place, ready: Wallet) -> None:
    """Keepers delete their shares and sign for it; entry and blocks follow when it is repeated."""
    erased = everybody.run(erase(ready, ready.journey(), ready.journey().deposits[0]))
    assert (erased.number, len(erased.told), erased.keepers, erased.stores, erased.missing) == (None, 7, 7, 0, ())
    assert "the ledger node" in erased.unlogged
    everybody.town.world.ledger_is_away = False
    _nothing_is_released(everybody, ready)
    again = everybody.run(erase(ready, ready.journey(), ready.journey().deposits[0]))
    assert (again.keepers, again.stores, again.missing, again.unlogged) == (7, 1, (), "")
    assert everybody.run(_numbers(ready, EntryKind.ERASED)) == [again.number]
    assert len(ready.journey().erasures) == 1
    past = everybody.run(history(ready, ready.journey()))
    assert past.deposit_state(ready.journey().deposits[0]) is DepositState.ERASED


def test_the_book_remembers_keepers_once(everybody: Place, ready: Wallet) -> None:
    """One page an epoch, told again only when it is a day old; a book of before has none and can be read."""
    (page,) = ready.book.read().keepers_on(ready.network)
    everybody.town.world.ledger_is_away = False
    everybody.run(prepare_another(ready))
    assert ready.book.read().keepers == (page,)
    before = replace(ready.book.read(), keepers=None)
    assert wire.decode(Pages, wire.encode(before)).keepers_on(ready.network) == ()
