"""The browser's module gives what Python gives, to the byte."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings, strategies as st

from hospes.translator_wasm import Language, Translation, Translator
from hospes.translator_wasm.building.base import read_base
from hospes.translator_wasm.commands import as_json
from hospes.translator_wasm.engine import Flag

HERE = Path(__file__).parent
NODE = shutil.which("node") or shutil.which("node", path=str(HERE.parents[1] / ".venv" / "bin"))
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")


def in_javascript(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what the module answers in node."""
    assert NODE is not None
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    run = subprocess.run(
        [NODE, str(HERE / "fixtures" / "run.mjs")], input=lines.encode(), capture_output=True, check=True, timeout=120
    )
    return [json.loads(line) for line in run.stdout.decode().split("\n") if line]


def in_python(question: dict[str, Any]) -> dict[str, Any]:
    """Return what Python answers, in the same form."""
    translator = Translator(question["from"], question["to"])
    found: Translation = translator.translate_many([question["text"]], Flag(question["flags"]))[0]
    pieces = [{"text": piece.text, "known": piece.known} for piece in found.pieces]
    return as_json(found) | {"pieces": pieces}


@needs_node
def test_the_fixtures_are_the_same_in_both() -> None:
    """Every phrase of the story has the same target, status, spans and pieces."""
    lines = [json.loads(line) for line in (HERE / "fixtures" / "story.jsonl").read_text("utf-8").splitlines()]
    questions = [{"from": line["from"], "to": line["to"], "text": line["text"], "flags": 0} for line in lines]
    assert in_javascript(questions) == [in_python(question) for question in questions]


@needs_node
@settings(deadline=None, max_examples=3, phases=[Phase.generate])  # each example starts a node
@given(st.data())
def test_any_text_is_the_same_in_both(data: st.DataObject) -> None:
    """Noise, terms, numbers and letters of four bytes, with any flags."""
    known = [spelling for one in read_base().concepts for spelling in one.terms[Language.EN].spellings]
    part = st.one_of(st.sampled_from(known), st.text(max_size=8), st.sampled_from(["no", "1.5", "🫀", ", ", "|"]))
    texts = data.draw(st.lists(st.lists(part, max_size=6).map(" ".join), min_size=20, max_size=40))
    flags = data.draw(st.sampled_from([0, 1, 2, 3, 4, 6]))
    questions = [{"from": "en", "to": "fr", "text": text, "flags": flags} for text in texts]
    assert in_javascript(questions) == [in_python(question) for question in questions]
