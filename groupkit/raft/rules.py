"""One switch for each safety rule. All are on; a rule that is off is a lesson."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True, repr=False)
class Rules:
    """Which rules of the protocol are kept. "Raft" is Ongaro & Ousterhout 2014, "diss." Ongaro's dissertation.

    A group with other rules has another ``GroupId``, and every picture and frame of it says which rules were off.
    """

    votes_persisted: bool = True  # term and vote are on the disk before they are answered for (Raft 5.1, fig. 2)
    one_vote_a_term: bool = True  # at most one candidate gets a peer's vote in a term (Raft 5.2)
    log_up_to_date: bool = True  # a vote only for a log at least as up to date: term, then length (Raft 5.4.1)
    own_term_commit: bool = True  # only entries of the leader's own term commit by counting (Raft 5.4.2, fig. 8)
    log_matching: bool = True  # entries are taken only behind an entry that agrees with the leader's (Raft 5.3)
    conflicts_removed: bool = True  # a conflicting entry and all that follow it are removed (Raft 5.3)
    matched_before_ack: bool = True  # an append is acknowledged only as far as it matched (Raft 5.3)
    commit_bounded: bool = True  # a follower commits no further than its log is known to match (Raft fig. 2)
    higher_term_steps_down: bool = True  # who sees a higher term becomes a follower of it (Raft 5.1)
    stale_ignored: bool = True  # messages of a former term are refused (Raft 5.1)
    pre_vote: bool = True  # nobody raises its term before a majority would vote for it (diss. 9.6)
    check_quorum: bool = True  # a leader without contact to a quorum steps down (diss. 6.2)
    read_index: bool = True  # a strong read waits until the leader was confirmed by a quorum (diss. 6.4)
    applied_once: bool = True  # a command that was sent again is applied once (diss. 6.3)
    timers_randomised: bool = True  # election timeouts are drawn anew from their range (Raft 5.2)

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, bool):
                raise TypeError(f"Rules({field.name}=…) is True or False, not {value!r}")

    def __repr__(self) -> str:
        return f"Rules({', '.join(f'{name}=False' for name in self.off())})"

    def off(self) -> tuple[str, ...]:
        """The names of the rules that are switched off, in the order above."""
        if self is ALL_RULES:
            return ()
        return tuple(field.name for field in fields(self) if not getattr(self, field.name))

    def without(self, *names: str) -> Rules:
        """These rules with the named ones switched off; an unknown name is refused with the list of those there are."""
        known = [field.name for field in fields(self)]
        for name in names:
            if name not in known:
                raise ValueError(f"there is no rule {name!r}; the rules are {', '.join(known)}")
        changes: dict[str, Any] = dict.fromkeys(names, False)
        return replace(self, **changes)


ALL_RULES = Rules()
