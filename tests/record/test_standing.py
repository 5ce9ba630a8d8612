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
from groupkit.record.wires import Wires

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


def test_how_links_and_clocks_are_set_is_told_as_it_stood_last(story: Make) -> None:
    s = story("abc").fault("link", "a", "b", "latency", (0.1, 0.2)).fault("link", "a", "b", "loss", 0.5)
    s.fault("drift", "b", 2.0).fault("drift", "c", 2.0).fault("set_latency", None, 0.3, 0.4)
    s.fault("link", "c", "a", "latency", (0.5, 0.5)).fault("drift", "c", 1.0)
    s.fault("link", "b", "c", "reorder", 0.5).fault("link", "b", "c", "reorder", 0.0)
    assert standing(s.recorder.rows, "abc", 5.0) == [
        (5.0, "fault", "a", "link", ("b", "loss", 0.5)),
        (5.0, "fault", "b", "drift", (2.0,)),
        (5.0, "fault", None, "set_latency", (0.3, 0.4)),
        (5.0, "fault", "c", "link", ("a", "latency", (0.5, 0.5))),
    ]


def test_of_a_partition_that_was_healed_in_part_the_rest_is_told(story: Make) -> None:
    s = story("abcd").fault("partition", None, ("a", "b"), ("c", "d")).fault("heal", "a", "c").fault("heal", "b", "d")
    s.fault("cut", "d", "b", "one way")
    after = Wires("abcd", (0.01, 0.01))
    for row in standing(s.recorder.rows, "abcd", 5.0):
        after.take(row)
    assert sorted(after.cut) == [("a", "d"), ("b", "c"), ("c", "b"), ("d", "a"), ("d", "b")]


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
