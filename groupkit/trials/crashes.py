"""Scenarios of the papers: what is crashed, cut or set up, and what is measured. All times in virtual seconds."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from random import Random
from typing import Any

from groupkit.group.cluster import Cluster
from groupkit.group.group import Group
from groupkit.raft.config import ConsensusConfig
from groupkit.raft.rules import Rules

AS_PUBLISHED = Rules(pre_vote=False, check_quorum=False)  # neither was in the servers that were measured
BROADCAST = (0.001, 0.010)  # one way; four requests in parallel and their answers then take 14.8 ms on average
LIMIT = 20.0  # seconds after which a run without a leader is given up; it then counts as so long
STEPS = 6  # heartbeats for which a leader must have led undisturbed before it is crashed
INSTANT = 1e-9  # seconds; less than anything here takes


def raft(low: float, high: float, *, seed: int, latency: Any, rules: Rules = AS_PUBLISHED, peers: int = 5) -> Cluster:
    """A cluster whose timeouts are drawn from ``low`` to ``high``, with heartbeats at exactly half of ``low``."""
    config = ConsensusConfig(
        heartbeat_interval=low / 2,
        heartbeat_jitter=0.0,
        election_timeout=low,
        election_timeout_jitter=high - low,
        max_missed_heartbeats=100_000,  # the papers have no bonds that could give up
    )
    return Cluster(peers, seed=seed, latency=latency, config=config, rules=rules, record=False)


async def settled(cluster: Cluster, low: float, high: float, rate: float = 1.0) -> None:
    """Let "a", whose clock runs at ``rate``, lead undisturbed; ends right before one of its rounds of heartbeats."""
    a = cluster["a"].group
    while True:
        cluster.timeout_now("a")
        try:
            await a.when().is_leader(timeout=10 * high)
        except TimeoutError:
            continue
        term = a.term()
        await cluster.clock.advance(STEPS * low / 2 / rate - INSTANT)  # the first was sent as it won
        if all(peer.group.leader() == "a" and peer.group.term() == term for peer in cluster):
            return


async def crash(
    seed: int,
    low: float,
    high: float,
    latency: float | tuple[float, float] = BROADCAST,
    shorter: int = 2,
    loss: float = 0.0,
    asymmetry: float = 0.0,
    drift: float = 0.0,
) -> dict[str, Any]:
    """The leader of five crashes, as in Figure 16 of the Raft paper.

    Timeouts from ``low`` to ``high``; heartbeats every ``low / 2``, the last of them sent to all at once; the crash
    comes at a uniformly random time before the next. ``shorter`` of the four survivors lack the last entry. Clocks run
    at rates by lot from ``1 - drift`` to ``1 + drift``. With the crash begin ``loss`` on every link, and ``asymmetry``:
    of each two directions the one, by lot, is by so large a part slower, and the other faster.

    Gives ``downtime``, from the crash to the first word of a new leader that another survivor hears (``LIMIT`` if there
    is none by then), and ``elections``, the terms it took.
    """
    if not 0 <= drift < 1 / 3:
        raise ValueError(
            f"drift={drift!r}: from 1/3 on the fastest clock would not wait for the slowest one's heartbeats"
        )
    die = Random(f"crash {seed}")
    async with raft(low, high, seed=seed, latency=latency) as cluster:
        rates = [1 + drift * (2 * die.random() - 1) for _ in cluster] if drift else [1.0] * 5
        for peer, rate in zip(cluster, rates) if drift else ():
            cluster.drift(peer, rate)
        await settled(cluster, low, high, rates[0])
        await _last_words(cluster, shorter)
        await cluster.clock.advance((low / 2 / rates[0] - 3 * INSTANT) * die.random())
        _worsen(cluster, die, loss, asymmetry)
        survivors = [peer.group for peer in cluster if peer.id != "a"]
        begun, term = cluster.clock.now, int(cluster["a"].group.term())
        cluster.kill("a")
        heard = [asyncio.ensure_future(_first_word(group)) for group in survivors]
        await asyncio.wait([cluster.clock.sleep(LIMIT), *heard], return_when=asyncio.FIRST_COMPLETED)
        for task in heard:
            task.cancel()
        after = min(cluster.clock.now - begun, LIMIT)
        return {"downtime": after, "elections": max(int(group.term()) for group in survivors) - term}


async def _first_word(group: Group) -> None:
    """Until ``group``'s peer has heard of a leader that is another one than now, and not itself."""
    while await group.when().leader_changed() == group.peer_id():
        pass


