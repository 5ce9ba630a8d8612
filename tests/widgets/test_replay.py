"""A run that is played again: told by its timeline alone."""

import json

import pytest

from groupkit import Cluster, Counter, Timeline, run
from groupkit_widgets import Replay


def a_run():
    async def main():
        cluster = Cluster(5, machine=Counter)
        leader = await cluster.when().leader_elected()
        await cluster[leader].group.execute(Counter.Increment(1))
        cluster.kill(leader)
        cluster.cut("a", "b") if leader not in "ab" else cluster.cut("c", "d")
        await cluster.when().leader_changed()
        cluster.heal()
        await cluster.clock.advance(1)
        await cluster.close()
        return cluster.timeline

    return run(main, seed=4)


def asked(replay, **content):
    sent = []
    replay.send = lambda content, buffers=None: sent.append(content)
    replay._msg_callbacks(replay, content, [])
    return sent


def test_a_page_is_told_the_whole_run_and_nothing_else():
    timeline = a_run()
    replay = Replay(timeline)
    (frame,) = asked(replay, do="open", need=True)
    assert frame["meta"]["replay"] and frame["t"] == pytest.approx(timeline.end)
    kinds = [row[1] for row in frame["rows"]]
    assert {"state", "committed", "log", "ballot", "wires"} <= set(kinds)
    assert [row[0] for row in frame["rows"]] == sorted(row[0] for row in frame["rows"])
    assert len(frame["msgs"]) == len(timeline.recorder.messages)
    json.dumps(frame, allow_nan=False)
    assert asked(replay, do="verb", verb="kill", args=["a"]) == []


def test_the_winner_of_an_election_had_a_majority_of_votes():
    timeline = a_run()
    (frame,) = asked(Replay(timeline), do="open")
    leaders = [(row[0], row[2]) for row in frame["rows"] if row[1] == "state" and row[3] == "leader"]
    assert len(leaders) == 2
    for time, leader in leaders:
        ballots = [row[3] for row in frame["rows"] if row[1] == "ballot" and row[2] == leader and row[0] <= time]
        pre, granted, _ = ballots[-1]
        assert not pre and len(granted) >= 3


def test_a_saved_run_plays_as_the_live_one_did(tmp_path):
    timeline = a_run()
    timeline.save(tmp_path / "run.jsonl")
    (live,) = asked(Replay(timeline), do="open")
    (loaded,) = asked(Replay(Timeline.load(tmp_path / "run.jsonl")), do="open")
    for part in ("rows", "fates", "says", "base", "meta"):
        assert json.loads(json.dumps(loaded[part])) == json.loads(json.dumps(live[part])), part
    assert len(loaded["msgs"]) == len(live["msgs"])


def test_it_has_a_still_picture_and_refuses_what_is_no_timeline():
    replay = Replay(a_run())
    data, _ = replay._repr_mimebundle_()
    assert data["image/svg+xml"].startswith("<svg") and "5 peers at" in data["text/plain"]
    assert "5 peers" in repr(replay)
    with pytest.raises(TypeError, match="takes a Timeline"):
        Replay("run.jsonl")
