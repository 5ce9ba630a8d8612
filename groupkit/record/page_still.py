"""The commit plot as one still SVG in plain Python: for pages without JavaScript and notebooks without a kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from groupkit.record import glance
from groupkit.record.elections import elections, failures
from groupkit.record.faults import CUTTING, faults
from groupkit.record.intervals import Band, Reign, captions, downs, reigns, terms_on_top, union
from groupkit.record.steps import Steps, committed_steps, steps_down
from groupkit.record.style import DARK, LIGHT, Theme

if TYPE_CHECKING:
    from groupkit.record.timeline import Timeline

WIDTH, HEIGHT = 900, 320
LEFT, RIGHT, TOP, BOTTOM = 46, WIDTH - 96, 46, HEIGHT - 30
COLUMNS = 0.5  # pixels: what lies closer together is drawn as one step

Scale = Callable[[float], float]


def still(timeline: Timeline) -> str:
    """Committed indexes over virtual time; behind them the terms, wins, failed elections, cuts and downs."""
    rows, start, end = timeline.recorder.rows, timeline.start, timeline.end
    span = (end - start) or 1.0

    def x(time: float) -> float:
        return LEFT + (min(max(time, start), end) - start) / span * (RIGHT - LEFT)

    lines = committed_steps(rows, timeline.peers, start)
    high = max([1, *(max(line.values) for line in lines.values())])

    def y(index: float) -> float:
        return BOTTOM - index / high * (BOTTOM - TOP - 10)

    led = reigns(rows, end)
    cuts = [Band("", f.start, f.end) for f in faults(rows, timeline.peers, end) if f.verb in CUTTING]
    failed = failures(elections(rows, end), led, start, end)
    away = downs(rows, end)
    facts = glance.glance(timeline.recorder, timeline.peers, start, end, timeline.note).line()
    inside = [
        *_terms(led, x),
        *_bands(failed, x, "failed"),
        *_bands(union(cuts), x, "cut"),
        *_bands(union(away), x, "down"),
        *_axes(start, end, high, y),
        *(_stairs(line, x, y) for line in lines.values()),
        *_falls(lines, away, x, y),
        *_ends(lines, y),
        *_legend(bool(failed), bool(cuts), bool(away)),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="gk-still" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" role="img" font-family="sans-serif" font-size="11"><title>Committed index over time: '
        f"{escape(facts)}</title><style>{_style()}</style>{_hatches()}"
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>{"".join(inside)}</svg>'
    )


def _style() -> str:
    return f"{_colours(LIGHT)}@media (prefers-color-scheme:dark){{{_colours(DARK)}}}"


def _colours(theme: Theme) -> str:
    terms = "".join(f".gk-still .t{n}{{fill:{colour}}}" for n, colour in enumerate(theme.terms, 1))
    return (
        f".gk-still text{{fill:{theme.ink}}}.gk-still .faint{{fill:{theme.faint}}}"
        f".gk-still .paper{{fill:{theme.paper}}}.gk-still .line{{stroke:{theme.ink};fill:none;stroke-opacity:.75}}"
        f".gk-still .axis{{stroke:{theme.faint};stroke-opacity:.4}}.gk-still .win{{fill:{theme.gold}}}"
        f".gk-still .red{{fill:{theme.red};stroke:{theme.red}}}.gk-still .down{{fill:{theme.red};fill-opacity:.14}}"
        f".gk-still .failed{{fill:{theme.amber};fill-opacity:.3}}.gk-still .cut{{fill:url(#gk-cut)}}"
        f".gk-still .on{{fill:#1c1c1c}}.gk-still .hatch{{stroke:{theme.faint};stroke-opacity:.6}}{terms}"
    )


def _hatches() -> str:
    pattern = 'id="gk-cut" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"'
    return f'<defs><pattern {pattern}><path class="hatch" d="M0 0V7"/></pattern></defs>'


def _rect(start: float, end: float, top: float, height: float, look: str) -> str:
    wide = max(1.5, end - start)
    return f'<rect x="{start:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{height:.1f}" {look}/>'


def _terms(led: Sequence[Reign], x: Scale) -> list[str]:
    """The tape on top and the pale bands below it; a gold mark where somebody won."""
    found = []
    for reign in terms_on_top(led):
        colour = f'class="t{(reign.term - 1) % 6 + 1}"'
        left, right = x(reign.start), x(reign.end)
        found.append(_rect(left, right, TOP, BOTTOM - TOP, f'{colour} fill-opacity=".2"'))
        found.append(_rect(left, right, 24, 16, colour))
    for start, end, told in captions(led):
        text = next((words for words in told if len(words) * 6 + 8 < x(end) - x(start)), "")
        if text:
            found.append(f'<text class="on" x="{x(start) + 6:.1f}" y="36">{escape(text)}</text>')
    for reign in led:
        at = x(reign.start)
        found.append(f'<path class="win" d="M{at - 4:.1f} 16h8l-4 7z"/>')
    return found


def _bands(bands: Iterable[Band], x: Scale, name: str) -> list[str]:
    return [_rect(x(band.start), x(band.end), TOP, BOTTOM - TOP, f'class="{name}"') for band in bands]


def _axes(start: float, end: float, high: int, y: Scale) -> list[str]:
    found = ['<text x="6" y="14" font-weight="600">Committed index, and who led</text>']
    for index in sorted({0, high // 2, high}):
        found.append(f'<path class="axis" d="M{LEFT} {y(index):.1f}H{RIGHT}"/>')
        found.append(f'<text class="faint" x="{LEFT - 6}" y="{y(index) + 4:.1f}" text-anchor="end">{index}</text>')
    for part, anchor in ((0.0, "start"), (0.25, "middle"), (0.5, "middle"), (0.75, "middle"), (1.0, "end")):
        place, time = LEFT + part * (RIGHT - LEFT), start + part * (end - start)
        text = f'<text class="faint" x="{place:.1f}" y="{BOTTOM + 14}" text-anchor="{anchor}">{time:.4g} s</text>'
        found.append(text)
    return found


def _stairs(line: Steps, x: Scale, y: Scale) -> str:
    path, pixel, last = f"M{LEFT} {y(line.values[0]):.1f}", float(LEFT), line.values[0]
    waiting = False
    for time, value in zip(line.times[1:], line.values[1:]):
        at = x(time)
        if at - pixel >= COLUMNS or value < last:
            path += f"H{at:.1f}{'M' if value < last else 'V'}"
            path += f"{at:.1f} {y(value):.1f}" if value < last else f"{y(value):.1f}"
            pixel, waiting = at, False
        else:
            waiting = True  # too close: it shows with the next step, or at the end
        last = value
    if waiting:
        path += f"V{y(last):.1f}"
    return f'<path class="line" d="{path}H{RIGHT}"/>'


def _falls(lines: dict[str, Steps], away: Sequence[Band], x: Scale, y: Scale) -> list[str]:
    """What only a bonded quorum allows: committed indexes that went back."""
    fallen: dict[tuple[int, int, int], list[str]] = {}
    for peer, line in lines.items():
        for time, before, after in steps_down(line, (band.end for band in away if band.label == peer)):
            fallen.setdefault((round(x(time)), before, after), []).append(peer)
    found = []
    for (at, before, after), names in fallen.items():
        found.append(f'<path class="red" stroke-width="2.5" d="M{at} {y(before):.1f}V{y(after):.1f}"/>')
        words = f"{_who(names)}: {before} → {after}"
        found.append(f'<text class="red" stroke="none" x="{at + 5}" y="{y(after):.1f}">{words}</text>')
    return found


def _ends(lines: dict[str, Steps], y: Scale) -> list[str]:
    groups: dict[int, list[str]] = {}
    for peer, line in lines.items():
        groups.setdefault(line.values[-1], []).append(peer)
    found, free = [], 0.0
    for index in sorted(groups, reverse=True):
        free = max(free + 12, y(index) + 4)
        found.append(f'<text x="{RIGHT + 6}" y="{free:.1f}">{index} {_who(groups[index])}</text>')
    return found


def _who(names: Sequence[str]) -> str:
    """A few names; of many, how many there are."""
    text = " ".join(names)
    return escape(text) if len(text) <= 12 else f"{len(names)} peers"


def _legend(failed: bool, cut: bool, down: bool) -> list[str]:
    told = [("win", "wins", True), ("failed", "election failed", failed), ("cut", "links cut", cut)]
    told.append(("down", "a peer is down", down))
    found, at = [], RIGHT - 10.0
    for name, words, there in reversed(told):
        if there:
            at -= len(words) * 6 + 22
            found.append(_rect(at, at + 11, 5, 10, f'class="{name}"'))
            found.append(f'<text class="faint" x="{at + 15:.1f}" y="14">{words}</text>')
    return found
