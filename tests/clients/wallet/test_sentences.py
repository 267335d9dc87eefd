"""Sentences: whoever reads them has read every field of every grant, in words."""

from dataclasses import fields, replace
from string import Formatter

import pytest
from hypothesis import given, strategies as st

from hospes.clients.wallet.countries import ENGLISH_COUNTRIES
from hospes.clients.wallet.phrases import ENGLISH
from hospes.clients.wallet.sentences import Setting, listed, moment, sentences
from hospes.core.identities import ZERO_HASH, Country, Hash, MemberId
from hospes.core.messages import CLASSES, PURPOSES, Consent, Grant, sorted_grants
from tests.simulators.strategies import consents, uint64

GATE, SALT, OTHER = Hash(b"g" * 32), Hash(b"s" * 32), Hash(b"o" * 32)
DAY = 86_400
SETTING = Setting(GATE, {MemberId("hospital-evora"): Country("PT")}, standing=False)
GRANT = Grant(
    "member:hospital-evora", ("patient-summary",), ("treatment",), (Country("PT"),), 0, 20_000 * DAY, ZERO_HASH, SALT
)
EMERGENCY = replace(
    GRANT,
    who="hospital:*",
    what=("emergency-summary",),
    why=("emergency",),
    where=(Country("ES"), Country("PT")),
    gate=GATE,
)


def _told(consent: Consent, setting: Setting = SETTING) -> str:
    return "\n".join("\n".join((p.title, *p.sentences)) for p in sentences(consent, setting))


def _one(grant: Grant, setting: Setting = SETTING) -> str:
    return _told(Consent((grant,), 0), setting)


def test_a_consent_is_told_in_plain_words() -> None:
    """The emergency permission reads as somebody would say it."""
    text = _one(EMERGENCY, replace(SETTING, standing=True))
    assert "Any hospital of the network may read your emergency summary" in text
    assert "only in an emergency, also when you cannot be asked." in text
    assert "only in: Spain and Portugal." in text
    assert "from 1 January 1970, 00:00 (UTC) until 4 October 2024, 00:00 (UTC), neither before nor after." in text
    assert "Your card is needed" in text
    assert "The keepers hold this permission" in text
    assert "taking a permission back does not make anybody forget" in text


def test_members_are_told_with_their_country() -> None:
    """A member is named with the country that the registry gives it; one that it does not know is told so."""
    assert "The member “hospital-evora” of Portugal may read" in _one(GRANT)
    stranger = replace(GRANT, who="member:hospital-nowhere")
    assert "the network's register does not know" in _one(stranger)
    assert "registered in Portugal may read" in _one(replace(GRANT, who="country:PT"))


def test_a_card_of_another_journey_is_told_so() -> None:
    """No card, the own card and a foreign card are three different things."""
    assert "card is not needed" in _one(GRANT)
    assert "Your card is needed" in _one(replace(GRANT, gate=GATE))
    assert "NOT the card of this journey" in _one(replace(GRANT, gate=OTHER))


CHANGED = {
    "another member": replace(GRANT, who="member:hospital-badajoz"),
    "a country": replace(GRANT, who="country:PT"),
    "another class": replace(GRANT, what=("laboratory",)),
    "one class more": replace(GRANT, what=("laboratory", "patient-summary")),
    "another purpose": replace(GRANT, why=("research",)),
    "one purpose more": replace(GRANT, why=("research", "treatment")),
    "another place": replace(GRANT, where=(Country("ES"),)),
    "one place more": replace(GRANT, where=(Country("ES"), Country("PT"))),
    "begins later": replace(GRANT, not_before=1),
    "ends later": replace(GRANT, not_after=20_000 * DAY + 1),
    "never ends": replace(GRANT, not_after=2**64 - 1),
    "with the card": replace(GRANT, gate=GATE),
    "with another card": replace(GRANT, gate=OTHER),
}


@pytest.mark.parametrize("name", CHANGED)
def test_every_field_of_a_grant_is_in_the_sentences_above_the_small_print(name: str) -> None:
    """A grant that differs in any field but its salt is told in other words, not only under another number."""
    changed = CHANGED[name]
    assert _without_small_print(changed) != _without_small_print(GRANT)


