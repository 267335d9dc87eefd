"""The command line's last word: one line that commands no terminal, and one JSON object for who asked for JSON."""

import json
from pathlib import Path

import click
import pytest

from hospes.app import main as module
from hospes.core.errors import MalformedError
from hospes.service.errors import RemoteError


def test_an_error_cannot_command_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a stranger wrote into an error is shown, not obeyed."""

    def fail(*_: object, **__: object) -> None:
        raise RemoteError("http://x", 500, "a", "b\x1b[2J\r\nhospes: all is well\ud800" + "c" * 100_000)

    monkeypatch.setattr(module.hospes, "main", fail)
    with pytest.raises(SystemExit) as caught:
        module.main([])
    told = capsys.readouterr().err
    assert caught.value.code == 1
    assert told.startswith("hospes: http://x refused (500 a): b [2J")
    assert told.removesuffix("\n").isprintable()
    assert len(told) < 20_000


def _ended(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str, str]:
    """Run the command line to its end; return exit code, standard output and standard error."""
    with pytest.raises(SystemExit) as caught:
        module.main(arguments)
    said = capsys.readouterr()
    return caught.value.code, said.out, said.err


@pytest.mark.parametrize(
    ("line", "code", "slug"),
    [
        (("demo", "--record", "nowhere.json"), 1, "configuration"),
        (("demo", "--recrod", "nowhere.json"), 2, "usage"),
        (("hospital", "read", "--grant", "nowhere.json", "--practitioner", "Dr. Costa"), 1, "configuration"),
        (("hospital", "read", "--practitioner", "Dr. Costa"), 1, "malformed"),
        (("hospital", "read"), 2, "usage"),
        (("hospital", "break-glass", "--card", "ABCD", "--practitioner", "Dr. Costa"), 1, "malformed"),
        (("audit", "verify", "nowhere.json", "--genesis", "0x12"), 1, "malformed"),
        (("audit", "verify"), 2, "usage"),
        (("ledger", "inspect", "--data", "nowhere"), 1, "ledger-directory"),
        (("wallet", "status"), 1, "configuration"),
        (("wallet", "withdraw", "two"), 2, "usage"),
    ],
)
def test_who_asked_for_json_gets_one_object_also_of_a_failure(
    line: tuple[str, ...], code: int, slug: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """With --json a failure is a problem document on standard output, with the sentence that standard error has."""
    monkeypatch.setenv("HOSPES_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    ended, out, err = _ended(capsys, *line, "--json")
    tree = json.loads(out)
    assert ended == code
    assert tree["type"] == f"urn:hospes:problem:{slug}"
    assert tree["title"]
    assert err.rstrip("\n").endswith(tree["detail"])
    assert _ended(capsys, *line) == (code, "", err)


@pytest.mark.parametrize(
    "defect", [AttributeError("Maria Sousa"), RecursionError(), ExceptionGroup("Maria Sousa", [KeyError()])]
)
def test_a_defect_is_one_line_and_its_own_exit_code(
    defect: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What nobody foresaw is named by its kind, for a person and a program; its traceback comes only with --verbose."""

    def fail(*_: object, **__: object) -> None:
        raise defect

    monkeypatch.setattr(module.hospes, "main", fail)
    code, out, err = _ended(capsys, "wallet", "status", "--json")
    assert code == 70
    assert json.loads(out)["type"] == "urn:hospes:problem:defect"
    assert err.startswith(f"hospes: a defect of this program: {type(defect).__name__}; please report it")
    assert err.count("\n") == 1
    assert "Maria" not in out + err
    code, out, err = _ended(capsys, "--verbose", "wallet", "status")
    assert (code, out) == (70, "")
    assert "Traceback" in err


@pytest.mark.parametrize(("terminal", "told"), [(True, "stopped"), (False, "nobody was there to answer")])
def test_a_question_that_nobody_answers_is_told_from_ctrl_c(
    terminal: bool, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]  # noqa: FBT001
) -> None:  # fmt: skip
    """A script that forgot an option reads why its command stopped; the exit code is that of an interruption."""

    def abort(*_: object, **__: object) -> None:
        raise click.Abort

    monkeypatch.setattr(module.hospes, "main", abort)
    monkeypatch.setattr("sys.stdin.isatty", lambda: terminal, raising=False)
    code, out, err = _ended(capsys, "wallet", "status", "--json")
    assert code == 130
    assert told in err
    assert json.loads(out)["type"] == "urn:hospes:problem:stopped"


def test_a_document_of_a_failure_cannot_be_broken_by_a_stranger(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half a surrogate pair in an error would have no JSON at all; after `--` nothing is an option."""

    def fail(*_: object, **__: object) -> None:
        raise MalformedError("card", "", "\ud800")

    monkeypatch.setattr(module.hospes, "main", fail)
    assert json.loads(_ended(capsys, "x", "--json")[1])["detail"] == "card is malformed:  "
    assert _ended(capsys, "x", "--", "--json")[1] == ""
