"""Facilities: Eurostat's table in, hospitals that may take an emergency out, the nearest of a member first."""

import gzip
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, strategies as st

from hospes.core.alert_box import Position
from hospes.core.chain import Member, MemberWord, Role
from hospes.core.errors import ConfigurationError, HospesError, MalformedError
from hospes.core.identities import Address, Country, MemberId
from hospes.oracle.choosing import next_of
from hospes.oracle.commands import oracle
from hospes.oracle.errors import NoHospitalError
from hospes.oracle.facilities import Emergency, Quality, distance_km, load_facilities, read_facilities
from hospes.oracle.hospitals import load_hospitals, read_members
from hospes.oracle.policy import Whom

HEADER = "id,hospital_name,site_name,lat,lon,geo_qual,cc,emergency,facility_type"
REAL = Path(__file__).parents[3] / "shared" / "data" / "facilities" / "healthcare_2020.csv.gz"
EVORA = Position("38571500", "-7905200", 0)
ELVAS = Position("38880000", "-7160000", 0)
"""In Portugal; the hospital of Badajoz, in Spain, is nearer than that of Evora."""


def one(row: str) -> list[str]:
    """Return a table of one row."""
    return [HEADER, row]


def member(
    name: str, country: str, roles: Role = Role.HOSPITAL, suspended: int = 0, service: str = "http://a:1"
) -> Member:
    """Return a member of the registry."""
    account = Address(name.encode().ljust(20, b"\0")[:20])
    return Member(account, MemberId(name), MemberWord(roles, Country(country), 0, suspended), service, b"")


MEMBERS = (member("hospital-bordeaux", "FR"), member("hospital-evora", "PT"), member("hospital-badajoz", "ES"))


def names(position: Position | None, where: str, whom: Whom, members: tuple[Member, ...] = MEMBERS) -> list[str]:
    """Return whom an oracle of the demonstration would ask, in order."""
    ranked = load_hospitals().ranked(members, 10, position, Country(where), whom)
    return [each.id.removeprefix("hospital-") for each in ranked]


def test_a_row_becomes_a_facility() -> None:
    """Name, place, country, quality and emergency are read, with the code of Greece as ISO has it."""
    (found,) = read_facilities(one("X1,Γενικό,,37.9,23.7,2,EL,yes,General")).kept
    assert (found.id, found.name, found.country, found.latitude) == ("X1", "Γενικό", "GR", 37.9)
    assert (found.quality, found.emergency) == (Quality.MEDIUM, Emergency.YES)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("X1,n,,37.9,23.7,1,PT,no,General", "no emergency department"),
        ("X1,n,,37.9,23.7,1,FR,,Etablissement de Soins Longue Durée", "a house for other things than emergencies"),
        ("X1,n,,,23.7,1,PT,yes,General", "no position"),
        ("X1,n,,nan,23.7,1,PT,yes,General", "no position on Earth"),
        ("X1,n,,97.9,23.7,1,PT,yes,General", "no position on Earth"),
        ("X1,n,,0,0,1,PT,yes,General", "no position"),
        ("X1,n,,37.9,23.7,9,PT,yes,General", "an unknown code"),
        ("X1,n,,37.9,23.7,1,Portugal,yes,General", "an unknown code"),
        (",n,,37.9,23.7,1,PT,yes,General", "no id"),
    ],
)
def test_what_cannot_help_is_left_out_and_counted(row: str, reason: str) -> None:
    """A row that is wrong, or no emergency hospital, does not stop the others; why it is left out is counted."""
    read = read_facilities([HEADER, row, "X2,n,,37.9,23.7,1,PT,yes,General"])
    assert [each.id for each in read.kept] == ["X2"]
    assert read.left_out == {reason: 1}


def test_a_table_without_its_columns_is_refused() -> None:
    """Another table is not taken for an empty one."""
    with pytest.raises(MalformedError, match="emergency"):
        read_facilities(["id,lat,lon", "X1,1,2"])


@given(st.text(max_size=300))
def test_any_text_is_a_table_or_refused(text: str) -> None:
    """Nothing but a typed error, or facilities on Earth, comes out of a file."""
    try:
        kept = read_facilities([HEADER, *text.splitlines()]).kept
    except HospesError:
        return
    assert all(abs(each.latitude) <= 90 and abs(each.longitude) <= 180 for each in kept)


