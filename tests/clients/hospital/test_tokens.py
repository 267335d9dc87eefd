"""Tokens: who may ask, and that nobody else may."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from hospes.clients.hospital.gateway_errors import NotAllowedError, TokenError
from hospes.clients.hospital.requesting import Held, request_for, said_break_glass
from hospes.clients.hospital.tokens import Badge, Tokens, find_badge, hash_of
from hospes.core.bodies import ShownGrant
from hospes.core.errors import ConfigurationError, MalformedError
from hospes.core.identities import Address
from hospes.core.messages import EMERGENCY, TREATMENT, Grant
from tests.simulators.alerts import an_alert_box
from tests.simulators.desks import CLERKS_TOKEN, DOCTOR, DOCTORS_TOKEN, LATE_TOKEN, badges
from tests.simulators.strategies import grants

NOW = 1_000.0
JOURNEY = Address(b"j" * 20)
tokens = st.from_regex(r"\A[A-Za-z0-9._~+/-]{1,64}\Z")


@given(tokens, tokens)
def test_a_token_finds_its_badge_and_no_other_does(mine: str, other: str) -> None:
    """Only the very same characters are the token."""
    badge = Badge(hash_of(mine), DOCTOR, TREATMENT, may_break_glass=True, not_after=2_000)
    assert find_badge(f"Bearer {mine}", (*badges(), badge), NOW) == badge
    assert find_badge(f"bearer  {mine}", (badge,), NOW) == badge
    if mine != other:
        with pytest.raises(TokenError, match="nobody here has this one"):
            find_badge(f"Bearer {other}", (badge,), NOW)


@given(st.text(max_size=60))
def test_no_header_but_a_known_token_lets_anybody_in(header: str) -> None:
    """Whatever stands in the header, it is a badge's token or a typed error that does not repeat it."""
    with pytest.raises(TokenError) as caught:
        find_badge(header, badges(), NOW)
    assert len(header) < 8 or header not in str(caught.value)


@pytest.mark.parametrize(
    "header", ["", DOCTORS_TOKEN, f"Basic {DOCTORS_TOKEN}", f"Bearer {DOCTORS_TOKEN} x", f"Bearer\t{DOCTORS_TOKEN}"]
)
def test_a_token_comes_as_a_bearer_token(header: str) -> None:
    """In another scheme, or with something after it, it counts for nothing."""
    with pytest.raises(TokenError, match="none came"):
        find_badge(header, badges(), NOW)


def test_an_expired_token_is_told_so() -> None:
    """At its last second it ends, and its holder hears why."""
    with pytest.raises(TokenError, match="expired"):
        find_badge(f"Bearer {LATE_TOKEN}", badges(), NOW)
    badge = replace(badges()[0], not_after=1_000)
    assert find_badge(f"Bearer {DOCTORS_TOKEN}", (badge,), 999.9) == badge
    with pytest.raises(TokenError, match="expired"):
        find_badge(f"Bearer {DOCTORS_TOKEN}", (badge,), 1_000)


def test_the_file_holds_no_token_and_is_its_owners(tmp_path: Path) -> None:
    """What lies on the disk lets nobody in; without the file nobody gets in either; others may not write it."""
    file = tmp_path / "gateway" / "tokens.json"
    assert Tokens(file).all() == ()
    for badge in badges():
        Tokens(file).add(badge, 0)
    assert DOCTORS_TOKEN.encode() not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    assert Tokens(file).badge(f"Bearer {DOCTORS_TOKEN}", NOW).practitioner == DOCTOR
    Tokens(file).add(badges()[1], 10)
    assert LATE_TOKEN not in file.read_text()
    assert len(Tokens(file).all()) == 3
    file.chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        Tokens(file).badge(f"Bearer {DOCTORS_TOKEN}", NOW)
    file.chmod(0o600)
    file.write_bytes(b"{}")
    with pytest.raises(ConfigurationError, match="not a file of tokens"):
        Tokens(file).badge(f"Bearer {DOCTORS_TOKEN}", NOW)


def test_a_call_without_a_token_costs_no_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The header is judged first; a file that did not change is not read again, and one that changed is at once."""
    file = tmp_path / "tokens.json"
    for badge in badges():
        Tokens(file).add(badge, 0)
    known, reads, read = Tokens(file), list[Path](), Path.read_bytes

    def counted(path: Path) -> bytes:
        reads.append(path)
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", counted)
    for header in ("", "Basic x", "Bearer"):
        with pytest.raises(TokenError, match="none came"):
            known.badge(header, NOW)
    assert not reads
    for _ in range(3):
        assert known.badge(f"Bearer {DOCTORS_TOKEN}", NOW).practitioner == DOCTOR
        with pytest.raises(TokenError, match="nobody here"):
            known.badge("Bearer another", NOW)
    assert len(reads) == 1
    fresh = Badge(hash_of("fresh"), "Dr. Rui Lopes", TREATMENT, may_break_glass=False, not_after=2_000)
    Tokens(file).add(fresh, 0)
    assert known.badge("Bearer fresh", NOW) == fresh
    file.unlink()
    with pytest.raises(TokenError, match="nobody here"):
        known.badge("Bearer fresh", NOW)


@pytest.mark.parametrize("purpose", [EMERGENCY, "", "self", "Treatment"])
def test_no_token_stands_for_an_emergency(purpose: str) -> None:
    """An emergency is said each time; a badge cannot carry it."""
    with pytest.raises(MalformedError, match="purpose"):
        Badge(hash_of("x"), DOCTOR, purpose, may_break_glass=True, not_after=1)


@given(st.lists(st.sampled_from(["true", "false", "True", "1", "yes", "", "true "]) | st.text(max_size=5), max_size=3))
def test_break_glass_is_said_once_and_exactly(values: list[str]) -> None:
    """Nothing but one ``true`` means it; anything unclear is refused, not guessed."""
    if values in ([], ["false"]):
        assert not said_break_glass(values)
    elif values == ["true"]:
        assert said_break_glass(values)
    else:
        with pytest.raises(MalformedError, match="break_glass"):
            said_break_glass(values)


@given(st.booleans(), st.booleans(), st.lists(grants(), max_size=12), st.booleans())
def test_only_break_glass_asks_for_an_emergency(said: bool, may: bool, given: list[Grant], alerted: bool) -> None:  # noqa: FBT001
    """Whatever a badge, a card, grants and an alert say, the purpose is the token's unless the request said it."""
    badge = replace(badges()[0], may_break_glass=may)
    shown = tuple(ShownGrant(grant, (), 5) for grant in given)
    held = Held(b"g" * 16, shown, an_alert_box().alert if alerted else None)
    if said and not may:
        with pytest.raises(NotAllowedError, match="break the glass"):
            request_for(badge, JOURNEY, held, break_glass=said)
        return
    request = request_for(badge, JOURNEY, held, break_glass=said)
    assert (request.why == EMERGENCY) is said
    assert request.why == (EMERGENCY if said else TREATMENT)
    assert (request.alert is not None) is (said and alerted)
    assert len(request.grants) <= 8
    assert all(request.why in one.grant.why and request.what[0] in one.grant.what for one in request.grants)
    assert request.practitioner == DOCTOR


def test_a_clerk_cannot_break_the_glass_and_can_look() -> None:
    """What a token does not allow is refused before anything is asked."""
    clerk = find_badge(f"Bearer {CLERKS_TOKEN}", badges(), NOW)
    with pytest.raises(NotAllowedError):
        request_for(clerk, JOURNEY, Held(), break_glass=True)
    assert request_for(clerk, JOURNEY, Held(), break_glass=False).why == TREATMENT
