"""The page's protocol against Python's: what its TypeScript is compared with is what Python says today."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from string import Formatter

import pytest

from hospes.clients.wallet.countries import ENGLISH_COUNTRIES, PORTUGUESE_COUNTRIES
from hospes.clients.wallet.phrases import ENGLISH, PAGES, PORTUGUESE, Phrases
from hospes.core import boxes
from hospes.core.boxes import BoxSecret
from hospes.core.genesis import Genesis
from hospes.core.identities import Address, Hash, from_hex
from hospes.core.proof import verify_seal
from hospes.core.typed_data import Domain
from tests.vectors.pages import write

ROOT = Path(__file__).parents[3]
PAGE_SOURCES = ROOT / "clients" / "pages"
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
needs_packages = pytest.mark.skipif(
    not (PAGE_SOURCES / "node_modules").is_dir(),
    reason="needs the npm packages of clients/pages (tools/build_pages.sh)",
)


@pytest.mark.parametrize("name", write.SEEDED)
def test_the_committed_vectors_are_what_python_says(name: str) -> None:
    """A change of the protocol that would leave the page behind is seen here."""
    assert (write.HERE / f"{name}.json").read_text(encoding="utf-8") == write.text_of(write.SEEDED[name]())


def test_the_committed_boxes_open() -> None:
    """Boxes are made with fresh keys, so they are opened instead of made again."""
    told = json.loads((write.HERE / "boxes.json").read_text(encoding="utf-8"))
    secret = BoxSecret(from_hex(told["secret"], 32, "secret"))
    for one in told["boxes"]:
        opened = secret.open(from_hex(one["box"], None, "box"), from_hex(one["info"], None, "info"))
        assert opened == from_hex(one["plain"], None, "plain")


def test_the_committed_proofs_are_of_a_network_that_python_knows() -> None:
    """The seal of the vectors' chain holds here too, and the forged ones do not."""
    told = json.loads((write.HERE / "proofs.json").read_text(encoding="utf-8"))
    genesis = Genesis.decode(told["genesis"].encode())
    assert genesis.pin() == from_hex(told["pin"], 32, "pin")
    header, seal = (from_hex(told["tip"][name], None, name) for name in ("header", "seal"))
    assert str(verify_seal(genesis, header, seal).number) == told["tip"]["number"]


def test_the_page_has_the_words_that_python_has() -> None:
    """The words are written once, in Python; the page's file is generated from them."""
    committed = json.loads(write.PHRASES.read_text(encoding="utf-8"))
    assert committed == json.loads(json.dumps(write.phrases()))


def _places(words: Phrases) -> dict[str, set[str]]:
    templates = {name: value for name, value in vars_of(words).items() if isinstance(value, str)}
    return {name: {place for _, place, _, _ in Formatter().parse(text) if place} for name, text in templates.items()}


def vars_of(words: Phrases) -> dict[str, object]:
    """Return the fields of a language."""
    return {name: getattr(words, name) for name in Phrases.__dataclass_fields__}


@pytest.mark.parametrize("words", [PORTUGUESE, *PAGES.values()], ids=["pt", *(f"page {name}" for name in PAGES)])
def test_every_language_fills_the_same_places(words: Phrases) -> None:
    """A translation leaves out no field of a grant, no class, no purpose and no country."""
    assert _places(words) == _places(ENGLISH)
    for own, english in ((words.classes, ENGLISH.classes), (words.purposes, ENGLISH.purposes)):
        assert own.keys() == english.keys()
        assert len(set(own.values())) == len(own)
    assert PORTUGUESE_COUNTRIES.keys() == ENGLISH_COUNTRIES.keys()
    assert len(set(PORTUGUESE_COUNTRIES.values())) == len(PORTUGUESE_COUNTRIES)
    assert len(words.months) == len(set(words.months)) == 12


@pytest.mark.parametrize("language", PAGES)
def test_the_page_names_no_command(language: str) -> None:
    """Somebody at a screen is not sent to a terminal."""
    assert "hospes wallet" not in json.dumps(write.phrases()[language])


@needs_node
@needs_packages
def test_the_page_agrees_with_python(tmp_path: Path) -> None:
    """The page's own tests hold, and what it sealed opens here for its purpose and context."""
    made = tmp_path / "boxes.json"
    run = subprocess.run(
        ["node", "build.mjs", "--tests", "--into", str(tmp_path / "tests")],
        cwd=PAGE_SOURCES,
        env={**os.environ, "HOSPES_BOXES": str(made)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    told = json.loads((write.HERE / "boxes.json").read_text(encoding="utf-8"))
    secret, infos = BoxSecret(from_hex(told["secret"], 32, "secret")), _infos(told)
    sealed = json.loads(made.read_text(encoding="utf-8"))
    assert {one["purpose"] for one in sealed} == infos.keys()
    for one in sealed:
        opened = secret.open(from_hex(one["box"], None, "box"), infos[one["purpose"]])
        assert opened == from_hex(one["plain"], None, "plain")


def _infos(told: dict[str, dict[str, str]]) -> dict[str, bytes]:
    domain = Domain(int(told["domain"]["chainId"]), Address(from_hex(told["domain"]["verifyingContract"], 20, "")))
    journey, keeper = (Address(from_hex(str(told[name]), 20, name)) for name in ("journey", "keeper"))
    entry = Hash(from_hex(str(told["hash"]), 32, "hash"))
    return {
        "deposit": boxes.deposit_info(domain, entry, journey),
        "standing": boxes.standing_info(domain, journey, keeper),
        "request": boxes.request_info(domain, keeper),
        "answer": boxes.answer_info(domain, journey, 7, entry, keeper),
        "notice": boxes.notice_info(domain, journey, 7),
        "alert": boxes.alert_info(domain, entry, keeper),
    }
