"""One oracle's files and one traveller's enrolment, without a network."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hospes.core.identities import Account, Address, Country, keccak
from hospes.core.messages import Enrolment
from hospes.core.oracle_bodies import EnrolBox
from hospes.firmware.device import Device
from hospes.firmware.frames import DeviceId
from hospes.oracle.enrolment import Enrolled, Enrolments
from hospes.oracle.holdings import Holdings
from hospes.oracle.messages import Messages

NOW_S = 1_900_000_000
NOW_MS = NOW_S * 1_000
ORACLE = Address(b"\x0a" * 20)


def enrol_box(journey: Address | None = None, device: int = 7, at: int = NOW_S, key: bytes | None = None) -> EnrolBox:
    """Return what a traveller signs; the signature is not looked at below the HTTP rim."""
    key, gate = key or os.urandom(32), os.urandom(16)
    journey = journey or Account(os.urandom(32)).address
    until = at + 86_400
    enrolment = Enrolment(journey, ORACLE, device, 0, keccak(key), keccak(gate), Country("PT"), until, at)
    return EnrolBox(enrolment, bytes(65), key, gate)


@dataclass
class Desk:
    """One oracle's files, open.

    Attributes
    ----------
    holdings : Holdings
    enrolments : Enrolments
    messages : Messages
    """

    directory: Path
    holdings: Holdings = field(init=False)
    enrolments: Enrolments = field(init=False)
    messages: Messages = field(init=False)

    def __post_init__(self) -> None:
        """Open them."""
        self.reopen()

    def reopen(self) -> None:
        """Open the files as after a restart."""
        if hasattr(self, "holdings"):
            self.holdings.close()
        self.holdings = Holdings(self.directory, os.urandom)
        self.enrolments = Enrolments(self.holdings, 100)
        self.messages = Messages(self.holdings, self.enrolments)

    def enrolled(self, journey: Address) -> Enrolled:
        """Return an enrolment that must be there."""
        found = self.enrolments.of_journey(journey)
        assert found is not None
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Files in a directory of their own."""
    opened = Desk(tmp_path / "oracle")
    yield opened
    opened.holdings.close()


@pytest.fixture
def box(desk: Desk) -> EnrolBox:
    """A traveller who is enrolled."""
    made = enrol_box()
    desk.enrolments.take(made)
    return made


@pytest.fixture
def device(box: EnrolBox) -> Device:
    """Their wearable: the real core, speaking to this oracle only."""
    return Device.enrolled(DeviceId(box.enrolment.device), [box.frame_key], batch_ms=1_000)
