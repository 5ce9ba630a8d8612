"""The inspect table of the contract, and bonds: a look that never waits."""

from __future__ import annotations

import asyncio

import pytest

from groupkit import (
    Cluster,
    ConsensusConfig,
    Counter,
    Cursor,
    GroupId,
    GroupKey,
    Index,
    Network,
    NoOp,
    PeerId,
    Rules,
    Term,
    UnknownPeer,
)
from tests.group.helpers import INC, led, others, virtual


@virtual
async def test_a_healthy_group_at_a_glance() -> None:
    cluster, leader = await led()
    await cluster[leader].group.execute(INC())
    await cluster.when().converged()
    for peer in cluster:
        group = peer.group
        assert group.peer_id() == peer.id and type(group.peer_id()) is PeerId
        assert group.leader() == leader and type(group.leader()) is PeerId
        assert group.is_leader() is (peer.id == leader)
        assert group.role() == ("leader" if peer.id == leader else "follower")
        assert (group.term(), group.committed(), group.log_position()) == (1, 1, Cursor(1, 1))
        assert (type(group.term()), type(group.committed())) == (Term, Index)
        assert group.is_online() is True and len(group.bonds()) == 2
        assert type(group.id()) is GroupId and len(group.id()) == 64
        assert isinstance(group.config(), ConsensusConfig)


@virtual
async def test_a_dead_peer_reads_as_down() -> None:
    cluster, leader = await led()
    await cluster[leader].group.execute(INC())
    group = cluster[leader].group
    cluster.kill(leader)
    assert not cluster[leader].alive
    assert (group.role(), group.leader(), group.is_leader(), group.is_online()) == ("down", None, False, False)
    assert (group.committed(), len(group.bonds())) == (0, 0)
    assert (group.term(), group.log_position()) == (1, Cursor(1, 1)), "what its disk holds"


@virtual
async def test_leader_is_none_while_candidate_and_after_stepping_down() -> None:
    cluster, leader = await led()
    former = cluster[leader].group
    cluster.isolate(leader)
    await former.when().offline()
    assert (former.leader(), former.is_leader()) == (None, False)
    while former.role() != "candidate":
        await cluster.clock.sleep(0.05)
    assert former.leader() is None


@virtual
async def test_log_position_counts_uncommitted_entries_on_followers_too() -> None:
    cluster, leader = await led()
    cluster.drop(lambda m: m.kind == "append_reply")
    cluster[leader].group.feed(INC())
    await cluster.clock.advance(0.05)
    for peer in cluster:
        assert (peer.group.log_position(), peer.group.committed()) == (Cursor(1, 1), 0)


@virtual
async def test_is_online_of_a_follower_needs_its_log_to_agree() -> None:
    cluster, leader = await led()
    behind = cluster[others(cluster, leader)[0]].group
    cluster.isolate(behind)
    await cluster.clock.advance(8)
    await cluster[leader].group.execute_many([INC()] * 5)
    hold = cluster.drop(lambda m: m.dst == behind.peer_id() and m.kind == "append")
    cluster.heal()
    await behind.when().leader_is(leader)
    await cluster.clock.advance(0.2)
    assert not behind.is_online(), "it hears its leader, and lacks what is committed"
    hold.remove()
    await behind.when().online()
    assert behind.committed() == 5


def test_group_ids_differ_with_key_configuration_machine_and_rules() -> None:
    def id_of(
        secret: str = "k", config: ConsensusConfig | None = None, machine: object = None, rules: object = None
    ) -> str:
        builder = Network().peer("a").groups().with_key(GroupKey.from_secret(secret))
        builder = builder.with_consensus_config(config or ConsensusConfig())
        builder = builder.with_state_machine(machine or NoOp()).with_rules(rules or Rules())  # type: ignore[arg-type]
        return str(builder.join().id())

    assert id_of() == id_of()
    ids = {
        id_of(), id_of("other"), id_of(config=ConsensusConfig(query_timeout=3)), id_of(machine=Counter()),
        id_of(rules=Rules(pre_vote=False)), id_of(config=ConsensusConfig(voters=("a",))),
    }  # fmt: skip
    assert len(ids) == 6


@virtual
async def test_bonds_are_live_and_in_order() -> None:
    cluster, _leader = await led(4)
    group = cluster["b"].group
    bonds = group.bonds()
    assert [bond.peer_id() for bond in bonds] == ["a", "c", "d"] == [bond.peer_id() for bond in bonds.iter()]
    assert len(bonds) == 3 and "a" in bonds and cluster["a"] in bonds and "b" not in bonds and "zoe" not in bonds
    bond = bonds.get("a")
    assert bond is not None and bond.is_up() and bond in bonds
    there = cluster["a"].group.bonds().get("b")
    assert there is not None and bond.id() == there.id()
    before = list(bonds)
    cluster.kill("a")
    await group.bonds().changed()
    assert len(bonds) == 2 and len(before) == 3 and not bond.is_up() and bonds.get("a") is None
    with pytest.raises(UnknownPeer, match="zoe"):
        bonds.get("zoe")


