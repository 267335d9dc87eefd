"""The source roots and the lists in pyproject.toml that name them."""

from pathlib import Path
from typing import Any


def test_no_root_closes_the_namespace(source_roots: dict[str, Path]) -> None:
    """An ``__init__.py`` beside the parts would hide every other part, so there is none."""
    assert [str(root) for root in source_roots.values() if (root / "hospes" / "__init__.py").exists()] == []


def test_each_folder_holds_exactly_its_own_part(source_roots: dict[str, Path]) -> None:
    """The path ``<folder>/src/hospes/<folder>`` spells the import, and nothing else stands below a source root."""
    for folder, root in source_roots.items():
        assert [path.name for path in root.iterdir() if path.name != "__pycache__"] == ["hospes"]
        assert [path.name for path in (root / "hospes").iterdir() if path.name != "__pycache__"] == [folder]


def test_each_part_is_a_typed_package_with_a_readme(source_roots: dict[str, Path]) -> None:
    """Each part has an ``__init__.py``, tells type checkers that it is typed, and says what it is."""
    for folder, root in source_roots.items():
        assert (root / "hospes" / folder / "__init__.py").is_file()
        assert (root / "hospes" / folder / "py.typed").is_file()
        assert (root.parent / "README.md").is_file()


def test_every_folder_is_listed_for_the_wheel(pyproject: dict[str, Any], source_roots: dict[str, Path]) -> None:
    """The wheel's list of packages names every source folder and no other."""
    listed = pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(listed) == {f"{folder}/src/hospes" for folder in source_roots}


def test_every_folder_is_listed_for_editable_installs(pyproject: dict[str, Any], source_roots: dict[str, Path]) -> None:
    """An editable install, and both type checkers, see every source folder and no other."""
    expected = {f"{folder}/src" for folder in source_roots}
    tools = pyproject["tool"]
    assert set(tools["hatch"]["build"]["targets"]["wheel"]["dev-mode-dirs"]) == expected
    assert set(tools["pyright"]["extraPaths"]) == expected
    assert set(tools["ruff"]["src"]) == expected
    assert {path.removeprefix("$MYPY_CONFIG_FILE_DIR/") for path in tools["mypy"]["mypy_path"].split(":")} == expected
