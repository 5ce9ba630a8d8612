"""Mosaik against Raft: what clients lose, and how long they wait, while a network is divided."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

from groupkit.group.cluster import Cluster
from groupkit.group.errors import CommandError
from groupkit.group.group import Group
from groupkit.group.machines import KeyValue
from groupkit.raft.config import ConsensusConfig

# Timings a tenth of Mosaik's, so that a run is short; a bond is given up after ten missed heartbeats, as there.
QUICK = ConsensusConfig(
    heartbeat_interval=0.05,
    heartbeat_jitter=0.015,
    election_timeout=0.2,
    election_timeout_jitter=0.05,
    forward_timeout=0.2,
    query_timeout=0.2,
)
SHAPES = ("leader alone", "leader in the smaller part", "leader in the larger part", "three parts", "leader not heard")
CALM, PAUSE, TRIES = 0.5, 0.2, 0.4  # seconds: before the partition, between writes, until a client counts one as failed


async def divided(seed: int, shape: str, quorum: str, seconds: float = 3.0) -> dict[str, Any]:
    """Five peers, each with a client that writes ever new keys; for ``seconds`` the network is divided, then healed.

    ``shape``: one of ``SHAPES``; ``quorum``: "members" or "bonded". Gives ``acknowledged``, how many writes were;
    ``lost``, how many of those no peer has in the end; ``unavailable``, the share of the divided time in which a client
    had no success (mean of the five); ``rejoined``, the seconds from healing until all agree (missing: not in time).
    """
    async with Cluster(5, machine=KeyValue, seed=seed, config=QUICK, quorum=quorum, record=False) as cluster:
        clock = cluster.clock
        await cluster.when().leader_elected()
        clients = [_Client(peer.group) for peer in cluster]
        writing = [asyncio.ensure_future(client.write()) for client in clients]
        await clock.sleep(CALM)
        divide(cluster, shape)
        start = clock.now
        await clock.sleep(seconds)
        cluster.heal()
        healed = clock.now
        for client in clients:
            client.enough = True
        await asyncio.gather(*writing)
        try:
            await cluster.when().converged(timeout=20.0)
            rejoined: float | None = clock.now - healed
        except TimeoutError:
            rejoined = None
        kept: set[str] = set()
        for client in clients:
            kept |= set((await client.group.query(KeyValue.Items(), "weak")).result)
        acknowledged = {key for client in clients for key in client.acknowledged}
        return {
            "acknowledged": len(acknowledged),
            "lost": len(acknowledged - kept),
            "unavailable": sum(client.without(start, healed) for client in clients) / len(clients),
            "rejoined": rejoined,
        }


def divide(cluster: Cluster, shape: str) -> None:
    """Divide five peers; how depends on who leads them now."""
    leader = cluster.leader()
    assert leader is not None, "nobody leads: divide a settled cluster"
    others = [peer.id for peer in cluster if peer.id != leader]
    if shape == "leader alone":
        cluster.partition({leader})
    elif shape == "leader in the smaller part":
        cluster.partition({leader, others[0]})
    elif shape == "leader in the larger part":
        cluster.partition({leader, *others[:2]})
    elif shape == "three parts":
        cluster.partition({leader, others[0]}, set(others[1:3]), {others[3]})
    elif shape == "leader not heard":
        for other in others:
            cluster.cut(leader, other, one_way=True)
    else:
        raise ValueError(f"there is no shape {shape!r}; there are: {', '.join(SHAPES)}")


class _Client:
    """Writes one key after the other at one peer."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.enough = False
        self.acknowledged: dict[str, float] = {}  # key -> when

    async def write(self) -> None:
        """Until it is enough."""
        clock, name, number = self.group.network.clock, self.group.peer_id(), 0
        while not self.enough:
            number += 1
            key = f"{name}{number}"
            try:
                await self.group.execute(KeyValue.Put(key, number), timeout=TRIES)
                self.acknowledged[key] = clock.now
            except CommandError:
                continue  # it may yet be there in the end; nobody was promised it
            await clock.sleep(PAUSE)

    def without(self, start: float, end: float) -> float:
        """The share of the time from ``start`` to ``end`` that lies more than ``PAUSE + TRIES`` behind a success."""
        times = [start, *(t for t in self.acknowledged.values() if start < t < end), end]
        gaps = (later - earlier - PAUSE - TRIES for earlier, later in pairwise(times))
        return sum(max(0.0, gap) for gap in gaps) / (end - start)
