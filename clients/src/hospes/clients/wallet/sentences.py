"""A consent as sentences that a person can agree to: every field of every grant, what it means, what cannot be undone.

It decides nothing and signs nothing. Two consents that differ in any field give different sentences, which a test
holds down; so whoever reads all of it has read all that is signed.

Sources: PROTOCOL section 1 (what each field means).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from hospes.clients.wallet.phrases import ENGLISH, Phrases
from hospes.core.identities import ZERO_HASH, Country, Hash, MemberId, to_hex
from hospes.core.messages import ANY_HOSPITAL, CLASSES, EMERGENCY, Consent, Grant

_LAST_SECOND: Final = 253_402_300_799
"""23:59:59 on 31 December 9999: the last that a calendar date is printed for."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A heading and the sentences below it."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What the sentences are told with.

    Attributes
    ----------
    gate : Hash
        Of the journey's card.
    members : mapping of MemberId to Country
        Of the members that the consent names, from the registry.
    standing : bool
        Whether keepers will hold the consent.
    phrases : Phrases
    """

    gate: Hash
    members: Mapping[MemberId, Country]
    standing: bool
    phrases: Phrases = ENGLISH


def sentences(consent: Consent, setting: Setting) -> tuple[Paragraph, ...]:
    """Return a consent in words."""
    words, count = setting.phrases, len(consent.grants)
    grants = (
        Paragraph(words.grant_title.format(number=number, count=count), _grant(grant, setting))
        for number, grant in enumerate(consent.grants, start=1)
    )
    return (
        Paragraph(words.consent_title, ()),
        *grants,
        Paragraph(words.meaning_title, _meaning(consent, setting)),
        Paragraph(words.undone_title, (words.undone_read, words.undone_log)),
        Paragraph(words.print_title, _small_print(consent, words)),
    )


def moment(time: int, words: Phrases = ENGLISH) -> str:
    """Return a time in words.

    >>> moment(0)
    '1 January 1970, 00:00 (UTC)'
    """
    if time > _LAST_SECOND:
        return words.moment_far.format(seconds=time)
    at = datetime.fromtimestamp(time, UTC)
    template = words.moment_with_seconds if at.second else words.moment
    month = words.months[at.month - 1]
    return template.format(day=at.day, month=month, year=at.year, hour=at.hour, minute=at.minute, second=at.second)


def country_name(code: str, words: Phrases = ENGLISH) -> str:
    """Return a country's name, or the code itself when it has none here."""
    return words.countries.get(code, code)


def listed(items: Sequence[str], words: Phrases = ENGLISH) -> str:
    """Return a list in words.

    >>> listed(["Portugal", "Spain", "France"])
    'Portugal, Spain and France'
    """
    return words.last.join(part for part in (words.comma.join(items[:-1]), items[-1]) if part)


def counted(number: int, what: str) -> str:
    """Return a number of things, in the right number.

    >>> counted(1, "keeper"), counted(0, "keeper"), counted(7, "entry")
    ('1 keeper', '0 keepers', '7 entries')
    """
    if number == 1:
        return f"1 {what}"
    return f"{number} {what[:-1]}ies" if what.endswith("ry") else f"{number} {what}s"


def _grant(grant: Grant, setting: Setting) -> tuple[str, ...]:
    words = setting.phrases
    classes = listed([words.classes[what] for what in _classes(grant)], words)
    return (
        words.what.format(who=_who(grant.who, setting), what=classes),
        words.why.format(why=listed([words.purposes[why] for why in grant.why], words)),
        words.where.format(where=listed([country_name(code, words) for code in grant.where], words)),
        words.when.format(begin=moment(grant.not_before, words), end=moment(grant.not_after, words)),
        _card(grant.gate, setting),
    )


def _who(who: str, setting: Setting) -> str:
    words = setting.phrases
    if who == ANY_HOSPITAL:
        return words.anybody
    scheme, _, name = who.partition(":")
    if scheme == "country":
        return words.of_country.format(country=country_name(name, words))
    country = setting.members.get(MemberId(name))
    if country is None:
        return words.stranger.format(name=name)
    return words.member.format(name=name, country=country_name(country, words))


def _classes(grant: Grant) -> Iterable[str]:
    """Return the classes in the order of their numbers: the emergency summary first."""
    return sorted(grant.what, key=lambda what: CLASSES[what])


def _card(gate: Hash, setting: Setting) -> str:
    words = setting.phrases
    if gate == ZERO_HASH:
        return words.card_not_needed
    return words.card_needed if gate == setting.gate else words.card_of_another.format(gate=to_hex(gate))


def _meaning(consent: Consent, setting: Setting) -> tuple[str, ...]:
    words = setting.phrases
    emergency = any(EMERGENCY in grant.why for grant in consent.grants)
    return (
        words.meaning_standing if setting.standing else words.meaning_shown,
        words.meaning_emergency if emergency else words.meaning_no_emergency,
        words.meaning_log,
        words.meaning_withdraw,
    )


def _small_print(consent: Consent, words: Phrases) -> tuple[str, ...]:
    salts = (
        words.print_salt.format(number=number, salt=to_hex(grant.salt))
        for number, grant in enumerate(consent.grants, start=1)
    )
    name = words.print_name.format(name=to_hex(consent.grants_hash))
    return (words.print_deadline.format(deadline=moment(consent.deadline, words)), *salts, name)
