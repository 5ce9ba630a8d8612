"""Scenarios for the tests of sweeps; worker processes import them from here."""

import os
import signal
from pathlib import Path
from random import Random

from groupkit import Cluster, ConsensusConfig


async def downtime(seed, peers, timeout=2.0):
    async with Cluster(peers, config=ConsensusConfig(election_timeout=timeout), record=False) as cluster:
        leader = await cluster.when().leader_elected()
        changed, crashed = cluster.when().leader_changed(), cluster.clock.now
        cluster.kill(leader)
        follower = await changed
        return {"downtime": cluster.clock.now - crashed, "new": str(follower)}


async def drawn(seed, n=1):
    return {"sum": sum(Random(seed).random() for _ in range(n))}


async def sometimes(seed, bad=3):
    if seed == bad:
        raise ValueError(f"{seed} is bad")
    return {"square": seed * seed}


async def deadly_once(seed, marker, victim=7):
    """The worker process of this run is killed, the first time."""
    if seed == victim and not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return {"square": seed * seed}


async def deadly(seed, victim=7):
    if seed == victim:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"square": seed * seed}
