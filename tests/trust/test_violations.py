"""A violation says what led to it, and opens in the timeline."""

from __future__ import annotations

import pickle
from typing import Any

import matplotlib.pyplot as plt
import pytest

from groupkit import Cluster, Rules, Timeline, Violation, replay, run, schedules
from groupkit.record.cause import LEAST, MOST
from groupkit.record.tape import tape
from groupkit.record.telling import said, worth_saying

WATCHED = [
    "votes_persisted", "one_vote_a_term", "log_up_to_date", "own_term_commit", "log_matching", "conflicts_removed",
    "matched_before_ack", "commit_bounded", "higher_term_steps_down",
]  # fmt: skip


async def fallen(rule: str) -> Cluster:
    """A cluster without that rule, after its schedule."""
    cluster = (await schedules.ALL[rule].play()).cluster
    assert cluster.violations
    return cluster


def two_leaders(**options: Any) -> Cluster:
    """Both a and b will win term 1."""
    cluster = Cluster(5, rules=Rules().without("one_vote_a_term"), seed=2, **options)
    cluster.timeout_now("a")
    cluster.timeout_now("b")
    return cluster


@pytest.mark.parametrize("rule", WATCHED)
def test_it_tells_a_few_events_of_those_concerned_in_order(rule: str) -> None:
    async def main() -> None:
        violation = (await fallen(rule)).violations[0]
        events = violation.events
        assert LEAST <= len(events) <= MOST, events
        assert list(events) == sorted(events, key=lambda event: event.time)
        assert events[-1].time <= violation.time
        assert any(event.peer in violation.peers for event in events)
        assert all(event.text and not event.text.startswith("violation of") for event in events)

    run(main)


def test_two_leaders_are_told_by_the_votes_that_were_given_twice() -> None:
    async def main() -> None:
        cluster = two_leaders()
        await cluster.clock.advance(0.1)
        texts = [event.text for event in cluster.violations[0].events]
        assert texts[-2:] == ["a leads term 1", "b leads term 1"] or texts[-2:] == ["b leads term 1", "a leads term 1"]
        twice = {text.split()[0] for text in texts if " voted for a " in text}
        assert twice & {text.split()[0] for text in texts if " voted for b " in text}, texts

    run(main)


def test_a_lost_entry_is_told_from_its_commit_to_the_leader_that_lacks_it() -> None:
    async def main() -> None:
        violation = (await fallen("log_up_to_date")).violations[0]
        assert violation.property == "Leader Completeness" and violation.index == 1
        texts = [event.text for event in violation.events]
        story = [
            "a logged 1 entry at index 1", "a knows indexes up to 1 as committed", "a was killed",
            "b voted for c in term 2", "c leads term 2",
        ]  # fmt: skip
        places = [next(place for place, text in enumerate(texts) if text.startswith(part)) for part in story]
        assert places == sorted(places)

    run(main)


def test_what_others_do_is_left_out() -> None:
    async def main() -> None:
        cluster = two_leaders()
        cluster.kill("e")
        await cluster.clock.advance(0.1)
        violation = cluster.violations[0]
        assert set(violation.peers) == {"a", "b"}
        assert not [event for event in violation.events if "e was killed" in event.text]

    run(main)


def test_its_timeline_ends_at_the_moment_and_its_picture_marks_it() -> None:
    async def main() -> None:
        cluster = await fallen("log_up_to_date")
        violation = cluster.violations[0]
        await cluster.clock.advance(5.0)
        timeline = violation.timeline
        assert timeline.end == violation.time < cluster.timeline.end
        assert timeline.violations[0] == violation and timeline.events()["time"].max() <= violation.time
        ax = violation.plot()
        start, end = ax.get_xlim()
        assert start < violation.time < end
        assert [line for line in ax.get_lines() if list(line.get_xdata()) == [violation.time] * 2]
        assert "Leader Completeness violated" in [text.get_text() for text in ax.texts]
        mine = plt.figure().subplots()
        assert violation.plot(ax=mine, start=0.0, end=1.0) is mine and mine.get_xlim() == (0.0, 1.0)
        plt.close("all")
        again = replay(timeline)
        assert again.violations[0] == violation and again.clock.now == violation.time

    run(main)


