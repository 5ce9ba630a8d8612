"""What a replay shows of what moves: messages that were dropped, delayed and copied by hand, and election timers."""

import json

import pytest

from groupkit import Cluster, Timeline, run
from groupkit.record import page

pytestmark = pytest.mark.browser

PLACES = """([source, data, times]) => {
  const { ReplayStore, partOf } = new Function(source + "; return { ReplayStore, partOf };")();
  const store = new ReplayStore(data);
  return times.map((time) => store.flying(time, 0).map((one) => {
    const { fate = "", time: when = null } = store.fates.get(one.number) ?? {};
    return [one.src, one.dst, one.sent, partOf(one, time), fate, when];
  }));
}"""


def by_hand():
    """A run in which three messages set out together and each meets something else; and what is so at which time."""

    async def main():
        async with Cluster(4, latency=0.1) as cluster:
            await cluster.when().converged()
            while len(cluster.in_flight()) < 3:
                await cluster.clock.advance(0.01)
            one, two, three = cluster.in_flight()
            sent = one.sent
            await cluster.clock.advance(sent + 0.02 - cluster.clock.now)
            cluster.drop_message(one)
            await cluster.clock.advance(0.03)
            cluster.delay_message(two, 0.15)
            cluster.duplicate_message(three, 0.1)
            await cluster.clock.advance(0.1)
            cluster.delay_message(two, 0.3)
            await cluster.clock.advance(1.0)
            return cluster.timeline, sent, (one.src, two.src, three.src)

    return run(main, seed=5)


def places(lab, timeline, times):
    """At each time: sender -> how much of its way the message that was sent at that moment has behind it."""
    source = page.source(*page.SCRIPTS)
    return lab.page.evaluate(PLACES, [source, json.loads(page.data(timeline)), times])


def test_what_was_dropped_or_delayed_on_its_way_is_where_it_was(lab, tmp_path):
    timeline, sent, (one, two, three) = by_hand()
    lab.page.goto("about:blank")
    timeline.save(tmp_path / "run.gz")
    for told in (timeline, Timeline.load(tmp_path / "run.gz")):
        at = [sent + 0.01, sent + 0.05, sent + 0.1, sent + 0.15, sent + 0.35, sent + 0.549]
        found = [
            {src: (round(part, 2), fate, when) for src, _, left, part, fate, when in moment if abs(left - sent) < 1e-5}
            for moment in places(lab, told, at)
        ]
        assert [moment[two][0] for moment in found] == [0.1, 0.5, 0.62, 0.75, 0.87, 1.0]
        part, fate, when = found[0][one]
        assert (part, fate) == (0.1, "dropped") and when == pytest.approx(sent + 0.02, abs=2e-6)
        assert found[1][three][0] == 0.5


def test_up_to_a_moment_nothing_is_slowed_by_what_comes_later(lab):
    timeline, sent, (one, two, three) = by_hand()
    lab.page.goto("about:blank")
    (moment,) = places(lab, timeline.until(sent + 0.019), [sent + 0.019])
    told = {src: (round(part, 2), fate) for src, _, left, part, fate, _ in moment if abs(left - sent) < 1e-5}
    assert told == dict.fromkeys((one, two, three), (0.19, ""))
    (moment,) = places(lab, timeline.until(sent + 0.14), [sent + 0.14])
    assert [round(part, 2) for src, _, left, part, *_ in moment if src == two and abs(left - sent) < 1e-5] == [0.72]


TIMERS = """([source, data, times]) => {
  const { ReplayStore } = new Function(source + "; return { ReplayStore };")();
  const store = new ReplayStore(data);
  return times.map((time) => [...store.momentAt(time).peers.values()].map((one) => [one.name, one.timer]));
}"""


def test_election_timers_run_as_they_ran(lab):
    seen = []

    async def main():
        async with Cluster(4) as cluster:
            for step in range(80):
                await cluster.clock.advance(0.1)
                peers = cluster.view(wires=False)["peers"]
                seen.append((cluster.clock.now, {name: peer["timer"] for name, peer in peers.items()}))
                if step == 40:
                    cluster.kill(cluster.leader())
                    seen.pop()
            return cluster.timeline

    timeline = run(main, seed=5)
    lab.page.goto("about:blank")
    times = [time + 1e-6 for time, _ in seen]  # the page knows microseconds
    found = lab.page.evaluate(TIMERS, [page.source(*page.SCRIPTS), json.loads(page.data(timeline)), times])
    for (_, timers), told in zip(seen, found):
        for name, timer in told:
            expected = timers[name]
            assert (timer is None) == (expected is None)
            assert timer is None or timer[1:] == pytest.approx(expected[1:], abs=3e-6)
