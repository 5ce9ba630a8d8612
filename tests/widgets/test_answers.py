"""What a page asks about: a message with all it carries, and the cell that builds such a group."""

import pytest

from groupkit import Cluster, ConsensusConfig, Counter, Rules, StateMachine, run
from groupkit_widgets import answers


def test_a_message_is_read_with_all_it_carries():
    async def main():
        cluster = Cluster(3, machine=Counter)
        leader = await cluster.when().leader_elected()
        await cluster.when().converged()
        other = next(peer.id for peer in cluster if peer.id != leader)
        told = {}
        for n in range(8):
            cluster[leader].group.feed(Counter.Increment(n))
        cluster[other].group.feed(Counter.Increment(9))
        for _ in range(40):
            await cluster.clock.advance(0.002)
            for one in cluster.in_flight():
                told.setdefault(one.kind, []).append(answers.message(cluster, one.number))
        append = max(told["append"], key=lambda one: len(one["lines"]))
        assert append["here"] and append["lines"][0].startswith("8 entries after index")
        assert any(": Counter.Increment(n=1), of term 1" in line for line in append["lines"])
        assert append["lines"][-1] == "… 3 more" and len(append["lines"]) == 7
        assert any("carries Counter.Increment(n=9)" in line for line in told["forward"][0]["lines"])
        assert told["append_reply"][0]["lines"][0].startswith("has everything up to")
        await cluster.clock.advance(1)
        gone = answers.message(cluster, append["number"])
        assert not gone["here"] and gone["lines"][-1].startswith("has arrived, at ")
        while not cluster.in_flight():
            await cluster.clock.advance(0.002)
        number = cluster.in_flight()[0].number
        cluster.drop_message(number)
        assert answers.message(cluster, number)["lines"][-1].startswith("did not arrive: dropped, at ")
        assert answers.message(cluster, 10**9)["lines"] == ["the recorder no longer has this message"]

    run(main, seed=1)


class Mine(StateMachine):
    def apply(self, command, ctx):
        pass


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"peers": 30},
        {"peers": ["x", "it's"], "quorum": "bonded"},
        {"config": ConsensusConfig(heartbeat_interval=0.2, election_timeout=0.8, snapshot_every=20)},
        {"rules": Rules(pre_vote=False), "latency": 0.3, "machine": Mine},
    ],
)
def test_the_cell_builds_such_a_group_again(options):
    async def main():
        given = {"peers": 4, "machine": Counter, "seed": 5, **options}
        cluster = Cluster(given.pop("peers"), **given)
        scope = {"Mine": Mine}
        text = (
            answers.recipe(cluster).replace("from groupkit_widgets import Dashboard\n", "").replace("Dashboard(", "(")
        )
        exec(text, scope)
        meta, again = cluster.recorder.meta, scope["cluster"].recorder.meta
        assert {**meta, "group": ""} == {**again, "group": ""} and meta["group"] == again["group"]
        cluster.set_latency((0.2, 0.3))
        assert "latency=(0.2, 0.3)" in answers.recipe(cluster), "as it is now"

    run(main)
