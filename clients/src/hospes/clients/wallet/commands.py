"""``hospes wallet``: what a traveller, or who helps them, does from a terminal.

Each command asks (`asking`), calls the wallet, and prints (`screens`). Errors leave as `HospesError`; the entry point
makes them one line. Nothing is signed before the traveller has seen it in words and agreed, or whoever calls said
``--yes`` for them.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any, Final

import click

from hospes.clients.wallet import consent as consenting, screens
from hospes.clients.wallet.accesses import accesses as look_up
from hospes.clients.wallet.asking import Asked, agree, read_file, until, write_file
from hospes.clients.wallet.card import card_page, qr_in_terminal
from hospes.clients.wallet.consent import Given, Wish, emergency_wish
from hospes.clients.wallet.deposit import deposit as deposit_all
from hospes.clients.wallet.drafting import Document
from hospes.clients.wallet.erasing import erase as erase_one
from hospes.clients.wallet.errors import NoSummaryError, NotAgreedError
from hospes.clients.wallet.evidence import evidence
from hospes.clients.wallet.grant_file import grant_file as shown_grant
from hospes.clients.wallet.history import history
from hospes.clients.wallet.keepers import reason_of
from hospes.clients.wallet.numbering import Numbered
from hospes.clients.wallet.pages import JourneyPage
from hospes.clients.wallet.status import status as stand
from hospes.clients.wallet.wallet import Wallet
from hospes.core import wire
from hospes.core.errors import ConfigurationError, HospesError, MalformedError, TooLargeError
from hospes.core.identities import country, member_id, to_hex
from hospes.core.messages import ANY_HOSPITAL, CLASSES, PURPOSES, TREATMENT, RecordClass
from hospes.core.sealing import SignedIssued
from hospes.core.summary import cut_emergency, read

FHIR: Final = "application/fhir+json"
WHOLE: Final = RecordClass.PATIENT_SUMMARY.label
CUT: Final = RecordClass.EMERGENCY_SUMMARY.label
DAYS: Final = 30
"""How long a consent lasts unless said: a journey of some weeks."""
_FILE: Final = click.Path(path_type=Path)

_options: Final = (
    click.option("--home", type=_FILE, help="Holds the folder `wallet`; HOSPES_HOME or ~/.hospes unless said."),
    click.option(
        "--network",
        "directory",
        type=_FILE,
        help="Directory of the network's files; `network` in HOSPES_HOME or ~/.hospes unless said.",
    ),
    click.option("--journey", "index", type=Numbered("journey", first=0), metavar="N", help="The latest unless said."),
    click.option("--json", "as_json", is_flag=True, help="Print JSON."),
)
_yes: Final = click.option("--yes", is_flag=True, help="Agree without being asked.")
_where: Final = click.option("--country", "where", metavar="CODE", multiple=True, help="Such as PT; may be repeated.")
_until: Final = click.option(
    "--until", "last_day", metavar="DATE", help=f"Last day, such as 2027-03-31; in {DAYS} days unless said."
)


def _asked(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every command takes, and hand them over as one `Asked`."""

    @wraps(command)
    def run(home: Path | None, directory: Path | None, index: int | None, *, as_json: bool, **own: object) -> None:
        command(Asked(home, directory, index, as_json), **own)

    for option in reversed(_options):
        run = option(run)
    return run


@click.group()
def wallet() -> None:
    """Carry your own record.

    Deposit it, say who may read it, see who did.

    The passphrase is asked for, or taken from the environment variable HOSPES_PASSPHRASE.
    """


@wallet.command()
@click.option("--name", default="", help="Your own word for the journey; it stays in the wallet.")
@_where
@_until
@_yes
@_asked
def new(asked: Asked, name: str, where: tuple[str, ...], last_day: str | None, *, yes: bool) -> None:
    """Begin a journey. With --country, allow emergency access there for whoever has the card."""

    async def use(at_work: Wallet) -> None:
        wishes = await _emergency(at_work, where, last_day) if where else ()
        journey = await at_work.new_journey(name)
        asked.show(screens.journey_screen(journey))
        given = None
        with suppress(NotAgreedError):  # the journey has begun all the same, and the screen says what it lacks
            given = await _give(at_work, asked, journey, wishes, standing=True, yes=yes) if wishes else None
        tree = {"index": journey.index, "address": to_hex(journey.address), "consent": given.consent if given else None}
        asked.tell("journey", tree, screens.given_screen(given) if given else screens.no_emergency_screen())

    asked.run(use, create=True)