@given(*[st.floats(-90, 90), st.floats(-180, 180)] * 2)
def test_distances_are_distances(lat: float, lon: float, other_lat: float, other_lon: float) -> None:
    """A distance is the same both ways, zero to oneself, and at most half way around the Earth."""
    there = distance_km(lat, lon, other_lat, other_lon)
    assert abs(there - distance_km(other_lat, other_lon, lat, lon)) < 1e-6
    assert distance_km(lat, lon, lat, lon) == 0
    assert 0 <= there <= 20_016


def test_a_distance_that_others_have_published() -> None:
    """Paris (48.8566 N, 2.3522 E) to London (51.5074 N, 0.1278 W) is 344 km, as every atlas has it."""
    assert abs(distance_km(48.8566, 2.3522, 51.5074, -0.1278) - 343.6) < 0.5


def test_the_nearest_members_hospital_is_asked_first() -> None:
    """By distance, over the border when that is nearer; within the country first when the policy says so."""
    assert names(EVORA, "PT", Whom.NEAREST) == ["evora", "badajoz", "bordeaux"]
    assert names(ELVAS, "PT", Whom.NEAREST) == ["badajoz", "evora", "bordeaux"]
    assert names(ELVAS, "PT", Whom.COUNTRY) == ["evora", "badajoz", "bordeaux"]


def test_without_a_position_the_country_that_the_traveller_named_is_asked() -> None:
    """A device that knows no position does not leave its traveller without help."""
    assert names(None, "FR", Whom.NEAREST)[0] == "bordeaux"


def test_only_active_hospitals_with_an_inbox_are_asked() -> None:
    """A suspended member, a keeper, and a hospital without services are none that can help."""
    others = (
        member("hospital-evora", "PT", suspended=5),
        member("k", "PT", Role.KEEPER),
        member("h", "PT", service=""),
    )
    assert names(EVORA, "PT", Whom.NEAREST, (*others, MEMBERS[2])) == ["badajoz"]


def test_a_hospital_that_no_facility_belongs_to_comes_last() -> None:
    """A member without a known place can be asked, after those with one."""
    assert names(EVORA, "PT", Whom.NEAREST, (member("aaa", "PT"), *MEMBERS))[-1] == "aaa"


def test_who_was_asked_is_not_asked_again() -> None:
    """The next is the first that was not asked; when all were, that is said."""
    assert next_of(MEMBERS, [MEMBERS[0].id]).id == "hospital-evora"
    with pytest.raises(NoHospitalError):
        next_of(MEMBERS, [each.id for each in MEMBERS])


def test_members_of_facilities_are_a_small_table() -> None:
    """Each facility stands once and belongs to an id that a member can have."""
    assert read_members(["id,member", "X1,hospital-a"]) == {"X1": "hospital-a"}
    for wrong in (["id,name", "X1,a"], ["id,member", "X1,A B"], ["id,member", "X1,a", "X1,b"], ["id,member", ",a"]):
        with pytest.raises(MalformedError):
            read_members(wrong)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A damaged archive, and one that is not there, are the operator's to mend."""
    damaged = tmp_path / "damaged.csv.gz"
    damaged.write_bytes(gzip.compress(b"id,lat\n" * 1000)[:40])
    for path in (damaged, tmp_path / "absent.csv"):
        with pytest.raises(ConfigurationError, match=path.name):
            load_facilities(path)


def test_the_command_shows_the_nearest(tmp_path: Path) -> None:
    """`hospes oracle facilities` reads a table and a place, and refuses a place that is none."""
    table = tmp_path / "table.csv"
    table.write_text(f"{HEADER}\nX1,Far,,48,2,1,FR,yes,G\nX2,Near,,38.6,-7.9,1,PT,yes,G", "utf-8")
    shown = CliRunner().invoke(oracle, ["facilities", str(table), "--near", "38.57,-7.91"])
    assert shown.exit_code == 0
    assert shown.output.index("Near") < shown.output.index("Far")
    for place in ("38.57", "98,0", "a,b"):
        assert isinstance(
            CliRunner().invoke(oracle, ["facilities", str(table), "--near", place]).exception, HospesError
        )


@pytest.mark.skipif(not REAL.exists(), reason="Eurostat's table of healthcare services is not beside the project")
def test_the_real_table_can_be_read() -> None:
    """Eurostat's table gives thousands of hospitals, and near Evora that of Evora first."""
    read = load_facilities(REAL)
    assert len(read.kept) > 10_000
    km, nearest = read.by_distance(38.5714, -7.9135)[0]
    assert (nearest.country, nearest.emergency) == ("PT", Emergency.YES)
    assert km < 5
