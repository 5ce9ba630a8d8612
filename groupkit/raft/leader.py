"""The leader (Raft 5.3, 5.4.2): sends its log until everybody has it, and commits what a quorum holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from groupkit.raft import quorum
from groupkit.raft.log import BLANK, Entry
from groupkit.raft.messages import Append, AppendReply, Commit, Forward, ForwardReply, ReadReply, Snapshot
from groupkit.raft.news import BEAT, CONTACT, LEADER, QUORUM, SPREAD, STATE, Progress

if TYPE_CHECKING:
    from groupkit.raft.node import Node


def lead(node: Node) -> None:
    """Won. A no-op only if the log holds entries not known to be committed; the first heartbeat at once."""
    log = node.log
    node.role = LEADER
    node.leader = node.id
    node.news |= STATE | QUORUM | CONTACT
    node.contacts = 0
    node.patience += 1
    node.appended = None
    node.waiting_reads = []
    node.followers = {peer: Progress(log.last + 1, _counts(node, peer)) for peer in node.peers}
    if node.voters is None:  # who voted counts, unless its first answer shows that it lags
        for peer in node.granted & node.followers.keys():
            node.followers[peer].counts = True
    if log.last > node.commit:
        entry: Entry = (node.stamp, BLANK, None)
        node.change_log(log.last + 1, (entry,))
    node.floor = log.last
    advance(node)
    beat(node)


def welcome(node: Node, peer: str) -> None:
    """A bond has come up: greet the peer with a heartbeat that tells where this log ends."""
    before = node.followers.get(peer)
    progress = node.followers[peer] = Progress(node.log.last + 1, _counts(node, peer))
    if before is not None:
        progress.contact = before.contact  # a peer is counted once
    _heartbeat(node, peer, progress, progress.next - 1)


def miss(node: Node, peer: str) -> None:
    """A bond has gone down. Under bonded quorum fewer may now suffice."""
    progress = node.followers.pop(peer, None)
    if progress is not None and progress.contact == node.patience:
        node.contacts -= 1
    if node.voters is None:
        node.news |= QUORUM
        advance(node)
        confirm_reads(node)


def _counts(node: Node, peer: str) -> bool:
    """Under bonded quorum a peer counts once it has caught up (``_caught_up``)."""
    return node.voters is not None and peer in node.voters and not node.peers[peer]


def beat(node: Node) -> None:
    """A round of heartbeats; who still lacks entries gets them again (Raft 5.3)."""
    node.round += 1
    node.news |= BEAT
    log, last, commit, out = node.log, node.log.last, node.commit, node.out
    message = Append(node.term, last, log.last_term, (), commit, node.round)  # for all that lack nothing
    for peer, progress in node.followers.items():
        if progress.next <= last:
            send_append(node, peer, progress)
        else:
            progress.told = commit
            out.append((peer, message))


def _heartbeat(node: Node, peer: str, progress: Progress, prev: int) -> None:
    log = node.log
    if prev < log.base:
        prev = 0
    progress.told = node.commit
    message = Append(node.term, prev, log.term_at(prev) if prev else 0, (), node.commit, node.round)
    node.out.append((peer, message))


def send_append(node: Node, peer: str, progress: Progress) -> None:
    """Send what ``peer`` lacks. Peers that lack the same get the same message."""
    log, prev = node.log, progress.next - 1
    progress.told = node.commit
    if prev < log.base:
        _send_snapshot(node, peer, progress)
        return
    shared = node.appended
    if shared is None or not (
        shared.prev_index == prev
        and shared.commit == node.commit
        and shared.round == node.round
        and prev + len(shared.entries) == log.last
    ):
        entries = log.slice(prev + 1)
        shared = node.appended = Append(node.term, prev, log.term_at(prev), entries, node.commit, node.round)
    progress.busy = prev + len(shared.entries)
    node.out.append((peer, shared))


def _send_snapshot(node: Node, peer: str, progress: Progress) -> None:
    kept = node.snapshot or Snapshot(0, 0, 0, None, {}, 0)  # nothing pruned here: the state before the first command
    progress.busy = kept.index
    past = node.log.runs(node.log.last)
    snapshot = Snapshot(node.term, kept.index, kept.index_term, kept.data, kept.latest, node.round, past)
    node.out.append((peer, snapshot))


def propose(node: Node, entries: Sequence[Entry]) -> int:
    """Append ``entries``; ``spread`` sends them. Returns the index of the first."""
    first = node.log.last + 1
    node.extend_log(entries)
    node.news |= SPREAD
    if quorum.needed_contacts(node) <= 0:  # nobody else counts, though there may be observers
        advance(node)
    return first


def take_reply(node: Node, src: str, message: AppendReply) -> None:
    """A follower's answer: it agrees up to an index, or it does not and says where it might."""
    progress = node.followers.get(src)
    if progress is None:  # it is no leader, or no longer bonded to that peer
        return
    if progress.counts:
        if progress.contact != node.patience:
            progress.contact = node.patience
            node.contacts += 1
        if node.contacts >= quorum.needed_contacts(node):
            node.contacts = 0
            node.patience += 1
            node.news |= QUORUM
    if message.round > progress.round:
        progress.round = message.round
        if node.waiting_reads:
            confirm_reads(node)
    if not message.ok:
        if progress.counts and node.voters is None:
            progress.counts = False
            advance(node)
        if message.hint_index == 0:
            progress.busy = message.index  # it fetches from others: it is told again by the next heartbeat
        elif message.hint_index < 0:
            progress.next, progress.match = 1, 0
            _send_snapshot(node, src, progress)
        elif message.index == progress.next - 1 and message.index > 0:
            following = max(progress.match + 1, _walk_back(node, message))
            if following < progress.next:  # else it refuses what it once agreed to: a rule is off; heartbeats try again
                progress.next = following
                send_append(node, src, progress)
        return
    if message.hint_index > node.log.last and node.log.last_term != node.stamp:
        propose(node, ((node.stamp, BLANK, None),))  # takes the place of what follows there on another leader's word
    if message.index >= progress.match:
        if message.index >= progress.busy:
            progress.busy = 0
        if message.index >= progress.next:
            progress.next = message.index + 1
        if message.index > progress.match:
            progress.match = message.index
            if progress.counts and message.index > node.commit:
                advance(node)
    if not progress.counts:
        _caught_up(node, src, progress)
    if not progress.busy:
        if progress.next <= node.log.last:
            send_append(node, src, progress)
        elif progress.told < node.commit:
            node.news |= SPREAD


