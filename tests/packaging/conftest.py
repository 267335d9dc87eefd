"""What the packaging tests look at: the checkout, its pyproject.toml, and a wheel built from it."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {"__pycache__", ".build", ".cache"}


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def pyproject() -> dict[str, Any]:
    """The parsed pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def dependencies(pyproject: dict[str, Any]) -> dict[str, set[str]]:
    """Names that pyproject.toml asks for: under ``runtime``, and under the name of each development group."""
    lists: dict[str, list[Any]] = {"runtime": pyproject["project"]["dependencies"], **pyproject["dependency-groups"]}
    return {
        group: {re.split(r"[<>=\[;~! ]", entry)[0] for entry in entries if isinstance(entry, str)}
        for group, entries in lists.items()
    }


@pytest.fixture(scope="session")
def source_roots() -> dict[str, Path]:
    """Folder name to its source root, for every folder of the checkout that has one."""
    return {path.parent.name: path for path in sorted(ROOT.glob("*/src"))}


@pytest.fixture(scope="session")
def source_files(source_roots: dict[str, Path]) -> set[str]:
    """Path below its source root, with forward slashes, of every file that belongs in the wheel."""
    return {
        path.relative_to(root).as_posix()
        for root in source_roots.values()
        for path in root.rglob("*")
        if path.is_file() and not LEFT_OUT & set(path.parts)
    }


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel under test: the one that ``HOSPES_WHEEL`` names, or one built now."""
    given = os.environ.get("HOSPES_WHEEL")
    if given:
        return (ROOT / given).resolve(strict=True)
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-I", "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(target.glob("*.whl"))


@pytest.fixture(scope="session")
def wheel_files(wheel: Path) -> set[str]:
    """Every path inside the wheel."""
    with ZipFile(wheel) as archive:
        return set(archive.namelist())
