"""A run as one page: whole, small, safe, and the same for a loaded run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from groupkit import Cluster, Timeline, run
from groupkit.record import page, tape

Make = Callable[..., Any]
EVIL = ["</script><script>alert(1)</script>", '"><img src=x onerror=alert(2)>', "<!--"]


class Page(HTMLParser):
    """What a browser would find: tags that are not closed, scripts with their text, attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.scripts: list[tuple[dict[str, Any], str]] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] == ["script"] and not self.scripts[-1][1]:
            self.scripts[-1] = (self.scripts[-1][0], data)
        else:
            self.text += data

    @property
    def run(self) -> Any:
        return json.loads(next(text for attrs, text in self.scripts if attrs.get("id") == "run"))

    @property
    def policy(self) -> str:
        return next(value for tag, name, value in self.attributes if tag == "meta" and "default-src" in value)


def a_minute(**settings: Any) -> Timeline:
    async def main() -> Timeline:
        async with Cluster(5, **settings) as cluster:
            leader = await cluster.when().leader_elected()
            for second in range(58):
                for _ in range(10):
                    cluster[leader].group.feed(("set", "x", second))
                await cluster.clock.advance(1.0)
                if second == 20:
                    cluster.kill(leader)
                    leader = await cluster.when().leader_changed()
                if second == 30:
                    cluster.partition(list("ab"))
                if second == 40:
                    cluster.heal()
                    leader = await cluster.when().leader_elected()
            return cluster.timeline

    return run(main, seed=7)


@pytest.fixture(scope="module")
def minute() -> Timeline:
    return a_minute()


def test_a_minute_of_five_peers_is_one_small_file(minute: Timeline, tmp_path: Path) -> None:
    minute.to_html(tmp_path / "run.html")
    assert [path.name for path in tmp_path.iterdir()] == ["run.html"]
    assert minute.end > 55
    assert (tmp_path / "run.html").stat().st_size < 1_000_000


def test_the_page_asks_nobody_for_anything_and_runs_its_own_script_only(minute: Timeline) -> None:
    text = page.page(minute)
    found = Page(text)
    addresses = set(re.findall(r"https?://[^\s\"'<)]*", text)) - {"http://www.w3.org/2000/svg"}
    assert not addresses
    assert not [one for one in found.attributes if one[1] in ("src", "href", "srcset", "action", "data")]
    assert not re.search(r"@import|url\((?!#gk-cut)|\bfetch\(|XMLHttpRequest|WebSocket|\beval\(|innerHTML", text)
    (attrs, script) = found.scripts[-1]
    assert not attrs and len(found.scripts) == 2
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in found.policy
    assert found.policy.startswith("default-src 'none';")


def test_without_javascript_it_shows_the_commit_plot(minute: Timeline) -> None:
    text = page.page(minute)
    before_scripts = text[: text.index("<script")]
    assert page.still(minute) in before_scripts
    svg = ET.fromstring(page.still(minute))
    words = " ".join(svg.itertext())
    assert (
        "Committed index over time: 5 peers" in words
        and re.search("term 1: [a-e] leads", words)
        and "links cut" in words
    )
    assert len([e for e in svg.iter() if e.get("class") == "line"]) == 5
    assert [e for e in svg.iter() if e.get("class") == "down" and e.get("height") != "10.0"]


def test_what_users_name_stays_text(story: Make) -> None:
    peers = [*EVIL, "\ud800 \u2028 é"]
    s = story(peers, rules={"</title>": False}, machine="</script>").at(1.0)
    s.everybody(1, peers[0]).put(peers[0], 1, (1, EVIL[0])).committed(1)
    s.at(2.0).fault("kill", peers[1], EVIL[0]).state(peers[1], "down", 1)
    text = page.page(s.timeline)
    found = Page(text)
    assert len(found.scripts) == 2 and "img" not in found.tags
    assert found.run["meta"]["peers"] == peers
    assert text.lower().count("</script") == 2
    assert "rules off: </title>" in found.text  # as text, that is
    ET.fromstring(page.still(s.timeline).encode("utf-8", "replace"))


