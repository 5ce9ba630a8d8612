"""Seeded storms: safety under faults, progress after them. A failure prints the line that plays it again."""

from __future__ import annotations

import pytest

from groupkit import Rules, storm
from groupkit.sim.invariants import Watchdog
from groupkit.trials.acts import as_cell


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


@pytest.mark.parametrize("rule", ["one_vote_a_term", "log_matching", "read_index", "applied_once"])
def test_a_planted_bug_is_found_and_shrunk(rule: str) -> None:
    for seed in range(400):
        found = storm(seed, rules=Rules().without(rule), shrink=False)
        if not found:
            break
    else:
        pytest.fail(f"400 storms did not find that {rule} is off")
    small = storm(seed, rules=Rules().without(rule))
    assert small.smallest is not None and len(small.smallest.acts) <= len(small.plan.acts)
    text = str(small)
    assert f"groupkit.storm({seed}" in text and f"without('{rule}')" in text
    compile(small.cell.replace("await ", ""), "cell", "exec")
    assert as_cell(small.smallest) == small.cell


def test_an_error_inside_an_event_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody awaits an event: without this, what it raises would only be printed."""

    def broken(watch: Watchdog, host: object, old: int, new: int) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(Watchdog, "committed", broken)
    found = storm(3, shrink=False)
    assert not found and "an event raised ZeroDivisionError('planted')" in str(found)
