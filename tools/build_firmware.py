"""Compile the device core for this machine, Cortex-M4 and WebAssembly, or with ``--check`` compare what is committed.

It writes `libhospes.so` (for the tests, through cffi) into ``firmware/.build``, and two files into the package, so that
nobody needs a compiler to run a device: `device.wasm` (wasmtime) and `device-mps2-an386.elf` (QEMU). The same sources
and the same compiler give the same bytes. It runs nothing and tests nothing.

Sources: firmware/SPEC.md; the compiler is clang inside the PyPI package ``ziglang``, pinned in pyproject.toml.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
FIRMWARE: Final = ROOT / "firmware"
CORE: Final = FIRMWARE / "core"
SKINS: Final = FIRMWARE / "skins"
BUILD: Final = FIRMWARE / ".build"
PACKAGE: Final = FIRMWARE / "src" / "hospes" / "firmware"
MODULES: Final = ("aead", "frame", "reading", "ring", "link", "device")
WARNINGS: Final = (
    "-Wall",
    "-Wextra",
    "-Wconversion",
    "-Wshadow",
    "-Wvla",
    "-Wstrict-prototypes",
    "-Werror",
    "-pedantic",
)
COMMON: Final = ("-std=c11", "-ffreestanding", "-fno-builtin", "-fno-stack-protector", "-g0", *WARNINGS)


@dataclass(frozen=True)
class Target:
    """One output of the compiler."""

    path: Path
    """Where it belongs."""
    skin: tuple[str, ...]
    """Sources beside the core, below ``skins``."""
    flags: tuple[str, ...]
    """For the compiler and the linker."""


HOST: Final = Target(
    BUILD / "libhospes.so", (), ("-O2", "-fPIC", "-shared", "-nostdlib", "-lcompiler_rt", "-fno-sanitize=undefined")
)
WASM: Final = Target(
    PACKAGE / "device.wasm",
    ("wasm.c",),
    (
        *("-target", "wasm32-freestanding", "-O3", "-s", "-nostdlib", "-lcompiler_rt"),
        *("-Wl,--no-entry", "-Wl,-z,stack-size=32768"),
    ),
)
M4_FLAGS: Final = (
    *("-target", "thumb-freestanding-eabi", "-mcpu=cortex_m4", "-Os", "-nostdlib", "-lcompiler_rt"),
    *("-fno-unwind-tables", "-fno-asynchronous-unwind-tables", "-ffunction-sections", "-Wl,--gc-sections"),
    *("-T", str(SKINS / "mps2.ld"), "-Wl,-e,reset", "-Wl,-z,max-page-size=4"),
)
IMAGE: Final = Target(PACKAGE / "device-mps2-an386.elf", ("mps2.c",), M4_FLAGS)
NAMED_IMAGE: Final = Target(BUILD / "device-named.elf", ("mps2.c",), (*M4_FLAGS, "-g", "-Wl,-u,hsp_poly1305"))
"""The same code with the names of its functions, so that a test can call them one by one."""
COMMITTED: Final = (WASM, IMAGE)


def compile_to(target: Target, output: Path, core: Path = CORE) -> None:
    """Run the compiler on the core and one skin.

    Parameters
    ----------
    target : Target
        What is built; its path is not used.
    output : Path
        Where the result goes.
    core : Path
        The folder with the core's sources: tests give a changed copy.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    sources = [str(core / f"{name}.c") for name in MODULES] + [str(SKINS / name) for name in target.skin]
    caches = {"ZIG_GLOBAL_CACHE_DIR": str(BUILD / "zig"), "ZIG_LOCAL_CACHE_DIR": str(BUILD / "zig")}
    command = [
        sys.executable,
        "-m",
        "ziglang",
        "cc",
        *COMMON,
        *target.flags,
        "-I",
        str(core),
        "-o",
        str(output),
        *sources,
    ]
    subprocess.run(command, check=True, env=os.environ | caches, cwd=FIRMWARE)


def built(target: Target) -> Path:
    """Return the path of an output, compiled anew when a source is younger."""
    newest = max(path.stat().st_mtime for path in [*CORE.iterdir(), *SKINS.iterdir(), Path(__file__)])
    if not target.path.exists() or target.path.stat().st_mtime < newest:
        fresh = target.path.with_suffix(f".{os.getpid()}")  # several test processes may find it old at once
        compile_to(target, fresh)
        fresh.replace(target.path)
    return target.path


def is_current(target: Target) -> bool:
    """Tell whether a committed file is what its sources give."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / target.path.name
        compile_to(target, fresh)
        return target.path.exists() and target.path.read_bytes() == fresh.read_bytes()


def main() -> int:
    """Write every output, or report the committed ones that are not current."""
    parser = argparse.ArgumentParser(description="Compile the device core.")
    parser.add_argument(
        "--check", action="store_true", help="change nothing; fail when a committed file is not current"
    )
    if parser.parse_args().check:
        stale = [target.path for target in COMMITTED if not is_current(target)]
        for path in stale:
            print(f"not current: {path.relative_to(ROOT)}")
        return 1 if stale else 0
    for target in (HOST, *COMMITTED):
        compile_to(target, target.path)
        target.path.chmod(0o644)
        print(f"written: {target.path.relative_to(ROOT)}, {target.path.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
