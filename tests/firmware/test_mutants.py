"""The mutants of the core: each breaks one promise of rule 8 (ARCHITECTURE section 5), or one below it, and dies.

The list stays beside the tests that kill them. A mutant that survives means that a test asserts less than it says.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.firmware import test_frames, test_link, test_receiver, test_ring
from tests.firmware.machines import Host
from tests.simulators.wearable_core import CORE, Tear, build_tool, using


@dataclass(frozen=True)
class Mutant:
    """One change of one source, and the test that must fail."""

    breaks: str
    file: str
    old: str
    new: str
    killer: Callable[[], None]


def vectors() -> None:
    """Run the frames' vectors on this machine."""
    for vector in test_frames.VECTORS:
        test_frames.test_vectors(Host(), vector)


MUTANTS = [
    Mutant(
        "numbers are reserved before use",
        "ring.c",
        "if (ring->next < ring->ceiling)",
        "if (1)",
        test_ring.test_a_number_is_never_given_twice_by_any_restart,
    ),
    Mutant(
        "no nonce again after a reboot",
        "ring.c",
        "ring->next = ring->oldest = ring->ceiling;",
        "ring->next = ring->oldest = last + 1;",
        test_ring.test_a_number_is_never_given_twice_by_any_restart,
    ),
    Mutant(
        "the counter is raised in the other slot",
        "ring.c",
        "uint8_t other = (uint8_t)(1 - ring->slot);",
        "uint8_t other = ring->slot;",
        lambda: test_ring.test_power_cut_at_every_write(Tear.HALF),
    ),
    Mutant(
        "what is dropped is told",
        "ring.c",
        "if (second.number - 1 > ring->settled)",
        "if (0)",
        test_ring.test_the_oldest_go_first_and_are_named,
    ),
    Mutant(
        "only losses are told",
        "ring.c",
        "if (second.number - 1 > ring->settled)",
        "if (1)",
        test_ring.test_what_every_oracle_settled_goes_without_a_word,
    ),
    Mutant(
        "what a restart lost is told",
        "ring.c",
        "if (ring->ceiling > last + 1)",
        "if (0)",
        lambda: test_ring.test_power_cut_at_every_write(Tear.BEFORE),
    ),
    Mutant(
        "a torn message is not a message",
        "ring.c",
        "if (hsp_load32(head + 12) != crc32(head, 12, message->payload, head[2]))",
        "if (0)",
        lambda: test_ring.test_power_cut_at_every_write(Tear.HALF),
    ),
    Mutant(
        "nothing is programmed over a torn write",
        "ring.c",
        "        if (!erased)\n            offset = at + 8;",
        "",
        lambda: test_ring.test_power_cut_at_every_write(Tear.HALF),
    ),
    Mutant(
        "no fresh start without a format",
        "ring.c",
        "    return HSP_E_BLANK;",
        "    ring->ceiling = 1;\n    return HSP_OK;",
        test_ring.test_a_blank_flash_is_not_taken_for_a_fresh_one,
    ),
    Mutant(
        "an acknowledgement is authentic",
        "aead.c",
        "if (difference)",
        "if (difference && 0)",
        test_receiver.test_a_forged_or_foreign_acknowledgement_settles_nothing,
    ),
    Mutant(
        "an acknowledgement is for this oracle's stream",
        "link.c",
        "header.device != device ||",
        "(0 && header.device != device) ||",
        test_receiver.test_a_forged_or_foreign_acknowledgement_settles_nothing,
    ),
    Mutant(
        "an old acknowledgement is stale",
        "link.c",
        "if (header.number < peer->revision)",
        "if (0)",
        test_receiver.test_an_old_acknowledgement_is_stale,
    ),
    Mutant(
        "a flash that went back is noticed",
        "link.c",
        "if (receipts[which].upto >= ring[which].next)",
        "if (receipts[which].upto >= ring[which].next && 0)",
        test_receiver.test_numbers_that_were_never_given_halt_the_link,
    ),
    Mutant(
        "a gap is not an acknowledgement",
        "link.c",
        "(sent->number <= r->upto && !missing)",
        "sent->number <= r->upto",
        test_link.test_a_message_in_a_gap_is_sent_again,
    ),
    Mutant(
        "a gap has patience",
        "link.c",
        "now_ms - sent->sent_ms >= GAP_PATIENCE_MS",
        "1",
        test_link.test_a_message_in_a_gap_is_sent_again,
    ),
    Mutant(
        "patience grows",
        "link.c",
        "        wait *= 2;",
        "        wait *= 1;",
        test_link.test_patience_doubles,
    ),
    Mutant(
        "emergency goes first",
        "link.c",
        "for (*which = HSP_EMERGENCY; *which >= HSP_ROUTINE; (*which)--)",
        "for (*which = HSP_ROUTINE; *which <= HSP_EMERGENCY; (*which)++)",
        test_ring.test_emergency_goes_first_and_is_not_displaced,
    ),
    Mutant(
        "an emergency is written at once",
        "device.c",
        "return lane == HSP_EMERGENCY || box->closed",
        "return box->closed",
        test_ring.test_an_emergency_is_in_flash_when_the_push_returns,
    ),
    Mutant(
        "all oracles count, not one",
        "device.c",
        "if (device->peer[i].lane[lane].through < least)",
        "if (i == 0)",
        test_link.test_one_silent_oracle_still_learns_what_was_dropped,
    ),
    Mutant(
        "losses are told before the backlog",
        "link.c",
        "int error = notice_first(lane, ring, message);",
        "int error = HSP_E_EMPTY; (void)notice_first;",
        test_link.test_one_silent_oracle_still_learns_what_was_dropped,
    ),
    Mutant(
        "nothing is added to what may stand in flash",
        "device.c",
        "box->closed = 1;",
        "box->closed = 0;",
        test_ring.test_a_flash_that_fails_is_said_and_tried_again,
    ),
    Mutant("the lane is in the nonce", "frame.c", "(header->lane ? LANE_BIT : 0)", "0", vectors),
]


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.breaks)
def test_mutant_dies(mutant: Mutant, tmp_path: Path) -> None:
    """Without this one rule in the sources, its test fails; with it, the test passes."""
    mutant.killer()
    core = tmp_path / "core"
    shutil.copytree(CORE, core)
    source = (core / mutant.file).read_text("utf-8")
    assert source.count(mutant.old) == 1
    (core / mutant.file).write_text(source.replace(mutant.old, mutant.new), "utf-8")
    tool = build_tool()
    tool.compile_to(tool.HOST, tmp_path / "mutant.so", core)
    with using(tmp_path / "mutant.so"), pytest.raises((AssertionError, pytest.fail.Exception)):
        mutant.killer()
