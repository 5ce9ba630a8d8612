"""The beginning of a run, up to a moment, as a run of its own."""

from __future__ import annotations

from bisect import bisect_right

from groupkit.record.recorder import Recorder

UNKNOWN = -1  # how many events had run by then: nobody counted


def until(recorder: Recorder, time: float) -> Recorder:
    """What ``recorder`` holds up to and at ``time`` (virtual seconds); what was on its way then still is."""
    end = min(time, recorder.now())
    cut = Recorder(
        lambda: end, recorder.meta, keep_rows=recorder.keep_rows, keep_messages=recorder.keep_messages,
        events=lambda: UNKNOWN,
    )  # fmt: skip
    cut.machine = recorder.machine
    cut.rows = recorder.rows[: bisect_right(recorder.rows, end, key=lambda row: row[0])]
    messages = recorder.messages
    cut.sent = messages[: bisect_right(messages, end, key=lambda sent: sent[1])]
    cut.fates = {number: fate for number, fate in recorder.fates.items() if fate[1] <= end}
    cut.inputs = [entry for entry in recorder.inputs if entry[1] <= end]
    cut.dropped_rows, cut.dropped_messages = recorder.dropped_rows, recorder.dropped_messages
    return cut
