"""Every plot is drawn, at 3 and 25 peers, light and dark; what it must not hide is looked for in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import same_color

from groupkit.raft.messages import Append, Vote
from groupkit.record import page, plot
from groupkit.record.plot_base import as_points, runs, stairs, thin
from groupkit.record.steps import Steps
from groupkit.record.style import DARK, LIGHT

Make = Callable[..., Any]
LETTERS = [chr(ord("a") + i) for i in range(25)]
OF_A_RUN = [name for name in plot.__all__ if name not in ("cdf", "heatmap")]  # those two draw sweeps
SIZES = {"3": LETTERS[:3], "25": LETTERS}


@pytest.fixture(autouse=True)
def close() -> Iterator[None]:
    """No figure outlives its test."""
    yield
    plt.close("all")


def texts(ax: Axes) -> list[str]:
    ticks = [*ax.get_xticklabels(), *ax.get_yticklabels()]
    return [t.get_text() for t in [*ax.texts, *ticks, ax.title, ax._left_title]]  # type: ignore[attr-defined]


@pytest.mark.parametrize("peers", SIZES)
@pytest.mark.parametrize("style", ["default", "dark_background"])
@pytest.mark.parametrize("name", OF_A_RUN)
def test_each_plot_is_drawn(run: Make, name: str, style: str, peers: str) -> None:
    with plt.style.context(style):
        ax = getattr(plot, name)(run(SIZES[peers], 10.0).timeline)
        ax.figure.canvas.draw()
    assert isinstance(ax, Axes)
    assert ax.get_title(loc="left")
    if name != "committed":
        assert set(ax.get_yticklabels()[0].get_text().split()[0]) <= set("abcdefghijklmnopqrstuvwxyz")


@pytest.mark.parametrize("name", OF_A_RUN)
def test_axes_in_axes_out(run: Make, name: str) -> None:
    _, axes = plt.subplots(2)
    timeline = run(LETTERS[:3], 10.0).timeline
    assert getattr(plot, name)(timeline, ax=axes[1], start=1.0, end=5.0) is axes[1]
    assert plt.get_fignums() == [axes[0].figure.number]
    axes[0].figure.canvas.draw()


@pytest.mark.parametrize("name", OF_A_RUN)
@pytest.mark.parametrize("peers", [[], ["a"], ["a", "b"]])
def test_a_run_in_which_nothing_happened(story: Make, name: str, peers: list[str]) -> None:
    s = story(peers)
    getattr(plot, name)(s.timeline).figure.canvas.draw()
    getattr(plot, name)(s.at(2.0).timeline).figure.canvas.draw()


@pytest.mark.parametrize("name", [n for n in OF_A_RUN if n != "logs"])
def test_an_empty_window_is_refused(run: Make, name: str) -> None:
    timeline = run(LETTERS[:3], 10.0).timeline
    with pytest.raises(ValueError, match=r"from 5 s to 4 s is empty: the run is told from 0 s to 10 s"):
        getattr(plot, name)(timeline, start=5.0, end=4.0)
    with pytest.raises(ValueError, match="finite"):
        getattr(plot, name)(timeline, start=float("nan"), end=4.0)
    assert plt.get_fignums() == []


@pytest.mark.parametrize("name", OF_A_RUN)
def test_a_moment_is_a_number(run: Make, name: str) -> None:
    timeline = run(LETTERS[:3], 10.0).timeline
    for which in ("start", "end", *(["at"] if name == "logs" else [])):
        for wrong in ("2", True, [1]):
            with pytest.raises(
                TypeError, match=rf"{which} is a number of virtual seconds, not {re.escape(repr(wrong))}"
            ):
                getattr(plot, name)(timeline, **{which: wrong})
        with pytest.raises(ValueError, match=f"{which} is a finite number of virtual seconds, not nan"):
            getattr(plot, name)(timeline, **{which: float("nan")})
    assert plt.get_fignums() == []


def test_rules_that_were_off_are_in_every_picture(story: Make) -> None:
    s = story("abc", rules={"pre_vote": False, "log_matching": True}).at(2.0)
    for name in OF_A_RUN:
        assert "rules off: pre_vote" in getattr(plot, name)(s.timeline).get_title(loc="left")


def test_the_theme_follows_the_axes(run: Make) -> None:
    timeline = run(LETTERS[:3], 10.0).timeline
    with plt.style.context("dark_background"):
        dark = plot.leadership(timeline)
    light = plot.leadership(timeline)
    for ax, theme in ((dark, DARK), (light, LIGHT)):
        faces = [c.get_facecolor()[0] for c in ax.collections if len(c.get_facecolor())]
        assert any(same_color(face, theme.terms[0]) for face in faces)


# -- committed ---------------------------------------------------------------------------------------------------


def test_a_line_that_goes_down_is_red_and_labelled(story: Make) -> None:
    s = story("abcde").everybody(1, "a").at(1.0).committed(9).at(2.0).committed(4, "de").at(3.0).committed(9).at(4.0)
    ax = plot.committed(s.timeline)
    assert "d e went back\n9 → 4" in texts(ax)
    assert any(same_color(c.get_color()[0], LIGHT.red) for c in ax.collections if hasattr(c, "get_color"))
    assert page.still(s.timeline).count("d e: 9 → 4</text>") == 1


def test_the_beginning_after_a_restart_is_no_step_down(run: Make) -> None:
    assert not any("went back" in text for text in texts(plot.committed(run(LETTERS[:3], 10.0).timeline)))


def test_who_was_down_who_led_and_what_was_cut_is_written(story: Make) -> None:
    s = story("abc").at(1.0).everybody(1, "b").at(2.0).fault("partition", None, ("a", "b"), ("c",))
    s.at(5.0).fault("heal")
    s.fault("kill", "c").state("c", "down", 1)
    told = texts(plot.committed(s.at(8.0).timeline))
    for expected in ("c down", "term 1: b leads", "split: a b | c"):
        assert expected in told


def test_what_is_cut_at_one_moment_has_one_label_and_ends_where_the_next_begins(story: Make) -> None:
    s = story("abcd").at(1.0).everybody(1, "b").at(2.0)
    s.fault("isolate", "a").fault("isolate", "c").at(6.0).fault("partition", None, ("a", "b"), ("c", "d")).at(8.0)
    ax = plot.committed(s.timeline)
    told = [t for t in ax.texts if t.get_text().startswith(("isolated", "split"))]
    assert [t.get_text() for t in told] == ["isolated: a c", "split: a b | c d"]
    ax.figure.canvas.draw()
    first, second = (t.get_window_extent() for t in told)
    assert first.x1 <= second.x0, "labels lie over each other"


def test_who_lags_is_named_at_its_line_also_after_it_was_down(story: Make) -> None:
    s = story("abcde").everybody(1, "a").at(1.0).committed(40).at(2.0).state("d", "down", 1).committed(0, "d")
    s.at(4.0).state("d", "follower", 1, "a").at(4.5).committed(40, "d").at(5.0).committed(80, "abe")
    told = [t for t in plot.committed(s.at(8.0).committed(80).at(10.0).timeline).texts if t.get_text() == "c d"]
    assert [t.xy[1] for t in told] == [40]  # type: ignore[attr-defined]


def test_leaders_at_once_are_all_named(story: Make) -> None:
    s = (
        story("abcd")
        .at(1.0)
        .everybody(1, "a")
        .at(2.0)
        .state("c", "leader", 1, "c")
        .at(5.0)
        .state("d", "leader", 2, "d")
    )
    s.at(8.0).state("a", "follower", 2, "d").state("c", "follower", 2, "d")
    told = texts(plot.committed(s.at(11.0).timeline))
    assert {"term 1: a and c lead", "term 2: d, term 1: a c", "term 2: d leads"} <= set(told)
    assert "term 1: a and c lead" in page.still(s.timeline)


def test_a_term_of_nobody_can_be_read_on_dark(story: Make) -> None:
    s = story("ab").at(0.0).everybody(0).at(5.0).everybody(1, "a").at(10.0)
    with plt.style.context("dark_background"):
        dark = plot.roles(s.timeline)
    for ax, ink in ((dark, DARK.ink), (plot.roles(s.timeline), "#111111")):
        assert {t.get_color() for t in ax.texts if t.get_text() in ("term 0", "0")} == {ink}


def test_thinning_hides_no_step_down() -> None:
    line = Steps([0.0], [0])
    for i in range(1, 200_000):
        line.put(i / 1000, i if i != 123_456 else i - 3)
    points = stairs(as_points(line), 0.0, 200.0)
    x, y = thin(points, 0.0, 200.0)
    assert len(x) < 10_000 < len(points[0])
    falls = np.flatnonzero(np.diff(y) < 0)
    assert [(y[i], y[i + 1]) for i in falls] == [(123_455.0, 123_453.0)]
    assert (x[0], x[-1], y[-1]) == (0.0, 200.0, 199_999.0)


def test_stairs_in_a_window() -> None:
    steps = as_points(Steps([0.0, 1.0, 2.0, 5.0], [0, 3, 4, 9]))
    x, y = stairs(steps, 1.5, 4.0)
    assert x.tolist() == [1.5, 2.0, 2.0, 4.0]
    assert y.tolist() == [3.0, 3.0, 4.0, 4.0]


def test_names_are_gathered() -> None:
    assert runs(["a", "b", "c", "e"]) == "a–c e"
    assert runs(LETTERS) == "a–y"
    assert runs(["n1", "n2"]) == "n1 n2"
    assert runs([f"n{i}" for i in range(20)]) == "n0 n1 n2 n3 n4 … (20)"


# -- the others --------------------------------------------------------------------------------------------------


def test_leadership_says_how_long_nobody_led(story: Make) -> None:
    s = story("ab").at(2.0).everybody(1, "a").at(8.0)
    assert plot.leadership(s.timeline).get_title(loc="left") == "Leadership: nobody led for 2 of 8 s"


def test_elections_of_very_many_the_newest_are_drawn_and_equal_rounds_share_a_column(story: Make) -> None:
    s = story("ab")
    for i in range(100):
        s.at(i + 1.0).row("election", "a", i, False, "")
    assert "the newest 36 columns of 100" in plot.elections(s.at(200.0).timeline).get_title(loc="left")
    rounds = story("ab")
    for i in range(100):
        rounds.at(i + 1.0).row("election", "a", 1, True, "")
    assert "pre 1 ×99\n1 s\ntimed out" in texts(plot.elections(rounds.at(200.0).timeline))


def test_logs_at_a_moment(run: Make) -> None:
    timeline = run(LETTERS[:3], 10.0).timeline
    early = plot.logs(timeline, at=1.1)
    assert early.get_title(loc="left").startswith("Logs at 1.1 s")
    assert "b leads" in texts(early)
    assert "c down" in texts(plot.logs(timeline, at=4.5))
    assert "1" in texts(plot.logs(timeline, indexes=(2, 4)))
    assert "'x'" in texts(plot.logs(_one_entry(timeline), commands=True))
    with pytest.raises(ValueError, match="at=11 is outside the run"):
        plot.logs(timeline, at=11)
    assert "Logs at 10 s" in texts(plot.logs(timeline, end=11)), "contract 9: one window suits all four plots"
    with pytest.raises(ValueError, match="the window from 5 s to 1 s is empty: give start before end"):
        plot.logs(timeline, start=5, end=1)
    with pytest.raises(ValueError, match="is no range of log indexes"):
        plot.logs(timeline, indexes=(0, 4))


def _one_entry(timeline: Any) -> Any:
    timeline.recorder.rows[:] = [(0.0, "log", "a", 1, ((1, "x", None),), 1, 1)]
    return timeline


def test_spacetime_shows_a_window_and_says_what_it_left_out(story: Make) -> None:
    s = story("abc").everybody(1, "a")
    for i in range(1000):
        s.at(i * 0.1)
        for dst in "bc":
            s.send("a", dst, Append(1, 0, 0, (), 0, i))
    s.send("b", "c", Vote(2, 0, 0))
    s.at(100.0)
    assert " from 92." in plot.spacetime(s.timeline).get_title(loc="left")
    whole = plot.spacetime(s.timeline, start=0.0, end=100.0).get_title(loc="left")
    assert whole == "Messages: 1 from 0 to 100 s; not drawn: 2,000 heartbeat"
    assert plot.spacetime(s.timeline, start=10.0, messages=20).get_xlim()[1] < 11.1
    with pytest.raises(ValueError, match="1 or more, not 0"):
        plot.spacetime(s.timeline, messages=0)


def test_spacetime_marks_crash_restart_and_lost_messages(run: Make) -> None:
    ax = plot.spacetime(run(LETTERS[:3], 10.0).timeline, start=0.0, end=10.0)
    legend = ax.get_legend()
    assert legend is not None
    assert {"crash", "restart", "vote", "entries", "never arrived"} <= {t.get_text() for t in legend.get_texts()}
