"""What the committed documents and files may and must say."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

# Joined here, so that this file does not contain them.
REGISTRIES = [
    ".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("crates", "io"))
]
HOME_OF_A_MACHINE = re.compile(r"(?<![\w.~}])/(?:root|home|Users|work)/\w")
INDEX_OPTION = re.compile(r"--(?:extra-)?index-url|--find-links|--trusted-host")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


@pytest.fixture(scope="session")
def committed_texts(root: Path) -> dict[str, str]:
    """Path to text of every committed text file."""
    if shutil.which("git") is None or not (root / ".git").exists():
        pytest.skip("needs git and a checkout to know what is committed")
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True, text=True).stdout
    texts: dict[str, str] = {}
    for name in filter(None, listing.split("\0")):
        data = (root / name).read_bytes() if (root / name).is_file() else b""
        if b"\0" not in data:
            texts[name] = data.decode("utf-8")
    return texts


def rows(text: str, heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading, without its two head lines."""
    section = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_no_file_names_a_registry_or_this_machine(root: Path, committed_texts: dict[str, str]) -> None:
    """A checkout installs from whatever index its machine is set up for, and from any folder."""
    for name, text in committed_texts.items():
        assert [registry for registry in REGISTRIES if registry in text] == [], name
        assert str(root) + "/" not in text, name
        assert HOME_OF_A_MACHINE.search(text) is None, name
        if name != "tests/packaging/test_documents.py":
            assert INDEX_OPTION.search(text) is None, name


def test_links_between_documents_lead_somewhere(root: Path, committed_texts: dict[str, str]) -> None:
    """Every relative link of a Markdown file names a file or folder of the checkout."""
    for name, text in committed_texts.items():
        if name.endswith(".md"):
            broken = [target for target in LINK.findall(text) if not ((root / name).parent / target).exists()]
            assert broken == [], name


def test_runtime_dependencies_are_explained(root: Path, dependencies: dict[str, set[str]]) -> None:
    """Each runtime dependency has its row, with no empty cell, and each row its dependency."""
    table = rows((root / "docs" / "dependencies.md").read_text(encoding="utf-8"), "Runtime")
    assert {row[0].strip("`") for row in table} == dependencies["runtime"]
    assert [row[0] for row in table if not all(row)] == []


def test_development_dependencies_are_explained(root: Path, dependencies: dict[str, set[str]]) -> None:
    """Each package of the development groups has its row, and each row its package."""
    table = rows((root / "docs" / "dependencies.md").read_text(encoding="utf-8"), "Development")
    developing = set[str]().union(*(names for group, names in dependencies.items() if group != "runtime"))
    assert {row[0].strip("`") for row in table} == developing
    assert [row[0] for row in table if not all(row)] == []


def test_the_limits_are_said_in_the_same_words(root: Path) -> None:
    """SECURITY.md says what Hospes does not do in the very words of ARCHITECTURE.md."""
    architecture = (root / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    limits = next(line for line in architecture.splitlines() if line.startswith("**What this does not do**"))
    _, _, words = limits.partition("): ")
    security = (root / "SECURITY.md").read_text(encoding="utf-8")
    sentences = [sentence.rstrip(".") for sentence in re.split(r"(?<=\.) (?=[A-Z])", words)]
    assert [sentence for sentence in sentences if sentence.lower() not in security.lower()] == []
