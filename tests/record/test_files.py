"""Save, load, refuse."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from groupkit import Cluster, StateMachine, run
from groupkit.raft.log import BLANK
from groupkit.raft.machine import Packed
from groupkit.raft.messages import Append, Snapshot, Vote, VoteReply
from groupkit.record.files import TimelineFileError
from groupkit.record.timeline import Timeline

Make = Callable[..., Any]
FRAMES = ("events", "committed", "log", "leadership", "roles", "elections", "messages", "bonds", "faults", "commands")


@dataclass(frozen=True)
class Increment:
    n: int


def full(story: Make) -> Any:
    """A bit of everything."""
    s = story("ab", config={"voters": ["a", "b"]}).everybody(0)
    s.at(0.5).row("election", "a", 1, False, "knows no leader")
    vote = Vote(1, 0, 0)
    s.send("a", "b", vote, 0.011)
    s.send("a", "b", vote, None, "lost")
    s.row("vote", "b", "a", 1, False, True, "").send("b", "a", VoteReply(1, False, True, "fine"), 0.012)
    s.at(0.6).everybody(1, "a")
    s.put("a", 1, (1, BLANK), (1, Increment(3)), (1, frozenset({"x", "y"})), (1, b"\x00\xff"), (1, "é"))
    s.row("command", "a", 1, "submitted", (2, (Increment(3), Packed(("put", "k", [1, 2])))))
    s.row("command", "a", 1, "indexed", (1, 2, 2))
    s.send("a", "b", Append(1, 0, 0, [(1, Increment(3), ("a#0", 1))], 0, 1))
    s.send("a", "b", Snapshot(1, 2, 1, b"\x80data", {"a#0": (1, 2, 1)}, 4), 9.0)
    s.at(0.7).committed(2).row("command", "a", 1, "committed", (1, 2, 2))
    s.fault("kill", "b").state("b", "down", 1).row("bond", "a", "b", True, "").row("bond", "b", "a", True, "")
    s.row("stall", None, 0.25).row("pace", None, float("inf")).fault("link", "a", "b", "latency", (0.01, 0.02))
    return s.at(1.0)


def lines_of(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode().splitlines(keepends=True)


def write(path: Path, lines: list[str]) -> None:
    path.write_bytes(gzip.compress("".join(lines).encode()))


def test_what_is_loaded_equals_what_was_saved(story: Make, tmp_path: Path) -> None:
    before = full(story).timeline
    before.save(tmp_path / "run.jsonl.gz")
    after = Timeline.load(tmp_path / "run.jsonl.gz")
    assert after.digest() == before.digest()
    assert (after.meta, after.end, after.dropped) == (before.meta, before.end, before.dropped)
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(after, name)(), getattr(before, name)())
    assert repr(after) == repr(before)
    assert after._repr_html_() == before._repr_html_()
    texts = [m[5].brief() for m in after.recorder.messages]
    assert texts == [m[5].brief() for m in before.recorder.messages]


@dataclass(frozen=True)
class Holds:
    what: Any


class Listing(StateMachine):
    """Answers with lists, and takes anything."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def apply(self, command: Any, ctx: Any) -> None:
        self.taken.append(repr(command))

    def query(self, query: Any) -> Any:
        return [len(self.taken), [query]]


