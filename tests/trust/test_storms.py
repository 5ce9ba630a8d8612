"""Seeded storms: safety under faults, progress after them. A failure prints the line that plays it again."""

from __future__ import annotations

import re
from typing import Any

import pytest

from groupkit import Group, KeyValue, OutcomeUnknown, Rules, schedules, storm
from groupkit.sim.invariants import Watchdog
from groupkit.trials.acts import as_cell
from groupkit.trials.weather import drawn

SEEDS = 200


@pytest.mark.parametrize("start", range(0, 120, 20))
def test_a_members_group_holds_in_storms(start: int) -> None:
    for seed in range(start, start + 20):
        found = storm(seed)
        assert found, str(found)


@pytest.mark.parametrize("start", range(0, 60, 20))
def test_the_peers_of_a_bonded_group_end_equal_after_storms(start: int) -> None:
    for seed in range(start, start + 20):
        found = storm(seed, quorum="bonded")
        assert found, str(found)


def test_the_same_seed_gives_the_same_storm() -> None:
    one, other = storm(3), storm(3)
    assert one.plan == other.plan
    assert one.cluster is not None and other.cluster is not None
    assert one.cluster.timeline.digest() == other.cluster.timeline.digest()


def first_fall(rule: str) -> int:
    for seed in range(SEEDS):
        if not storm(seed, rules=Rules().without(rule), shrink=False):
            return seed
    pytest.fail(f"{SEEDS} storms did not find that {rule} is off")


@pytest.mark.parametrize("rule", sorted(schedules.ALL))
def test_every_planted_bug_is_found(rule: str) -> None:
    """docs/storms.md has the numbers; they change with every change of what a group sends."""
    seed = first_fall(rule)
    again = storm(seed, rules=Rules().without(rule), shrink=False)
    assert again.replay_line.endswith(f"rules=Rules().without('{rule}'))") and str(seed) in again.replay_line


@pytest.mark.parametrize("rule", ["one_vote_a_term", "log_matching", "stale_ignored", "pre_vote"])
def test_a_planted_bug_is_shrunk(rule: str) -> None:
    seed = first_fall(rule)
    small = storm(seed, rules=Rules().without(rule))
    assert small.smallest is not None and len(small.smallest.acts) <= len(small.plan.acts)
    text = str(small)
    assert f"groupkit.storm({seed}" in text and f"without('{rule}')" in text
    compile(small.cell.replace("await ", ""), "cell", "exec")
    assert small.cell == as_cell(small.smallest, away=rule == "pre_vote")


def test_a_storm_ends_with_the_first_violation() -> None:
    """What a broken group does after it may never come to an end: refusals, and copies of them, multiply."""
    rule = "conflicts_removed"
    found = storm(first_fall(rule), rules=Rules().without(rule), shrink=False)
    assert found.cluster is not None and found.cluster.violations
    assert found.cluster.clock.now == found.cluster.violations[0].time


def test_an_error_inside_an_event_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody awaits an event: without this, what it raises would only be printed."""

    def broken(watch: Watchdog, host: object, old: int, new: int) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(Watchdog, "committed", broken)
    found = storm(3, shrink=False)
    assert not found and "an event raised ZeroDivisionError('planted')" in str(found)


def nobody_knows(monkeypatch: pytest.MonkeyPatch, times: int) -> list[float]:
    """From now on so many first writes of the calm end as ``OutcomeUnknown``; returns when they were tried."""
    real, tries = Group.execute, []

    def execute(group: Group, command: Any, **options: Any) -> Any:
        answer = real(group, command, **options)
        if command == KeyValue.Put("calm", "again"):
            tries.append(group.network.clock.now)
            if len(tries) <= times:
                answer.fail(OutcomeUnknown("a snapshot has taken the place of its index", [command]))
        return answer

    monkeypatch.setattr(Group, "execute", execute)
    return tries


def test_who_is_told_that_nobody_knows_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """An honest answer to a client is no lack of progress."""
    tries = nobody_knows(monkeypatch, 3)
    assert storm(3) and len(tries) == 4 and tries == sorted(set(tries))


def test_no_write_within_the_stated_time_is_a_lack_of_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody_knows(monkeypatch, 10**9)
    found = storm(3, shrink=False)
    assert not found
    assert re.search(r"no progress within \S+ s after the faults ended: a snapshot has taken the place", found.harm)


def test_a_plan_names_the_kinds_of_its_faults() -> None:
    plan = drawn(3, peers=5, seconds=10.0, quorum="members", rules=None)
    assert plan.kinds and ", ".join(plan.kinds) in str(plan)
    alone = drawn(3, peers=1, seconds=10.0, quorum="members", rules=None)
    assert not {"old tail", "halves"} & set(alone.kinds)


@pytest.mark.parametrize(
    ("rule", "text"),
    [("pre_vote", r"was cut off for \S+ s, came back, and term \d+ of . has become term \d+"),
     ("check_quorum", r"has been cut off for \S+ s, and still takes itself for the leader")],
)  # fmt: skip
def test_the_calm_shows_rules_that_no_safety_hangs_on(rule: str, text: str) -> None:
    found = storm(0, peers=3, rules=Rules().without(rule), shrink=False)
    assert re.search(text, found.harm), found
