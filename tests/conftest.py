"""What every test shares: Hypothesis profiles, a home of its own, and no network beyond this machine.

It holds no fixture of any one part: those live beside the tests that use them.
"""

import ipaddress
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import structlog
from hypothesis import HealthCheck, settings

# Deadlines measure the machine, not the code: two cores are shared with chains and browsers.
settings.register_profile("fast", max_examples=10, deadline=None)
settings.register_profile("dev", max_examples=40, deadline=None)
settings.register_profile(
    "ci",
    max_examples=100,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("nightly", max_examples=5_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


class OutsideWorldError(RuntimeError):
    """A test tried to reach an address that is not this machine."""


def _refuse_the_outside(event: str, arguments: tuple[object, ...]) -> None:
    """Raise for a connection to anything but loopback; a name counts as outside unless it is ``localhost``."""
    if event != "socket.connect":
        return
    address = cast("tuple[str, int] | str | bytes", arguments[1])
    if not isinstance(address, tuple):  # a Unix socket's path
        return
    host = address[0]
    if host != "localhost" and not ipaddress.ip_address(host.partition("%")[0]).is_loopback:
        raise OutsideWorldError(f"tests talk to this machine only, not to {host}")


sys.addaudithook(_refuse_the_outside)


# Networks with a real ledger, compilers, crashes: a second or more each, where other tests take milliseconds.
_SLOW = {
    Path(__file__).parent / place
    for place in (
        "app",
        "clients/hospital",
        "clients/wallet",
        "contracts/test_build.py",
        "nodes/keeper/test_handed.py",
        "nodes/keeper/test_release.py",
        "nodes/ledger/test_crash.py",
        "nodes/ledger/test_replay.py",
        "oracle/test_alerting.py",
        "oracle/test_crashes.py",
        "oracle/test_service.py",
        "stories",
    )
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make check-fast` leaves out."""
    for item in items:
        if _SLOW & {item.path, *item.path.parents}:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the session a home of its own, so that no test reads or changes the caller's ``~/.hospes``."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("HOSPES_HOME", str(home / ".hospes"))
        yield home


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """Forget how a test configured logging: a command run in it writes to a stream that ends with the test."""
    yield
    structlog.reset_defaults()
