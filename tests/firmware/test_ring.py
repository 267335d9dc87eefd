"""The log and its counter in flash: the power goes at every write, and whatever tears, nothing is lost unnoticed."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from hospes.firmware.frames import Kind, Lane
from hospes.firmware.gone import Gone, GoneRange, Reason
from hospes.firmware.readings import BeatInterval
from hospes.firmware.receiver import Receiver
from hospes.firmware.spans import Span
from tests.firmware.test_link import DEVICE, KEYS, T0_MS, Told
from tests.simulators.wearable_core import Core, CoreRefusedError, Flash, Tear, check, errors, foreign, library

SECTORS = 4  # two counter slots, two of log
PAYLOAD = bytes(range(40))


@dataclass
class Held:
    """A message of the log."""

    number: int
    kind: Kind
    payload: bytes


class Lane1:
    """One ring on a flash of its own."""

    def __init__(self, flash: Flash) -> None:
        self.flash, self.lib = flash, library()
        self.state = foreign().new("hsp_ring *")

    def format(self) -> int:
        """Begin anew."""
        return int(self.lib.hsp_ring_format(self.flash.handle, 0, SECTORS))

    def mount(self) -> int:
        """Start."""
        self.flash.power_up()
        return int(self.lib.hsp_ring_mount(self.state, self.flash.handle, 0, SECTORS))

    def number(self) -> int:
        """Take a number, or return an error."""
        number = foreign().new("uint64_t *")
        code = self.lib.hsp_ring_number(self.state, T0_MS, number)
        return int(code or number[0])

    def append(self, number: int, payload: bytes = PAYLOAD) -> int:
        """Store a message of readings."""
        return int(self.lib.hsp_ring_append(self.state, T0_MS, number, Kind.READINGS, payload, len(payload)))

    def held(self) -> Iterator[Held]:
        """Yield all that the log holds."""
        message, at = foreign().new("hsp_message *"), 1
        while self.lib.hsp_ring_find(self.state, at, message) == 0:
            yield Held(message.number, Kind(message.kind), bytes(foreign().buffer(message.payload))[: message.len])
            at = message.number + 1

    def gone(self) -> list[GoneRange]:
        """Return all that the log says is gone."""
        notices = [Gone.from_bytes(m.payload, m.number) for m in self.held() if m.kind is Kind.GONE]
        return [gone for notice in notices for gone in notice.ranges]


def fresh() -> Lane1:
    """Return a ring that was just formatted and mounted."""
    ring = Lane1(Flash(SECTORS))
    check(ring.format())
    check(ring.mount())
    return ring


def test_a_message_is_held_and_found_by_its_number() -> None:
    """What was appended is found, from its own number and from any below."""
    ring = fresh()
    for expected in range(1, 4):
        assert ring.number() == expected
        assert ring.append(expected) == 0
    assert [message.number for message in ring.held()] == [1, 2, 3]
    assert not ring.flash.breaches


def test_the_oldest_go_first_and_are_named() -> None:
    """A full log keeps the newest, and holds a notice that names all that it overwrote."""
    ring = fresh()
    for _ in range(60):
        check(ring.append(check(ring.number())))
    held = [message.number for message in ring.held()]
    assert held == list(range(held[0], held[-1] + 1))
    assert held[-1] >= 60
    full = [gone.span for gone in ring.gone() if gone.reason is Reason.FULL]
    assert full[-1:] == [Span(1, held[0] - 1)]


def test_what_every_oracle_settled_goes_without_a_word() -> None:
    """Only losses are reported."""
    ring = fresh()
    for _ in range(60):
        number = check(ring.number())
        check(ring.append(number))
        ring.lib.hsp_ring_settle(ring.state, number)
    assert ring.gone() == []
    assert [message.number for message in ring.held()][-1] == 60


def test_a_number_is_never_given_twice_by_any_restart() -> None:
    """Numbers grow over restarts, whether or not anything was written under them."""
    ring, given = fresh(), list[int]()
    for _ in range(5):
        given += (check(ring.number()) for _ in range(70))
        check(ring.mount())
    assert given == sorted(set(given))


def test_restarts_without_messages_wear_nothing() -> None:
    """A device whose power comes and goes writes nothing until it has something to say."""
    ring = fresh()
    changes = ring.flash.changes
    for _ in range(100):
        check(ring.mount())
    assert ring.flash.changes == changes


def test_a_blank_flash_is_not_taken_for_a_fresh_one() -> None:
    """Without its counter no number is safe: the core says so and repairs nothing."""
    blank = Lane1(Flash(SECTORS))
    assert blank.mount() == errors().HSP_E_BLANK
    ring = fresh()
    check(ring.append(check(ring.number())))
    ring.flash.image[: 2 * ring.flash.sector_len] = bytes(2 * ring.flash.sector_len)
    assert ring.mount() == errors().HSP_E_DAMAGED
    assert blank.format() == 0
    assert blank.mount() == 0


def test_a_counter_behind_its_log_is_refused() -> None:
    """An old copy of the counter would repeat numbers: it does not pass beside a newer log."""
    ring = fresh()
    slots = bytes(ring.flash.image[: 2 * ring.flash.sector_len])
    for _ in range(3):
        check(ring.append(check(ring.number())))
    ring.flash.image[: len(slots)] = slots
    assert ring.mount() == errors().HSP_E_DAMAGED


@pytest.mark.parametrize("at", range(0, 24 * 8, 7))
def test_one_damaged_slot_costs_no_number(at: int) -> None:
    """Any damaged bit in the older slot changes nothing, and in the newer one only lowers nothing that was given."""
    ring = fresh()
    given = [check(ring.number()) for _ in range(130)]
    older = 0 if ring.state.slot else ring.flash.sector_len
    ring.flash.image[older + at // 8] ^= 1 << at % 8
    check(ring.mount())
    assert check(ring.number()) > given[-1]


# ------------------------------------------------------------------------------------------------------- power cuts

WORK = 50
"""Messages: enough to fill the log three times over."""


def work(ring: Lane1) -> tuple[list[int], list[int]]:
    """Append messages until the power goes; return the numbers given, and those whose append was confirmed."""
    given, kept = list[int](), list[int]()
    for _ in range(WORK):
        number = ring.number()
        if number < 0:
            break
        given.append(number)
        if ring.append(number) != 0 or ring.flash.is_off:
            break
        kept.append(number)
    return given, kept


def changes_of_work() -> int:
    """Return how many writes the whole work takes."""
    ring = fresh()
    before = ring.flash.changes
    work(ring)
    return ring.flash.changes - before


@pytest.mark.parametrize("tear", Tear, ids=lambda tear: tear.name.lower())
def test_power_cut_at_every_write(tear: Tear) -> None:
    """Cut at any write, torn in any way: numbers go on upward, what was confirmed is held or named as gone."""
    for cut in range(changes_of_work()):
        ring = fresh()
        ring.flash.cut_power(after_changes=cut, tear=tear, seed=cut)
        given, kept = work(ring)
        assert ring.flash.is_off
        check(ring.mount())
        later = check(ring.number())
        assert later > max(given, default=0)
        check(ring.append(later))
        assert_accounted(ring, given)
        assert set(kept[-1:]) <= {message.number for message in ring.held()}  # a recovery displaces the oldest at most


@pytest.mark.parametrize("tear", [Tear.HALF, Tear.BITS], ids=lambda tear: tear.name.lower())
def test_power_cuts_while_recovering(tear: Tear) -> None:
    """The power goes again at any write of the recovery, and again: still nothing is lost unnoticed."""
    for cut in range(0, changes_of_work(), 5):
        for again in range(4):
            ring = fresh()
            ring.flash.cut_power(after_changes=cut, tear=tear, seed=cut)
            given, _ = work(ring)
            for _ in range(3):
                check(ring.mount())
                ring.flash.cut_power(after_changes=again, tear=tear, seed=again)
                more, _ = work(ring)
                assert min(more, default=1 << 48) > max(given, default=0)
                given += more
            check(ring.mount())
            check(ring.append(check(ring.number())))
            assert_accounted(ring, given)


def assert_accounted(ring: Lane1, given: list[int]) -> None:
    """Every number is held or named, and whatever is held is what was written."""
    assert not ring.flash.breaches
    held = {message.number: message for message in ring.held()}
    named = {number for gone in ring.gone() for number in range(gone.span.first, gone.span.last + 1)}
    assert set(given) <= held.keys() | named
    newest = max(held)
    assert set(range(1, newest)) <= held.keys() | named
    assert all(m.payload == PAYLOAD for m in held.values() if m.kind is Kind.READINGS)


# --------------------------------------------------------------------------------------------------- emergency first


def test_emergency_goes_first_and_is_not_displaced() -> None:
    """Behind thousands of routine readings the emergency leaves first, and however full the log, it is still there."""
    core = Core(Flash(12), DEVICE, KEYS)
    core.format()
    check(core.mount())
    check(core.push(BeatInterval(T0_MS, 1), Lane.EMERGENCY, T0_MS))
    for beat in range(300):
        check(core.push(BeatInterval(T0_MS + beat, 800), Lane.ROUTINE, T0_MS + beat))
    told = Told(Receiver(DEVICE, 0, KEYS[0]))
    for frame in core.outgoing(0, T0_MS + 400):
        told.hear(frame, T0_MS + 400)
    assert next(iter(told.readings)) == (Lane.EMERGENCY, 1)
    check(core.push(BeatInterval(T0_MS + 500, 2), Lane.EMERGENCY, T0_MS + 500))
    told.hear(core.next_frame(0, T0_MS + 500), T0_MS + 500)
    assert list(told.readings)[-1] == (Lane.EMERGENCY, 2)


def test_an_emergency_is_in_flash_when_the_push_returns() -> None:
    """Power may go right after the button: the press is there at the next start."""
    core = Core(Flash(12), DEVICE, KEYS, batch_ms=60_000)
    core.format()
    check(core.mount())
    check(core.push(BeatInterval(T0_MS, 1), Lane.EMERGENCY, T0_MS))
    told = Told(Receiver(DEVICE, 1, KEYS[1]))
    for frame in core.restarted().outgoing(1, T0_MS):
        told.hear(frame, T0_MS)
    assert told.readings.get((Lane.EMERGENCY, 1)) == (BeatInterval(T0_MS, 1),)


def test_a_flash_that_fails_is_said_and_tried_again() -> None:
    """While the flash refuses, pushes are refused or kept; once it works, what was kept is written."""
    core = Core(Flash(12), DEVICE, KEYS)
    core.format()
    check(core.mount())
    check(core.push(BeatInterval(T0_MS, 1), Lane.ROUTINE, T0_MS))
    core.flash.is_off = True
    assert core.push(BeatInterval(T0_MS + 1, 2), Lane.ROUTINE, T0_MS + 1) == 0
    assert core.tick(T0_MS + 1) == errors().HSP_E_FLASH
    assert core.push(BeatInterval(T0_MS + 2, 3), Lane.ROUTINE, T0_MS + 2) == errors().HSP_E_FLASH
    with pytest.raises(CoreRefusedError):
        check(core.tick(T0_MS + 3))
    core.flash.is_off = False
    check(core.tick(T0_MS + 4))
    told = Told(Receiver(DEVICE, 0, KEYS[0]))
    for frame in core.outgoing(0, T0_MS + 4):
        told.hear(frame, T0_MS + 4)
    assert [readings[0].at_ms - T0_MS for readings in told.readings.values()] == [0, 1]
