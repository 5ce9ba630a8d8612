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
