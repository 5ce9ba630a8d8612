"""happysim's Raft, submitted to from inside its own simulation; it needs Python 3.13.

Every message takes the same time, 12.5 ms. Its leader sends with its heartbeats; here it is made to send whenever
commands were handed in, so that no heartbeat is waited for. Callers get a callback. Its rules are the floor's: votes,
heartbeats, the check of the log, but no pre-vote, no check of the quorum, no disk, no record.
"""

from __future__ import annotations

import random
from importlib.util import find_spec
from typing import Any, Final

from benchmarks.measure import clock

THERE: Final = find_spec("happysimulator") is not None
ONE_WAY = 0.0125  # seconds, the mean of a Cluster's


def commands(peers: int, at_once: int, count: int) -> float:
    """Seconds to commit ``count`` commands from the leader, ``at_once`` in flight together."""
    from happysimulator.components.consensus.raft import RaftNode
    from happysimulator.components.network.link import NetworkLink
    from happysimulator.components.network.network import Network
    from happysimulator.core.entity import Entity
    from happysimulator.core.event import Event
    from happysimulator.core.simulation import Simulation
    from happysimulator.core.temporal import Instant
    from happysimulator.distributions.constant import ConstantLatency

    class Counter:
        applied = 0

        def apply(self, command: object) -> int:
            self.applied += 1
            return self.applied

        def snapshot(self) -> int:
            return self.applied

        def restore(self, snapshot: Any) -> None:
            self.applied = snapshot

    class Client(Entity):  # type: ignore[misc, unused-ignore]
        """Hands in ``at_once`` commands, and the next ones when all are committed."""

        done = pending = 0
        start = end = 0.0

        def handle_event(self, event: object) -> list[Any]:
            leader = next((node for node in nodes if node.is_leader), None)
            if leader is None:
                return [Event(time=self.now + ONE_WAY, event_type="Submit", target=self)]
            self.start = self.start or clock()
            if self.done >= count:
                self.end = clock()
                return []
            self.pending = min(at_once, count - self.done)
            for number in range(self.pending):
                leader.submit(number)._add_settle_callback(self.settled)
            return list(leader._send_append_entries())

        def settled(self, future: object) -> None:
            self.done += 1
            self.pending -= 1
            if not self.pending:
                simulation.schedule(Event(time=self.now, event_type="Submit", target=self))

    random.seed(7)  # its timeouts are drawn from the module's own generator
    network = Network("network")
    machines = [Counter() for _ in range(peers)]
    nodes = [RaftNode(f"peer {at}", network, state_machine=machine) for at, machine in enumerate(machines)]
    for place, node in enumerate(nodes):
        node.set_peers(nodes)
        for other in nodes[place + 1 :]:
            link = NetworkLink(f"{node.name} and {other.name}", latency=ConstantLatency(ONE_WAY))
            network.add_bidirectional_link(node, other, link)
    client = Client("client")
    simulation = Simulation(entities=[network, client, *nodes], end_time=Instant.from_seconds(10 + count * ONE_WAY * 4))
    for node in nodes:
        simulation.schedule(node.start())
    simulation.schedule(Event(time=Instant.from_seconds(5), event_type="Submit", target=client))
    simulation.run()
    assert client.done == count and max(machine.applied for machine in machines) == count
    return client.end - client.start
