"""The screens: right in number whatever they count."""

from collections.abc import Iterator

import pytest

from hospes.clients.wallet import screens
from hospes.clients.wallet.accesses import Accesses, Fate, Look, Released
from hospes.clients.wallet.deposit import Deposited, Outcome
from hospes.clients.wallet.erasing import Erased
from hospes.clients.wallet.errors import TooFewKeepersError
from hospes.clients.wallet.handing_in import Ended
from hospes.clients.wallet.history import ConsentState, DepositState
from hospes.clients.wallet.status import ConsentStatus, DepositStatus, JourneyStatus
from hospes.core.identities import Address, Country, MemberId, RecordId

KEEPERS = tuple(MemberId(f"keeper-{n}") for n in range(7))
RECORD, WHAT = RecordId(bytes(32)), "laboratory"


def _look(fate: Fate, count: int, needed: int | None) -> Look:
    released = (Released(WHAT, KEEPERS[:count], needed),) if fate is Fate.OPENED else ()
    member, country = MemberId("hospital-evora"), Country("PT")
    return Look(1, 0, member, country, fate, False, "Dr. X", "treatment", (WHAT,), released, KEEPERS[:count], None)


def _screens(count: int) -> Iterator[str]:
    """Yield every line in which something is counted."""
    ended = Ended(None, KEEPERS[:count], (), "away"), Ended(3, KEEPERS[:count], (), "")
    for one in ended:
        yield from screens.ended_screen("Consent 1 is withdrawn", one, "hospes wallet withdraw 1")
        erased = Erased(WHAT, one.number, one.told, one.unlogged, count, count, count + 1, ())
        yield from screens.erased_screen(erased, "hospes wallet erase 1")
    yield from screens.deposit_screen(Outcome((Deposited(RECORD, WHAT, 1, KEEPERS[:count], (), 1, True),), ()))
    looks = _look(Fate.OPENED, count, 4), _look(Fate.REFUSED, count, None)
    yield from screens.accesses_screen(Accesses(looks, 1, 0, (), ()))
    consent = ConsentStatus(1, ("hospital:*",), ConsentState.GIVEN, True, count, count)
    deposit = DepositStatus(1, RECORD, WHAT, DepositState.LOGGED, 1, count, count, 1, False)
    journey = JourneyStatus(0, "", Address(bytes(20)), 0, 1, (consent,), (deposit,), (), 1, 0, None)
    yield from screens.status_screen((journey,), count)
    yield str(TooFewKeepersError(count, count, ()))


@pytest.mark.parametrize(("count", "right", "wrong"), [(1, "1 keeper", "1 keepers"), (7, "7 keepers", "7 keeper ")])
def test_what_is_counted_stands_in_the_right_number(count: int, right: str, wrong: str) -> None:
    """One keeper, seven keepers; stores and journeys likewise."""
    told = "\n".join(_screens(count))
    assert right in told
    assert wrong not in told
    for thing in ("store", "journey"):
        assert f"{count} {thing}{'' if count == 1 else 's'} " in told


def test_how_many_keepers_it_takes_is_not_made_up() -> None:
    """Of a record that this wallet did not deposit nobody here knows it, and the screen says so."""
    told = "\n".join(screens.accesses_screen(Accesses((_look(Fate.OPENED, 5, None),), 1, 0, (), ())))
    assert "released by 5 keepers (nobody here knows how many it takes to read it)" in told
