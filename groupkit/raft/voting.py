"""How any peer answers a candidate (Raft 5.2, 5.4.1; diss. 4.2.3, 9.6), and rivals of a bonded group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groupkit.raft.messages import Append, AppendReply, Vote, VoteReply
from groupkit.raft.news import HARD, HEARD

if TYPE_CHECKING:
    from groupkit.raft.node import Node


def answer(node: Node, src: str, message: Vote) -> None:
    """Grant or refuse a vote or a pre-vote, and say why."""
    pre = message.kind == "prevote"
    if node.observer:
        return
    if node.voters is None and node.lagging:
        node.tell("vote", src, message.term, pre, False, "it abstains: it is catching up")
        node.out.append((src, VoteReply(message.term if pre else node.term, pre, pre, "catching up", True)))
        return
    reason = _why_not(node, src, message, pre)
    if reason is not None:
        refuse(node, src, message, reason)
        return
    if not pre:
        node.vote = src
        node.news |= HARD | HEARD
    why = f"its log (term {int(message.last_term)}, index {message.last_index}) is up to date"
    node.tell("vote", src, message.term, pre, True, why)
    node.out.append((src, VoteReply(message.term, pre, True, why)))


def _why_not(node: Node, src: str, message: Vote, pre: bool) -> str | None:
    rules = node.rules
    if message.term < node.term and rules.stale_ignored:
        return f"its term {message.term} is behind term {node.term}"
    if node.leased() and not message.forced and node.leader != src:
        return f"it hears from leader {node.leader}"
    if not (pre and message.term > node.term) and rules.one_vote_a_term:
        if node.vote not in (None, src):
            return f"it voted for {node.vote} in term {node.term}"
        if message.term == node.term and node.leader not in (None, src):
            return f"term {node.term} has a leader, {node.leader}"
    if rules.log_up_to_date and not node.log.up_to_date(message.last_term, message.last_index):
        return (
            f"its log (term {int(message.last_term)}, index {message.last_index}) is behind mine "
            f"(term {int(node.log.last_term)}, index {node.log.last})"
        )
    return None


def refuse(node: Node, src: str, message: Any, reason: str) -> None:
    """Refuse a vote or pre-vote; the answer carries this peer's term, so that a late candidate learns it."""
    pre = message.kind == "prevote"
    node.tell("vote", src, message.term, pre, False, reason)
    node.out.append((src, VoteReply(node.term, pre, False, reason)))


def unseat(node: Node, src: str, message: Any) -> bool:
    """Bonded quorum, after a heal: refuse a leader of a higher term whose log ends before what is committed here.

    The peers then elect anew in a term above both, and the more up-to-date log wins. Returns whether that was the case.
    """
    if node.voters is not None or node.observer:
        return False
    ends = _ends(message)
    if ends >= (int(node.log.term_at(node.commit)), node.commit):
        return False
    contest(node, src, message.term + 1, f"{src} leads with a log that ends at term {ends[0]}, index {ends[1]}")
    return True


def contest(node: Node, rival: str, term: int, why: str) -> None:
    """Bonded quorum: two leaders have met. All they reach go on to ``term``, and elect anew in it."""
    known = {rival, node.leader} - {node.id, None}
    node.become_follower(term, None)
    node.news |= HEARD
    node.tell("rivals", rival, term, why)
    for peer in sorted(p for p in known if p is not None):
        node.out.append((peer, AppendReply(term, False, 0, 0)))


def _ends(message: Append) -> tuple[int, int]:
    if message.entries:
        return int(message.entries[-1][0]), message.prev_index + len(message.entries)
    return int(message.prev_term), message.prev_index
