"""What can be wrong with a frame or a device, beside bytes that have no form at all (`MalformedError`).

An error from here means that nothing was changed. None holds a reading.

Sources: firmware/SPEC.md section 6, "Oracle".
"""

from hospes.core.errors import HospesError


class ForeignFrameError(HospesError):
    """A frame of another device, for another oracle, or in the other direction."""

    slug = "foreign-frame"

    def __init__(self, device: int, oracle: int) -> None:
        self.device, self.oracle = device, oracle
        super().__init__(f"the frame belongs to device {device} and oracle {oracle}, or runs the other way")


class ForgedFrameError(HospesError):
    """A frame whose tag does not hold: sealed under another key, or changed on the way."""

    slug = "forged-frame"

    def __init__(self, device: int, number: int) -> None:
        self.device, self.number = device, number
        super().__init__(f"frame {number} of device {device} was not sealed under this key")


class RepeatedFrameError(HospesError):
    """An authentic frame that was received before, or that is known to be gone: acknowledge again."""

    slug = "repeated-frame"

    def __init__(self, device: int, lane: int, number: int) -> None:
        self.device, self.lane, self.number = device, lane, number
        super().__init__(f"frame {number} in lane {lane} of device {device} is settled already")


class FutureFrameError(HospesError):
    """A routine frame from ahead of the oracle's clock: one of the two clocks is wrong. It stays with the device."""

    slug = "future-frame"

    def __init__(self, device: int, number: int, ahead_ms: int) -> None:
        self.device, self.number, self.ahead_ms = device, number, ahead_ms
        super().__init__(f"frame {number} of device {device} is {ahead_ms} ms ahead of the clock")


class DeviceError(HospesError):
    """The device core refused a call, or its flash failed.

    Parameters
    ----------
    call : str
        What was asked of the core.
    code : int
        Its answer: a negative number of ``firmware/core/errors.h``.
    name : str
        The name of that number.
    """

    slug = "device"

    def __init__(self, call: str, code: int, name: str) -> None:
        self.call, self.code, self.name = call, code, name
        super().__init__(f"the device core answers {call} with {name} ({code})")
