"""Tables: lines of comma-separated values with a heading, read by the names of their columns.

It opens no file. Columns that nobody asks for may be there, in any order.

Source: RFC 4180.
"""

import csv
from collections.abc import Iterable, Iterator

from hospes.core.errors import MalformedError


def rows_of(lines: Iterable[str], columns: tuple[str, ...], what: str) -> Iterator[tuple[int, list[str]]]:
    """Return line number and the asked columns, in their order, of each row.

    Parameters
    ----------
    lines : Iterable[str]
        With the heading first.
    columns : tuple[str, ...]
    what : str
        What the table is, for the message of an error.

    Raises
    ------
    MalformedError
        If a column is missing, or a row is shorter than the heading.
    """
    rows = csv.reader(lines)
    try:
        heading = [name.strip() for name in next(rows, list[str]())]
        if not set(columns) <= set(heading):
            raise MalformedError(what, "line 1", f"expected the columns {', '.join(columns)}")
        places = [heading.index(column) for column in columns]
        for row in rows:
            if len(row) >= len(heading):
                yield rows.line_num, [row[place] for place in places]
            elif row:
                raise MalformedError(what, f"line {rows.line_num}", "the row is shorter than the heading")
    except csv.Error as error:
        raise MalformedError(what, f"line {rows.line_num}", "these are not comma-separated values") from error
    except UnicodeDecodeError as error:
        raise MalformedError(what, f"after line {rows.line_num}", "this is not UTF-8 text") from error
