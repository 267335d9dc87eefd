"""Fixtures of the firmware's tests: the machines that run the core."""

import pytest

from tests.firmware.machines import CortexM4, Host, Machine


@pytest.fixture(scope="session", params=[Host, CortexM4], ids=["host", "cortex-m4"])
def machine(request: pytest.FixtureRequest) -> Machine:
    """Give each machine in turn."""
    made: Machine = request.param()
    return made
