"""For each safety rule the shortest known schedule that breaks a group without it, and leaves one with it unharmed.

    played = await groupkit.schedules.own_term_commit.play()            # the rule is off
    played.harm                                                         # what fell, in words
    (await groupkit.schedules.own_term_commit.play(rule=True)).harm     # "": nothing

Each names the section its rule comes from; ``schedules.ALL`` holds them by the rule's name.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from groupkit.group.cluster import Cluster
from groupkit.group.machines import Counter
from groupkit.raft.config import ConsensusConfig
from groupkit.raft.rules import ALL_RULES
from groupkit.sim.checks import check_switch
from groupkit.trials import plays

QUIET = ConsensusConfig(election_timeout=30.0, election_timeout_jitter=10.0, forward_timeout=2.0)
Play = Callable[[Cluster], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Played:
    """A schedule that was played: the live ``cluster`` as it left it, and the ``harm`` in words ("": none)."""

    cluster: Cluster
    harm: str

    def __bool__(self) -> bool:
        return bool(self.harm)


@dataclass(frozen=True)
class Schedule:
    """Breaks ``rule`` (a name of ``Rules``), which ``section`` gives; without it ``falls`` falls."""

    rule: str
    section: str
    falls: str
    peers: int
    act: Play
    text: str
    options: dict[str, Any] = field(default_factory=dict)

    def cluster(self, *, rule: bool = False, pace: float | None = None, seed: int = 1) -> Cluster:
        """The cluster the schedule is played on, with the rule switched off, or (``rule=True``) on."""
        check_switch(rule, "rule")
        rules = ALL_RULES if rule else ALL_RULES.without(self.rule)
        settings: dict[str, Any] = {"machine": Counter, "seed": seed, "config": QUIET, "pace": pace, **self.options}
        return Cluster(self.peers, rules=rules, **settings)

    async def play(
        self, cluster: Cluster | None = None, *, rule: bool = False, pace: float | None = math.inf
    ) -> Played:
        """Play it, on ``cluster`` (made by ``cluster()``, perhaps shown in a dashboard) or on one of its own."""
        if cluster is not None and not isinstance(cluster, Cluster):
            raise TypeError(f"a schedule is played on a Cluster, made by its cluster(), not on {cluster!r}")
        chosen = cluster if cluster is not None else self.cluster(rule=rule, pace=pace)
        harm = await self.act(chosen)
        return Played(chosen, harm)

    def __repr__(self) -> str:
        return f"<schedule against {self.rule!r} ({self.section}): {self.text}>"


votes_persisted = Schedule(
    "votes_persisted",
    "Raft 5.1, figure 2",
    "Term and Vote Kept",
    3,
    plays.a_vote_is_forgotten,
    "b votes for a, crashes, has forgotten it, and votes for c in the same term",
)
one_vote_a_term = Schedule(
    "one_vote_a_term",
    "Raft 5.2",
    "Election Safety",
    3,
    plays.two_stand_at_once,
    "a and c stand in the same term, and b votes for both",
)
log_up_to_date = Schedule(
    "log_up_to_date",
    "Raft 5.4.1",
    "Leader Completeness",
    3,
    plays.the_absent_one_wins,
    "c was away while a and b committed; it comes back and b votes for it",
)
own_term_commit = Schedule(
    "own_term_commit",
    "Raft 5.4.2, figure 8",
    "Leader Completeness",
    5,
    plays.figure_8,
    "an entry of an old term is counted to a majority, and the next leader removes it",
)
log_matching = Schedule(
    "log_matching",
    "Raft 5.3",
    "Log Matching",
    3,
    plays.a_gap_is_taken,
    "c lacks two entries and takes the third as if it did not",
)
conflicts_removed = Schedule(
    "conflicts_removed",
    "Raft 5.3, figure 7",
    "State Machine Safety",
    3,
    plays.a_conflict_stays,
    "a kept an entry of its lost term where the others have committed another",
)
matched_before_ack = Schedule(
    "matched_before_ack",
    "Raft 5.3",
    "State Machine Safety",
    3,
    plays.an_empty_promise,
    "a acknowledges all of its own log, though the leader's is another",
)
commit_bounded = Schedule(
    "commit_bounded",
    "Raft figure 2, AppendEntries 5",
    "State Machine Safety",
    3,
    plays.committed_too_far,
    "a heartbeat says what is committed, and a takes its own, other entry for it",
)
higher_term_steps_down = Schedule(
    "higher_term_steps_down",
    "Raft 5.1",
    "Election Safety",
    3,
    plays.two_terms_go_on,
    "c votes for b as well, yet never goes on to its term: it stays with a",
)
stale_ignored = Schedule(
    "stale_ignored",
    "Raft 5.1",
    "Leader Completeness",
    5,
    plays.an_old_answer,
    "an acknowledgement of term 1 arrives in term 3 and is counted for entries it has never seen",
)
pre_vote = Schedule(
    "pre_vote",
    "dissertation 9.6",
    "the leader stays",
    3,
    plays.the_one_who_was_away,
    "a follower was cut off and has raised its term in vain; back again it unseats a healthy leader",
    {"config": ConsensusConfig()},
)
check_quorum = Schedule(
    "check_quorum",
    "dissertation 6.2",
    "a leader leads",
    3,
    plays.the_last_to_know,
    "the leader is cut off and goes on, though the others have another one for long",
    {"config": ConsensusConfig()},
)
read_index = Schedule(
    "read_index",
    "dissertation 6.4",
    "linearizable reads",
    3,
    plays.yesterdays_news,
    "a is cut off, b commits something, and a still answers a strong read from before",
)
applied_once = Schedule(
    "applied_once",
    "dissertation 6.3",
    "each command once",
    3,
    plays.said_twice,
    "b forwards a command, hears no answer, sends it again, and it counts twice",
)
timers_randomised = Schedule(
    "timers_randomised",
    "Raft 5.2",
    "a leader within a few timeouts",
    5,
    plays.everybody_at_once,
    "all timers run out at the same instant, again and again, and all vote for themselves",
    {"config": ConsensusConfig(), "latency": 0.010},
)

ALL: dict[str, Schedule] = {
    schedule.rule: schedule
    for schedule in (
        votes_persisted,
        one_vote_a_term,
        log_up_to_date,
        own_term_commit,
        log_matching,
        conflicts_removed,
        matched_before_ack,
        commit_bounded,
        higher_term_steps_down,
        stale_ignored,
        pre_vote,
        check_quorum,
        read_index,
        applied_once,
        timers_randomised,
    )
}
