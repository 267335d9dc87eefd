"""The numbers that commands take: of consents, records, permissions, journeys, as `hospes wallet status` shows them.

It knows no book: whether a journey has that number, its page says.
"""

from typing import Final

import click

SEE: Final = "hospes wallet status"


class Numbered(click.IntRange):
    """A number from `first` on; anything else is answered with what a number is and where it stands.

    Parameters
    ----------
    what : str
        What is counted, such as ``"consent"``.
    where : str
        What shows the numbers.
    first : int
    """

    def __init__(self, what: str, where: str = SEE, first: int = 1) -> None:
        super().__init__(min=first)
        self.what, self.where, self.first = what, where, first

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number, or fail in words."""
        try:
            return int(super().convert(value, param, ctx))
        except click.BadParameter as error:
            reason = f"{value!r} is not the number of a {self.what}: {self.first}, {self.first + 1} and so on, see: "
            raise click.BadParameter(reason + self.where, ctx, param) from error
