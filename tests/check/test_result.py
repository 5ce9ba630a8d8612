"""What a result shows: words, HTML, a picture."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from groupkit.check import KeyValueModel, LinearizabilityResult, Operation, RegisterModel, linearizable
from tests.check.histories import busy, with_stale_read

STALE = [
    Operation("a", 0.0, 1.0, ("write", 1)),
    Operation("c", 0.5, None, ("write", 5)),
    Operation("b", 2.0, 3.5, ("read",)),
    Operation("a", 3.0, 9.0, ("write", 2)),
    Operation("b", 10.0, 11.0, ("read",), 2),
]


def test_words_of_a_failure() -> None:
    assert str(linearizable(STALE, RegisterModel)) == (
        "Not linearizable: 5 operations, RegisterModel.\n"
        "b: read -> None (called 2.0, returned 3.5) fits no order of the calls made until it returned.\n"
        "Without this return everything fits, for example in this order: write 1.\n"
        "By then every order of the others leads to one of these states: 1; 5; 2.\n"
        "The shortest failing prefix:\n"
        "    a: write 1 (called 0.0, returned 1.0)\n"
        "    c: write 5 -> ? (called 0.5, never returned)\n"
        "  > b: read -> None (called 2.0, returned 3.5)\n"
        "    a: write 2 -> ? (called 3.0, never returned)"
    )


def test_words_name_the_key() -> None:
    history = [Operation("a", 0, 1, ("put", "x", "1")), Operation("b", 2, 3, ("get", "x"), "")]
    text = str(linearizable(history, KeyValueModel))
    assert text.startswith("Not linearizable at key 'x': 2 operations in 1 part, KeyValueModel.\n")
    assert "By then every order of the others leads to the state '1'." in text


def test_words_of_a_success() -> None:
    assert str(linearizable(STALE[:2], RegisterModel)) == "Linearizable: 2 operations, RegisterModel."
    assert str(linearizable([], KeyValueModel)) == "Linearizable: 0 operations in 0 parts, KeyValueModel."
    assert repr(linearizable([], KeyValueModel)).startswith("<LinearizabilityResult: Linearizable")


def test_long_failures_are_told_in_short() -> None:
    history = with_stale_read(busy("register", 1_200, 10), 0.9)
    result = linearizable(history, RegisterModel)
    text = str(result)
    assert len(result.prefix) > 1_000
    assert f"(the last 12 of {len(result.prefix):,} calls)" in text
    assert f"  > {result.failed}" in text
    assert len(text) < 3_000
    assert len(result._repr_html_()) < 30_000


def test_long_values_are_told_in_short() -> None:
    history = [Operation("a" * 10_000, 0, 1, ("write", "v" * 10**6)), Operation("b", 2, 3, ("read",), "w" * 10**6)]
    result = linearizable(history, RegisterModel)
    assert len(str(result)) < 1_500
    assert len(result._repr_html_()) < 6_000


class Strict(HTMLParser):
    """Collects tags and text, and checks that all that is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def end(self) -> Strict:
        assert self._open == []
        return self


def parsed(result: LinearizabilityResult) -> Strict:
    parser = Strict()
    parser.feed(result._repr_html_())
    return parser.end()


def test_html_shows_verdict_picture_and_table() -> None:
    page = parsed(linearizable(STALE, RegisterModel))
    assert "✗ Not linearizable" in page.text
    assert "fits no order of the calls made until it returned" in page.text
    assert page.tags.count("rect") == 4
    assert page.tags.count("tr") == 5
    assert ("aria-label", "Not linearizable: 5 operations, RegisterModel.") in page.attributes


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "</svg></div>&amp;"])
def test_html_escapes_every_value(evil: str) -> None:
    model = type(evil, (RegisterModel,), {})
    history = [Operation(evil, 0, 1, ("write", evil)), Operation(f"{evil}2", 2, 3, ("read",), f"{evil}!")]
    for result in (linearizable(history, model), linearizable(history[:1], model)):
        page = parsed(result)
        assert set(page.tags) <= {
            *("div", "p", "b", "small", "svg", "g", "title", "rect", "text", "path"),
            *("details", "summary", "table", "tr", "th", "td"),
        }
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in page.attributes)
    keyed = [Operation("a", 0, 1, ("put", evil, evil)), Operation("a", 2, 3, ("get", evil), "")]
    assert "script" not in parsed(linearizable(keyed, KeyValueModel)).tags


