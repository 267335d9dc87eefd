"""What the wallet's commands print: plain lines, the same on a terminal, in a pipe and read aloud.

It computes nothing. A demonstration network says so on every screen, before anything else.

Sources: ARCHITECTURE sections 2 (vocabulary) and 4 ("The embedded authority is trusted, and every screen of it says
so"); PROTOCOL section 1 ("every screen of it says 'demonstration'").
"""

import shlex
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from hospes.clients.wallet.accesses import Accesses, Fate, Look
from hospes.clients.wallet.card import card_in_terminal, card_lines
from hospes.clients.wallet.consent import Given
from hospes.clients.wallet.deposit import Deposited, Outcome
from hospes.clients.wallet.erasing import Erased
from hospes.clients.wallet.handing_in import Ended
from hospes.clients.wallet.history import LIVE, ConsentState, DepositState, Lack
from hospes.clients.wallet.keepers import Missing
from hospes.clients.wallet.pages import JourneyPage
from hospes.clients.wallet.sentences import Paragraph, counted, country_name, listed, moment
from hospes.clients.wallet.status import ConsentStatus, DepositStatus, JourneyStatus
from hospes.core.cards import Card
from hospes.core.identities import MemberId, to_hex
from hospes.core.printing import printable

DEMONSTRATION: Final = "demonstration: this network is not for real patients; one trusted authority seals its blocks"
WIDTH: Final = 78
"""Columns of a paragraph: what a reader follows easily, and any terminal has."""


def named(index: int, name: str) -> str:
    """Return a journey by its number and the traveller's own word.

    >>> named(0, "Lisboa"), named(1, "")
    ('Journey 0 (Lisboa)', 'Journey 1')
    """
    return f"Journey {index} ({name})" if name else f"Journey {index}"


def consent_screen(paragraphs: Iterable[Paragraph]) -> Iterator[str]:
    """Yield a consent in words, wrapped."""
    for paragraph in paragraphs:
        yield ""
        yield paragraph.title
        for sentence in paragraph.sentences:
            yield from _wrapped(sentence)


def _wrapped(sentence: str) -> list[str]:
    return textwrap.wrap(sentence, WIDTH, initial_indent="  ", subsequent_indent="  ", break_long_words=False)


def journey_screen(journey: JourneyPage) -> Iterator[str]:
    """Yield what a traveller should know of a new journey."""
    yield f"{named(journey.index, journey.name)} begins."
    yield f"The log will know it as {to_hex(journey.address)}, and by no name."


def wide_screen(countries: Iterable[str]) -> Iterator[str]:
    """Yield what a permission for any hospital means that is not for emergencies alone, before it is agreed to."""
    places = listed([country_name(code) for code in countries])
    yield f"WARNING: this is for ANY hospital of the network in {places}, also when it is no emergency."
    yield "Whoever there holds your card, or a photograph of it, can read what is named above."
    yield "To allow one hospital only: --who member:<id>"


def given_screen(given: Given) -> Iterator[str]:
    """Yield that a consent is in the log."""
    yield f"Consent {given.consent} is given: entry {given.number} of your log."
    yield from _missing("does not hold it yet; repeat the command later", given.missing)


def deposit_screen(outcome: Outcome) -> Iterator[str]:
    """Yield what became of each record."""
    for record in outcome.records:
        yield _deposited(record)
        yield from _missing("holds no part of it", record.missing)
    if not outcome.records:
        yield "There was nothing to deposit and nothing left unfinished."
    yield from _missing("does not hold your standing consents yet; repeat the command later", outcome.standing)


def ended_screen(what: str, ended: Ended, command: str) -> Iterator[str]:
    """Yield that a withdrawal or ending is in the log, or what holds without, and the command that finishes it."""
    if ended.number is None:
        yield f"{what}: it is signed and kept here, and not in your log yet."
        yield f"It holds already: {_confirmed(ended.told)}: {listed(ended.told)}."
    else:
        yield f"{what}: entry {ended.number} of your log."
        if ended.told:
            yield f"{_confirmed(ended.told)}."
    yield from _missing("did not confirm; it stops when it reads the log", ended.missing)
    if ended.number is None:
        yield from _to_be_logged(ended.unlogged, command)
    yield "What was read before cannot be called back."


def _confirmed(told: Sequence[MemberId]) -> str:
    return f"{counted(len(told), 'keeper')} confirmed to release nothing under it from now on"