@wallet.command()
@click.option("--record", "path", type=_FILE, help="The document; without one, what is unfinished is finished.")
@click.option("--class", "what", type=click.Choice(sorted(CLASSES)), help="Deposit it as it is, as this class.")
@click.option("--media-type", default=FHIR, show_default=True)
@click.option("--issued", type=_FILE, help="The issuer's signed word on the document, as JSON.")
@click.option("--again", is_flag=True, help="Also what was deposited before: anew, under a new key.")
@_asked
def deposit(asked: Asked, path: Path | None, *, again: bool, **said: Any) -> None:  # noqa: ANN401 - click's options
    """Deposit a record. A patient summary goes twice: cut for emergencies, and whole."""
    documents = _documents(path, **said) if path else ()

    async def use(at_work: Wallet) -> None:
        journey = asked.journey(at_work)
        await consenting.bring_consents(at_work, journey)  # the deposit hands them over
        outcome = await deposit_all(at_work, at_work.journey(journey.index), documents, again=again)
        asked.tell("deposit", outcome, screens.deposit_screen(outcome))

    asked.run(use)


@wallet.command()
@click.option("--who", metavar="WHO", multiple=True, help="member:<id> or country:<code>; may be repeated.")
@click.option("--what", type=click.Choice(sorted(CLASSES)), multiple=True, help=f"{WHOLE} unless said.")
@click.option("--why", type=click.Choice(PURPOSES), multiple=True, help=f"{TREATMENT} unless said.")
@_where
@_until
@click.option("--card", is_flag=True, help="Only for who has your card.")
@click.option("--standing", is_flag=True, help="The keepers hold it, so you need not hand it to anybody.")
@click.option("--emergency", is_flag=True, help="For any hospital in these countries that has your card.")
@_yes
@_asked
def consent(
    asked: Asked,
    last_day: str | None,
    *,
    emergency: bool,
    standing: bool,
    yes: bool,
    **said: Any,  # noqa: ANN401
) -> None:
    """Say who may read what.

    It is shown in plain words first, then signed. Without options, what was agreed to before is finished.
    """

    async def use(at_work: Wallet) -> None:
        given = [*await consenting.finish_consents(at_work, asked.journey(at_work))]
        wishes = await (
            _emergency(at_work, said["where"], last_day) if emergency else _wishes(at_work, last_day, **said)
        )
        if wishes:
            journey = at_work.journey(asked.index)
            given.append(await _give(at_work, asked, journey, wishes, standing=standing or emergency, yes=yes))
        asked.tell("consents", given, screens.consents_screen(given))

    asked.run(use)


@wallet.command("grant-file")
@click.argument("number", type=Numbered("consent"))
@click.option(
    "--permission",
    metavar="N",
    type=Numbered("permission", "the consent as it was shown before it was signed"),
    default=1,
    show_default=True,
    help="Which one of the consent.",
)
@click.option("--out", type=_FILE, help="Where to write it; printed unless said.")
@click.option("--qr", is_flag=True, help="Show it as a QR code.")
@_asked
def grant_file(asked: Asked, number: int, permission: int, out: Path | None, *, qr: bool) -> None:
    """Write a permission for a hospital.

    It is a permission of consent NUMBER, as a file or a QR code to hand over. `hospes wallet status` shows the numbers.
    """

    async def use(at_work: Wallet) -> None:
        journey = asked.journey(at_work)
        data = shown_grant(journey, journey.consent(number, at_work.journeys()), permission)
        if out:
            write_file(out, data)
        code = qr_in_terminal(data.decode()) if qr else ""
        tree = {"journey": to_hex(journey.address), "grant": data.decode(), "file": str(out) if out else None}
        asked.tell("grant", tree, screens.grant_screen(data, out, code, asked.columns))

    asked.run(use)


