"""Tidy frames: columns, dtypes, values."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from groupkit.raft.messages import Append, AppendReply, Fetch, Fetched, Forward, Vote
from groupkit.record import tape
from groupkit.record.timeline import RowsLetGo, Timeline

Make = Callable[..., Any]
SPAN = {"start": "float64", "end": "float64", "duration": "float64"}
COLUMNS = {
    "events": {"time": "float64", "kind": "category", "peer": "category", "text": "str"},
    "leadership": {"leader": "category", "term": "int64", **SPAN, "open": "bool", "followers_max": "int64"},
    "roles": {"peer": "category", "role": "category", "term": "int64", **SPAN, "open": "bool"},
    "elections": {
        "peer": "category", "term": "int64", "pre": "bool", **SPAN, "votes_for": "int64", "votes_against": "int64",
        "outcome": "category", "why": "str",
    },
    "messages": {
        "number": "int64", "sent": "float64", "arrived": "float64", "src": "category", "dst": "category",
        "kind": "category", "term": "int64", "entries": "int64", "fate": "category",
    },
    "bonds": {"a": "category", "b": "category", **SPAN, "open": "bool", "reason": "str"},
    "faults": {"time": "float64", "verb": "str", "peer": "category", "args": "str", **SPAN, "open": "bool"},
    "commands": {
        "ident": "int64", "origin": "category", "command": "str", "count": "int64", "submitted": "float64",
        "indexed": "float64", "committed": "float64", "term": "int64", "index": "int64", "latency": "float64",
        "outcome": "category", "why": "str",
    },
}  # fmt: skip


def kinds(frame: pd.DataFrame) -> dict[str, str]:
    text = {"object": "str", "string": "str"}  # older pandas keeps text as objects
    return {name: text.get(str(kind), str(kind)) for name, kind in frame.dtypes.items()}


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_and_dtypes_are_the_same_for_an_empty_run_and_a_full_one(story: Make, run: Make, name: str) -> None:
    empty, full = getattr(story("abc").timeline, name)(), getattr(run(list("abc"), 10.0).timeline, name)()
    assert kinds(empty) == kinds(full) == COLUMNS[name]
    assert len(empty) == 0
    assert kinds(pd.concat([full, empty])) == COLUMNS[name]  # categories agree between runs


def test_peers_sort_in_id_order_whatever_their_names(story: Make) -> None:
    s = story(["n2", "n10", "b"]).at(1.0)
    for peer in ("b", "n10", "n2"):
        s.state(peer, "follower", 1)
    assert list(s.timeline.roles().sort_values("peer")["peer"]) == ["n2", "n10", "b"]
    assert list(s.timeline.committed().columns) == ["n2", "n10", "b"]


def test_committed_is_wide_and_filled_forward(story: Make) -> None:
    s = story("ab").everybody(1, "a").at(1.0).committed(2, "a").at(2.0).committed(2, "b").committed(3, "a").at(5.0)
    frame = s.timeline.committed(corners=False)
    assert frame.index.name == "time"
    assert frame.index.tolist() == [0.0, 1.0, 2.0, 5.0]
    assert frame["a"].tolist() == [0, 2, 3, 3]
    assert frame["b"].tolist() == [0, 0, 2, 2]
    assert set(map(str, frame.dtypes)) == {"int64"}


def test_committed_plots_as_steps(run: Make) -> None:
    timeline = run(list("abc"), 10.0).timeline
    frame = timeline.committed()
    assert frame.index.is_unique
    assert frame.index.is_monotonic_increasing
    ax = frame.plot()
    for line in ax.get_lines():
        x, y = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
        rises = np.flatnonzero(np.diff(y))
        assert len(rises)
        assert (np.diff(x)[rises] < 1e-12).all()  # every change is upright
    plt.close(ax.figure)
    sparse = timeline.committed(corners=False)
    pd.testing.assert_frame_equal(frame.loc[sparse.index], sparse)


def test_an_empty_run_has_its_first_and_last_row(story: Make) -> None:
    s = story("ab").at(3.0)
    frame = s.timeline.committed()
    assert frame.to_numpy().tolist() == [[0, 0]] * len(frame)
    assert (frame.index[0], frame.index[-1]) == (0.0, 3.0)
    assert story("ab").timeline.committed().index.tolist() == [0.0]
    assert story("").timeline.committed().shape == (1, 0)


def test_log_has_indexes_or_terms(story: Make) -> None:
    s = story("a").at(1.0).put("a", 1, (1, "x"), (3, "y")).at(2.0).put("a", 2)
    assert s.timeline.log(corners=False)["a"].tolist() == [0, 2, 1]
    assert s.timeline.log(terms=True, corners=False)["a"].tolist() == [0, 3, 0]


def test_messages_and_what_became_of_them(story: Make) -> None:
    s = story("ab").at(1.0)
    s.send("a", "b", Append(1, 0, 0, [(1, "x", None), (1, "y", None)], 0, 1), 0.5)
    s.send("a", "b", Append(1, 0, 0, (), 0, 1), None, "cut")
    s.send("b", "a", AppendReply(1, True, 2, 1), 0.5, "duplicate")
    s.send("b", "a", Vote(1, 0, 0), 0.5, "down")
    s.send("b", "a", Vote(1, 0, 0), 5.0)
    s.send("b", "a", Vote(1, 0, 0), 0.1, "eaten by a bird")
    frame = s.at(3.0).timeline.messages()
    assert frame["kind"].tolist() == ["append", "heartbeat", "append_reply", "vote", "vote", "vote"]
    assert frame["entries"].tolist() == [2, 0, 0, 0, 0, 0]
    assert frame["fate"].tolist() == ["delivered", "cut", "duplicate", "down", "on its way", "eaten by a bird"]
    assert frame["arrived"].isna().tolist() == [False, True, False, True, True, True]
    assert frame["number"].tolist() == [1, 2, 3, 4, 5, 6]


def test_what_a_message_carries_is_counted(story: Make, tmp_path: Path) -> None:
    two = ((1, "x", None), (1, "y", None))
    s = story("ab").at(1.0)
    for message in (Append(1, 0, 0, two, 0, 1), Fetched(1, 1, 0, two), Forward(1, two), Fetch(1, 1, 9), Vote(1, 0, 0)):
        s.send("a", "b", message)
    s.at(2.0).timeline.save(tmp_path / "run")
    for timeline in (s.timeline, Timeline.load(tmp_path / "run")):
        frame = timeline.messages()
        assert frame["kind"].tolist() == ["append", "fetched", "forward", "fetch", "vote"]
        assert frame["entries"].tolist() == [2, 2, 2, 0, 0]
        told = tape.tape(timeline)
        assert [told["what"][what][3] for what in told["messages"]["what"]] == [2, 2, 2, 0, 0]


def test_fates_of_messages_that_were_let_go_of_are_ignored(story: Make) -> None:
    s = story("ab")
    s.send("a", "b", Vote(1, 0, 0))
    s.recorder.fates[0] = s.recorder.fates[7] = ("lost", 0.0)
    assert s.at(1.0).timeline.messages()["fate"].tolist() == ["delivered"]


def test_a_run_taken_apart(run: Make) -> None:
    timeline = run(list("abc"), 10.0).timeline
    led = timeline.leadership()
    assert led["term"].tolist() == [1, 2, 3, 4]
    assert led["open"].tolist() == [False, False, False, True]
    assert led["duration"].sum() <= 10.0
    faults = timeline.faults()
    assert faults["verb"].tolist() == ["kill", "partition", "heal", "restart"]
    assert faults.loc[1, "args"] == "a b | c"
    held = timeline.elections()
    assert held.groupby("outcome", observed=True).size().to_dict() == {"won": 4, "lost": 4}
    assert "b refused c" in " ".join(timeline.events()["text"])
    roles = timeline.roles()
    assert roles.groupby("peer", observed=True)["duration"].sum().round(6).tolist() == [10.0, 10.0, 10.0]


def test_frames_say_what_run_they_are_of(story: Make) -> None:
    s = story("a", rules={"pre_vote": False, "read_index": True})
    assert s.timeline.roles().attrs == {"seed": 7, "quorum": "members", "rules_off": ("pre_vote",), "note": ""}


def test_what_was_let_go_of_is_said(story: Make) -> None:
    s = story("ab").at(4.0).everybody(1, "a")
    s.send("a", "b", Vote(1, 0, 0))
    s.recorder.dropped_rows, s.recorder.dropped_messages = 1000, 500
    timeline = s.at(6.0).timeline
    assert (timeline.start, timeline.dropped.rows, timeline.dropped.messages) == (4.0, 1000, 500)
    with pytest.warns(RowsLetGo, match="1,000 rows, so frames begin at 4 s and 500 messages"):
        frame = timeline.committed()
    assert frame.attrs["note"] == timeline.note
    assert frame.index[0] == 4.0
    assert timeline.note in timeline._repr_html_()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "Timeline(" in repr(timeline)


def test_frames_are_live(story: Make) -> None:
    s = story("a")
    timeline = s.timeline
    assert len(timeline.events()) == 0
    s.at(1.0).state("a", "leader", 1, "a")
    assert len(timeline.events()) == 1
