"""What is kept of rows that are let go of."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from groupkit.record import plot
from groupkit.record.recorder import Recorder
from groupkit.record.standing import standing
from groupkit.record.timeline import RowsLetGo, Timeline

Make = Callable[..., Any]


def halved(s: Any, gone: int) -> Timeline:
    """The story's run without its first ``gone`` rows, as a recorder of bounded memory has it."""
    old, rows = s.recorder.rows[:gone], s.recorder.rows[gone:]
    kept = standing(old, s.peers, rows[0][0])
    recorder = Recorder(s.recorder.now, s.recorder.meta)
    recorder.rows = kept + rows
    recorder.dropped_rows = gone - len(kept)
    return Timeline(recorder)


def test_what_stood_is_told_in_a_few_rows(story: Make) -> None:
    s = story("ab").everybody(1, "a").row("bond", "a", "b", True, "").row("online", "a", True)
    s.at(1.0).put("a", 1, (1, "x"), (1, "y")).committed(1, "a").committed(2, "a")
    s.fault("kill", "b").state("b", "down", 1).fault("kill", "a").fault("restart", "a")
    assert standing(s.recorder.rows, "ab", 5.0) == [
        (5.0, "log", "a", 3, (), 1, 2),
        (5.0, "committed", "a", 2),
        (5.0, "state", "a", "leader", 1, "a"),
        (5.0, "state", "b", "down", 1, None),
        (5.0, "online", "a", True),
        (5.0, "bond", "a", "b", True, ""),
        (5.0, "fault", "b", "kill", ()),
    ]
    assert standing([], "ab", 5.0) == []


@pytest.mark.parametrize("share", [0.2, 0.4, 0.55, 0.7, 0.9])
def test_frames_of_the_rest_agree_with_those_of_the_whole(run: Make, share: float) -> None:
    s = run(list("abcde"), 20.0)
    whole, rest = s.timeline, halved(s, int(len(s.recorder.rows) * share))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RowsLetGo)
        for name in ("committed", "log"):
            there = getattr(rest, name)(corners=False)
            assert there.index[0] == rest.start > 0.0
            expected = getattr(whole, name)(corners=False)
            pd.testing.assert_frame_equal(there.iloc[1:], expected[expected.index > rest.start])
        now, then = rest.roles(), whole.roles()
        later = then[then["start"] > rest.start].reset_index(drop=True)
        pd.testing.assert_frame_equal(now[now["start"] > rest.start].reset_index(drop=True), later)


def test_pictures_begin_where_the_record_begins_and_say_so(run: Make) -> None:
    from matplotlib import pyplot as plt

    s = run(list("abc"), 10.0)
    rest = halved(s, len(s.recorder.rows) // 2)
    for name in sorted(set(plot.__all__) - {"cdf", "heatmap"}):  # those two draw sweeps
        ax = getattr(plot, name)(rest)
        ax.figure.canvas.draw()
        assert "The recorder let go of the oldest" in ax.get_title(loc="left")
        plt.close(ax.figure)
    with pytest.raises(ValueError, match="outside the run"):
        plot.logs(rest, at=0.0)