def test_a_page_of_strange_names_can_be_written(story: Make, tmp_path: Path) -> None:
    story(["\ud800"]).at(1.0).everybody(1, "\ud800").timeline.to_html(tmp_path / "p.html")
    assert (tmp_path / "p.html").read_text(encoding="utf-8").endswith("</html>\n")


@pytest.mark.parametrize("settings", [{}, {"quorum": "bonded"}])
def test_a_loaded_run_gives_the_same_page(settings: dict[str, Any], tmp_path: Path) -> None:
    async def main() -> Timeline:
        async with Cluster(3, **settings) as cluster:
            leader = await cluster.when().leader_elected()
            await cluster[leader].group.execute("x")
            cluster.isolate(leader)
            await cluster.clock.advance(6)
            return cluster.timeline

    timeline = run(main, seed=3)
    timeline.save(tmp_path / "run.gz")
    assert page.page(Timeline.load(tmp_path / "run.gz")) == page.page(timeline)
    assert (", bonded quorum" in page.page(timeline)) == bool(settings)


def test_the_tape_holds_the_rows_to_the_microsecond(minute: Timeline) -> None:
    told = json.loads(page.data(minute))
    times = [(told["start"] + passed) / 1e6 for passed in accumulate(row[0] for row in told["rows"])]
    for kind in ("state", "committed"):
        here = [(time, told["names"][row[2]], row[3]) for time, row in zip(times, told["rows"]) if row[1] == kind]
        there = [(row[0], row[2], row[3]) for row in minute.recorder.rows if row[1] == kind]
        assert [one[1:] for one in here] == [one[1:] for one in there]
        assert all(abs(a[0] - b[0]) < 1e-6 for a, b in zip(here, there))
    sent = told["messages"]
    assert {len(column) for column in sent.values()} == {len(minute.recorder.messages)}
    assert told["line"] in repr(minute)


def test_a_winner_has_heard_a_majority(minute: Timeline) -> None:
    told = json.loads(page.data(minute))
    heard: dict[int, list[Any]] = {}
    wins = 0
    for _, kind, peer, *details in told["rows"]:
        if kind == "ballot":
            heard[peer] = details[0]
        elif kind == "state" and details[0] == "leader":
            pre, granted, _ = heard[peer]
            assert not pre and len(granted) >= 3
            wins += 1
    assert wins >= 2


def test_what_was_let_go_of_is_said(story: Make) -> None:
    s = story().everybody(1, "a")
    s.recorder.keep_rows = 10
    for turn in range(20):
        s.at(turn + 1.0).committed(turn + 1)
    s.recorder.trim()
    text = page.page(s.timeline)
    assert s.timeline.note.startswith("The recorder let go of")
    assert text.count(s.timeline.note) == 2  # for the script, and without it


def test_a_very_long_run_is_shortened_and_says_so(minute: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape, "ROWS", 500)
    monkeypatch.setattr(tape, "MESSAGES", 100)
    told = tape.tape(minute)
    assert "this picture begins at" in told["note"] and "heartbeats" in told["note"]
    assert len(told["messages"]["sent"]) <= 100
    assert told["start"] > 0 and told["start"] + sum(row[0] for row in told["rows"]) <= told["end"]
    first = {row[2]: row for row in told["rows"] if row[1] == "state"}
    assert len(first) == 5  # how everybody stood is told first


def test_a_run_in_which_nothing_happened_has_a_page(story: Make) -> None:
    assert Page(page.page(story().timeline)).run["rows"] == []
    assert Page(page.page(story([]).timeline)).run["meta"]["peers"] == []


def test_the_page_does_not_import_the_widgets() -> None:
    code = (
        "import sys; from groupkit.record import page; from groupkit.record.recorder import Recorder; "
        "from groupkit.record.timeline import Timeline; page.page(Timeline(Recorder(float, {'peers': ['a']}))); "
        "print([name for name in ('groupkit_widgets', 'anywidget', 'pandas', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