@virtual
async def test_a_cut_bond_falls_after_its_missed_heartbeats_and_comes_back_by_itself() -> None:
    cluster, _ = await led()
    one, other = cluster["a"].group, cluster["b"].group
    bond = one.bonds().get("b")
    assert bond is not None
    gone, began = one.bonds().changed(), cluster.clock.now
    bond.cut()
    assert bond.is_up(), "the wire is cut; the bond falls once it has missed its heartbeats"
    assert await gone == gone.result()
    waited = cluster.clock.now - began
    config = one.config()
    assert waited == pytest.approx(config.heartbeat_interval * config.max_missed_heartbeats, abs=1.0)
    await cluster.clock.advance(1)
    assert "b" not in one.bonds() and "a" not in other.bonds()
    back = one.bonds().changed()
    bond.heal()
    await back
    new = one.bonds().get("b")
    assert new is not None and new.id() != bond.id() and new != bond
    await cluster.clock.advance(0.1)
    assert (mirror := other.bonds().get("a")) is not None and mirror.id() == new.id()


@virtual
async def test_bonds_changed_sees_every_change_and_is_subscribed_at_the_call() -> None:
    cluster, _ = await led()
    wait = cluster["a"].group.bonds().changed()
    cluster.kill("c")
    await cluster.clock.advance(10)
    cluster.restart("c")
    await cluster.clock.advance(3)
    assert wait.done() and len(cluster["a"].group.bonds()) == 2


@virtual
async def test_greetings_that_arrive_twice_make_one_bond() -> None:
    cluster = Cluster(2)
    for a, b in (("a", "b"), ("b", "a")):
        cluster.link(a, b).duplicate = 1.0
    await cluster.when().converged()
    cluster.kill("a")
    await cluster.clock.advance(7)
    began = cluster.clock.now
    cluster.restart("a")
    await cluster.clock.advance(10)
    changes = [(row[2], row[4]) for row in cluster.recorder.rows if row[1] == "bond" and row[0] > began]
    assert sorted(changes) == [("a", True), ("b", True)]


@virtual
async def test_everything_shows_itself_in_html_and_escapes_names() -> None:
    cluster = Cluster(["<b>", "x&y"], machine=Counter)
    await cluster.when().converged()
    group = cluster["<b>"].group
    for html in (cluster._repr_html_(), group._repr_html_(), group.bonds()._repr_html_()):
        assert "<table" in html and "&lt;b&gt;" in html and "<b><b></b>" not in html
    assert "x&amp;y" in cluster._repr_html_() and "2 peers at" in cluster._repr_html_()
    for thing in (cluster, group, group.bonds(), cluster["<b>"], cluster.clock, cluster.link("<b>", "x&y")):
        assert repr(thing).startswith("<")


@virtual
async def test_a_cluster_with_one_more_peer_that_joined_nothing_still_shows_itself() -> None:
    cluster, _ = await led()
    cluster.peer("zoe")
    assert "<table" in cluster._repr_html_()
    await cluster["a"].group.leave()
    assert "<table" in cluster._repr_html_()
    with pytest.raises(UnknownPeer, match=r"'zoe'.* is in no group: peer\.groups"):
        cluster.peer("zoe").group
    with pytest.raises(UnknownPeer, match=r"'a'.* is in no group: peer\.groups"):
        cluster["a"].group


@virtual
async def test_peers_are_names_peers_or_groups() -> None:
    cluster, _ = await led()
    assert cluster[cluster["a"]] is cluster["a"] and cluster[PeerId("a")] == cluster["a"] and len(cluster) == 3
    assert [peer.id for peer in cluster] == ["a", "b", "c"] and "a" in cluster and "zoe" not in cluster
    assert len({cluster["a"], cluster["a"]}) == 1
    with pytest.raises(UnknownPeer, match="the peers are: a, b, c"):
        cluster["zoe"]
    with pytest.raises(TypeError, match="a peer is given by its name, PeerId or Peer, not 3"):
        cluster[3]


@virtual
async def test_names_of_large_clusters_sort_as_they_were_made() -> None:
    assert [peer.id for peer in Cluster(26)][-1] == "z"
    assert [peer.id for peer in Cluster(27)][:2] == ["n001", "n002"]
    assert len(Cluster(100, record=False)) == 100
    await asyncio.sleep(0)


@virtual
async def test_what_is_closed_says_so() -> None:
    """Contract 4: a look never waits and never lies; a handle that has ended does not promise to come back."""
    cluster, leader = await led(3)
    group = cluster[leader].group
    left = cluster[next(p.id for p in cluster if p.id != leader)].group
    await left.leave()
    assert f"{left.peer_id()} has left the group" in repr(left)
    await cluster.close()
    assert "closed" in repr(cluster) and "pace" not in repr(cluster) and ", closed" in cluster._repr_html_()
    assert repr(group).endswith(f"at {leader}: the cluster was closed>") and group.role() == "down"


def test_a_network_without_a_group_has_no_timeline_and_says_how_to_get_one() -> None:
    with pytest.raises(LookupError, match=r"nobody has joined a group here yet.*with_key\(key\)\.join\(\)"):
        Network().timeline
