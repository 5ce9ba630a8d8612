"""Safety under every fault, and agreement after the calm: a storm for each of many seeds."""

from __future__ import annotations

import pytest

import groupkit
from tests.stories.storm import storm

SEEDS = range(60)
BATCH = 10


@pytest.mark.parametrize("first", SEEDS[::BATCH])
def test_the_books_agree_after_every_storm(first: int) -> None:
    acknowledged = 0
    for seed in range(first, first + BATCH):
        weather = groupkit.run(lambda seed=seed: storm(seed), seed=seed)  # type: ignore[misc]
        acknowledged += len(weather.acknowledged)
    assert acknowledged > 20 * BATCH, "in such weather nothing was tested"


def test_the_same_storm_rages_the_same_way_twice() -> None:
    one, two = (groupkit.run(lambda: storm(5, 10.0), seed=5) for _ in range(2))
    assert str(one) == str(two) and one.acknowledged == two.acknowledged


@pytest.mark.parametrize(
    ("rule", "seeds"),
    [("one_vote_a_term", range(2, 8)), ("log_up_to_date", range(2, 12)), ("log_matching", range(4)),
     ("higher_term_steps_down", range(4)), ("applied_once", range(4))],
)  # fmt: skip
def test_a_storm_finds_out_when_a_rule_is_missing(rule: str, seeds: range) -> None:
    """Otherwise the calm of the other storms would prove nothing."""
    found = []
    for seed in seeds:
        try:
            groupkit.run(lambda seed=seed: storm(seed, without=rule), seed=seed)  # type: ignore[misc]
        except AssertionError as error:
            found.append(str(error))
            break
    assert found, f"{len(seeds)} storms without {rule} passed unnoticed"
    assert "replay it: groupkit.run(" in found[0]
