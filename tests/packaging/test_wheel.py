"""The built wheel, which is what a member organisation installs."""

import configparser
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import click


def test_the_wheel_holds_every_source_file(wheel_files: set[str], source_files: set[str]) -> None:
    """Every module, data file and ``py.typed`` of every part is in the wheel, and nothing besides them."""
    assert {name for name in wheel_files if ".dist-info/" not in name} == source_files


def test_the_wheel_carries_the_licence(wheel_files: set[str]) -> None:
    """The licence text travels with the code."""
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel_files)


def test_the_wheel_registers_the_commands_of_pyproject(wheel: Path, pyproject: dict[str, Any]) -> None:
    """The entry points inside the wheel are those that pyproject.toml lists."""
    parser = configparser.ConfigParser()
    with ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt"))
        parser.read_string(archive.read(name).decode())
    assert dict(parser["console_scripts"]) == pyproject["project"]["scripts"]
    assert dict(parser["hospes.commands"]) == pyproject["project"]["entry-points"]["hospes.commands"]


def test_every_command_loads(pyproject: dict[str, Any]) -> None:
    """Each registered subcommand can be imported and is a click command of that name."""
    registered = {entry.name: entry.load() for entry in entry_points(group="hospes.commands")}
    assert set(registered) == set(pyproject["project"]["entry-points"]["hospes.commands"])
    for name, command in registered.items():
        assert isinstance(command, click.Command)
        assert command.name == name


def test_the_installed_version_is_the_declared_one(pyproject: dict[str, Any]) -> None:
    """``importlib.metadata`` knows the version that pyproject.toml declares: the install is not stale."""
    assert version("hospes") == pyproject["project"]["version"]
