"""The door of the room: what it needs, and that it agrees with runs of the real thing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import groupkit
from groupkit import Cluster, Counter, Timeline

FRAMES = ("events", "committed", "log", "leadership", "roles", "elections", "messages", "bonds", "faults", "commands")


def lively(seed: int, quorum: str = "members") -> Timeline:
    """Five peers, a kill, a restart, a partition, a lossy link, and commands all along."""

    async def main() -> Timeline:
        cluster = Cluster(5, machine=Counter, seed=seed, quorum=quorum)
        leader = await cluster.when().leader_elected()
        group = next(peer.group for peer in cluster if peer.id != leader)
        await group.execute_many([Counter.Increment(n) for n in range(20)])
        changed = group.when().leader_changed()
        cluster.kill(leader)
        await changed
        cluster.link("a", "b").loss = 0.5
        cluster.restart(leader)
        await cluster.when().converged()
        cluster.partition({"a", "b"})
        await cluster.clock.sleep(6.0)
        cluster.heal()
        await cluster.when().converged()
        return cluster.timeline  # type: ignore[no-any-return]

    return groupkit.run(main, seed=seed)  # type: ignore[no-any-return]


@pytest.mark.parametrize("quorum", ["members", "bonded"])
def test_a_real_run_survives_its_file(tmp_path: Path, quorum: str) -> None:
    before = lively(3, quorum)
    before.save(tmp_path / "run")
    after = Timeline.load(tmp_path / "run")
    assert after.digest() == before.digest()
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(after, name)(), getattr(before, name)())


def test_the_same_seed_has_the_same_digest_another_seed_another() -> None:
    assert lively(3).digest() == lively(3).digest() != lively(4).digest()


def test_the_frames_of_a_real_run_agree_with_each_other() -> None:
    timeline = lively(3)
    end = timeline.end
    led, roles = timeline.leadership(), timeline.roles()
    crowned = roles[roles["role"] == "leader"].reset_index(drop=True)
    assert crowned["start"].tolist() == led["start"].tolist()
    assert crowned["end"].tolist() == led["end"].tolist()
    won = timeline.elections().query("outcome == 'won' and not pre")
    assert won["end"].tolist() == led["start"].tolist()
    assert won["term"].tolist() == led["term"].tolist()
    assert (won["votes_for"] >= 3).all()
    for _, mine in roles.groupby("peer", observed=True):
        assert mine["duration"].sum() == pytest.approx(end)
    faults = timeline.faults()
    kill = faults[faults["verb"] == "kill"].iloc[0]
    down = roles[roles["role"] == "down"].iloc[0]
    assert (kill["peer"], kill["start"], kill["end"]) == (down["peer"], down["start"], down["end"])
    committed, log = timeline.committed(), timeline.log()
    assert (committed.iloc[-1] == 20).all()
    assert (committed.to_numpy() <= log.reindex(committed.index, method="ffill").to_numpy()).all()
    commands = timeline.commands()
    assert commands["outcome"].tolist() == ["committed"]
    assert commands["count"].tolist() == [20]
    sent = timeline.messages()
    assert (sent["arrived"].dropna() >= sent["sent"][sent["arrived"].notna()]).all()
    assert {"delivered", "cut", "down"} <= set(sent["fate"])
    assert timeline.events()["text"].str.len().min() > 3


def test_it_loads_neither_pandas_nor_matplotlib_before_they_are_asked_for() -> None:
    code = (
        "import sys, groupkit.record.timeline, groupkit.record.sentences, groupkit.record.intervals, "
        "groupkit.record.commands, groupkit.record.steps, groupkit.record.style; "
        "print([m for m in ('pandas', 'numpy', 'matplotlib', 'asyncio') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert said.strip() == "[]"


def test_the_digest_of_a_real_run_is_the_same_in_every_process() -> None:
    code = """
import groupkit
from groupkit import Cluster, KeyValue

async def main():
    cluster = Cluster(3, machine=KeyValue, seed=11)
    await cluster.when().leader_elected()
    group = cluster["b"].group
    await group.execute(KeyValue.Put("k", frozenset("abcdef")))
    cluster.partition({"a"}, {"b", "c"})
    await cluster.clock.sleep(2.0)
    return cluster.timeline.digest()

print(groupkit.run(main, seed=11))
"""
    found = set()
    for seed in "012":
        env: dict[str, Any] = {"PYTHONHASHSEED": seed, "PYTHONPATH": "."}
        found.add(subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True).stdout)
    assert len(found) == 1
