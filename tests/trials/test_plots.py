"""Frames of sweeps plot as they are."""

import functools

import matplotlib.pyplot as plt
import numpy as np
import pytest

from groupkit import ConsensusConfig, plot, sweep
from tests.trials.scenarios import drawn, sometimes

quiet = functools.partial(sweep, progress=False)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_cdf_of_all_and_by_a_parameter():
    frame = quiet(drawn, {"n": [1, 4]}, 20)
    (line,) = plot.cdf(frame, "sum").get_lines()
    assert len(line.get_xdata()) == 41 and line.get_ydata()[0] == 0.0 and line.get_ydata()[-1] == 1.0
    axes = plot.cdf(frame, "sum", by="n", scale=1000, log=True)
    one, four = axes.get_lines()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["1", "4"]
    assert np.median(four.get_xdata()) == pytest.approx(1000 * frame[frame["n"] == 4]["sum"].median(), rel=0.1)
    assert one.get_linestyle() != four.get_linestyle()  # colour is not the only carrier
    assert axes.get_xscale() == "log"
    axes.figure.draw_without_rendering()
    assert {"100", "1,000"} & {tick.get_text() for tick in axes.get_xticklabels()}  # as people write numbers


def test_heatmap_writes_its_numbers():
    frame = quiet(drawn, {"n": [1, 4]}, 5).assign(half=lambda f: f["seed"] % 2)
    axes = plot.heatmap(frame, "sum", "n", "half", how="max")
    assert len(axes.texts) == 4
    assert axes.texts[1].get_text() == f"{frame[(frame['n'] == 4) & (frame['half'] == 0)]['sum'].max():.3g}"
    assert "max of sum: 10 runs" in axes.get_title("left")


def test_errors_are_said_not_drawn():
    axes = plot.cdf(quiet(sometimes, {}, 5), "square")
    assert axes.get_title("left") == "square: 4 runs, 1 ended in an error"


def test_what_cannot_be_drawn():
    frame = quiet(sometimes, {"bad": [99]}, 3)
    with pytest.raises(ValueError, match="no column 'x'; this frame has bad, seed, square, error"):
        plot.cdf(frame, "x")
    with pytest.raises(TypeError, match="holds no numbers"):
        plot.cdf(frame.assign(name="a"), "name")
    with pytest.raises(ValueError, match="1 of 1 ended in an error"):
        plot.heatmap(frame.iloc[:1].assign(square=np.nan, error="ValueError"), "square", "bad", "seed")


async def won(seed, config=None, timeouts=(1, 2)):
    if seed == 1:
        raise ValueError("one")
    return {"won": seed == 2, "time": float(seed)}


def test_one_run_a_line_is_seen_and_a_line_begins_at_none():
    for line in plot.cdf(quiet(won, {"timeouts": [1, 2]}, [3]), "time", by="timeouts").get_lines():
        assert line.get_xdata().tolist() == [3.0, 3.0] and line.get_ydata().tolist() == [0.0, 1.0]


def test_a_parameter_that_is_none_has_its_runs():
    frame = quiet(won, {"config": [None, 0.5], "timeouts": [(1, 2), "x"]}, [0, 2])
    ax = plot.heatmap(frame, "time", "config", "timeouts", how="mean")
    assert [text.get_text() for text in ax.texts] == ["1"] * 4
    assert [label.get_text() for label in ax.get_xticklabels()] == ["None", "0.5"]
    labels = [text.get_text() for text in plot.cdf(frame, "time", by=["config", "timeouts"]).get_legend().get_texts()]
    assert labels == ["None, (1, 2)", "None, x", "0.5, (1, 2)", "0.5, x"]


def test_truths_among_errors_are_numbers():
    frame = quiet(won, {"timeouts": [1, 2]}, 4)
    assert frame["won"].dtype == object
    ax = plot.heatmap(frame.assign(all="all"), "won", "timeouts", "all", how="mean")
    assert [text.get_text() for text in ax.texts] == ["0.333"] * 2
    assert ax.get_title(loc="left") == "mean of won: 6 runs, 2 ended in an error"


def test_labels_are_short_and_no_two_are_alike():
    configs = [ConsensusConfig(election_timeout=one) for one in (1.0, 2.0)]
    frame = quiet(won, {"config": [*configs, None]}, [0, 2])
    legend = plot.cdf(frame, "time", by="config").get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["election_timeout=1.0", "election_timeout=2.0", "None"]
    long = ["a very long name for a schedule, number one", "a very long name for a schedule, number two"]
    ax = plot.heatmap(quiet(won, {"config": long}, [0]).assign(y="y"), "time", "config", "y")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["… number one", "… number two"]


def test_what_a_figure_cannot_show_is_said():
    frame = quiet(won, {}, [0, 2, 3]).assign(many=range(3), lists=[[1]] * 3)
    with pytest.raises(ValueError, match="by='n' makes 50 lines, more than can be told apart"):
        plot.cdf(quiet(drawn, {"n": range(1, 51)}, 1), "sum", by="n")
    with pytest.raises(ValueError, match="no 'time' is above 0, so a logarithmic axis has no place for any"):
        plot.cdf(frame.assign(time=0.0), "time", log=True)
    with pytest.raises(TypeError, match="the column 'lists' cannot be grouped"):
        plot.cdf(frame, "time", by="lists")
    with pytest.raises(ValueError, match="how='std' gives no finite number of 'time' for any cell"):
        plot.heatmap(frame, "time", "many", "seed", how="std")
    with pytest.raises(TypeError, match="how is to give one number for each cell, and 'describe' gave"):
        plot.heatmap(frame, "time", "many", "seed", how="describe")
    infinite = plot.cdf(frame.assign(time=[1.0, float("inf"), 2.0]), "time", scale=np.int64(10))
    assert infinite.get_title(loc="left") == "time: 3 runs, 1 infinite"
    narrow = plot.cdf(frame.assign(time=[1.0, 1.1, 1.2]), "time", log=True)
    assert len([tick for tick in narrow.get_xticks() if 1.0 <= tick <= 1.2]) >= 3
