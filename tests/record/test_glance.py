"""A run at a glance."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

Make = Callable[..., Any]


class Tags(HTMLParser):
    """Counts what opens and closes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag)
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_line_says_what_the_run_was(run: Make, story: Make) -> None:
    text = repr(run(list("abc"), 10.0).timeline)
    assert text.startswith("Timeline(3 peers, 0 to 10 s, 4 reigns of 3 leaders, ")
    assert text.endswith("seed 7)")
    quiet = story("a", quorum="bonded", rules={"pre_vote": False}).timeline
    assert repr(quiet) == (
        "Timeline(1 peer, 0 to 0 s, no leader, 0 committed, 0 messages, seed 7, bonded quorum, rules off: pre_vote)"
    )


def test_the_page_is_whole_small_and_safe(run: Make, story: Make) -> None:
    page = run(list("abc"), 10.0).timeline._repr_html_()
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert "script" not in tags.seen
    assert "term 1" in page
    evil = story(["<script>alert(1)</script>", '"><b>']).at(1.0)
    evil.everybody(1, "<script>alert(1)</script>").at(2.0)
    hurt = evil.timeline._repr_html_()
    assert "<script" not in hurt
    assert '"><b>' not in hurt


def test_down_is_written_in_the_colour_of_the_page(story: Make) -> None:
    s = story("ab").at(1.0).everybody(1, "a").at(2.0).fault("kill", "b").state("b", "down", 1).at(8.0)
    assert 'fill="currentColor">down</text>' in s.timeline._repr_html_()


def test_a_long_run_of_many_peers_stays_small(story: Make) -> None:
    names = [f"n{i:03}" for i in range(1, 61)]
    s = story(names)
    for turn in range(300):
        s.at(turn + 1.0).everybody(turn, names[turn % 7])
    page = s.timeline._repr_html_()
    assert len(page) < 120_000
    assert "35 more peers are not drawn" in page