def _to_be_logged(reason: str, command: str) -> Iterator[str]:
    yield f"It is still to be logged, which was not possible now ({reason})."
    yield f"To finish it, repeat later: {command}"


def no_emergency_screen() -> Iterator[str]:
    """Yield what a journey without an emergency permission means."""
    yield "In an emergency nobody can help with it yet: hospes wallet consent --emergency --country CODE"


def consents_screen(given: Sequence[Given]) -> Iterator[str]:
    """Yield which consents are in the log now."""
    for one in given:
        yield from given_screen(one)
    if not given:
        yield "Nothing was left to finish. Say who may read: --who, or --emergency with --country."


def grant_screen(data: bytes, out: Path | None, code: str, columns: int) -> Iterator[str]:
    """Yield a grant to hand over, and how a hospital uses it."""
    yield from _code(code, columns)
    yield data.decode() if out is None else f"{out} is written."
    yield "The hospital opens it with:"
    yield f"  hospes hospital read --as HOSPITAL --grant {out or 'FILE'} --practitioner NAME"


def brake_screen(path: Path, services: Iterable[str]) -> Iterator[str]:
    """Yield what to do with a brake, and where two keepers take it."""
    yield f"{path} is written. Nothing has ended. Give it to somebody you trust, not to keep beside the wallet."
    yield "Whoever sends it to any keeper ends all consents of this journey for good, with one of these lines:"
    for service in services:
        yield f"  curl --json {shlex.quote(f'@{path}')} {shlex.quote(printable(f'{service}/v1/relay'))}"


def erasure_screen(what: str) -> Iterator[str]:
    """Yield what erasing a record means, before it is agreed to."""
    yield f"This erases your {what} for good."
    yield "Nobody will open it again, you included. What a hospital has read, it has read."
    yield "Your log keeps the entry that there was a record and that it was erased."


def erased_screen(erased: Erased, command: str) -> Iterator[str]:
    """Yield who deleted what, and, when it is not in the log, what holds without, and the command that finishes it."""
    if erased.number is None:
        yield f"Your {erased.what} is erased at the keepers: it is signed and kept here, and not in your log yet."
        yield f"It holds already: {_confirmed(erased.told)}: {listed(erased.told)}."
    else:
        yield f"Your {erased.what} is erased: entry {erased.number} of your log."
    signers = f"{counted(erased.keepers, 'keeper')} and {counted(erased.stores, 'store')}"
    yield f"{signers} signed for having deleted what was there of it."
    if erased.keepers >= erased.needed:
        yield "If they really did, nobody can recover it."
    else:
        really = counted(erased.needed, "keeper")
        yield f"Nobody can recover it once {really} really did. Repeat the command for the rest."
    yield from _missing("has not signed for deleting it", erased.missing)
    if erased.number is None:
        yield from _to_be_logged(f"nor were the stores asked: {erased.unlogged}", command)


def card_screen(card: Card, page: Path | None, columns: int) -> Iterator[str]:
    """Yield the card, for a terminal of that many columns."""
    yield "Whoever has this can ask for your emergency summary, where you allowed it."
    yield ""
    yield from _code(card_in_terminal(card), columns)
    yield from (f"  {line}" for line in card_lines(card))
    yield ""
    yield f"{page} is written: open it and print it." if page else "To print it: hospes wallet card --html FILE"


def lacks_screen(lacks: Iterable[Lack], journey: int) -> Iterator[str]:
    """Yield why the card opens nothing yet, and the command that mends it."""
    mends = {
        Lack.ENDED: "hospes wallet new",
        Lack.RECORD: f"hospes wallet deposit --record FILE --journey {journey}",
        Lack.PERMISSION: f"hospes wallet consent --emergency --country CODE --journey {journey}",
        Lack.HOLDERS: f"hospes wallet consent --journey {journey}",
    }
    for lack in lacks:
        yield f"WARNING: this card opens nothing: {lack.value}. Mend it with:"
        yield f"  {mends[lack]}"


def unchecked_screen(reason: str) -> Iterator[str]:
    """Yield that nobody could be asked whether the card opens anything."""
    yield f"Whether it opens anything now could not be checked ({reason})."


def _code(code: str, columns: int) -> Iterator[str]:
    """Yield a QR code line by line; half of one would be of no use."""
    lines = code.splitlines()
    width = max((len(line) for line in lines), default=0)
    if width > columns:
        yield f"The QR code needs {width} columns and this terminal has {columns}: here is its text alone."
    else:
        yield from lines


