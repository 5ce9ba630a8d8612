"""The beginning of a run, up to a moment, as a run of its own."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from groupkit.record.recorder import Recorder, Row, Sent, Waits, delays

UNKNOWN = -1  # how many events had run by then: nobody counted


def until(recorder: Recorder, time: float) -> Recorder:
    """What ``recorder`` holds up to and at ``time`` (virtual seconds); what was on its way then still is."""
    end = min(time, recorder.now())
    cut = Recorder(
        lambda: end, recorder.meta, keep_rows=recorder.keep_rows, keep_messages=recorder.keep_messages,
        events=lambda: UNKNOWN,
    )  # fmt: skip
    cut.machine = recorder.machine
    place = bisect_right(recorder.rows, end, key=lambda row: row[0])
    cut.rows = recorder.rows[:place]
    messages = recorder.messages
    cut.sent = messages[: bisect_right(messages, end, key=lambda sent: sent[1])]
    _not_yet_delayed(cut.sent, recorder.rows[place:])
    cut.fates = {number: fate for number, fate in recorder.fates.items() if fate[1] <= end}
    for peer, (factor, times) in recorder.waits.items():
        cut.waits[peer] = Waits(factor, times[: 2 * bisect_right(times[::2], end)])
    cut.inputs = [entry for entry in recorder.inputs if entry[1] <= end]
    cut.dropped_rows, cut.dropped_messages = recorder.dropped_rows, recorder.dropped_messages
    return cut


def _not_yet_delayed(sent: list[Sent], later: Sequence[Row]) -> None:
    """What is delayed by ``later`` rows arrives as it would have before."""
    seen = set()
    for _, number, before, _ in delays(later):
        if number not in seen:
            seen.add(number)
            place = bisect_right(sent, number, key=lambda one: one[0]) - 1
            if place >= 0 and sent[place][0] == number:
                sent[place] = (*sent[place][:2], before, *sent[place][3:])
