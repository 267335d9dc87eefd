"""Two machines that run the core's object code call by call: this one, and an emulated Cortex-M4.

They know nothing of what the calls should answer.
"""

# Neither cffi's nor unicorn's interface has types.
# mypy: disable-error-code="import-untyped,no-untyped-call"
# pyright: basic

import functools
from typing import Any, Final, Protocol

from elftools.elf.elffile import ELFFile
from unicorn import UC_ARCH_ARM, UC_MODE_MCLASS, UC_MODE_THUMB
from unicorn.arm_const import (
    UC_ARM_REG_LR,
    UC_ARM_REG_R0,
    UC_ARM_REG_R1,
    UC_ARM_REG_R2,
    UC_ARM_REG_R3,
    UC_ARM_REG_SP,
    UC_CPU_ARM_CORTEX_M4,
)
from unicorn.unicorn import Uc

from tests.simulators.wearable_core import build_tool, foreign, library

Argument = int | bytes | bytearray
"""Numbers by value; bytes as an address; a bytearray is an address too, and gets back what the call wrote."""


class Machine(Protocol):
    """Calls functions of the core."""

    def call(self, name: str, *arguments: Argument) -> int:
        """Call one and return its answer."""
        ...


class Host:
    """The machine that runs the tests, through cffi."""

    def call(self, name: str, *arguments: Argument) -> int:
        """Call a function of the shared library."""
        ffi = foreign()
        buffers = [ffi.new("uint8_t[]", bytes(a) or b"\0") if not isinstance(a, int) else a for a in arguments]
        kinds = ffi.typeof(getattr(library(), name)).args
        casts = [b if isinstance(b, int) else ffi.cast(kind, b) for b, kind in zip(buffers, kinds, strict=True)]
        answer = getattr(library(), name)(*casts)
        for argument, buffer in zip(arguments, buffers, strict=True):
            if isinstance(argument, bytearray):
                argument[:] = bytes(ffi.buffer(buffer))[: len(argument)]
        return answer or 0


class CortexM4:
    """An emulated Cortex-M4 that holds the firmware image."""

    STOP: Final = 0x00FF_0000
    DATA: Final = 0x2010_0000
    STACK: Final = 0x2000_F000

    def __init__(self) -> None:
        self._names, segments = _image()
        self._machine = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        self._machine.ctl_set_cpu_model(UC_CPU_ARM_CORTEX_M4)
        for address, size in ((0, 0x0100_0000), (0x2000_0000, 0x0040_0000)):
            self._machine.mem_map(address, size)
        for address, data in segments:
            self._machine.mem_write(address, data)

    def call(self, name: str, *arguments: Argument) -> int:
        """Call a function of the image, by the procedure call standard of Arm."""
        at, words, places = self.DATA, list[int](), dict[int, int]()
        for index, argument in enumerate(arguments):
            if isinstance(argument, int):
                words.append(argument & 0xFFFF_FFFF)
                continue
            self._machine.mem_write(at, bytes(argument) or b"\0")
            words.append(at)
            places[index] = at
            at += len(argument) + 16
        stack = b"".join(word.to_bytes(4, "little") for word in words[4:])
        registers = (UC_ARM_REG_R0, UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3)
        for register, word in zip(registers, words, strict=False):
            self._machine.reg_write(register, word)
        self._machine.mem_write(self.STACK, stack + bytes(8))
        self._machine.reg_write(UC_ARM_REG_SP, self.STACK)
        self._machine.reg_write(UC_ARM_REG_LR, self.STOP | 1)
        self._machine.emu_start(self._names[name] | 1, self.STOP)
        for index, place in places.items():
            argument = arguments[index]
            if isinstance(argument, bytearray):
                argument[:] = self._machine.mem_read(place, len(argument))
        answer: int = self._machine.reg_read(UC_ARM_REG_R0)
        return answer - (1 << 32) if answer >> 31 else answer


@functools.cache
def _image() -> tuple[dict[str, int], list[tuple[int, bytes]]]:
    """Return the addresses of all functions, and what is loaded where."""
    tool = build_tool()
    with tool.built(tool.NAMED_IMAGE).open("rb") as file:
        image: Any = ELFFile(file)
        symbols = image.get_section_by_name(".symtab").iter_symbols()
        names = {s.name: s["st_value"] & ~1 for s in symbols if s["st_info"]["type"] == "STT_FUNC"}
        loads = [s for s in image.iter_segments() if s["p_type"] == "PT_LOAD" and s["p_filesz"]]
        return names, [(segment["p_paddr"], segment.data()) for segment in loads]
