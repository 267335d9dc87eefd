"""Text of strangers as a terminal may show it: one line, bounded, without anything that commands the terminal.

It judges no meaning. Patient documents have their own, kinder rules (`summary.narrative`).
"""

from typing import Final

MAX_LINE: Final = 500
"""Characters of a line unless said; a reason that is longer helps nobody."""


def printable(text: str, limit: int = MAX_LINE) -> str:
    r"""Return at most `limit` characters, those that cannot be printed replaced by spaces.

    >>> printable("safe\x1b[2J\ngone\ud800")
    'safe [2J gone '
    """
    return "".join(letter if letter.isprintable() else " " for letter in text[:limit])
