"""The entry point: collects the subcommands of all parts and turns errors into one clear line.

A command imports its own part only; `hospes --help` imports all, to say what each does.
"""

import sys
from collections.abc import Sequence
from importlib.metadata import entry_points, version
from typing import Any

import click

from hospes.app.logs import configure
from hospes.core.errors import HospesError
from hospes.core.printing import printable

GROUP = "hospes.commands"
MAX_LINE = 10_000
"""Characters of an error; the longest names what went wrong with each of 16 keepers."""


class Parts(click.Group):
    """A group whose commands are the entry points of `GROUP`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all registered commands."""
        del ctx
        return sorted(point.name for point in entry_points(group=GROUP))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command, or return None for an unknown name."""
        del ctx
        for point in entry_points(group=GROUP, name=cmd_name):
            command = point.load()
            if isinstance(command, click.Command):
                return command
        return None


@click.group(cls=Parts, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("hospes"), prog_name="hospes")
@click.option("--verbose", is_flag=True, help="Also log what the services do, to standard error.")
def hospes(*, verbose: bool) -> None:
    """Open a traveller's health record for the hospital that treats them, and for nobody else.

    Start with:  hospes demo
    """
    configure(verbose=verbose)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; exit code 0 for success, 1 for an error, 2 for wrong usage."""
    options: dict[str, Any] = {"standalone_mode": False}
    try:
        result = hospes.main(arguments, "hospes", **options)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        sys.exit(130)
    except HospesError as error:
        # It may quote a stranger, who must not command the terminal.
        click.echo(printable(f"hospes: {error}", MAX_LINE), err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        click.echo(f"hospes: {error.filename or 'the system'}: {error.strerror}", err=True)
        sys.exit(1)
    sys.exit(result if isinstance(result, int) else 0)
