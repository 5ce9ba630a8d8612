"""A candidate (Raft 5.2), and before that a pre-candidate, which asks whether it could win (diss. 9.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupkit.raft import leader, quorum
from groupkit.raft.messages import PreVote, Vote, VoteReply
from groupkit.raft.news import CANDIDATE, HARD, HEARD, STATE

if TYPE_CHECKING:
    from groupkit.raft.node import Node


def stand(node: Node, *, pre: bool, why: str, forced: bool = False) -> None:
    """Ask all others for their vote; with ``pre`` only whether they would give it."""
    node.become_follower(node.term, None)
    node.role = CANDIDATE
    node.pre = pre
    if not pre:
        node.term += 1
        node.vote = node.id
        node.news |= HARD
    node.news |= STATE | HEARD
    node.granted = {node.id}
    term = node.term + 1 if pre else node.term
    node.tell("election", term, pre, why)
    if _decided(node):
        return
    log = node.log
    message = PreVote(term, int(log.last_term), log.last) if pre else Vote(term, int(log.last_term), log.last, forced)
    for peer, observer in node.peers.items():
        if not observer and (node.voters is None or peer in node.voters):
            node.out.append((peer, message))


def take_reply(node: Node, src: str, message: VoteReply) -> None:
    """Count an answer to the question that is open now."""
    asked = node.term + 1 if node.pre else node.term
    if message.pre != node.pre or (message.granted and message.term != asked):
        return
    if node.voters is not None and src not in node.voters:
        return
    if message.abstains:
        node.abstained |= {src}
    elif message.granted:
        node.granted |= {src}
    else:
        node.refused |= {src}
    _decided(node)


def _decided(node: Node) -> bool:
    elected = quorum.elected(node)
    if elected is None:
        return False
    if not elected:
        node.tell("defeated", node.term, node.pre, sorted(node.refused))
        node.become_follower(node.term, None)
    elif node.pre:
        stand(node, pre=False, why="a majority would vote for it")
    else:
        leader.lead(node)
    return True
