"""``hospes translate``: texts, lines and summaries, with the notice on every screen."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner

from hospes.core.errors import ConfigurationError, MalformedError
from hospes.translator_wasm import NOTICE, Language, UnknownLanguageError
from hospes.translator_wasm.commands import translate

RUNNER = CliRunner(mix_stderr=False)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """The default record as a file."""
    file = tmp_path / "summary.json"
    file.write_bytes(files("hospes.app").joinpath("records/traveller.json").read_bytes())
    return file


def test_a_text_is_translated_with_the_notice() -> None:
    """The translation goes to standard output, status and notice beside it."""
    run = RUNNER.invoke(translate, ["--from", "en", "--to", "pt", "No known allergies"])
    assert (run.exit_code, run.stdout) == (0, "Sem alergias conhecidas\n")
    assert run.stderr == f"[exact] {NOTICE[Language.PT]}\n"


def test_what_is_not_known_is_in_brackets() -> None:
    """A reader sees what stayed in the source language; words that command a terminal cannot."""
    run = RUNNER.invoke(translate, ["--from", "en", "--to", "de", "Fever", "\x1b[2Jxyzzy"])
    assert run.stdout == "Fieber  [⟦2Jxyzzy⟧\n"


def test_lines_are_json_lines() -> None:
    """Each line gives one object with source, target, status and spans."""
    run = RUNNER.invoke(translate, ["--from", "en", "--to", "pt", "--lines"], input="Fever\nxyzzy\n\nNo fever")
    found = [json.loads(line) for line in run.stdout.splitlines()]
    assert [(one["source"], one["target"], one["status"]) for one in found] == [
        ("Fever", "Febre", "exact"),
        ("xyzzy", "xyzzy", "unknown"),
        ("", "", "composed"),
        ("No fever", "Sem febre", "composed"),
    ]
    assert found[0]["spans"] == [
        {"source": [0, 5], "target": [0, 5], "kind": "finding", "concept": "fever", "known": True}
    ]


def test_a_summary_is_shown_beside_its_original(bundle: Path) -> None:
    """Facts, originals, dates and sources stand together; the notice stands at the head and at the end."""
    run = RUNNER.invoke(translate, ["summary", str(bundle), "--to", "pt"])
    assert run.exit_code == 0
    assert "  * Alergia à penicilina  (Allergy to penicillin)\n      ativo | 1987-06 | Dr Eero Salmivirta" in run.stdout
    assert run.stdout.count(NOTICE[Language.PT]) == 2


def test_a_summary_is_given_as_json(bundle: Path) -> None:
    """The same for a program, with the notice."""
    run = RUNNER.invoke(translate, ["summary", str(bundle), "--to", "fi", "--json"])
    found = json.loads(run.stdout)
    assert (found["from"], found["to"], found["notice"]) == ("en", "fi", NOTICE[Language.FI])
    assert found["sections"][0]["facts"][0]["target"] == "Penisilliiniallergia"


@pytest.mark.parametrize(
    "arguments", [[], ["--from", "en", "text"], ["--to", "pt", "--lines"], ["--from", "sv", "--to", "pt", "x"]]
)
def test_a_missing_language_is_a_usage_error(arguments: list[str]) -> None:
    """Nothing is translated without both languages."""
    assert RUNNER.invoke(translate, arguments).exit_code == 2


def test_a_file_that_is_no_summary_is_a_typed_error(tmp_path: Path, bundle: Path) -> None:
    """A missing file, another file and an unnamed language each say what is wrong."""
    (tmp_path / "other.json").write_text("{}")
    bundle.write_bytes(bundle.read_bytes().replace(b'"language": "en"', b'"language": "sv"'))
    for file, error in (
        ("none.json", ConfigurationError),
        ("other.json", MalformedError),
        (bundle.name, UnknownLanguageError),
    ):
        run = RUNNER.invoke(translate, ["summary", str(tmp_path / file), "--to", "pt"])
        assert isinstance(run.exception, error)
