"""Frames of sweeps plot as they are."""

import functools

import matplotlib.pyplot as plt
import numpy as np
import pytest

from groupkit import plot, sweep
from tests.trials.scenarios import drawn, sometimes

quiet = functools.partial(sweep, progress=False)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_cdf_of_all_and_by_a_parameter():
    frame = quiet(drawn, {"n": [1, 4]}, 20)
    (line,) = plot.cdf(frame, "sum").get_lines()
    assert len(line.get_xdata()) == 40 and line.get_ydata()[-1] == 1.0
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
