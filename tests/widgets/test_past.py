"""Looking back further than a page holds: pieces of the past fit together with what is there."""

import asyncio
import json

import pytest

from groupkit import Cluster, Counter, run
from groupkit.record.waits import with_timers
from groupkit.record.wires import Wires
from groupkit_widgets import past, reel
from groupkit_widgets.reel import Reel
from tests.widgets.test_live import wired
from tests.widgets.test_reel import Reader


async def a_run():
    cluster = Cluster(5, machine=Counter)
    cluster.random_faults(2)
    for step in range(60):
        cluster["abcde"[step % 5]].group.feed(Counter.Increment(step))
        await cluster.clock.advance(0.5)
    return cluster


def folded(first, rows):
    """A reader that has begun with a piece and then read all the rows."""
    reader = Reader({"k": "full", "base": first["base"], "wires": first["wires"], "t": 0.0, "rows": []})
    reader.take({"k": "delta", "t": 0.0, "rows": rows})
    return {
        name: {k: v for k, v in peer.items() if k in ("role", "term", "leader", "committed", "last")}
        for name, peer in reader.peers.items()
    }


@pytest.mark.parametrize("wanted", [0.0, 9.7, 21.0])
def test_older_rows_lead_to_how_things_stood_where_the_page_begins(wanted, monkeypatch):
    monkeypatch.setattr(past, "ROWS_A_PIECE", 50)
    monkeypatch.setattr(past, "ROWS_BEFORE", 20)

    async def main():
        cluster = await a_run()
        until = 24.5
        pieces = list(past.rows(cluster, wanted, until))
        json.dumps(pieces, allow_nan=False)
        assert [piece["last"] for piece in pieces] == [False] * (len(pieces) - 1) + [True]
        assert len(pieces) > 1 and pieces[0]["since"] <= wanted
        rows = [row for piece in pieces for row in piece["rows"]]
        assert all(row[0] <= until for row in rows) and [r[0] for r in rows] == sorted(r[0] for r in rows)
        whole = list(past.rows(cluster, 0.0, until))
        assert folded(pieces[0], rows) == folded(whole[0], [row for piece in whole for row in piece["rows"]])

    run(main, seed=4)


def test_a_run_whose_beginning_is_forgotten_is_told_from_where_it_is_remembered():
    async def main():
        cluster = await a_run()
        whole = list(past.rows(cluster, 0.0, 30.0))
        recorder = cluster.recorder
        recorder.keep_rows = len(recorder.rows) - 10
        recorder.trim()
        assert recorder.dropped_rows and past.oldest(cluster) == recorder.rows[0][0] > 0
        pieces = list(past.rows(cluster, 0.0, 30.0))
        assert pieces[0]["since"] == past.oldest(cluster)
        both = [folded(p[0], [row for piece in p for row in piece["rows"]]) for p in (pieces, whole)]
        assert both[0] == both[1]

    run(main, seed=4)


def test_how_links_were_set_is_known_though_the_rows_that_said_so_are_forgotten(monkeypatch):
    monkeypatch.setattr(reel, "ROWS_AT_START", 1)

    async def main():
        cluster = Cluster(5, machine=Counter)
        old = Reel(cluster, says=False, messages=False)
        old.full(cluster)
        cluster.cut("c", "e")
        cluster.partition({"a", "b"}, {"d"})
        cluster.set_latency((0.02, 0.03))
        cluster.link("a", "b").latency = 0.1
        cluster.link("b", "a").loss = 0.25
        old.full(cluster)
        cluster.heal("b", "d")
        cluster.heal("c", "e")
        for _ in range(3):
            for step in range(20):
                cluster["abcde"[step % 5]].group.feed(Counter.Increment(step))
                await cluster.clock.advance(0.5)
            recorder = cluster.recorder
            recorder.keep_rows = len(recorder.rows) - 10
            recorder.trim()
            (first,) = past.rows(cluster, 0.0, past.oldest(cluster))
            told = [row[3] for row in first["rows"] if row[1] == "wires"]
            now = Wires("abcde", recorder.meta["latency"])
            now.be(cluster.view()["wires"])
            assert told[-1] == now.told(), "nothing was set since"
            Reader(old.full(cluster)).agrees_with(cluster)
            Reader(Reel(cluster, says=False, messages=False).full(cluster)).agrees_with(cluster)

    run(main, seed=4)


