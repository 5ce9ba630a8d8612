"""Looking back at an election: what each candidate had heard by then, whatever the recorder has let go of."""

import asyncio
import json

import pytest

from groupkit import Cluster, Counter, run
from groupkit.record.ballots import with_ballots
from groupkit.record.tape import tape
from groupkit_widgets import past
from tests.widgets.test_live import wired


async def stormy(quorum, seed):
    """A run with many elections, event by event; and the ballots of each moment in which somebody stood."""
    cluster = Cluster(5, machine=Counter, quorum=quorum, latency=(0.05, 0.2))
    cluster.random_faults(seed)
    cluster.clock.pause()
    truly, before = {}, 0.0
    for _ in range(2500):
        peers = cluster.view(wires=False)["peers"]
        standing = {name: peer["ballot"] for name, peer in peers.items() if peer["role"] == "candidate"}
        before = cluster.clock.now
        await cluster.clock.step()
        if standing and cluster.clock.now > before:  # else more happens at this very instant
            truly[before] = {name: [pre, list(ayes), list(noes)] for name, (pre, ayes, noes) in standing.items()}
    return cluster, truly


def told(cluster, time, peers):
    """As a page reads it: of each peer the last row up to the time."""
    answer = past.ballots(cluster, time, peers)
    json.dumps(answer, allow_nan=False)
    assert answer["from"] <= time <= answer["to"]
    assert [row[0] for row in answer["rows"]] == sorted(row[0] for row in answer["rows"])
    return {peer: [row for row in answer["rows"] if row[2] == peer and row[0] <= time][-1][3] for peer in peers}


@pytest.mark.parametrize("quorum", ["members", "bonded"])
@pytest.mark.parametrize("seed", [1, 2])
def test_every_candidate_of_the_past_has_heard_what_it_had_heard_then(quorum, seed, monkeypatch):
    monkeypatch.setattr(past, "ROWS_AROUND", 30)

    async def main():
        cluster, truly = await stormy(quorum, seed)
        assert len(truly) > 100
        for time, ballots in truly.items():
            then = round(time + 5e-7, 6)  # pages know times to the microsecond
            assert told(cluster, then, sorted(ballots)) == ballots, time

    run(main, seed=seed)


def test_replays_and_the_past_of_a_live_picture_are_told_alike():
    async def main():
        cluster, truly = await stormy("members", 1)
        packed = tape(cluster.timeline)
        names, time, rows = packed["names"], packed["start"], []
        for passed, kind, peer, *details in packed["rows"]:
            time += passed
            if kind == "ballot":
                rows.append([time / 1e6, "ballot", names[peer], *details])
        found = {}
        for moment, ballots in truly.items():
            for row in past.ballots(cluster, round(moment + 5e-7, 6), sorted(ballots))["rows"]:
                found[json.dumps(row)] = row
        assert len(found) > 60 and all(row in rows for row in found.values())

    run(main, seed=1)


def test_what_the_recorder_has_let_go_of_is_not_made_up(monkeypatch):
    monkeypatch.setattr(past, "ROWS_AROUND", 30)

    async def main():
        cluster, truly = await stormy("members", 2)
        recorder = cluster.recorder
        recorder.keep_messages = len(recorder.messages) - 10
        recorder.trim()
        first = recorder.messages[0][1]
        assert recorder.dropped_messages and not recorder.dropped_rows
        some = {None: 0, "all": 0}
        for time, ballots in truly.items():
            for peer, heard in told(cluster, round(time + 5e-7, 6), sorted(ballots)).items():
                assert heard == ballots[peer] if time > first + 5 else heard in (None, ballots[peer])
                some[None if heard is None else "all"] += 1
        assert min(some.values()) > 20
        recorder.keep_rows = len(recorder.rows) - 10
        recorder.trim()
        for time, ballots in truly.items():
            if time >= recorder.rows[0][0]:
                heard = told(cluster, round(time + 5e-7, 6), sorted(ballots))
                assert all(heard[peer] in (None, ballots[peer]) for peer in ballots)
        assert list(with_ballots([], recorder, 9e9)) == []

    run(main, seed=2)


def test_while_nobody_stands_for_election_no_message_is_looked_at(monkeypatch):
    class Messages(list):
        looked = 0

        def __getitem__(self, place):
            self.looked += 1
            return super().__getitem__(place)

    async def main():
        cluster = Cluster(5, machine=Counter)
        await cluster.clock.advance(60)
        recorder = cluster.recorder
        recorder.sent = sent = Messages(recorder.messages)
        assert len([row for row in with_ballots(recorder.rows, recorder, 60.0) if row[1] == "ballot"]) >= 6
        assert len(sent) > 500 and sent.looked < 120

    run(main, seed=1)


def test_a_page_asks_for_ballots_and_none_is_told_unasked():
    async def main():
        cluster, _, wire = wired(pace=50.0)
        wire.ask(do="open", need=True)
        await cluster.when().leader_elected()
        stood = next(row for row in cluster.recorder.rows if row[1] == "election")
        wire.ask(do="ballots", time=stood[0], peers=[stood[2]], id=4)
        answer = await wire.until(lambda one: one["k"] == "ballots")
        assert (answer["page"], answer["id"]) == ("p", 4)
        assert [round(stood[0], 6), "ballot", stood[2], [True, [stood[2]], []]] in answer["rows"]
        assert [one["k"] for one in wire.sent].count("ballots") == 1
        await cluster.close()

    asyncio.run(main())
