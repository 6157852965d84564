from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from kuangan.library.telemetry.decode import decode, decode_carefully
from kuangan.library.telemetry.frames import Frame
from tests.library.telemetry.wire import AT, HEADER, MINE, code, frame, record, wire

TIMES = [
    "2026-03-10 08:15:20",
    "2026-03-10 08:15:21",
    "2026-03-10 8:15:20",
    "",
    "2026-03-13 08:15:20",
    " 2026-03-10 08:15:20",
]
VALUES = st.one_of(
    st.sampled_from(
        [
            "0.32",
            "1",
            "-9999",
            "-9999.00",
            "",
            "x",
            " 1",
            "1 ",
            "+1",
            ".5",
            "5.",
            "1e3",
            "inf",
            "NaN",
            "1_0",
            "0x1",
            '"1"',
        ]
    ),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.text("0123456789.+-eE ", max_size=6),
)
MASKS = st.one_of(
    st.sampled_from(["0", "3", "128", "65535", "65536", "-1", "", " 4", "4 ", "+4", "1.0", "00000000", "٣"]),
    st.text("0123456789 ", max_size=4),
)
CODES = st.sampled_from(
    [code(1), code(2), code(3), code(1) + " ", " " + code(1), "", "煤", "%n" + code(1), '"' + code(2)]
)
TEXTS = st.sampled_from(["激光甲烷", "", "a", "；", "\n", "|", "\x00", "%n", '"', "\ufeff"])


@st.composite
def records(draw: st.DrawFn) -> str:
    fields = [
        draw(CODES),
        draw(TEXTS),
        draw(TEXTS),
        draw(VALUES),
        draw(TEXTS),
        draw(MASKS),
        draw(st.sampled_from(TIMES)),
    ]
    cut = draw(st.sampled_from([0] * 8 + [1, -1, 2]))
    fields = fields[:-cut] if cut > 0 else fields + [""] * -cut
    return ";".join(fields)


good = st.builds(
    lambda number, value, time: f"{code(number)};激光甲烷;T;{value};%CH4;0;{time}",
    st.integers(0, 5),
    st.floats(-10, 10).map(lambda value: f"{value:.2f}"),
    st.sampled_from(TIMES[:2]),
)
HEADERS = st.sampled_from(
    [HEADER] * 12
    + [
        HEADER + " ",
        " " + HEADER,
        f"{MINE};;x",
        "",
        HEADER.replace("08:15", "09:15"),
        HEADER.replace("2026-03-10", "2026-03-15"),
        f"{MINE}; n ;2026-03-10 08:15:20",
    ]
)


@st.composite
def payloads(draw: st.DrawFn) -> bytes:
    rows = draw(st.lists(st.one_of(good, good, good, records(), st.sampled_from(["", " ", "~"])), max_size=8))
    if draw(st.booleans()):
        rows = [row for row in rows if row.startswith(MINE)]
    data = (
        "~".join([draw(HEADERS), *rows]) + draw(st.sampled_from(["~||"] * 9 + ["||", "~", "~||\r\n", "~||||", '~||"']))
    ).encode(draw(st.sampled_from(["utf-8"] * 6 + ["gb18030"])), "replace")
    if draw(st.integers(0, 15)) == 0:
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(st.binary(min_size=1, max_size=3)) + data[at:]
    return data


@settings(max_examples=300, deadline=None)
@given(st.lists(payloads(), max_size=6))
@example([wire(record(1) + ";", record(2))])
@example([wire(record(1).rsplit(";", 2)[0], record(2))])
@example([wire(record(1) + ";;;;"), wire(record(2))])
def test_the_fast_path_gives_what_the_careful_path_gives(batch: list[bytes]) -> None:
    frames: list[Frame] = [frame(payload, received_at=AT, seq=seq) for seq, payload in enumerate(batch)]
    quick, slow = decode(frames), decode_carefully(frames)
    assert quick.outcomes == slow.outcomes
    assert quick.rejects == slow.rejects
    assert_frame_equal(quick.readings, slow.readings)
