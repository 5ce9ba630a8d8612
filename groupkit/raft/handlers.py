"""Which message is whose: the one table from messages to what a role does with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from groupkit.raft import candidate, catchup, follower, leader, voting
from groupkit.raft.messages import (
    Append,
    AppendReply,
    Commit,
    Fetch,
    Fetched,
    Forward,
    ForwardReply,
    Message,
    PreVote,
    Read,
    ReadReply,
    Snapshot,
    Vote,
    VoteReply,
)
from groupkit.raft.news import ANSWERS, CANDIDATE, LEADER

if TYPE_CHECKING:
    from groupkit.raft.node import Node

Handler = Callable[["Node", str, Any], None]


def _forwarded(node: Node, src: str, message: Forward) -> None:
    if node.role == LEADER:
        leader.take_forward(node, src, message)


def _read_asked(node: Node, src: str, message: Read) -> None:
    if node.role == LEADER:
        leader.read(node, src, message.ticket)


def _read_answered(node: Node, src: str, message: ReadReply) -> None:
    node.confirm(message.ticket, message.index)


def _forward_answered(node: Node, src: str, message: ForwardReply) -> None:
    node.placed += message.places
    node.news |= ANSWERS


def _vote_answered(node: Node, src: str, message: VoteReply) -> None:
    if node.role == CANDIDATE:
        candidate.take_reply(node, src, message)


HANDLERS: dict[type[Message], Handler] = {
    Append: follower.take_append,
    Commit: follower.take_commit,
    Snapshot: follower.take_snapshot,
    AppendReply: leader.take_reply,
    Vote: voting.answer,
    PreVote: voting.answer,
    VoteReply: _vote_answered,
    Forward: _forwarded,
    ForwardReply: _forward_answered,
    Read: _read_asked,
    ReadReply: _read_answered,
    Fetch: catchup.asked,
    Fetched: catchup.arrived,
}