def test_plain_data_of_every_kind_comes_back_as_it_was_recorded(tmp_path: Path) -> None:
    """Commands, queries and answers; in logs, in submissions, and in the messages that carry them."""
    commands = [
        1, "x", (1,), ((1, 2),), frozenset({(1,)}), Holds(1), Holds((Holds(2),)),  # nothing in them can change
        [], [1, 2], [(1,)], (1, [2]), ([1],), {"k": [1]}, ({"k": (1,)},), {3, 1}, [{3, 1}], (bytearray(b"x"),),
        Holds([1]), (Holds([1]),), [Holds((1,))], ((Holds(Holds({1})),),),
    ]  # fmt: skip

    async def main() -> Timeline:
        async with Cluster(3, machine=Listing) as cluster:
            leader = await cluster.when().leader_elected()
            near, far = (peer for peer in cluster if peer.id != leader)
            for command in commands:
                await near.group.execute(command)
            await near.group.query([1, (2,)])
            cluster.isolate(far)
            await cluster[leader].group.execute_many([[n, (n,)] for n in range(600)])
            await cluster.clock.advance(8)  # until the bonds are given up: then it asks others for what it lacks
            cluster.heal()
            await cluster[leader].group.bonds().changed()
            await cluster.when().converged()
            return cluster.timeline

    before = run(main)
    kinds = set(before.messages()["kind"])
    assert {"forward", "fetched"} <= kinds
    before.save(tmp_path / "one")
    after = Timeline.load(tmp_path / "one")
    assert after.digest() == before.digest() and not after.diff(before)
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(after, name)(), getattr(before, name)())
    told = [text for text in after.events()["text"] if "query" in text or "answered" in text]
    assert told[0].endswith("was asked a strong query: [1, (2,)]")
    assert told[1].endswith(f"answered [{len(commands)}, [[1, (2,)]]]")
    after.save(tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_loaded_run_saves_to_the_same_bytes(story: Make, tmp_path: Path) -> None:
    full(story).timeline.save(tmp_path / "one")
    Timeline.load(tmp_path / "one").save(tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one", "two"]


def test_messages_of_a_file_say_what_was_sent(story: Make, tmp_path: Path) -> None:
    full(story).timeline.save(tmp_path / "run")
    sent = Timeline.load(tmp_path / "run").recorder.messages
    append, reply, vote = sent[3][5], sent[2][5], sent[0][5]
    assert (append.kind, append.term, append.prev_index) == ("append", 1, 0)
    assert repr(append.entries) == "((1, Increment(n=3), ('a#0', 1)),)"
    assert reply.granted is True
    assert reply.entries == ()
    assert vote is sent[1][5]  # what was one message is one again
    assert repr(vote).startswith("vote(term=1, ")
    with pytest.raises(AttributeError, match="has no 'granted'"):
        _ = vote.granted


def test_a_failed_save_keeps_the_file_that_was_there(story: Make, tmp_path: Path) -> None:
    path = tmp_path / "run"
    full(story).timeline.save(path)
    bad = full(story)
    bad.recorder.meta["oops"] = object()
    with pytest.raises(TypeError):
        bad.timeline.save(path)
    assert Timeline.load(path).end == 1.0
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Timeline.load(tmp_path / "nothing")


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for content, what in (
        (b"hello", "no groupkit timeline, which is gzip-compressed"),
        (b"", "the file is empty"),
        (gzip.compress(b""), "the file is empty"),
        (gzip.compress(b"hello\nyou\n"), "'hello' is not JSON"),
        (gzip.compress(b'{"format": "music"}\n'), "its first line has no"),
        (gzip.compress(b"[1]\n"), "its first line has no"),
        (gzip.compress(b"\xff\xfe\n"), "damaged"),
    ):
        path.write_bytes(content)
        with pytest.raises(TimelineFileError, match=f"{path}, line 1: .*{what}"):
            Timeline.load(path)


def test_another_version_is_refused_with_the_way_out(story: Make, tmp_path: Path) -> None:
    path = tmp_path / "run"
    full(story).timeline.save(path)
    first, *rest = lines_of(path)
    write(path, [first.replace('"version":2', '"version":3'), *rest])
    with pytest.raises(TimelineFileError, match=r"version 3 of the format.*reads version 1 and 2"):
        Timeline.load(path)
    header = json.loads(first)
    del header["end"]
    write(path, [json.dumps(header) + "\n", *rest])
    with pytest.raises(TimelineFileError, match="line 1: the header is not complete"):
        Timeline.load(path)


def test_a_file_that_was_cut_short_is_refused_naming_the_line(story: Make, tmp_path: Path) -> None:
    path = tmp_path / "run"
    full(story).timeline.save(path)
    whole, lines = path.read_bytes(), lines_of(path)
    for kept in range(1, len(lines)):
        write(path, lines[:kept])
        with pytest.raises(TimelineFileError, match=f"line {kept}: .*cut short") as caught:
            Timeline.load(path)
        assert (caught.value.path, caught.value.line) == (str(path), kept)
    write(path, [*lines[:5], lines[5][:9]])
    with pytest.raises(TimelineFileError, match=r"line 6: .*cut short"):
        Timeline.load(path)
    for kept in (2, 5, 20, len(whole) // 2, len(whole) - 9, len(whole) - 1):
        path.write_bytes(whole[:kept])
        with pytest.raises(TimelineFileError, match=r"line .*cut short|damaged"):
            Timeline.load(path)


def test_a_changed_file_is_refused(story: Make, tmp_path: Path) -> None:
    path = tmp_path / "run"
    full(story).timeline.save(path)
    whole, lines = path.read_bytes(), lines_of(path)
    middle = next(i for i, line in enumerate(lines) if '"committed","a",2' in line)
    for change, what in (
        ([*lines[:middle], lines[middle].replace(",2]", ",3]"), *lines[middle + 1 :]], "the digest differs"),
        ([*lines[:middle], *lines[middle + 1 :]], "lines are missing"),
        ([*lines[:middle], '["song",1]\n', *lines[middle:]], f"line {middle + 1}: this is no line of a timeline"),
        ([*lines[:middle], '["row","x"]\n', *lines[middle:]], f"line {middle + 1}: this is no line of a timeline"),
        ([*lines[:middle], "{}\n", *lines[middle:]], f"line {middle + 1}: this is no line of a timeline"),
        ([*lines[:middle], "hello\n", *lines[middle:]], f"line {middle + 1}: .*is not JSON"),
        ([*lines, lines[-2]], "there is more after the last line"),
    ):
        write(path, change)
        with pytest.raises(TimelineFileError, match=what):
            Timeline.load(path)
    for place in range(20, len(whole), 37):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        with pytest.raises(TimelineFileError):
            Timeline.load(path)


def test_an_empty_run_can_be_kept(story: Make, tmp_path: Path) -> None:
    story("ab").timeline.save(tmp_path / "run")
    assert Timeline.load(tmp_path / "run").peers == ("a", "b")


def test_what_was_let_go_of_is_still_told_after_loading(story: Make, tmp_path: Path) -> None:
    s = full(story)
    s.recorder.dropped_rows, s.recorder.dropped_messages = 12, 3
    s.timeline.save(tmp_path / "run")
    assert Timeline.load(tmp_path / "run").dropped == (12, 3)


def test_timers_come_back_and_a_file_from_before_they_were_written_is_read(tmp_path: Path) -> None:
    async def main() -> Timeline:
        async with Cluster(3) as cluster:
            await cluster.when().leader_elected()
            await cluster.clock.advance(2.0)
            return cluster.timeline

    timeline, path = run(main, seed=1), tmp_path / "run"
    timeline.save(path)
    waits = timeline.recorder.waits
    assert Timeline.load(path).recorder.waits == waits and all(len(one.times) > 2 for one in waits.values())
    lines = lines_of(path)
    write(path, [line for line in lines if not line.startswith('["waits"')])
    with pytest.raises(TimelineFileError, match="times of timers were written, 0 are there: lines are missing"):
        Timeline.load(path)
    end = json.loads(lines[-1])[:-1]
    before = [line for line in lines[1:-1] if not line.startswith('["waits"')]
    write(path, [lines[0].replace('"version":2', '"version":1'), *before, json.dumps(end) + "\n"])
    old = Timeline.load(path)
    assert old.digest() == timeline.digest() and old.recorder.waits == {}
    write(path, [*lines[:-1], '["waits","a",1.0,[1.0]]\n', lines[-1]])
    with pytest.raises(TimelineFileError, match="times come in pairs, not 1 of them"):
        Timeline.load(path)
