"""What several tests of readings draw from: any reading that can be written down, on the grid of its steps."""

from hypothesis import strategies as st

from hospes.firmware.readings import KINDS, Reading

T0_MS = 1_790_000_000_000


def readings_at(moments: st.SearchStrategy[int]) -> st.SearchStrategy[Reading]:
    """Draw readings of all kinds at these moments."""

    @st.composite
    def draw_one(draw: st.DrawFn) -> Reading:
        kind = draw(st.sampled_from(list(KINDS.values())))
        steps = [draw(st.integers(scale.least, scale.greatest)) for scale in kind.SCALES]
        return kind.from_steps(draw(moments), steps)

    return draw_one()