async def _last_words(cluster: Cluster, shorter: int) -> None:
    """The leader's last word goes to all at once: to ``shorter`` survivors a heartbeat, to the others a last entry.

    Nobody hears more of it: an entry that came on top of a heartbeat, or word of its commit, would wind the timers of
    those who have it later than the others'.
    """
    others = [peer.id for peer in cluster][1:]
    ahead = others[: len(others) - shorter]
    rule = cluster.drop(lambda message: message.src == "a" and message.dst in ahead)
    await cluster.clock.advance(2 * INSTANT)  # the round of heartbeats is in here
    rule.remove()
    cluster.drop(lambda message: message.src == "a" and message.dst not in ahead)
    cluster.drop(lambda message: message.dst == "a")  # so it commits nothing
    cluster["a"].group.feed("last")
    await cluster.clock.advance(INSTANT)  # what is fed travels when the moment is over


def _worsen(cluster: Cluster, die: Random, loss: float, asymmetry: float) -> None:
    names = [peer.id for peer in cluster]
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            there, back = cluster.link(one, other), cluster.link(other, one)
            if asymmetry:
                slow, fast = (there, back) if die.random() < 0.5 else (back, there)
                low, high = slow.latency
                slow.latency = low * (1 + asymmetry), high * (1 + asymmetry)
                fast.latency = low * (1 - asymmetry), high * (1 - asymmetry)
            if loss:
                there.loss = back.loss = loss


async def split_vote(seed: int, latency: float, able: int = 4, servers: int = 5) -> dict[str, Any]:
    """A first election with fixed one-way ``latency``, in units of the range of timeouts (here 1 s, from 1 s to 2 s).

    ``servers - able`` are down, all others start at once. Gives ``split``, whether the first term had no winner, and
    ``first``, where in the range the winner's timeout was (of a split vote: missing).
    """
    config = ConsensusConfig(election_timeout=1.0, election_timeout_jitter=1.0, heartbeat_interval=0.5)
    async with Cluster(servers, seed=seed, latency=latency, config=config, rules=AS_PUBLISHED, record=False) as cluster:
        names = [peer.id for peer in cluster]
        for name in names[able:]:
            cluster.kill(name)
        won = [cluster[name].group.when().is_leader() for name in names[:able]]
        await asyncio.wait(won, return_when=asyncio.FIRST_COMPLETED)
        leader = next(cluster[name].group for name, wait in zip(names, won) if wait.done())
        split = int(leader.term()) > 1
        return {"split": split, "first": None if split else cluster.clock.now - 1.0 - 2 * latency}


async def first_terms(
    seed: int, spread: int, low: float = 0.150, high: float = 0.300, pre_vote: bool = False
) -> dict[str, Any]:
    """Five servers start at once, each in a term of its own from 1 to ``1 + spread``, by lot.

    Gives ``downtime``, from the start until a majority follows one leader.
    """
    die = Random(f"terms {seed}")
    rules = Rules(pre_vote=pre_vote, check_quorum=False)
    async with raft(low, high, seed=seed, latency=BROADCAST, rules=rules) as cluster:
        cluster.partition(*[{peer.id} for peer in cluster])
        for peer in cluster:
            for _ in range(1 + die.randint(0, spread)):
                cluster.timeout_now(peer)  # it stands, alone: its term goes up by one
        cluster.heal()
        with suppress(TimeoutError):
            await cluster.when().leader_elected(timeout=LIMIT)
        return {"downtime": cluster.clock.now}


async def drifting(
    seed: int, rate: float, pre_vote: bool, seconds: float = 4.0, low: float = 0.150, high: float = 0.300
) -> dict[str, Any]:
    """Nothing is wrong but one follower's clock, which runs ``rate`` times as fast, for so many ``seconds``.

    With ``pre_vote`` the rules pre-vote and check-quorum are on. Gives ``elections``, how many terms began, and
    ``deposed``, whether another peer leads in the end.
    """
    rules = Rules(pre_vote=pre_vote, check_quorum=pre_vote)
    async with raft(low, high, seed=seed, latency=BROADCAST, rules=rules) as cluster:
        await settled(cluster, low, high)
        cluster.drift("e", rate)
        term = int(cluster["a"].group.term())
        await cluster.clock.advance(seconds)
        newest = max(int(peer.group.term()) for peer in cluster)
        return {"elections": newest - term, "deposed": cluster.leader() != "a"}
