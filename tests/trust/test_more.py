"""What is watched besides the five properties, and what a user gets told of a machine that does wrong."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from groupkit import ApplyFailed, Cluster, CommandError, ConsensusConfig, SafetyViolated, StateMachine, run


class Moody(StateMachine):
    """Counts, and adds a number that is another one on every peer."""

    made = itertools.count()

    def __init__(self) -> None:
        self.mood = 0
        self.number = next(Moody.made)

    def apply(self, command: Any, ctx: Any) -> None:
        self.mood += self.number if command == "feel" else 1

    def snapshot(self) -> Any:
        return self.mood

    def restore(self, data: Any) -> None:
        self.mood = data


def test_a_machine_that_is_not_deterministic_is_named_with_its_first_index() -> None:
    async def main() -> None:
        cluster = Cluster(3, machine=Moody, seed=2)
        leader = await cluster.when().leader_elected()
        group = cluster[leader].group
        for command in ("count", "count", "feel", "count"):
            await group.execute(command)
        await cluster.clock.advance(2.0)
        (violation,) = cluster.violations
        assert violation.property == "Machines Equal"
        assert violation.index == 3
        assert "Moody.apply depends on more than its command" in violation.text

    run(main)


def test_strict_raises_a_violation_in_the_awaiting_cell() -> None:
    async def main() -> None:
        cluster = Cluster(3, machine=Moody, seed=2, strict=True)
        leader = await cluster.when().leader_elected()
        with pytest.raises(SafetyViolated, match=r"Machines Equal violated at .* by .* and "):
            await cluster[leader].group.execute("feel")
            await cluster.clock.advance(2.0)

    run(main)


class Shy(StateMachine):
    """Shows its state once."""

    def __init__(self) -> None:
        self.asked = 0

    def apply(self, command: Any, ctx: Any) -> None:
        """Nothing."""

    def snapshot(self) -> Any:
        self.asked += 1
        if self.asked > 1:
            raise RuntimeError("not today")
        return self.asked

    def restore(self, data: Any) -> None:
        """Nothing."""


def test_a_snapshot_that_raises_stops_its_peer_as_apply_would() -> None:
    async def main() -> None:
        cluster = Cluster(1, machine=Shy, seed=2, config=ConsensusConfig(snapshot_every=1))
        await cluster.when().leader_elected()
        with pytest.raises(
            (ApplyFailed, CommandError), match=r"not today.* in snapshot\(\), for the state after index 1"
        ):
            await cluster["a"].group.execute("anything")
        assert not cluster["a"].alive

    run(main)


class Closed(StateMachine):
    """Has nothing that could be kept."""

    def snapshot(self) -> Any:
        return lambda: None


def test_a_machine_that_cannot_be_kept_is_refused_at_the_door() -> None:
    with pytest.raises(TypeError, match=r"Closed.snapshot\(\) cannot be kept .*: let it return plain data"):
        Cluster(1, machine=Closed)
