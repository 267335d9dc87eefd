"""The entry point: collects the subcommands of all parts and turns errors into one clear line, and JSON if asked for.

A command imports its own part only; `hospes --help` imports all, to say what each does. No command prints its own
failure: `failures` words them all.
"""

import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import entry_points, version

import click

from hospes.app.failures import STOPPED, Failure, asks_for_json, asks_for_more
from hospes.app.logs import configure
from hospes.core.errors import HospesError

GROUP = "hospes.commands"


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
    """Run the command line; exit code 0 for success, 1 for an error, 2 for wrong usage, 70 a defect, 130 stopped."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        result = hospes.main(words, "hospes", standalone_mode=False)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except (HospesError, click.ClickException, click.Abort, KeyboardInterrupt, OSError) as error:
        sys.exit(_failed(error, as_json=asks_for_json(words)))
    except Exception as error:  # noqa: BLE001  (a defect: the last place where it can get a line instead of a traceback)
        if asks_for_more(words):
            traceback.print_exc()
        sys.exit(_failed(error, as_json=asks_for_json(words)))
    sys.exit(result if isinstance(result, int) else 0)


def _failed(error: BaseException, *, as_json: bool) -> int:
    """Say what went wrong, and return the exit code."""
    failure = Failure.of(error)
    if isinstance(error, click.ClickException):
        error.show()
    else:
        click.echo(failure.detail if failure.code == STOPPED else f"hospes: {failure.detail}", err=True)
    if as_json:
        click.echo(failure.problem())
    return failure.code