def _without_small_print(grant: Grant, setting: Setting = SETTING) -> str:
    return _one(grant, setting).split(ENGLISH.print_title)[0]


def test_salt_and_deadline_are_told_in_the_small_print() -> None:
    """What has no meaning for a reader is still shown: the random number, and until when it must be in the log."""
    assert SALT.hex() in _one(GRANT)
    assert OTHER.hex() in _one(replace(GRANT, salt=OTHER))
    assert "by 1 January 1970, 00:00:05 (UTC)" in _told(Consent((GRANT,), 5))


@given(consents(), consents())
def test_two_consents_never_read_the_same(first: Consent, second: Consent) -> None:
    """Different consents give different sentences, whatever they hold."""
    assert (_told(first) == _told(second)) == (first == second)


@given(consents())
def test_every_grant_is_told(consent: Consent) -> None:
    """No grant of a consent is left out, and each is numbered."""
    titles = [paragraph.title for paragraph in sentences(consent, SETTING)]
    count = len(consent.grants)
    assert all(f"Permission {number} of {count}" in titles for number in range(1, count + 1))


def test_grants_are_told_in_the_order_that_grant_files_are_numbered_in() -> None:
    """Permission 2 on the screen is permission 2 of `grant-file`."""
    consent = Consent(sorted_grants([GRANT, EMERGENCY]), 0)
    paragraphs = sentences(consent, SETTING)[1:3]
    whos = ["Any hospital" if grant.who == "hospital:*" else "The member" for grant in consent.grants]
    assert all(p.sentences[0].startswith(who) for p, who in zip(paragraphs, whos, strict=True))


@given(uint64, uint64)
def test_two_times_never_read_the_same(first: int, second: int) -> None:
    """Every second has its own words, also beyond the calendar."""
    assert (moment(first) == moment(second)) == (first == second)


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4))
def test_a_list_names_every_item(items: list[str]) -> None:
    """Nothing is lost between commas and the last "and"."""
    assert listed(items).replace(" and ", ", ").split(", ") == items


def test_every_list_is_told_in_the_language_of_the_rest() -> None:
    """Another language's word for "and" stands in every list: of classes, purposes and countries."""
    grant = replace(
        GRANT, what=("laboratory", "medication"), why=("research", "treatment"), where=(Country("ES"), Country("PT"))
    )
    text = _without_small_print(grant, replace(SETTING, phrases=replace(ENGLISH, last=" e ")))
    assert text.count(" e ") == 3


def test_every_word_of_the_protocol_has_words() -> None:
    """No class and no purpose is shown as a code, and no two of them share their words."""
    assert set(ENGLISH.classes) == set(CLASSES)
    assert set(ENGLISH.purposes) == set(PURPOSES)
    for words in (ENGLISH.classes, ENGLISH.purposes, ENGLISH_COUNTRIES):
        assert len(set(words.values())) == len(words)


def test_templates_have_the_places_that_are_filled() -> None:
    """Each template names exactly what the sentence puts in; a translation must keep them, and the rest has none."""
    templates = {field.name: str(getattr(ENGLISH, field.name)) for field in fields(ENGLISH) if field.type is str}
    places = {
        name: found
        for name, template in templates.items()
        if (found := {place for _, place, _, _ in Formatter().parse(template) if place})
    }
    assert places == {
        "moment": {"day", "month", "year", "hour", "minute"},
        "moment_with_seconds": {"day", "month", "year", "hour", "minute", "second"},
        "moment_far": {"seconds"},
        "grant_title": {"number", "count"},
        "print_deadline": {"deadline"},
        "print_salt": {"number", "salt"},
        "print_name": {"name"},
        "what": {"who", "what"},
        "why": {"why"},
        "where": {"where"},
        "when": {"begin", "end"},
        "of_country": {"country"},
        "member": {"name", "country"},
        "stranger": {"name"},
        "card_of_another": {"gate"},
    }
