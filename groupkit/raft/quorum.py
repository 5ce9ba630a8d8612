"""Who counts, and when enough of them agree. The one place where the two quorum rules differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from groupkit.raft.node import Node


def majority(count: int) -> int:
    """The smallest number that is more than half of ``count``."""
    return count // 2 + 1


def standing(node: Node) -> int:
    """How many peers have a vote, as ``node`` sees it: the voters named, or itself and its bonded peers."""
    if node.voters is not None:
        return len(node.voters)
    return sum(1 for observer in node.peers.values() if not observer) + (not node.observer)


def elected(node: Node) -> bool | None:
    """Whether the votes that ``node`` has been granted are a majority; None while that is open. False: so many refused
    that it can no longer win. Who abstains is not counted (bonded quorum)."""
    counted = standing(node) - len(node.abstained)
    wanted = majority(counted)
    if len(node.granted) >= wanted:
        return True
    return False if len(node.refused) > counted - wanted else None


def needed_contacts(node: Node) -> int:
    """How many others a leader must be in touch with (diss. 6.2)."""
    return majority(_counted(node)) - (not node.observer) if node.voters is None else node.others_needed


def agreed_index(node: Node) -> int:
    """The highest index that a majority of those who count holds, the leader among them (Raft 5.3)."""
    place = _counted(node) // 2  # of the others, so many must hold it
    if place == 0:
        return node.log.last
    held = [p.match for p in node.followers.values() if p.counts]
    if place > len(held):
        return 0
    held.sort()
    return held[-place]


def confirmed_round(node: Node) -> int:
    """The newest round of heartbeats that a majority has answered (diss. 6.4)."""
    place = _counted(node) // 2
    if place == 0:
        return node.round
    answered = sorted(p.round for p in node.followers.values() if p.counts)
    return answered[-place] if place <= len(answered) else 0


def _counted(node: Node) -> int:
    """How many a leader counts: the voters named; or itself and those bonded peers that have caught up."""
    if node.voters is not None:
        return len(node.voters)
    return sum(1 for p in node.followers.values() if p.counts) + 1
