"""What the tests of this room share: joining in one line, and looking at logs and machines from outside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from groupkit import (
    Cluster,
    ConsensusConfig,
    Consistency,
    Group,
    GroupKey,
    KeyValue,
    Network,
    PeerId,
    StateMachine,
)

KEY = GroupKey.from_secret("a secret for tests")
PATIENCE = 60.0  # virtual seconds in which a healthy group has long settled


def join(
    network: Network,
    name: str,
    machine: StateMachine | None = None,
    *,
    key: GroupKey = KEY,
    config: ConsensusConfig | None = None,
    storage: Any = None,
) -> Group:
    """``name`` joins the group of ``key``; with a ``KeyValue`` unless told otherwise."""
    builder = network.peer(name).groups().with_key(key).with_state_machine(machine or KeyValue())
    if config is not None:
        builder = builder.with_consensus_config(config)
    if storage is not None:
        builder = builder.with_log_storage(storage)
    return builder.join()


async def joined(network: Network, names: Iterable[str], **options: Any) -> list[Group]:
    """All of them joined, bonded and online."""
    groups = [join(network, name, **options) for name in names]
    for group in groups:
        await group.when().online(timeout=PATIENCE)
        while len(group.bonds()) < len(groups) - 1:
            await group.bonds().changed(timeout=PATIENCE)
    await network.clock.advance(1)  # the leader has heard of all of them
    return groups


def co_members(group: Group) -> list[PeerId]:
    """Who it is bonded with, in the order that ``bonds()`` gives."""
    return [bond.peer_id() for bond in group.bonds()]


def leader_of(groups: list[Group]) -> Group:
    """The handle of the one that leads."""
    (leader,) = [group for group in groups if group.is_leader()]
    return leader


def groups_of(cluster: Cluster) -> list[Group]:
    return [peer.group for peer in cluster]


def rows(group: Group, kind: str, peer: str | None = None) -> list[tuple[Any, ...]]:
    """What the recorder kept of one kind, of one peer or of all."""
    return [row for row in group.timeline.recorder.rows if row[1] == kind and peer in (None, row[2])]


def log_of(group: Group) -> list[tuple[int, str, Any]]:
    """(term, whose term, command) of every entry, as told to the recorder; for groups without snapshots."""
    entries: list[Any] = []
    for row in rows(group, "log", group.peer_id()):
        del entries[row[3] - 1 :]
        entries += row[4]
    return [(int(term), getattr(term, "leader", ""), command) for term, command, _ in entries]


async def items(group: Group) -> Any:
    """The content of its own machine, a ``KeyValue``."""
    return (await group.query(KeyValue.Items(), Consistency.WEAK)).result


def replayed(log: list[tuple[int, str, Any]]) -> dict[Any, Any]:
    """What a ``KeyValue`` holds after these entries, a no-op of a new leader being none."""
    held: dict[Any, Any] = {}
    for _, _, command in log:
        if isinstance(command, KeyValue.Put):
            held[command.key] = command.value
    return held


async def settled(groups: list[Group]) -> None:
    """Wait until all follow one leader and have committed the same, and nothing moves any more."""
    network = groups[0].network
    for _ in range(20):
        await network.clock.advance(5)
        if len({(g.leader(), g.term(), g.committed(), g.log_position()) for g in groups}) == 1:
            return
    raise AssertionError("not settled after 100 virtual seconds: " + "; ".join(map(repr, groups)))


async def assert_equal(groups: list[Group]) -> None:
    """Equal logs, equal committed, equal machines, and each machine is what its log says."""
    await settled(groups)
    logs = [log_of(group) for group in groups]
    assert all(log == logs[0] for log in logs)
    assert {int(group.committed()) for group in groups} == {len(logs[0])}
    expected = replayed(logs[0])
    for group in groups:
        assert await items(group) == expected, group


async def put(group: Group, *keys: Any) -> list[Any]:
    """Each key is put at this peer and acknowledged."""
    for key in keys:
        await group.execute(KeyValue.Put(key, str(group.peer_id())), timeout=PATIENCE)
    return list(keys)


def key_of(text: str) -> str:
    """The key in the text of a ``Put``, as ``timeline.commands()`` shows it."""
    return text.split("key='")[1].split("'")[0]
