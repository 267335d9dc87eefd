"""The policy: a table that a clinician can read, and that cannot say what nobody means."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, strategies as st

from hospes.core.alert_box import Severity
from hospes.core.errors import ConfigurationError, MalformedError
from hospes.oracle.commands import oracle
from hospes.oracle.policy import HELP_WANTED, load_policy, read_policy
from hospes.oracle.scoring import measure_of
from hospes.risk.features import FEATURES
from hospes.risk.models import descriptions

GOOD = """
gap_s = 180
stale_s = 900
[[row]]
name = "oxygen"
measure = "oxygen_saturation.last"
at_most = 85
for_s = 60
severity = 3
whom = "nearest"
deadline_s = 120
rearm = 90
quiet_s = 1800
fresh_s = 3600
tolerance = 2
says = "Very low oxygen"
source = "a test"
"""


def test_our_own_table_asks_for_what_risk_can_measure() -> None:
    """Every measure is a feature, a score, a model's probability or the button."""
    known = {feature.name for feature in FEATURES} | {"news2", HELP_WANTED}
    known |= {measure_of(one.outcome) for one in descriptions().values()}
    assert {row.measure for row in load_policy().rows} <= known


def test_our_own_table_lets_the_button_and_each_severity_speak() -> None:
    """Pressing for help is critical and immediate; there are rows of all three severities, each with a source."""
    rows = load_policy().rows
    (button,) = (row for row in rows if row.measure == HELP_WANTED)
    assert (button.severity, button.for_s) == (Severity.CRITICAL, 0)
    assert {row.severity for row in rows} == set(Severity)
    assert all(row.source and row.says for row in rows)


@pytest.mark.parametrize(
    ("line", "instead", "where"),
    [
        ("at_most = 85", "at_most = 85\nat_least = 90", "row 1"),
        ("at_most = 85", "", "row 1"),
        ("rearm = 90", "rearm = 85", "oxygen.rearm"),
        ("rearm = 90", "rearm = true", "row 1.rearm"),
        ("rearm = 90", "rearm = inf", "row 1.rearm"),
        ("severity = 3", "severity = 4", "row 1.severity"),
        ('whom = "nearest"', 'whom = "anybody"', "row 1.whom"),
        ("deadline_s = 120", "deadline_s = 86401", "oxygen.deadline_s"),
        ("deadline_s = 120", "deadline_s = 29", "oxygen.deadline_s"),
        ("deadline_s = 120", "deadline_s = 120.5", "row 1.deadline_s"),
        ("quiet_s = 1800", "quiet_s = 0", "oxygen.quiet_s"),
        ("tolerance = 2", "tolerance = 5", "oxygen.tolerance"),
        ("tolerance = 2", "tolerance = -1", "oxygen.tolerance"),
        ('name = "oxygen"', 'name = "Oxygen!"', "name"),
        ('says = "Very low oxygen"', 'says = ""', "row 1.says"),
        ('source = "a test"', 'source = "a test"\nextra = 1', "row 1"),
        ("gap_s = 180", "", ""),
        ("gap_s = 180", "gap_s = 0", "gap_s"),
        ("[[row]]", "[row]", ""),
        ("[[row]]", "[[row", ""),
    ],
)
def test_a_table_that_nobody_means_is_refused_by_place(line: str, instead: str, where: str) -> None:
    """The error names the row and the key, so that it can be mended at three in the morning."""
    assert read_policy(GOOD).rows[0].name == "oxygen"
    with pytest.raises(MalformedError) as raised:
        read_policy(GOOD.replace(line, instead))
    assert (raised.value.what, raised.value.where) == ("policy", where)


def test_a_name_stands_once() -> None:
    """Cases and memories go by a row's name."""
    with pytest.raises(MalformedError):
        read_policy(GOOD + GOOD[GOOD.index("[[row]]") :])


def test_a_file_that_is_no_policy_is_named(tmp_path: Path) -> None:
    """The operator is told which file it is."""
    for content in (b"\xff", b"gap_s = 1"):
        (tmp_path / "policy.toml").write_bytes(content)
        with pytest.raises(ConfigurationError, match=r"policy\.toml"):
            load_policy(tmp_path / "policy.toml")
    with pytest.raises(ConfigurationError, match="absent"):
        load_policy(tmp_path / "absent")


@given(st.text(max_size=200))
def test_any_text_is_a_policy_or_refused(text: str) -> None:
    """Nothing but a typed error comes out of a file that somebody edited."""
    with suppress(MalformedError):
        read_policy(text)


def test_the_command_prints_every_row_in_words() -> None:
    """`hospes oracle policy` names each row, what it waits for and whom it asks, the gravest first."""
    printed = CliRunner().invoke(oracle, ["policy"])
    assert printed.exit_code == 0
    order = re.findall(r"^(critical|urgent|notice)", printed.output, re.MULTILINE)
    assert order == sorted(order, key=["critical", "urgent", "notice"].index)
    for row in load_policy().rows:
        assert row.name in printed.output
        assert row.says in printed.output
    assert "at most 85 %" in " ".join(printed.output.split())