@wallet.command()
@click.option("--html", type=_FILE, help="Also write a page to print.")
@_asked
def card(asked: Asked, html: Path | None) -> None:
    """Show the card of a journey.

    It is a QR code, and the same as text.
    """

    async def use(at_work: Wallet) -> None:
        journey = asked.journey(at_work)
        shown = journey.card
        if html:
            write_file(html, card_page(shown).encode())
        if not asked.as_json:  # before anybody is asked: it may be needed where there is no network
            asked.show(screens.card_screen(shown, html, asked.columns))
        lacks, lines = await _lacks(at_work, journey)
        tree = {"text": shown.encode(), "page": str(html) if html else None, "lacks": lacks}
        asked.tell("card", tree, lines)

    asked.run(use, reads_ledger=False)


@wallet.command()
@click.option("--evidence", "path", type=_FILE, help="Also write what your entries stand for, to show an auditor.")
@_asked
def accesses(asked: Asked, path: Path | None) -> None:
    """See who looked, and who tried.

    What came of each access is told, and what for, as far as the keepers were shown it.
    """

    async def use(at_work: Wallet) -> None:
        journey = asked.journey(at_work)
        found = await look_up(at_work, journey)
        if path:
            write_file(path, (await evidence(at_work, journey, found)).encode())
        asked.tell("accesses", found, screens.accesses_screen(found))

    asked.run(use)


@wallet.command()
@click.argument("number", type=Numbered("consent"))
@_asked
def withdraw(asked: Asked, number: int) -> None:
    """Take back consent NUMBER, at once.

    The keepers are told directly, and the log. `hospes wallet status` shows the numbers.
    """

    async def use(at_work: Wallet) -> None:
        journey = asked.journey(at_work)
        ended = await consenting.withdraw(at_work, journey, journey.consent(number, at_work.journeys()))
        command = f"hospes wallet withdraw {number} --journey {journey.index}"
        asked.tell("withdrawal", ended, screens.ended_screen(f"Consent {number} is withdrawn", ended, command))
        _require_logged(ended.number)

    asked.run(use, reads_ledger=False)


@wallet.command()
@click.argument("number", type=Numbered("record"))
@_yes
@_asked
def erase(asked: Asked, number: int, *, yes: bool) -> None:
    """Erase record NUMBER for good.

    Repeat it to collect receipts that are missing. `hospes wallet status` shows the numbers.
    """

    async def use(at_work: Wallet) -> None:
        journey = asked.journey(at_work)
        page = journey.deposit(number, at_work.journeys())
        agree(asked, screens.erasure_screen(page.deposit.body.what), yes=yes)
        erased = await erase_one(at_work, journey, page)
        command = f"hospes wallet erase {number} --journey {journey.index}"
        asked.tell("erasure", erased, screens.erased_screen(erased, command))
        _require_logged(erased.number)

    asked.run(use, reads_ledger=False)


@wallet.command()
@click.option("--brake", type=_FILE, help="End nothing now: write a signed ending for a trusted person to keep.")
@_asked
def end(asked: Asked, brake: Path | None) -> None:
    """End every consent of a journey, at once.

    Those that were given so far; others can be given afterwards, unless a brake was used.
    """

    async def use(at_work: Wallet) -> None:
        journey = asked.journey(at_work)
        if brake:
            services = await consenting.brake_services(at_work)
            write_file(brake, wire.encode(consenting.sign_brake(at_work, journey)))
            asked.tell("brake", str(brake), screens.brake_screen(brake, services))
        else:
            ended = await consenting.end(at_work, journey)
            what, command = "Every consent of this journey has ended", f"hospes wallet end --journey {journey.index}"
            asked.tell("ending", ended, screens.ended_screen(what, ended, command))
            _require_logged(ended.number)

    asked.run(use, reads_ledger=False)


