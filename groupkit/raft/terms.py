"""The rule that stands before all roles: terms (Raft 5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groupkit.raft import voting
from groupkit.raft.messages import AppendReply

if TYPE_CHECKING:
    from groupkit.raft.node import Node


def settle(node: Node, src: str, message: Any) -> bool:
    """Raft 5.1: a higher term makes a follower, a lower one is refused. Returns whether to go on."""
    kind = message.kind
    if kind == "prevote" or (kind == "vote_reply" and message.pre and message.granted):
        return True  # speaks of a term that nobody has yet (diss. 9.6)
    if message.term > node.term:
        if not node.rules.higher_term_steps_down:
            if kind == "vote":
                node.vote = None  # a vote in the higher term, yet this peer goes on in its own
            return True
        if kind == "vote" and node.leased() and not message.forced:
            voting.refuse(node, src, message, f"it hears from leader {node.leader}")
            return False
        if kind == "append" and voting.unseat(node, src, message):
            return False
        node.become_follower(message.term, None)
        return True
    if not node.rules.stale_ignored:
        return True
    if kind == "append" or kind == "snapshot":
        node.out.append((src, AppendReply(node.term, False, 0, 0)))  # tells a former leader that it is one
    elif kind == "vote":
        voting.refuse(node, src, message, f"its term {message.term} is behind term {node.term}")
    return False
