"""Killed at any request or writing, a wallet that is started again has one deposit and one consent, not none or two."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest

from hospes.clients.wallet.consent import draft, emergency_wish, finish_consents, give
from hospes.clients.wallet.deposit import deposit
from hospes.clients.wallet.history import ConsentState, history
from hospes.clients.wallet.wallet import Wallet
from hospes.core.chain import EntryKind
from tests.clients.wallet.conftest import DOCUMENT, Open
from tests.simulators.clinic import Place
from tests.simulators.town import PowerCutError


def _points(often: tuple[int, ...], count: int) -> tuple[int, ...]:
    """Return every point at which the power may fail under the profile `nightly`, and `often` otherwise."""
    return tuple(range(1, count + 1)) if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else often


DEPOSIT_REQUESTS = _points((5, 10, 12), 17)
"""Two blocks, seven shares, one relaying, seven mailboxes."""
CONSENT_REQUESTS = _points((4,), 8)
"""One relaying, seven standing consents."""
WRITINGS = _points((3, 7), 8)
"""The keepers, two blocks, then the book: begun, stored, accepted, logged, mailbox held."""


def _killed(place: Place, work: Coroutine[None, None, object], request: int, *, arrives: bool) -> None:
    """Let somebody work until the power fails at a request of theirs, before or after it arrived."""
    streets = place.town.streets
    streets.power_cut = (streets.count + request, arrives)
    with pytest.raises(PowerCutError):
        place.run(work)
    streets.power_cut = None


async def _count(wallet: Wallet, kind: EntryKind) -> int:
    journal = await wallet.reader.journal(wallet.journey().address, await wallet.reader.tip())
    return len(journal.of_kind(kind))


@pytest.mark.parametrize("arrives", [False, True])
@pytest.mark.parametrize("request_number", DEPOSIT_REQUESTS)
def test_a_deposit_survives_the_end_of_its_program(
    everybody: Place, opened: Open, request_number: int, *, arrives: bool
) -> None:
    """At whatever request the wallet dies, repeating the command ends with one logged deposit that all keepers hold."""
    journey = everybody.run(opened().new_journey(""))
    _killed(everybody, deposit(opened(), journey, [DOCUMENT]), request_number, arrives=arrives)
    everybody.run(asyncio.sleep(0.02))
    outcome = everybody.run(deposit(opened(), opened().journey(), [DOCUMENT]))
    assert [len(record.keepers) for record in outcome.records] == [7]
    assert outcome.standing == ()
    assert everybody.run(_count(opened(), EntryKind.DEPOSITED)) == 1
    assert [page.shares for page in opened().journey().deposits if not page.given_up] == [()]


@pytest.mark.parametrize("writing", WRITINGS)
def test_a_deposit_survives_a_power_cut_while_writing(
    place: Place, opened: Open, writing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At whatever writing of the wallet the power fails, repeating the command ends with one logged deposit."""
    journey = place.run(opened().new_journey(""))
    monkeypatch.setattr(Path, "replace", _fails_at(writing))
    with pytest.raises(PowerCutError):
        place.run(deposit(opened(), journey, [DOCUMENT]))
    monkeypatch.undo()
    place.run(deposit(opened(), opened().journey(), [DOCUMENT]))
    assert place.run(_count(opened(), EntryKind.DEPOSITED)) == 1
    assert len([page for page in opened().journey().deposits if not page.given_up]) == 1


def _fails_at(writing: int) -> Callable[[Path, Path], Path]:
    replaced, done = Path.replace, iter(range(1, 1000))

    def replace(fresh: Path, target: Path) -> Path:
        if "wallet" in fresh.parts and next(done) >= writing:
            raise PowerCutError
        return replaced(fresh, target)

    return replace


@pytest.mark.parametrize("arrives", [False, True])
@pytest.mark.parametrize("request_number", CONSENT_REQUESTS)
def test_a_consent_survives_the_end_of_its_program(
    everybody: Place, opened: Open, request_number: int, *, arrives: bool
) -> None:
    """At whatever request the wallet dies, finishing or repeating the consent ends with one that all keepers hold."""
    journey = everybody.run(opened().new_journey(""))
    wish = emergency_wish(["PT"], opened().now(), opened().now() + 10_000)
    consent = everybody.run(draft(opened(), journey, [wish]))
    _killed(everybody, give(opened(), journey, consent, standing=True), request_number, arrives=arrives)
    everybody.run(asyncio.sleep(0.02))
    everybody.run(finish_consents(opened(), opened().journey()))
    assert [len(page.holders) for page in opened().journey().consents] in ([], [7])
    again = everybody.run(draft(opened(), opened().journey(), [wish]))
    given = everybody.run(give(opened(), opened().journey(), again, standing=True))
    assert (given.consent, given.missing) == (1, ())
    assert everybody.run(_count(opened(), EntryKind.GIVEN)) == 1
    (page,) = opened().journey().consents
    assert everybody.run(history(opened(), opened().journey())).consent_state(page) is ConsentState.GIVEN