def accesses_screen(found: Accesses) -> Iterator[str]:
    """Yield who looked."""
    if not found.looks:
        yield "Nobody has asked for anything."
    for look in found.looks:
        yield from _look(look)
    for doubt in found.doubts:
        yield f"  Doubt: {doubt.keeper} says of entry {doubt.number} what does not hold ({doubt.reason})."
    yield from _missing("did not answer; what is unexplained may be known to it", found.silent)
    yield f"This is complete up to block {found.block}, {moment(found.time)}; nothing can be missing before."


def status_screen(states: Sequence[JourneyStatus], elsewhere: int) -> Iterator[str]:
    """Yield where every journey stands; `elsewhere` is how many the wallet has on other networks."""
    if not states:
        yield "You have no journey on this network. Begin one: hospes wallet new"
    if elsewhere:
        yield f"{counted(elsewhere, 'journey')} on other networks: hospes wallet status --network DIRECTORY"
    for state in states:
        yield f"{named(state.index, state.name)}, begun {moment(state.begun_at)}: {to_hex(state.address)}"
        yield from (_consent(consent) for consent in state.consents)
        yield from (_deposit(deposit) for deposit in state.deposits)
        yield f"  Accesses in the log: {state.accesses} (who looked: hospes wallet accesses)"
        if state.braked:
            yield f"  The brake was used: entry {state.braked.number}, {moment(state.braked.time)}."
            yield "  All consents of this journey are ended for good. Begin a new one: hospes wallet new"
        for entry in state.foreign:
            yield f"  WARNING: this wallet did not sign entry {entry.number} ({entry.kind}, {moment(entry.time)})."
            yield "  If you did not do it with a copy of this wallet, end your consents now: hospes wallet end"


def _missing(what: str, missing: Iterable[Missing]) -> Iterator[str]:
    for one in missing:
        yield f"  {one.member} {what} ({one.reason})."


def _deposited(record: Deposited) -> str:
    held = f"with {counted(len(record.keepers), 'keeper')}, any {record.threshold} of which can open it together"
    state = "is deposited" if record.new else "was deposited before and is left as it is"
    return f"Your {record.what} {state}: entry {record.number} of your log; {held}."


def _look(look: Look) -> Iterator[str]:
    mark = "BREAK-GLASS " if look.break_glass else ""
    yield f"{moment(look.time)}  {mark}{look.member}, {country_name(look.country)} (entry {look.number})"
    if look.fate is Fate.UNEXPLAINED:
        yield "  unexplained: it asked, and no keeper that answered was shown what for, or released anything"
        return
    yield f"  {look.practitioner} asked for {listed(look.what)}, purpose: {look.why}"
    if look.fate is Fate.REFUSED:
        yield f"  refused by {counted(len(look.shown_to), 'keeper')}: nothing was released"
    for released in look.released:
        needed = "nobody here knows how many it takes" if released.needed is None else f"it takes {released.needed}"
        yield f"  opened: {released.what}, released by {counted(len(released.keepers), 'keeper')} ({needed} to read it)"


def _consent(consent: ConsentStatus) -> str:
    held = consent.standing and consent.state in LIVE
    standing = f", held by {consent.holders} of {counted(consent.keepers, 'keeper')}" if held else ""
    more = " (repeat: hospes wallet consent)" if consent.state is ConsentState.PENDING else ""
    return f"  Consent {consent.number} for {listed(consent.who)}: {consent.state.value}{standing}{more}"


def _deposit(deposit: DepositStatus) -> str:
    entry = f", entry {deposit.number}" if deposit.number else ""
    held = f"; held by {deposit.accepted} of {counted(deposit.keepers, 'keeper')}, it takes {deposit.threshold} to open"
    if deposit.state in (DepositState.ERASED, DepositState.GIVEN_UP):
        held = ""
    return f"  Record {deposit.index} {deposit.what}: {deposit.state.value}{entry}{held}{_advice(deposit)}"


def _advice(deposit: DepositStatus) -> str:
    if deposit.state is DepositState.UNFINISHED:
        return "; finish it: hospes wallet deposit"
    if deposit.outdated and deposit.state is DepositState.LOGGED:
        return "; WARNING: the keepers have changed, deposit this record again"
    return ""