@wallet.command()
@_asked
def status(asked: Asked) -> None:
    """See where your journeys stand.

    What needs you is marked as a warning.
    """

    async def use(at_work: Wallet) -> None:
        journeys = at_work.journeys() if asked.index is None else (at_work.journey(asked.index),)
        states = [await stand(at_work, journey) for journey in journeys]
        elsewhere = at_work.book.read().elsewhere(at_work.network) if asked.index is None else 0
        asked.tell("journeys", states, screens.status_screen(states, elsewhere))

    asked.run(use)


def _require_logged(number: int | None) -> None:
    """End with code 1 when something is told that is still to be finished."""
    if number is None:
        raise click.exceptions.Exit(1)


async def _give(
    at_work: Wallet, asked: Asked, journey: JourneyPage, wishes: Sequence[Wish], *, standing: bool, yes: bool
) -> Given:
    """Show a consent in words, have it agreed to, and give it.

    What any hospital may read without an emergency is asked for once more; ``--yes`` does not answer that.
    """
    drafted = await consenting.draft(at_work, journey, wishes)
    paragraphs = await consenting.in_words(at_work, journey, drafted, standing=standing)
    agree(asked, screens.consent_screen(paragraphs), yes=yes)
    if reach := consenting.wide_reach(drafted):
        agree(asked, screens.wide_screen(reach), yes=False)
    return await consenting.give(at_work, journey, drafted, standing=standing)


async def _lacks(at_work: Wallet, journey: JourneyPage) -> tuple[list[str] | None, Iterator[str]]:
    """Return the names of what keeps the card from opening anything, None when unknown, and the same in words."""
    try:
        lacks = (await history(at_work, journey)).lacks()
    except HospesError as error:
        return None, screens.unchecked_screen(reason_of(error))
    return [lack.name.lower() for lack in lacks], screens.lacks_screen(lacks, journey.index)


async def _emergency(at_work: Wallet, where: Sequence[str], last_day: str | None) -> Sequence[Wish]:
    if not where:
        raise click.UsageError("--emergency needs at least one --country")
    begin = await consenting.from_now(at_work)
    return [emergency_wish([country(code) for code in where], begin, until(at_work.now(), last_day, DAYS))]


async def _wishes(
    at_work: Wallet,
    last_day: str | None,
    who: Sequence[str],
    what: Sequence[str],
    why: Sequence[str],
    where: Sequence[str],
    *,
    card: bool,
) -> Sequence[Wish]:
    """Return one wish for each `who`; where it may be read is where they are, unless said."""
    begin, last = await consenting.from_now(at_work), until(at_work.now(), last_day, DAYS)
    places = [where or [await _home_of(at_work, one)] for one in who]
    return [
        Wish(one, what or (WHOLE,), why or (TREATMENT,), place, begin, last, card)
        for one, place in zip(who, places, strict=True)
    ]


async def _home_of(at_work: Wallet, who: str) -> str:
    scheme, _, name = who.partition(":")
    if scheme == "country":
        return country(name)
    if scheme == "member":
        tip = await at_work.reader.tip()
        return (await at_work.reader.member_named(member_id(name), tip)).word.country
    if who == ANY_HOSPITAL:
        raise click.UsageError(f"--who {who} needs at least one --country")
    raise click.UsageError(f"--who {who}: expected member:<id>, such as member:hospital-evora, or country:<code>")


def _documents(path: Path, what: str | None, media_type: str, issued: Path | None) -> tuple[Document, ...]:
    """Return what to deposit of a file: as it is, or a patient summary cut and whole."""
    content = read_file(path)
    word = _issued(issued) if issued else None
    whole = Document(what or WHOLE, media_type, content, word)
    if what:
        return (whole,)
    try:
        cut = cut_emergency(read(content))
    except (MalformedError, TooLargeError) as error:
        raise NoSummaryError(str(path), error) from error
    return (Document(CUT, FHIR, cut.data), whole)


def _issued(path: Path) -> SignedIssued:
    """Return the issuer's word in a file; an error in it names the file."""
    data = read_file(path)
    try:
        return wire.decode(SignedIssued, data)
    except (MalformedError, TooLargeError) as error:
        raise ConfigurationError(str(path), f"this is no issuer's word ({error})") from error