def test_html_of_a_success_and_of_an_unknown() -> None:
    assert "✓ Linearizable: 2 operations" in parsed(linearizable(STALE[:2], RegisterModel)).text
    assert "✓ Linearizable: 0 operations" in parsed(linearizable([], RegisterModel)).text
    unknown = linearizable(busy("register", 300, 10), RegisterModel, budget=5)
    assert "? Not known whether linearizable (300 operations, RegisterModel): the budget" in parsed(unknown).text


@pytest.fixture
def figures() -> Iterator[Any]:
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


def test_plot_marks_the_failing_call(figures: Any) -> None:
    axes = linearizable(STALE, RegisterModel).plot()
    axes.figure.canvas.draw()
    bars: list[Any] = list(axes.patches)
    assert [bar.get_x() for bar in bars] == [0.0, 0.5, 2.0, 3.0]
    assert [bar.get_hatch() for bar in bars] == [None, None, "//", None]
    assert [bar.get_linestyle() for bar in bars] == ["-", "--", "-", "--"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "c", "b"]
    assert "✗ b: read -> None" in axes.get_title()
    assert " ✗ read -> None" in [text.get_text() for text in axes.texts]


def test_plot_draws_where_it_is_told(figures: Any) -> None:
    _, axes = figures.subplots()
    assert linearizable(STALE[:2], RegisterModel).plot(ax=axes) is axes
    assert len(axes.patches) == 2
    assert linearizable([], RegisterModel).plot() is not axes


def test_plot_takes_any_text(figures: Any) -> None:
    history = [Operation("$a$", 0, 1, ("write", r"$\frac{$")), Operation("b_{", 1, 1, ("read",), "$")]
    linearizable(history, RegisterModel).plot().figure.canvas.draw()


def test_plot_of_a_long_history_says_what_it_leaves_out(figures: Any) -> None:
    history = with_stale_read(busy("register", 500, 10), 0.9)
    result = linearizable(history, RegisterModel)
    axes = result.plot(limit=20)
    assert len(axes.patches) == 20
    assert f"{len(result.prefix) - 20:,} more calls are not drawn" in axes.get_title()
    with pytest.raises(ValueError, match="limit is at least 1 operation, not 0"):
        result.plot(limit=0)


def test_effects_lie_inside_their_calls_in_the_order_found(figures: Any) -> None:
    from groupkit.check.scene import scene

    history = busy("register", 200, 6)
    result = linearizable(history, RegisterModel)
    effects = {bar.text: bar for bar in scene(result, 1_000).bars}
    last = 0.0
    for operation in result.order:
        bar = effects[str(operation)]
        assert bar.effect is not None
        assert bar.start <= bar.effect <= bar.end
        assert last <= bar.effect
        last = bar.effect


def test_overlapping_calls_of_one_client_get_rows_of_their_own() -> None:
    from groupkit.check.scene import scene

    history = [
        Operation("a", 0, 9, ("write", 1)),
        Operation("a", 1, 3, ("write", 2)),
        Operation("a", 4, 5, ("read",), 1),
    ]
    drawn = scene(linearizable(history, RegisterModel), 60)
    assert drawn.rows == ("a", "")
    assert [bar.row for bar in drawn.bars] == [0, 1, 1]


def test_importing_and_checking_loads_nothing_big() -> None:
    program = (
        "import sys\n"
        "from groupkit.check import *\n"
        "r = linearizable([Operation('a', 0, 1, ('read',), 1)], RegisterModel)\n"
        "r._repr_html_(); str(r)\n"
        "big = [name for name in ('matplotlib', 'numpy', 'pandas', 'asyncio') if name in sys.modules]\n"
        "print(big)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