def test_a_file_keeps_it_with_everything_that_led_to_it(tmp_path: Any) -> None:
    async def main() -> None:
        cluster = await fallen("own_term_commit")
        cluster.timeline.save(tmp_path / "run.gz")
        cluster.violations[0].timeline.save(tmp_path / "until.gz")
        for name in ("run.gz", "until.gz"):
            loaded = Timeline.load(tmp_path / name).violations[0]
            assert loaded == cluster.violations[0] and loaded.events == cluster.violations[0].events

    run(main)


def test_the_feed_says_it_and_knows_its_peers() -> None:
    async def main() -> None:
        cluster = two_leaders()
        await cluster.clock.advance(0.1)
        row = next(row for row in cluster.recorder.rows if row[1] == "violation")
        assert worth_saying(row)
        about, text, _ = said(row)
        assert sorted(about) == ["a", "b"] and text.startswith("violation of Election Safety: ")
        packed = tape(cluster.timeline)
        assert [one for one in packed["says"] if one[1] == "violation"]
        assert [one for one in packed["rows"] if one[1] == "violation"]

    run(main)


def test_it_shows_itself_briefly_and_in_html_with_its_events() -> None:
    async def main() -> None:
        cluster = two_leaders()
        await cluster.clock.advance(0.1)
        violation = cluster.violations[0]
        assert repr(violation) == f"<Election Safety violated at {violation.time:.3f} s by a and b, term 1>"
        assert len(str(violation)) < 120
        page = violation._repr_html_()
        assert "Election Safety violated" in page and all(event.text in page for event in violation.events)

    run(main)


def test_names_are_escaped() -> None:
    async def main() -> None:
        cluster = Cluster(["<i>", "b", "c"], rules=Rules().without("one_vote_a_term"), seed=2)
        cluster.timeout_now("<i>")
        cluster.timeout_now("b")
        await cluster.clock.advance(0.1)
        page = cluster.violations[0]._repr_html_()
        assert "&lt;i&gt; leads term 1" in page and "<i>" not in page

    run(main)


def test_without_a_record_it_says_that_no_timeline_is_kept() -> None:
    async def main() -> None:
        cluster = two_leaders(record=False)
        await cluster.clock.advance(0.1)
        violation = cluster.violations[0]
        assert violation.property == "Election Safety" and violation.time > 0
        for look in (lambda: violation.events, lambda: violation.timeline, violation.plot):
            with pytest.raises(
                LookupError, match=r"no timeline is kept of this run, .*: make the cluster with record=True"
            ):
                look()
        assert "No timeline is kept (record=False)" in violation._repr_html_()

    run(main)


def test_what_the_recorder_let_go_of_is_said_to_be_gone() -> None:
    async def main() -> None:
        cluster = two_leaders()
        await cluster.clock.advance(0.1)
        violation = cluster.violations[0]
        del cluster.recorder.rows[:]
        assert violation.events == () and "The recorder has let go of what led to it." in violation._repr_html_()

    run(main)


def test_another_process_gets_what_it_says() -> None:
    async def main() -> Violation:
        cluster = two_leaders()
        await cluster.clock.advance(0.1)
        return cluster.violations[0]

    violation = run(main)
    sent = pickle.loads(pickle.dumps(violation))
    assert sent == violation and str(sent) == str(violation) and sent.recorder is None


def test_a_commit_beyond_the_log_is_a_violation_and_not_a_crash_of_the_watch() -> None:
    async def main() -> None:
        cluster = await fallen("log_matching")
        await cluster.clock.advance(1.0)
        assert [v for v in cluster.violations if "though its log ends at" in v.text]

    run(main)


def test_until_is_a_timeline_of_its_own() -> None:
    async def main() -> None:
        cluster = Cluster(3, seed=1)
        await cluster.when().converged()
        half = cluster.timeline.until(1.0)
        before = half.digest()
        await cluster.clock.advance(3.0)
        assert half.digest() == before and half.end <= 1.0
        with pytest.raises(ValueError, match=r"until\(seconds\) is a finite number of seconds, 0 or more, not -1"):
            cluster.timeline.until(-1)

    run(main)
