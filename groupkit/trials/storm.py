"""Storms: seeded bad weather over a group with clients. Safety is watched all along; then the faults end, and within a
stated time a majority must make progress and all peers must become equal."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any, Final

from groupkit.group.cluster import Cluster
from groupkit.group.errors import SafetyViolated
from groupkit.group.machines import KeyValue
from groupkit.group.naming import MOST_PEERS
from groupkit.group.run import run
from groupkit.raft.config import seconds as checked_seconds
from groupkit.raft.ids import Quorum, choice, whole
from groupkit.raft.rules import Rules
from groupkit.record.sentences import sentence
from groupkit.sim.checks import check_switch
from groupkit.trials.acts import as_cell, do
from groupkit.trials.calm import CUT_OFF, calm
from groupkit.trials.weather import Plan, drawn
from groupkit.trials.winds import Act

SHRINKS: Final = 400  # plans tried to make a failing one smaller
LAST_EVENTS: Final = 12
LONGEST: Final = 3600  # virtual seconds of faults


@dataclass(frozen=True, repr=False)
class Storm:
    """What came of a storm; true if the group held. ``plan`` is what was done, ``harm`` what fell, in words; ``print``
    tells all of it. To another process goes what it says, not its ``cluster``."""

    plan: Plan
    harm: str
    events: tuple[str, ...] = ()
    smallest: Plan | None = None
    cluster: Cluster | None = field(default=None, compare=False, repr=False)

    def __bool__(self) -> bool:
        return not self.harm

    @property
    def replay_line(self) -> str:
        """The line that plays it again."""
        plan = self.plan
        off = f", rules=Rules().without({', '.join(map(repr, plan.rules.off()))})" if plan.rules.off() else ""
        return f"groupkit.storm({plan.seed}, peers={plan.peers}, seconds={plan.length:g}, quorum={plan.quorum!r}{off})"

    @property
    def cell(self) -> str:
        """A cell that shows the failure, as small as was found; "" if there was none."""
        return "" if self else as_cell(self.smallest or self.plan, away=CUT_OFF in self.harm)

    def __reduce__(self) -> tuple[Any, ...]:
        return Storm, (self.plan, self.harm, self.events, self.smallest)

    def __repr__(self) -> str:
        return f"<{self.plan}: {f'FAILED: {self.harm}' if self.harm else 'the group held'}>"

    def __str__(self) -> str:
        if self:
            return f"{self.plan}: the group held"
        last = "\n".join(f"  {line}" for line in self.events)
        return (
            f"{self.plan}\nFAILED: {self.harm}\nagain: {self.replay_line}\nthe last events:\n{last}\n"
            f"as a cell:\n{self.cell}"
        )


def storm(
    seed: int,
    *,
    peers: int | None = None,
    seconds: float | None = None,
    quorum: Quorum | str = "members",
    rules: Rules | None = None,
    shrink: bool = True,
) -> Storm:
    """Let a storm over a group. Everything not named is drawn from ``seed``: size, timings, faults, clients.

    ``seconds`` is how long the faults last (virtual). A failure is shrunk (``shrink=False``: not), see ``Storm.cell``.
    Under members quorum the checks are: the five safety properties, every acknowledged command there once, strong reads
    linearizable; under bonded quorum: that all peers end equal. Both: progress once the faults have ended. Members then
    show that a peer which was away unseats nobody, and that a leader cut off from all others steps down.
    """
    if seconds is not None and checked_seconds(seconds, "seconds") > LONGEST:
        raise ValueError(f"a storm lasts at most {LONGEST} virtual seconds, not {seconds!r}: let several seeds blow")
    if peers is not None and not 1 <= whole(peers, "peers") <= MOST_PEERS:
        raise ValueError(f"peers is a count from 1 to {MOST_PEERS}, not {peers!r}")
    check_switch(shrink, "shrink")
    plan = drawn(seed, peers=peers, seconds=seconds, quorum=choice(Quorum, quorum).value, rules=rules)
    found = run(lambda: _play(plan), seed=plan.seed)
    if found or not shrink:
        return found
    return replace(found, smallest=_shrunk(plan))


def _shrunk(plan: Plan) -> Plan:
    """A smaller plan that fails too: shorter, with fewer acts, with fewer peers."""
    tries = SHRINKS

    def fails(smaller: Plan) -> bool:
        nonlocal tries
        tries -= 1
        return tries >= 0 and not run(lambda: _play(smaller), seed=smaller.seed)

    step = max(1, len(plan.acts) // 2)
    while step and tries > 0:
        start = 0
        while start < len(plan.acts) and tries > 0:
            smaller = replace(plan, acts=plan.acts[:start] + plan.acts[start + step :])
            if fails(smaller):
                plan = smaller
            else:
                start += step
        step //= 2
    shorter = replace(plan, length=round(plan.acts[-1][0] + 0.001, 3)) if plan.acts else plan
    if shorter.length < plan.length and fails(shorter):
        plan = shorter
    while plan.peers > 1 and tries > 0:
        gone = chr(ord("a") + plan.peers - 1)
        fewer = replace(plan, peers=plan.peers - 1, acts=tuple(act for act in plan.acts if not _names(act, gone)))
        if not fails(fewer):
            break
        plan = fewer
    return plan


def _names(act: Act, peer: str) -> bool:
    return any(part == peer or (isinstance(part, tuple) and peer in part) for part in act[2])


def _cluster(plan: Plan) -> Cluster:
    return Cluster(
        plan.peers,
        machine=KeyValue,
        seed=plan.seed,
        quorum=plan.quorum,
        rules=plan.rules,
        latency=plan.latency,
        config=plan.config,
        strict=True,  # a broken group may send without end: the first violation is the end
    )


async def _play(plan: Plan) -> Storm:
    cluster = _cluster(plan)
    unforeseen: list[str] = []  # errors that no caller sees, since they happened inside an event
    asyncio.get_running_loop().set_exception_handler(
        lambda loop, context: unforeseen.append(repr(context.get("exception") or context["message"]))
    )
    try:
        for time, verb, arguments in plan.acts:
            if time > cluster.clock.now:
                await cluster.clock.advance(time - cluster.clock.now)
            do(cluster, verb, arguments, plan)
            if cluster.violations or unforeseen:
                break
        harm = str(cluster.violations[0]) if cluster.violations else await calm(cluster, plan)
    except SafetyViolated as error:
        harm = str(error.violation)
    except Exception as error:  # anything unforeseen is a finding, not the end of the search
        harm = f"{type(error).__name__}: {error}"
    harm = f"an event raised {unforeseen[0]}" if unforeseen else harm
    last = cluster.recorder.rows[-LAST_EVENTS:] if harm else ()
    events = tuple(f"{row[0]:10.4f} s  {sentence(row)}" for row in last)
    return Storm(plan, harm, events, cluster=cluster)