def test_timers_of_the_past_are_those_that_ran_then(monkeypatch):
    monkeypatch.setattr(past, "ROWS_BEFORE", 20)

    async def main():
        cluster = await a_run()
        truly = list(with_timers(cluster.recorder.rows, cluster.recorder, 0.0, 30.0))
        until = cluster.recorder.rows[-100][0]
        told = [row for piece in past.rows(cluster, 15.0, until) for row in piece["rows"] if row[1] == "timer"]
        then = [row for row in truly if row[1] == "timer" and told[6][0] - 1e-6 <= row[0] <= until]
        assert len(then) > 20 and until < 29.0
        assert [row[2:] for row in told[-len(then) :]] == [
            [row[2], [None, round(row[3][0], 4), round(row[3][1], 4)]] for row in then
        ]
        frame = Reel(cluster, says=False, messages=False).full(cluster)
        fresh = [row for row in frame["rows"] if row[1] == "timer" and row[3] is not None and row[3][0] is None]
        assert [row[:3] for row in fresh] == [[round(r[0], 6), *r[1:3]] for r in truly if r[1] == "timer"]
        monkeypatch.setattr(reel, "TIMERS_AT_START", 10)
        frame = Reel(cluster, says=False, messages=False).full(cluster)
        assert 0 < len([row for row in frame["rows"] if row[1] == "timer" and row[3] and row[3][0] is None]) < 20

    run(main, seed=4)


def test_the_messages_about_a_moment(monkeypatch):
    monkeypatch.setattr(past, "MESSAGES_A_PIECE", 60)

    async def main():
        cluster = await a_run()
        told = past.mail(cluster, 12.0)
        json.dumps(told, allow_nan=False)
        assert len(told["msgs"]) == 60 and told["from"] <= 12.0 <= told["to"]
        sent = {one[0]: one for one in cluster.recorder.messages}
        assert all(sent[one[0]][1:3] == tuple(one[1:3]) for one in told["msgs"])
        lost = [one[0] for one in told["msgs"] if one[0] in cluster.recorder.fates]
        assert [fate[0] for fate in told["fates"]] == lost
        newest = past.mail(cluster, 30.0)
        assert newest["to"] is None
        assert past.mail(cluster, 0.0)["from"] == 0.0

    run(main, seed=4)


def test_a_page_is_answered_in_pieces_and_others_need_not_listen(monkeypatch):
    monkeypatch.setattr(past, "ROWS_A_PIECE", 40)

    async def main():
        cluster, _, wire = wired(pace=50.0)
        await cluster.when().leader_elected()
        await cluster.clock.advance(30)
        for n in range(60):
            cluster["a"].group.feed(Counter.Increment(n))
            await cluster.clock.advance(0.1)
        wire.ask(do="past", time=0.0, until=33.0, id=7)
        wire.ask(do="mail", time=5.0, id=8)
        last = await wire.until(lambda one: one["k"] == "past" and one["last"])
        assert last["page"] == "p" and last["id"] == 7
        assert len([one for one in wire.sent if one["k"] == "past"]) > 1
        assert (await wire.until(lambda one: one["k"] == "mail"))["id"] == 8
        await cluster.close()

    asyncio.run(main())


def test_a_fresh_page_has_what_was_on_its_way_before_and_knows_how_much_is_complete():
    async def main():
        cluster = Cluster(5, machine=Counter, latency=0.05)
        await cluster.when().leader_elected()
        reel = Reel(cluster, says=False, messages=True)
        reel.told(reel.full(cluster))
        while not cluster.in_flight():
            await cluster.clock.advance(0.01)
        slow = cluster.in_flight()[0].number
        cluster.delay_message(slow, 60.0)
        await cluster.clock.advance(50)
        reel.delta(cluster)
        flying = {one.number for one in cluster.in_flight()}
        frame = reel.full(cluster)
        numbers = [one[0] for one in frame["msgs"]]
        assert numbers == sorted(numbers) and {slow, *flying} <= set(numbers)
        assert numbers[0] == slow and frame["mail"] == frame["msgs"][1][1] > frame["msgs"][0][1]
        assert [one[0] for one in frame["late"]] == [slow] and frame["oldest"] == 0.0

    run(main, seed=3)
