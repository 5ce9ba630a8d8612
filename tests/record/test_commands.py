"""What became of submissions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from groupkit.record.commands import submissions

Make = Callable[..., Any]


def test_the_life_of_a_submission(story: Make) -> None:
    s = story("ab").at(1.0).row("command", "a", 1, "submitted", (2, ("x", "y")))
    s.at(1.5).row("command", "a", 1, "indexed", (3, 7, 2)).at(2.0).row("command", "a", 1, "committed", (3, 7, 2))
    (only,) = submissions(s.recorder.rows)
    assert (only.origin, only.count, only.command) == ("a", 2, "'x', 'y'")
    assert (only.submitted, only.indexed, only.committed) == (1.0, 1.5, 2.0)
    assert (only.term, only.index, only.outcome, only.why) == (3, 7, "committed", "")


def test_every_other_end(story: Make) -> None:
    s = story("a").at(1.0)
    for ident, what in enumerate(("lost", "unknown", "offline", "reverted")):
        s.row("command", "a", ident, "submitted", (1, ("x",)))
        if what == "reverted":
            s.row("command", "a", ident, "committed", (1, 1, 1))
        s.row("command", "a", ident, what, f"because {what}")
    s.row("command", "a", 9, "submitted", (1, ("x",)))
    found = submissions(s.recorder.rows)
    assert [f.outcome for f in found] == ["lost", "unknown", "offline", "reverted", "pending"]
    assert found[0].why == "because lost"
    assert found[3].committed == 1.0


def test_the_end_of_a_submission_whose_beginning_is_gone(story: Make) -> None:
    s = story("a").at(2.0).row("command", "a", 5, "committed", (1, 4, 3))
    (only,) = submissions(s.recorder.rows)
    assert (only.submitted, only.committed, only.count, only.index) == (None, 2.0, 3, 4)
