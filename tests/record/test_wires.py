"""Which wires are not as they were built, told from rows: the same as the view of the present tells."""

from __future__ import annotations

from groupkit import Cluster, Counter
from groupkit.record.wires import Wires


def told(cluster: Cluster) -> list[list[object]]:
    wires = Wires([peer.id for peer in cluster], cluster.recorder.meta["latency"])
    for row in cluster.recorder.rows:
        wires.take(row)
    return wires.told()


def seen(cluster: Cluster) -> list[list[object]]:
    wires = Wires([peer.id for peer in cluster], cluster.recorder.meta["latency"])
    wires.be(cluster.view()["wires"])
    return wires.told()


def test_the_latency_of_all_links_and_what_single_ones_have_besides() -> None:
    cluster = Cluster(3, machine=Counter, latency=0.0625)
    cluster.set_latency((0.25, 0.5))
    assert told(cluster) == seen(cluster) and len(told(cluster)) == 6
    assert told(cluster)[0] == ["a", "b", None, [0.25, 0.5], 0.0, 0.0, 0.0]
    cluster.link("a", "b").loss = 0.5
    cluster.cut("b", "c")
    assert told(cluster) == seen(cluster)
    cluster.set_latency(0.0625)
    cluster.heal()
    assert told(cluster) == seen(cluster) == [["a", "b", None, [0.0625, 0.0625], 0.5, 0.0, 0.0]]
    cluster.link("a", "b").loss = 0.0
    assert told(cluster) == seen(cluster) == []
