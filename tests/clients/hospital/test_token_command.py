"""`hospes hospital token`: shown once, kept as a hash, for one gateway."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hospes.clients.hospital.commands import hospital
from hospes.clients.hospital.configuration import GATEWAYS_FOLDER
from hospes.clients.hospital.tokens import Tokens
from hospes.core.errors import ConfigurationError
from tests.simulators.clinic import Place

PRACTITIONER = "Dr. Rui Matos"


@pytest.fixture
def network(place: Place, tmp_path: Path) -> Path:
    """A network's directory in which two hospitals' gateways ran."""
    for name in ("genesis.json", "network.json"):
        (tmp_path / name).write_bytes((place.town.world.directory / name).read_bytes())
    for name in ("hospital-evora", "hospital-badajoz"):
        (tmp_path / GATEWAYS_FOLDER / name).mkdir(parents=True)
    return tmp_path


def _run(network: Path, *arguments: str) -> Result:
    given = ["token", "--network", str(network), "--practitioner", PRACTITIONER, *arguments]
    return CliRunner().invoke(hospital, given)


def test_a_token_opens_its_gateway_and_no_other(network: Path) -> None:
    """Printed once; what lies on the disk is its hash, name, purpose and last day."""
    result = _run(network, "--as", "hospital-evora", "--break-glass")
    assert result.exit_code == 0, result.output
    told, token = result.output.splitlines()
    assert f"token of {PRACTITIONER} at hospital-evora, for treatment, and break-glass, until 2" in told
    file = network / GATEWAYS_FOLDER / "hospital-evora" / "tokens.json"
    assert token not in file.read_text()
    badge = Tokens(file).badge(f"Bearer {token}", 1.0)
    assert (badge.practitioner, badge.purpose, badge.may_break_glass) == (PRACTITIONER, "treatment", True)
    assert not (network / GATEWAYS_FOLDER / "hospital-badajoz" / "tokens.json").exists()


def test_as_json_it_is_one_object(network: Path) -> None:
    """For a program that hands tokens out; break-glass only when it was asked for."""
    told = json.loads(_run(network, "--as", "hospital-evora", "--json", "--purpose", "research", "--days", "1").output)
    assert (told["member"], told["purpose"], told["breakGlass"]) == ("hospital-evora", "research", False)
    assert len(told["token"]) == 43


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "choose one with --as: hospital-badajoz, hospital-evora"),
        (["--as", "hospital-lyon"], "has no gateway here"),
    ],
)
def test_which_gateway_must_be_clear(network: Path, arguments: list[str], words: str) -> None:
    """With several, or another one named, the message names those that are here."""
    result = _run(network, *arguments)
    assert isinstance(result.exception, ConfigurationError)
    assert words in str(result.exception)


@pytest.mark.parametrize("arguments", [["--purpose", "emergency"], ["--days", "0"], ["--days", "367"]])
def test_no_token_is_for_emergencies_or_for_ever(network: Path, arguments: list[str]) -> None:
    """An emergency is said each time; a token ends within a year."""
    result = _run(network, "--as", "hospital-evora", *arguments)
    assert result.exit_code == 2
