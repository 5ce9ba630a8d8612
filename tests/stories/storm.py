"""A storm: random faults from one seed while clients write and read; then calm, and the books are checked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from random import Random
from typing import Any

from groupkit import (
    Cluster,
    CommandLost,
    ConsensusConfig,
    Index,
    IndexRange,
    Offline,
    OutcomeUnknown,
    QueryError,
    Rules,
    StateMachine,
)


class Ledger(StateMachine):
    """Keeps every line it was given, in order."""

    def __init__(self) -> None:
        self.lines: list[Any] = []

    def apply(self, command: Any, ctx: Any) -> None:
        self.lines.append(command)

    def query(self, query: Any) -> Any:
        return list(self.lines)


@dataclass
class Weather:
    """What the storm of one seed is made of; drawn from the seed, and printed when something is wrong."""

    seed: int
    peers: int
    seconds: float
    snapshot_every: int | None
    faults: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    rules: list[Any] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)  # what was raised inside events

    def __str__(self) -> str:
        return (
            f"storm(seed={self.seed}): {self.peers} peers, snapshot_every={self.snapshot_every}, "
            f"{len(self.acknowledged)} acknowledged, {len(self.lost)} lost\n"
            f"replay it: groupkit.run(lambda: storm({self.seed}), seed={self.seed})\n" + "\n".join(self.faults)
        )


def forecast(seed: int, seconds: float = 30.0) -> Weather:
    dice = Random(f"storm {seed}")
    return Weather(seed, dice.choice((3, 3, 4, 5, 5, 7)), seconds, dice.choice((None, None, 20, 100)))


async def storm(seed: int, seconds: float = 30.0, *, without: str = "") -> Weather:
    """Rage for so many virtual seconds, then heal; raises ``AssertionError`` with the line that replays it.

    ``without`` names a safety rule that is switched off, to see that its absence is noticed.
    """
    weather = forecast(seed, seconds)
    dice = Random(f"faults {seed}")
    config = ConsensusConfig(
        heartbeat_interval=0.1, heartbeat_jitter=0.03, election_timeout=0.4, election_timeout_jitter=0.4,
        forward_timeout=0.5, query_timeout=0.5, snapshot_every=weather.snapshot_every,
    )  # fmt: skip
    asyncio.get_running_loop().set_exception_handler(lambda loop, told: weather.errors.append(repr(told)))
    cluster = Cluster(weather.peers, machine=Ledger, seed=seed, config=config, rules=Rules().without(*without.split()))
    over = asyncio.Event()
    clients = [asyncio.create_task(_client(cluster, weather, n, over)) for n in range(3)]
    while cluster.clock.now < seconds:
        await cluster.clock.sleep(dice.expovariate(2.0))
        _strike(cluster, weather, dice)
    for rule in weather.rules:
        rule.remove()
    for name in cluster:
        cluster.thaw(name)
        cluster.restart(name)
        cluster.drift(name, 1.0)
        for other in cluster:
            if other != name:
                link = cluster.link(name, other)
                link.loss = link.duplicate = link.reorder = 0.0
                link.latency = (0.010, 0.015)
    cluster.heal()
    over.set()
    try:
        await _calm(cluster, weather, clients)
    finally:
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
        await cluster.close()
    return weather


async def _calm(cluster: Cluster, weather: Weather, clients: list[asyncio.Task[None]]) -> None:
    assert cluster.violations == [], f"{cluster.violations[0]}\n{weather}"
    try:
        await cluster.when().converged(timeout=30)
        for client in clients:
            async with asyncio.timeout(None):
                await client
        name = await cluster.when().leader_elected(timeout=30)
        await cluster[name].group.execute("the end", timeout=30)
        await cluster.when().converged(timeout=30)
    except Exception as error:
        raise AssertionError(f"no calm after the storm: {error!r}\n{weather}") from error
    assert weather.errors == [], f"{weather.errors[0]}\n{weather}"
    books = [peer.group._host.replica.machine.lines for peer in cluster]  # type: ignore[attr-defined]
    assert cluster.violations == [], f"{cluster.violations[0]}\n{weather}"
    assert all(book == books[0] for book in books), f"the books differ: {[len(b) for b in books]}\n{weather}"
    for line in weather.acknowledged:
        assert books[0].count(line) == 1, (
            f"{line!r} was acknowledged and is there {books[0].count(line)} times\n{weather}"
        )
    for line in weather.lost:
        assert line not in books[0], f"{line!r} was said to be lost, yet it is there\n{weather}"
    assert len(set(books[0])) == len(books[0]), f"a line was applied twice\n{weather}"


async def _client(cluster: Cluster, weather: Weather, number: int, over: asyncio.Event) -> None:
    dice = Random(f"client {number} of {weather.seed}")
    names = [peer.id for peer in cluster]
    serial = 0
    while not over.is_set():
        serial += 1
        group = cluster[dice.choice(names)].group
        lines = [f"{number}.{serial}.{n}" for n in range(dice.choice((1, 1, 1, 3)))]
        try:
            if dice.random() < 0.2:
                seen = len(weather.acknowledged)
                before = list(weather.acknowledged)
                answer = await group.query("all", "strong", timeout=4)
                missing = set(before[:seen]) - set(answer.result)
                assert not missing, f"a strong read missed {missing}\n{weather}"
                continue
            where: Index | IndexRange = (
                await group.execute(lines[0], timeout=4)
                if len(lines) == 1
                else await group.execute_many(lines, timeout=4)
            )
            assert len(lines) == 1 or len(where) == len(lines)  # type: ignore[arg-type]
            weather.acknowledged += lines
        except (CommandLost, Offline) as error:
            weather.lost += error.commands
        except (OutcomeUnknown, QueryError):
            pass
        await cluster.clock.sleep(dice.uniform(0.02, 0.3))


def _strike(cluster: Cluster, weather: Weather, dice: Random) -> None:
    names = [peer.id for peer in cluster]
    one, other = dice.sample(names, 2)
    if weather.rules and dice.random() < 0.3:
        weather.rules.pop(0).remove()
    kind = dice.choice(
        ("kill", "kill", "restart", "restart", "restart", "freeze", "thaw", "thaw", "cut", "one way", "isolate",
         "partition", "heal", "heal", "heal", "link", "link", "calm link", "drift", "timeout_now", "drop")
    )  # fmt: skip
    weather.faults.append(f"{cluster.clock.now:8.3f} {kind} {one} {other}")
    if kind in ("kill", "restart", "freeze", "thaw", "isolate", "timeout_now"):
        getattr(cluster, kind)(one)
    elif kind == "cut":
        cluster.cut(one, other)
    elif kind == "one way":
        cluster.cut(one, other, one_way=True)
    elif kind == "partition":
        side = set(dice.sample(names, dice.randint(1, len(names) - 1)))
        cluster.partition(side)
    elif kind == "heal":
        cluster.heal()
    elif kind == "drift":
        cluster.drift(one, dice.choice((0.5, 0.9, 1.0, 1.1, 2.0)))
    elif kind == "drop":
        sort = dice.choice(("append", "append_reply", "vote_reply", "forward_reply", "commit", "heartbeat"))
        weather.rules.append(cluster.drop(lambda m: m.kind == sort and m.src == one))
    else:
        link = cluster.link(one, other)
        loud = kind == "link"
        link.loss, link.duplicate, link.reorder = (0.3, 0.3, 0.3) if loud else (0.0, 0.0, 0.0)
        link.latency = (0.001, dice.choice((0.02, 0.2))) if loud else (0.010, 0.015)
