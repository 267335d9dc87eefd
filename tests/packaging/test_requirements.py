"""The pinned requirement files, and the imports that they have to satisfy."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}$")
# Found by another package by itself, so no import of ours names them.
FOUND_BY_OTHERS = {
    "safe-pysha3": "eth-hash takes it when ETH_HASH_BACKEND says so",
}


def pins(path: Path) -> dict[str, set[str]]:
    """Map each pinned name to its versions; where Python versions differ a name has more than one."""
    found: dict[str, set[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if match := PIN.match(line):
            found.setdefault(match["name"], set()).add(match["version"])
    return found


def imported_modules(root: Path) -> set[str]:
    """Return the top-level names that the Python files below `root` import, without ours and the standard library's."""
    found: set[str] = set()
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(str(node.module).partition(".")[0])
    return found - sys.stdlib_module_names - {"hospes"}


@pytest.mark.parametrize("name", ["runtime", "development"])
def test_each_requirement_is_one_exact_version_with_hashes(root: Path, name: str) -> None:
    """A requirement file holds comments, exact pins and sha-256 hashes, and not one line of anything else."""
    lines = (root / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    unhashed = [
        line for line, after in zip(lines, [*lines[1:], ""], strict=True) if PIN.match(line) and "--hash" not in after
    ]
    assert unhashed == []
    other = [
        line for line in lines if not (line.startswith("#") or PIN.match(line) or HASH.match(line.removesuffix(" \\")))
    ]
    assert other == []


def test_development_is_runtime_and_more(root: Path) -> None:
    """What the tests run against is, pin for pin, what users install."""
    runtime, development = (pins(root / "requirements" / f"{name}.txt") for name in ("runtime", "development"))
    assert {name: development.get(name) for name in runtime} == runtime
    assert len(development) > len(runtime)


def test_every_declared_dependency_is_pinned(root: Path, dependencies: dict[str, set[str]]) -> None:
    """Nothing that pyproject.toml asks for is missing from the requirement files."""
    assert (dependencies["runtime"] | dependencies["build"]) - set(pins(root / "requirements" / "runtime.txt")) == set()
    assert set[str]().union(*dependencies.values()) - set(pins(root / "requirements" / "development.txt")) == set()


def test_imports_and_dependencies_agree(dependencies: dict[str, set[str]], source_roots: dict[str, Path]) -> None:
    """The parts import what pyproject.toml declares, all of it and nothing more."""
    distributions = packages_distributions()
    modules = set[str]().union(*(imported_modules(root) for root in source_roots.values()))
    # More than one distribution may fill a module (`eth` is py-evm's, and titanoboa's eth-stdlib adds to it).
    providers = {
        module: {name.lower().replace("_", "-") for name in distributions.get(module, [module])} for module in modules
    }
    assert {module for module in modules if not providers[module] & dependencies["runtime"]} == set()
    imported = set[str]().union(*providers.values())
    assert dependencies["runtime"] - imported == set(FOUND_BY_OTHERS)
