"""Hand-made runs: a recorder that is told a story, row by row."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from groupkit.raft.log import BLANK
from groupkit.raft.messages import Append, AppendReply, Vote, VoteReply
from groupkit.record.recorder import Recorder
from groupkit.record.timeline import Timeline


class Story:
    """Writes what a world would write. ``t`` is the virtual time; every verb happens at it."""

    def __init__(self, peers: str | list[str] = "abc", **meta: Any) -> None:
        self.t = 0.0
        self.peers = list(peers)
        self.recorder = Recorder(
            lambda: self.t, {"seed": 7, "peers": self.peers, "quorum": "members", "rules": {"pre_vote": True}, **meta}
        )
        self.log: dict[str, int] = dict.fromkeys(self.peers, 0)
        self._number = 0

    @property
    def timeline(self) -> Timeline:
        return Timeline(self.recorder)

    def at(self, time: float) -> Story:
        self.t = time
        return self

    def row(self, kind: str, peer: str | None, *details: Any) -> Story:
        self.recorder.rows.append((self.t, kind, peer, *details))
        return self

    def state(self, peer: str, role: str, term: int, leader: str | None = None) -> Story:
        return self.row("state", peer, role, term, leader)

    def everybody(self, term: int, leader: str | None = None, *, but: str = "") -> Story:
        for peer in self.peers:
            if peer not in but:
                self.state(peer, "leader" if peer == leader else "follower", term, leader)
        return self

    def committed(self, index: int, peers: str | list[str] | None = None) -> Story:
        for peer in self.peers if peers is None else peers:
            self.row("committed", peer, index)
        return self

    def put(self, peer: str, start: int, *entries: tuple[int, Any]) -> Story:
        """``entries`` are (term, command) from ``start`` on."""
        last = start + len(entries) - 1
        term = entries[-1][0] if entries else 0
        self.log[peer] = last
        return self.row("log", peer, start, tuple((t, c, None) for t, c in entries), term, last)

    def fault(self, verb: str, peer: str | None = None, *args: Any) -> Story:
        return self.row("fault", peer, verb, args)

    def send(self, src: str, dst: str, message: Any, takes: float | None = 0.01, fate: str = "") -> int:
        self._number += 1
        arrival = None if takes is None else self.t + takes
        self.recorder.messages.append((self._number, self.t, arrival, src, dst, message))
        if fate:
            self.recorder.fates[self._number] = (fate, self.t if arrival is None else arrival)
        return self._number


@pytest.fixture
def story() -> Callable[..., Story]:
    """Makes an empty story."""
    return Story


def long_run(names: list[str], seconds: float, seed: int = 7) -> Story:
    """Elections, commands, a kill, a partition and losses, drawn from ``seed``: the look of a run, not its rules."""
    draw = random.Random(seed)
    story = Story(names)
    for peer in names:
        story.state(peer, "follower", 0)
    term, index, down = 0, 0, ""
    terms = [1, 2, 3, 4]
    for at, term in zip([seconds * f for f in (0.05, 0.35, 0.6, 0.85)], terms):
        leader = names[term % len(names)]
        _election(story.at(at), leader, term, down, draw)
        if term == 2:
            story.at(at + 0.06 * seconds).fault("kill", names[-1]).state(names[-1], "down", term)
            down = names[-1]
        if term == 3:
            story.at(at + 0.1 * seconds).fault("partition", None, tuple(names[:2]), tuple(names[2:]))
        while story.t < at + 0.12 * seconds:
            story.at(story.t + 0.02 * seconds)
            index += 1
            _commit(story, leader, term, index, down, draw)
        if term == 3:
            story.fault("heal")
            story.fault("restart", down).state(down, "follower", term)
            down = ""
    return _in_order(story.at(seconds))


def _in_order(story: Story) -> Story:
    """Rows and messages in order of their time, as a world would have written them."""
    recorder = story.recorder
    recorder.rows.sort(key=lambda row: row[0])
    recorder.messages.sort(key=lambda sent: sent[1])
    fates = recorder.fates
    recorder.fates = {place: fates[m[0]] for place, m in enumerate(recorder.messages, 1) if m[0] in fates}
    recorder.sent[:] = [(place, *m[1:]) for place, m in enumerate(recorder.messages, 1)]
    return story


def _election(story: Story, leader: str, term: int, down: str, draw: random.Random) -> None:
    rival = story.peers[(term + 1) % len(story.peers)]
    for candidate in (rival, leader):
        if candidate == down:
            continue
        story.at(story.t + 0.02).row("election", candidate, term, False, "heard nothing from anybody")
        story.state(candidate, "candidate", term)
        for peer in story.peers:
            if peer in (candidate, down):
                continue
            granted = candidate == leader
            story.send(candidate, peer, Vote(term, 0, 0))
            story.row("vote", peer, candidate, term, False, granted, "" if granted else "it voted for another")
            story.send(peer, candidate, VoteReply(term, False, granted, ""))
    story.at(story.t + 0.03).everybody(term, leader, but=down)


def _commit(story: Story, leader: str, term: int, index: int, down: str, draw: random.Random) -> None:
    sent = story.t
    for peer in [leader, *[p for p in story.peers if p != leader]]:
        if peer == down:
            continue
        if peer != leader:
            append = Append(term, index - 1, term, [(term, index, None)], index - 1, index)
            lost = draw.random() < 0.1
            story.send(leader, peer, append, None if lost else 0.01 + draw.random() / 200, "lost" if lost else "")
            if not lost:
                story.at(sent + 0.02).send(peer, leader, AppendReply(term, True, index, index))
        story.at(sent + 0.02 + draw.random() / 100).put(peer, index, (term, BLANK if index == 1 else index))
        story.row("committed", peer, index)
        story.t = sent
    story.at(sent + 0.04)


@pytest.fixture
def run() -> Callable[..., Story]:
    """Makes the story of a longer run: ``run(["a", "b", "c"], 10.0)``."""
    return long_run
