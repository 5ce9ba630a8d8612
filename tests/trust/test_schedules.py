"""Every rule can be switched off and seen to matter: its schedule breaks a group without it, and none with it."""

from __future__ import annotations

from dataclasses import fields

import pytest

from groupkit import Rules, run, schedules

SAFETY = {
    "Term and Vote Kept",
    "Election Safety",
    "Leader Append-Only",
    "Log Matching",
    "Leader Completeness",
    "State Machine Safety",
}


def test_every_rule_has_a_schedule_that_names_its_section() -> None:
    assert set(schedules.ALL) == {field.name for field in fields(Rules)}
    for schedule in schedules.ALL.values():
        assert schedule.section.startswith(("Raft", "dissertation")), schedule


@pytest.mark.parametrize("rule", schedules.ALL)
def test_without_its_rule_a_schedule_does_harm(rule: str) -> None:
    schedule = schedules.ALL[rule]

    async def main() -> None:
        played = await schedule.play()
        assert played, f"{schedule} did no harm"
        assert played.cluster.timeline.meta["rules"] == {rule: False}
        if schedule.falls in SAFETY:
            assert played.cluster.violations[0].property == schedule.falls
            assert schedule.falls in played.harm

    run(main)


@pytest.mark.parametrize("rule", schedules.ALL)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_with_its_rule_a_schedule_does_none(rule: str, seed: int) -> None:
    schedule = schedules.ALL[rule]

    async def main() -> None:
        cluster = schedule.cluster(rule=True, seed=seed)
        played = await schedule.play(cluster)
        assert not played, played.harm
        assert cluster.violations == []

    run(main)
