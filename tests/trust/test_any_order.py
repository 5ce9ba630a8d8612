"""The verbs in any order, the safety properties watched all along; then all is mended, and the group is one again."""

from __future__ import annotations

import math

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from groupkit import Cluster, ConsensusConfig, KeyValue, run_sync

NAMES = st.sampled_from("abcde")
QUICK = ConsensusConfig(
    heartbeat_interval=0.05,
    heartbeat_jitter=0.0,
    election_timeout=0.2,
    election_timeout_jitter=0.2,
    forward_timeout=0.3,
)


class AnyOrder(RuleBasedStateMachine):
    """Five peers and whatever may be done to them."""

    @initialize(seed=st.integers(0, 10_000), snapshot_every=st.sampled_from([None, 4]))
    def begin(self, seed: int, snapshot_every: int | None) -> None:
        config = ConsensusConfig(**{**QUICK.as_dict(), "quorum": None, "snapshot_every": snapshot_every})
        self.cluster = Cluster(5, machine=KeyValue, seed=seed, pace=math.inf, config=config)
        self.written = 0
        self.waiting: list[object] = []

    @rule(peer=NAMES)
    def kill(self, peer: str) -> None:
        self.cluster.kill(peer)

    @rule(peer=NAMES)
    def restart(self, peer: str) -> None:
        self.cluster.restart(peer)

    @rule(peer=NAMES)
    def freeze(self, peer: str) -> None:
        self.cluster.freeze(peer)

    @rule(peer=NAMES)
    def thaw(self, peer: str) -> None:
        self.cluster.thaw(peer)

    @rule(peer=NAMES)
    def isolate(self, peer: str) -> None:
        self.cluster.isolate(peer)

    @rule(peer=NAMES)
    def stand(self, peer: str) -> None:
        self.cluster.timeout_now(peer)

    @rule(a=NAMES, b=NAMES, one_way=st.booleans())
    def cut(self, a: str, b: str, one_way: bool) -> None:
        if a != b:
            self.cluster.cut(a, b, one_way)

    @rule(side=st.sets(NAMES, min_size=1, max_size=4))
    def partition(self, side: set[str]) -> None:
        self.cluster.partition(side)

    @rule()
    def heal(self) -> None:
        self.cluster.heal()

    @rule(a=NAMES, b=NAMES)
    def heal_two(self, a: str, b: str) -> None:
        if a != b:
            self.cluster.heal(a, b)

    @rule(peer=NAMES, rate=st.sampled_from([0.5, 1.0, 2.0, 10.0]))
    def drift(self, peer: str, rate: float) -> None:
        self.cluster.drift(peer, rate)

    @rule(
        a=NAMES, b=NAMES, what=st.sampled_from(["loss", "duplicate", "reorder"]), share=st.sampled_from([0.0, 0.3, 1.0])
    )
    def spoil(self, a: str, b: str, what: str, share: float) -> None:
        if a != b:
            setattr(self.cluster.link(a, b), what, share)

    @rule(a=NAMES, b=NAMES, latency=st.sampled_from([0.001, 0.01, (0.0, 0.3)]))
    def slow(self, a: str, b: str, latency: float) -> None:
        if a != b:
            self.cluster.link(a, b).latency = latency

    @rule(peer=NAMES, count=st.integers(1, 3))
    def write(self, peer: str, count: int) -> None:
        commands = [KeyValue.Append("k", f"{self.written + n};") for n in range(count)]
        self.written += count
        self.waiting.append(self.cluster[peer].group.execute_many(commands, timeout=2.0))

    @rule(seconds=st.sampled_from([0.001, 0.02, 0.1, 0.5, 3.0]))
    def advance(self, seconds: float) -> None:
        run_sync(self.cluster.clock.advance(seconds))

    @precondition(lambda self: hasattr(self, "cluster"))
    @invariant()
    def nothing_fell(self) -> None:
        assert not self.cluster.violations, self.cluster.violations[0]

    def teardown(self) -> None:
        if not hasattr(self, "cluster"):
            return
        cluster = self.cluster
        cluster.heal()
        for peer in cluster:
            cluster.restart(peer)
            cluster.thaw(peer)
            cluster.drift(peer, 1.0)
        for a in "abcde":
            for b in "abcde":
                if a != b:
                    link = cluster.link(a, b)
                    link.latency, link.loss, link.duplicate, link.reorder = (0.010, 0.015), 0.0, 0.0, 0.0
        run_sync(cluster.clock.advance(5.0))
        run_sync(cluster["a"].group.execute(KeyValue.Put("end", "1"), timeout=10.0))
        run_sync(cluster.when().converged(timeout=10.0))
        items = [run_sync(peer.group.query(KeyValue.Items(), "weak")).result for peer in cluster]
        assert items == [items[0]] * 5 and not cluster.violations
        parts = dict(items[0]).get("k", "").split(";")[:-1]
        assert len(parts) == len(set(parts)), "a command was applied twice"
        for wait in self.waiting:
            wait.exception() if wait.done() and not wait.cancelled() else wait.cancel()  # type: ignore[attr-defined]
        run_sync(cluster.close())


def test_whatever_is_done_in_any_order_nothing_falls_and_the_healed_group_is_one() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        AnyOrder,
        settings=settings(max_examples=40, stateful_step_count=40, derandomize=True, deadline=None, database=None),
    )
