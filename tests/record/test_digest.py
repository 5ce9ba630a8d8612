"""One number for a run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

from groupkit.raft.messages import Append, Vote

Make = Callable[..., Any]


def little(story: Make) -> Any:
    s = story("ab").everybody(1, "a").at(0.1).put("a", 1, (1, frozenset({"x", "y", "z"})))
    s.send("a", "b", Append(1, 0, 0, [(1, "x", ("a", 1))], 0, 1))
    s.send("b", "a", Vote(2, 0, 0), None, "lost")
    return s


def test_equal_runs_have_equal_digests(story: Make) -> None:
    one, two = little(story).timeline.digest(), little(story).timeline.digest()
    assert one == two
    assert len(one) == 64


def test_every_part_counts(story: Make) -> None:
    base = little(story).timeline.digest()
    rows, sent, fate = little(story), little(story), little(story)
    rows.row("online", "a", True)
    sent.send("a", "b", Vote(2, 0, 0))
    fate.recorder.fates[2] = ("cut", 0.1)
    assert len({base, *(s.timeline.digest() for s in (rows, sent, fate))}) == 4


def test_wall_time_does_not_count(story: Make) -> None:
    watched = little(story).row("stall", None, 0.31).row("pace", None, 0.5)
    assert watched.timeline.digest() == little(story).timeline.digest()


def test_a_list_and_a_tuple_of_entries_are_the_same_said(story: Make) -> None:
    as_list, as_tuple = story("ab"), story("ab")
    as_list.send("a", "b", Append(1, 0, 0, [(1, "x", None)], 0, 1))
    as_tuple.send("a", "b", Append(1, 0, 0, ((1, "x", None),), 0, 1))
    assert as_list.timeline.digest() == as_tuple.timeline.digest()


def test_the_digest_is_the_same_in_every_process() -> None:
    code = """
from groupkit.record.recorder import Recorder
from groupkit.record.digest import digest
recorder = Recorder(float, {})
recorder.rows.append((0.1, "log", "a", 1, ((1, frozenset("abcdef"), None), (1, {"k": {1, "2"}}, None)), 1, 2))
print(digest(recorder))
"""
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            check=True,
        ).stdout
        for seed in "012"
    }
    assert len(found) == 1
