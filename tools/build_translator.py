"""Compile the translator's core to WebAssembly and pack its languages; with ``--check`` compare instead of writing.

It does not test what it builds. The module is built by the pinned ziglang, so that every machine makes the same bytes.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from hospes.translator_wasm.building.base import read_base
from hospes.translator_wasm.building.packing import pack
from hospes.translator_wasm.languages import Language

ROOT: Final = Path(__file__).resolve().parents[1]
PART: Final = ROOT / "translator_wasm"
PACKAGE: Final = PART / "src" / "hospes" / "translator_wasm"
SOURCES: Final = ("letters", "pack", "numbers", "tokens", "chart", "cover", "render", "translate", "wasm")
STACK_BYTES: Final = 65_536
FLAGS: Final = (
    "-target", "wasm32-freestanding", "-std=c11", "-O2", "-s", "-fno-builtin", "-nostdlib",
    "-Wall", "-Wextra", "-Werror", "-Wconversion", "-Wno-sign-conversion",
    "-Wl,--no-entry", "-Wl,--export=__heap_base", f"-Wl,-z,stack-size={STACK_BYTES}",
)  # fmt: skip


def compiled() -> bytes:
    """Return the core as WebAssembly."""
    cache = PART / ".build" / "zig"
    cache.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"ZIG_GLOBAL_CACHE_DIR": str(cache), "ZIG_LOCAL_CACHE_DIR": str(cache)}
    with tempfile.TemporaryDirectory(dir=cache) as directory:
        out = Path(directory) / "translator.wasm"
        files = [f"c/{name}.c" for name in SOURCES]
        command = [sys.executable, "-m", "ziglang", "cc", *FLAGS, "-o", str(out), *files]
        # Relative paths and a fixed directory: nothing of this machine can get into the module.
        subprocess.run(command, check=True, cwd=PART, env=environment)
        return out.read_bytes()


def generated() -> dict[Path, bytes]:
    """Return every generated file with the bytes it should have."""
    base = read_base()
    packs = {PACKAGE / "packs" / f"{language}.bin": pack(base, language) for language in Language}
    return {PACKAGE / "translator.wasm": compiled()} | packs


def main() -> int:
    """Write the files, or report the ones that are not current."""
    parser = argparse.ArgumentParser(description="Generate the translator's module and packs.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when a file is not current")
    check: bool = parser.parse_args().check
    stale = {path: data for path, data in generated().items() if not path.exists() or path.read_bytes() != data}
    for path, data in stale.items():
        print(f"{'not current' if check else 'written'}: {path.relative_to(ROOT)}")
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
