"""Write, or with ``--check`` compare, the tables of variables and features as a document.

It also checks that the learned models' files are those of the manifest and of their cards. It learns nothing: that is
``make models``, in an environment of its own (risk/training).

Source: `hospes.risk.variables` and `hospes.risk.features`, which programs read.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hospes.risk.features import FEATURES
from hospes.risk.variables import VARIABLES

ROOT: Final = Path(__file__).resolve().parents[1]
PART: Final = ROOT / "risk"
TABLES: Final = PART / "TABLES.md"
LEARNED: Final = PART / "src" / "hospes" / "risk" / "learned"
HEAD: Final = """# Variables and features of risk

Written by tools/build_risk.py from `variables.py` and `features.py`; do not edit. Units are UCUM's. A value outside its
variable's range is treated as missing, and is counted and said; it is never moved to the edge.
"""


def table(heading: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    lines: list[tuple[str, ...]] = [columns, tuple("---" for _ in columns), *rows]
    return f"## {heading}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def document() -> str:
    """Return the document."""
    variables = [
        (
            f"`{one.name}`",
            one.unit,
            f"{one.low:g} to {one.high:g}",
            one.kind.value,
            ", ".join(one.sources),
            ", ".join(one.loinc),
            one.meaning,
        )
        for one in VARIABLES
    ]
    features = [
        (
            str(place),
            f"`{one.name}`",
            one.unit,
            f"{one.low:g} to {one.high:g}",
            f"{one.window_h} h" if one.window_h else "",
            one.how,
            ", ".join(one.sources),
            one.missing,
        )
        for place, one in enumerate(FEATURES)
    ]
    return "\n".join(
        (
            HEAD,
            table(
                f"The {len(VARIABLES)} variables",
                ("name", "unit", "range", "kind", "sources", "LOINC", "meaning"),
                variables,
            ),
            table(
                f"The {len(FEATURES)} features",
                ("", "name", "unit", "range", "window", "computed as", "sources", "when it is missing"),
                features,
            ),
        )
    )


def damaged() -> list[str]:
    """Return the models of which a file is not the one that manifest and card name."""
    found: list[str] = []
    for row in json.loads((LEARNED / "manifest.json").read_text("utf-8"))["models"]:
        card = (PART / "cards" / f"{row['name']}.md").read_text("utf-8")
        for suffix, digest in ((".onnx", row["onnx_sha256"]), (".npz", row["parameters_sha256"])):
            data = (LEARNED / f"{row['name']}{suffix}").read_bytes()
            if hashlib.sha256(data).hexdigest() != digest or digest not in card:
                found.append(f"{row['name']}{suffix}")
    return found


def main() -> int:
    """Write the document, or report what is not current."""
    parser = argparse.ArgumentParser(description="Generate the tables of risk, and check its models' files.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when a file is not current")
    check: bool = parser.parse_args().check
    text = document()
    stale = not TABLES.exists() or TABLES.read_text("utf-8") != text
    if stale:
        print(f"{'not current' if check else 'written'}: {TABLES.relative_to(ROOT)}")
        if not check:
            TABLES.write_text(text, "utf-8")
    wrong = damaged()
    for name in wrong:
        print(f"not the file that manifest and card name: {name} (run make models)")
    return 1 if wrong or (check and stale) else 0


if __name__ == "__main__":
    sys.exit(main())
