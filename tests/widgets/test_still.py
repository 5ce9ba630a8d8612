"""The still picture of a saved notebook."""

from xml.etree import ElementTree

import pytest

from groupkit import Cluster, Counter, Rules, run
from groupkit_widgets import still

ALL = ("controls", "topology", "commits", "leadership", "logs", "feed")


def drawn(cluster, parts=ALL):
    svg = still.svg(cluster, parts)
    assert len(svg) < 200_000
    return ElementTree.fromstring(svg), svg


@pytest.mark.parametrize("count", [1, 2, 5, 25, 100])
def test_it_is_well_formed_at_any_size_and_any_moment(count):
    async def main():
        cluster = Cluster(count, machine=Counter)
        drawn(cluster)
        await cluster.when().leader_elected()
        cluster.kill(next(iter(cluster)))
        if count > 3:
            cluster.partition([peer.id for peer in list(cluster)[: count // 2]])
        await cluster.clock.advance(3)
        root, _ = drawn(cluster)
        assert ("1 peer at" if count == 1 else "peers at") in root[0].text

    run(main, seed=1)


def test_names_are_escaped():
    async def main():
        cluster = Cluster(["<b>&", "plain", 'quo"te'])
        await cluster.when().leader_elected()
        root, svg = drawn(cluster)
        assert "<b>" not in svg and any(one.text == "<b>&" for one in root.iter())

    run(main, seed=1)


def test_it_shows_who_leads_who_is_down_and_what_is_committed():
    async def main():
        cluster = Cluster(5, machine=Counter)
        leader = await cluster.when().leader_elected()
        await cluster[leader].group.execute(Counter.Increment(1))
        cluster.kill(leader)
        new = await cluster.when().leader_changed()
        _, svg = drawn(cluster)
        assert f"{new} leads term" in svg and "<polygon" in svg
        words = still.text(cluster)
        assert f"{leader}: down" in words and f"{new}: leader, term" in words
        assert "<polygon" not in drawn(cluster, ("commits",))[1]

    run(main, seed=1)


def test_a_long_run_stays_small():
    async def main():
        cluster = Cluster(3, machine=Counter)
        group = cluster[await cluster.when().leader_elected()].group
        for n in range(3000):
            await group.execute(Counter.Increment(n))
        drawn(cluster)

    run(main, seed=1)


def test_long_names_are_shortened_and_stay_inside():
    async def main():
        cluster = Cluster(["frankfurt-datacenter-1", "frankfurt-datacenter-2", "b", "x" * 40, "y" * 40])
        await cluster.when().leader_elected()
        root, _ = drawn(cluster, ("topology",))
        names = [one for one in root.iter() if one.get("font-weight") == "600"]
        assert {"frankf…ter-1", "frankf…ter-2", "b"} <= {one.text for one in names}, "what differs is at the end"
        for one in names:
            half = 3.4 * len(one.text)
            assert half <= float(one.get("x")) <= still.RING - half or len(one.text) < 3
            assert 9 <= float(one.get("y")) < still.HEIGHT

    run(main, seed=1)


def test_of_two_leaders_at_once_the_later_term_gives_the_colour():
    async def main():
        cluster = Cluster(5, quorum="bonded")
        await cluster.when().leader_elected()
        cluster.partition({"a", "b", "c"}, {"d", "e"})
        await cluster.clock.advance(10)
        root, svg = drawn(cluster)
        bands = [(float(one.get("x")), float(one.get("width"))) for one in root.iter() if one.get("height") == "14"]
        assert len(bands) >= 2 and "rules off" not in svg
        assert all(x + width <= other + 0.11 for (x, width), (other, _) in zip(sorted(bands), sorted(bands)[1:]))

    run(main, seed=3)


def test_rules_that_are_off_are_written_into_the_picture():
    async def main():
        cluster = Cluster(3, rules=Rules().without("one_vote_a_term", "log_up_to_date"))
        said = "rules off: one_vote_a_term, log_up_to_date"
        assert said in drawn(cluster)[1] and said in still.text(cluster)

    run(main, seed=1)
