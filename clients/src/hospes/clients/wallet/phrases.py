"""The words of the wallet's sentences, one set a language; English for now.

It holds no logic: `sentences` fills the places in braces. A further language is one more `Phrases`, with the same
places in every template, which a test compares.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hospes.clients.wallet.countries import ENGLISH_COUNTRIES


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language.

    Attributes
    ----------
    language : str
        BCP 47 tag.
    months : tuple of str
        January first.
    moment, moment_with_seconds, moment_far : str
        A time: ``{day} {month} {year} {hour} {minute} {second}``; one after the year 9999: ``{seconds}``.
    comma, last : str
        Between the items of a list, and before its last.
    countries, classes, purposes : mapping of str to str
        By the protocol's words.
    """

    language: str
    months: tuple[str, ...]
    moment: str
    moment_with_seconds: str
    moment_far: str
    comma: str
    last: str
    countries: Mapping[str, str]
    classes: Mapping[str, str]
    purposes: Mapping[str, str]
    consent_title: str
    grant_title: str
    anybody: str
    of_country: str
    member: str
    stranger: str
    what: str
    why: str
    where: str
    when: str
    card_not_needed: str
    card_needed: str
    card_of_another: str
    meaning_title: str
    meaning_log: str
    meaning_emergency: str
    meaning_no_emergency: str
    meaning_withdraw: str
    meaning_standing: str
    meaning_shown: str
    undone_title: str
    undone_read: str
    undone_log: str
    print_title: str
    print_deadline: str
    print_salt: str
    print_name: str


ENGLISH: Final = Phrases(
    language="en",
    months=(
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    moment="{day} {month} {year}, {hour:02}:{minute:02} (UTC)",
    moment_with_seconds="{day} {month} {year}, {hour:02}:{minute:02}:{second:02} (UTC)",
    moment_far="second {seconds} after the beginning of 1970, that is after the year 9999",
    comma=", ",
    last=" and ",
    countries=ENGLISH_COUNTRIES,
    classes={
        "emergency-summary": "your emergency summary (the few facts that matter when minutes count)",
        "patient-summary": "your whole patient summary",
        "medication": "the list of your medicines",
        "laboratory": "your laboratory results",
        "imaging": "your X-rays and other images",
        "discharge": "your discharge letters",
        "mental-health": "your mental health records",
        "device-readings": "the readings of your wearable",
    },
    purposes={
        "treatment": "to treat you",
        "emergency": "in an emergency, also when you cannot be asked",
        "research": "for medical research",
    },
    consent_title="You allow this:",
    grant_title="Permission {number} of {count}",
    anybody="Any hospital of the network",
    of_country="Any hospital of the network that is registered in {country}",
    member="The member “{name}” of {country}",
    stranger="The member “{name}”, which the network's register does not know,",
    what="{who} may read {what}.",
    why="It may read this only {why}.",
    where="It may read this only in: {where}.",
    when="It may read this from {begin} until {end}, neither before nor after.",
    card_not_needed="Your card is not needed for this.",
    card_needed="Your card is needed for this: a hospital must have met you, and read your card or your wearable.",
    card_of_another="A card is needed for this, but NOT the card of this journey: the card whose gate is {gate}.",
    meaning_title="What this means:",
    meaning_log="Before a hospital can read, its name is in your log. To see who looked: hospes wallet accesses",
    meaning_emergency="In an emergency nobody will ask you again. That is what the emergency permission is for.",
    meaning_no_emergency="This alone does not help when you cannot speak: it holds no emergency permission.",
    meaning_withdraw="You can take it back at any time: hospes wallet withdraw",
    meaning_standing="The keepers hold this permission for you, so you need not hand it to anybody.",
    meaning_shown="You hand this permission to the hospital yourself: hospes wallet grant-file",
    undone_title="What cannot be undone:",
    undone_read="What a hospital has read, it has read: taking a permission back does not make anybody forget.",
    undone_log="Your log stays. It says that a permission was given or taken back, but not your name and no illness.",
    print_title="Small print:",
    print_deadline="It must be in the log by {deadline}; after that it is void.",
    print_salt="Permission {number} has the random number {salt}, so that nobody can guess or repeat it.",
    print_name="The log will know all of this together as {name}, and nothing else of it.",
)