def _caught_up(node: Node, src: str, progress: Progress) -> None:
    if node.voters is None and not node.peers.get(src, True) and progress.match >= node.commit:
        progress.counts = True
        advance(node)


def _walk_back(node: Node, message: AppendReply) -> int:
    """Where to try next: behind the conflicting term where this log has it too, else before it (end of Raft 5.3)."""
    if message.hint_term:
        same = node.log.last_of_term(message.hint_term, message.index)
        if same:
            return same + 1
    return min(message.hint_index, message.index)


def advance(node: Node) -> None:
    """Commit what a quorum holds, if it is of this term (Raft 5.4.2), and tell those who wait for nothing else."""
    index = quorum.agreed_index(node)
    if index <= node.commit or (node.rules.own_term_commit and node.log.term_at(index) != node.term):
        return
    node.set_commit(index)
    node.news |= SPREAD
    if node.waiting_reads:
        confirm_reads(node)


def spread(node: Node) -> None:
    """The moment is over: send what was appended in it to everybody who is not busy with earlier entries, and the
    committed index to those who lack nothing else."""
    message: Commit | None = None
    for peer, progress in node.followers.items():
        if progress.busy:
            continue
        if progress.next <= node.log.last:
            send_append(node, peer, progress)
        elif progress.told < node.commit:
            message = message or Commit(node.term, node.commit)
            progress.told = node.commit
            node.out.append((peer, message))


def quorum_lapsed(node: Node) -> None:
    """No contact to a quorum for an election timeout: step down, so that clients look elsewhere (diss. 6.2)."""
    if node.rules.check_quorum and quorum.needed_contacts(node) > 0:
        node.tell("unseated", node.term, "it heard from no quorum for an election timeout")
        node.become_follower(node.term, None)
    else:
        node.news |= QUORUM


def take_forward(node: Node, src: str, message: Forward) -> None:
    """Place forwarded commands, and say where they stand."""
    node.out.append((src, ForwardReply(node.term, place(node, message.commands))))


def place(node: Node, commands: Sequence[Entry]) -> list[tuple[int, int, int]]:
    """Append those commands that this log does not hold yet; returns (serial, term, index) of each (diss. 6.3).

    Index 0: the log holds later commands of that client but not this one, so it never will.
    """
    known, once, stamp = node.log.latest, node.rules.applied_once, node.stamp
    fresh: list[Entry] = []
    for _, command, ident in commands:
        assert ident is not None
        if not once or ident[0] not in known or ident[1] > known[ident[0]][0]:
            fresh.append((stamp, command, ident))
    first = propose(node, tuple(fresh)) if fresh else 0
    placed = {entry[2]: (stamp, first + at) for at, entry in enumerate(fresh)}
    places: list[tuple[int, int, int]] = []
    for _, _, ident in commands:
        assert ident is not None
        places.append((ident[1], *(placed.get(ident) or node.log.find(ident) or (0, 0))))
    return places


def read(node: Node, src: str, ticket: int) -> None:
    """Start a round of heartbeats for a strong read, unless one is under way: the next then serves it (diss. 6.4)."""
    if not node.rules.read_index:
        _answer_read(node, src, ticket)
        return
    under_way = quorum.confirmed_round(node) < node.asked
    node.waiting_reads.append((src, ticket, node.round + 1))
    if not under_way:
        _ask_round(node)


def _ask_round(node: Node) -> None:
    spread(node)  # what was handed in before the read travels before its heartbeats
    node.round += 1
    node.asked = node.round
    for peer, progress in node.followers.items():
        if progress.counts:
            _heartbeat(node, peer, progress, progress.match)
    confirm_reads(node)


def confirm_reads(node: Node) -> None:
    """Answer the reads whose round a quorum has answered, once the floor is committed."""
    if not node.waiting_reads or node.commit < node.floor:
        return
    confirmed = quorum.confirmed_round(node)
    waiting = node.waiting_reads
    node.waiting_reads = [r for r in waiting if r[2] > confirmed]
    for src, ticket, round in waiting:
        if round <= confirmed:
            _answer_read(node, src, ticket)
    if node.waiting_reads and confirmed >= node.asked:
        _ask_round(node)


def _answer_read(node: Node, src: str, ticket: int) -> None:
    if src == node.id:
        node.confirm(ticket, node.commit)
    else:
        node.out.append((src, ReadReply(node.term, ticket, node.commit)))
