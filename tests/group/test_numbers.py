"""Contract 3 and 7: numbers of numpy and pandas are numbers; what is no number, and no yes or no, is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import groupkit
from groupkit import Cluster, ConsensusConfig, Counter, IndexRange, Register, Timeline, replay, run


def test_numbers_of_numpy_are_numbers(tmp_path: Path) -> None:
    async def main() -> Timeline:
        config = ConsensusConfig(
            heartbeat_interval=np.int64(1), election_timeout=np.float32(2.5), max_missed_heartbeats=np.int8(9)
        )
        cluster = Cluster(np.int64(3), seed=np.uint8(4), config=config, latency=(np.float32(0.25), np.int64(1)))
        link = cluster.link("a", "b")
        link.latency, link.loss = np.float32(0.5), np.int64(0)
        cluster.drift("a", np.int64(2))
        cluster.at(np.int64(1), "drift", "a", np.float32(1))
        await cluster.clock.advance(np.int64(2))
        assert (len(cluster), cluster.seed, link.latency, cluster.clock.now) == (3, 4, (0.5, 0.5), 2.0)
        cluster.clock.pace = np.float32(2)
        assert type(cluster.seed) is int and type(link.loss) is float and type(cluster.clock.pace) is float
        return cluster.timeline

    timeline = run(main)
    timeline.save(tmp_path / "run.jsonl.gz")
    assert Timeline.load(tmp_path / "run.jsonl.gz").digest() == timeline.digest()
    assert np.int64(4) in IndexRange(3, 7) and np.int64(8) not in IndexRange(3, 7) and "4" not in IndexRange(3, 7)


def test_numbers_of_numpy_are_plain_data(tmp_path: Path) -> None:
    """Contract 6: commands are plain data, numbers among them."""

    async def main(number: Callable[[float], Any]) -> Timeline:
        cluster = Cluster(3, machine=Register, seed=4)
        await cluster["a"].group.execute(Register.Write((number(2), {"k": number(3)})))
        assert (await cluster["b"].group.query(Register.Read())).result == (2, {"k": 3})
        return cluster.timeline

    plain = run(lambda: main(int))
    for kind in (np.int64, np.uint8):
        timeline = run(lambda kind=kind: main(kind))  # type: ignore[misc]
        assert timeline.digest() == plain.digest(), "they are told as the numbers that they are"
        timeline.save(tmp_path / "run.jsonl.gz")
        assert Timeline.load(tmp_path / "run.jsonl.gz").digest() == plain.digest()
        assert replay(Timeline.load(tmp_path / "run.jsonl.gz"), machine=Register).timeline.digest() == plain.digest()
    assert run(lambda: main(np.float32)).digest() == run(lambda: main(float)).digest()


def test_a_counter_counts_in_plain_numbers() -> None:
    for given, n in ((np.int64(3), 3), (np.float32(0.5), 0.5), (2, 2), (1.5, 1.5)):
        for command in (Counter.Increment(given), Counter.Decrement(given)):
            assert command.n == n and type(command.n) is type(n)
    for wrong in (True, "2", None, np.bool_(True), 1j):
        with pytest.raises(TypeError, match=rf"Increment takes a number, not {re.escape(repr(wrong))}"):
            Counter.Increment(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", ["yes", 1, None])
def test_what_is_true_or_false_is_no_text(wrong: object) -> None:
    cluster = Cluster(3)
    told = len(cluster.recorder.rows)
    for call in (lambda: cluster.restart("a", wipe=wrong), lambda: cluster.at(1, "restart", "a", wrong)):
        with pytest.raises(TypeError, match=rf"restart\(peer, wipe\) is True or False, not {wrong!r}"):
            call()
    for call in (lambda: cluster.cut("a", "b", one_way=wrong), lambda: cluster.at(1, "cut", "a", "b", wrong)):
        with pytest.raises(TypeError, match=rf"cut\(a, b, one_way\) is True or False, not {wrong!r}"):
            call()
    for call, name in (
        (lambda: Cluster(3, record=wrong), "record"),  # type: ignore[arg-type]
        (lambda: Cluster(3, strict=wrong), "strict"),  # type: ignore[arg-type]
        (lambda: cluster.history(weak=wrong), "weak"),  # type: ignore[arg-type]
        (lambda: groupkit.storm(1, shrink=wrong), "shrink"),  # type: ignore[arg-type]
        (lambda: groupkit.schedules.pre_vote.cluster(rule=wrong), "rule"),  # type: ignore[arg-type]
    ):
        with pytest.raises(TypeError, match=f"^{name} is True or False, not {wrong!r}"):
            call()
    assert len(cluster.recorder.rows) == told
