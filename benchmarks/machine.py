"""Machine: what the numbers were taken on, since none of them means anything without it."""

import os
import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Final

from tests.simulators.devtools import find_chromium

PACKAGES: Final = (
    "aiohttp",
    "cffi",
    "cryptography",
    "httpx",
    "numpy",
    "onnxruntime",
    "py-evm",
    "uvicorn",
    "wasmtime",
    "ziglang",
)
_CPUINFO: Final = Path("/proc/cpuinfo")


def machine() -> dict[str, str | int | float]:
    """Return processor, cores, system, and how busy it was when this was asked."""
    return {
        "processor": _processor(),
        "architecture": platform.machine(),
        "cores": os.cpu_count() or 1,
        "system": f"{platform.system()} {platform.release()}",
        "load_1min": round(os.getloadavg()[0], 2),
    }


def versions() -> dict[str, str]:
    """Return what ran, by name."""
    found = {"python": platform.python_version(), "hospes": _commit()}
    found |= {name: version(name) for name in PACKAGES}
    chromium = find_chromium()
    if chromium is not None:
        found["chromium"] = _said([chromium, "--version"])
    return found


def _processor() -> str:
    if _CPUINFO.is_file():
        for line in _CPUINFO.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"


def _commit() -> str:
    git = shutil.which("git")
    return (
        version("hospes") if git is None else f"{version('hospes')} {_said([git, 'describe', '--always', '--dirty'])}"
    )


def _said(command: list[str]) -> str:
    here = Path(__file__).parent
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False, timeout=30)
    return done.stdout.strip()
