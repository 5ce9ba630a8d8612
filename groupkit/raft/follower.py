"""A follower (Raft 5.3): takes what the leader sends, as far as it fits its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupkit.raft import catchup, voting
from groupkit.raft.log import shared
from groupkit.raft.messages import Append, AppendReply, Commit, Snapshot
from groupkit.raft.news import CONTACT, HEARD, INSTALL, LEADER

if TYPE_CHECKING:
    from groupkit.raft.node import Node


def take_append(node: Node, src: str, message: Append) -> None:
    """AppendEntries: check that it fits, remove what conflicts, take the rest, commit as far as known, answer."""
    if node.leader != src and not _recognise(node, src, message):
        return
    if not node.fresh:
        node.fresh = True
        node.news |= CONTACT
    node.news |= HEARD
    log, prev, entries = node.log, message.prev_index, message.entries
    if prev == log.last and log.last_term == message.prev_term:  # the plain case: it goes on where this log ends
        if entries:
            node.extend_log(entries)
    elif _unfit(node, src, message):
        return
    elif entries:
        _take_entries(node, prev, message)
    matched = prev + len(entries) if node.rules.matched_before_ack else log.last
    if matched > node.matched:
        node.matched = matched
    if message.commit > node.commit:
        _commit(node, message.commit)
    if not node.agrees and node.matched >= message.commit:
        node.agrees = True
        node.news |= CONTACT
    tail = log.last if log.last > matched else 0
    node.out.append((src, AppendReply(node.term, True, matched, message.round, 0, tail)))


def _unfit(node: Node, src: str, message: Append) -> bool:
    """Refuse what does not fit this log, and say where it might. Returns whether that was the case."""
    log, prev, rules = node.log, message.prev_index, node.rules
    if prev > log.last and rules.log_matching:
        term, hint = 0, 0 if catchup.behind(node, src, message) else log.last + 1
    elif prev < log.base and node.voters is None and _parted(node, message):
        term, hint = 0, -1
    elif log.term_at(prev) != message.prev_term and prev >= log.base and rules.log_matching:
        term, hint = log.term_at(prev), log.first_of_term(prev)
    else:
        return False
    node.out.append((src, AppendReply(node.term, False, prev, message.round, term, hint)))
    return True


def _parted(node: Node, message: Append) -> bool:
    """Bonded quorum: whether the entries behind this peer's snapshot are of another history than the leader's."""
    log, prev, entries = node.log, message.prev_index, message.entries
    place = min(log.base - prev, len(entries))
    known = entries[place - 1][0] if place else message.prev_term
    return log.stamp_at(prev) != message.prev_term or log.stamp_at(prev + place) != known


def _take_entries(node: Node, prev: int, message: Append) -> None:
    log, entries = node.log, message.entries
    for place, entry in enumerate(entries):
        index = prev + 1 + place
        if index > log.last:
            node.change_log(index, entries[place:])
            return
        if index > log.base and log.term_at(index) != entry[0]:
            if node.rules.conflicts_removed:
                node.change_log(index, entries[place:])
            return


def take_commit(node: Node, src: str, message: Commit) -> None:
    """The leader committed more."""
    if node.leader == src and message.commit > node.commit:
        _commit(node, message.commit)


def _commit(node: Node, index: int) -> None:
    most = node.matched if node.rules.commit_bounded else node.log.last
    if index > most:
        index = most
    if index > node.commit:
        node.set_commit(index)


def take_snapshot(node: Node, src: str, message: Snapshot) -> None:
    """InstallSnapshot (Raft 7): what this peer lacks was pruned, so it takes the machine's state instead."""
    if node.leader != src and not _recognise(node, src, None):
        return
    node.fresh = True
    node.news |= HEARD | CONTACT
    log = node.log
    fits = log.stamp_at(message.index) == message.index_term
    if node.voters is None:  # another history may have won
        fits = fits and shared(log.runs(log.last), message.past) >= log.base
    if not fits and (message.index > node.commit or node.voters is None):
        node.install = message
        node.news |= INSTALL
    elif message.index > node.commit:
        node.set_commit(message.index)  # the entries are here already: nothing needs to be replaced
    node.matched = max(node.matched, message.index)
    node.out.append((src, AppendReply(node.term, True, message.index, message.round)))


def _recognise(node: Node, src: str, message: Append | None) -> bool:
    """The first word of this term's leader. Under bonded quorum there may be two of one term."""
    if node.role == LEADER or node.leader is not None:
        if node.voters is None:
            voting.contest(node, src, node.term + 1, f"{src} leads in term {node.term} too")
        return False
    if message is not None and voting.unseat(node, src, message):
        return False
    node.become_follower(node.term, src)
    return True
