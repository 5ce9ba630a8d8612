"""A result as a cell's output: words, a picture and a table, with nothing to run or to fetch."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from .operation import short_repr, short_text, time_text
from .scene import Bar, Scene, scene

if TYPE_CHECKING:
    from .result import LinearizabilityResult

_SHOWN = 30
_WIDTH, _LEFT, _ROW, _TOP = 900, 110, 30, 6
_RED = "#d64545"
_MARKS = {True: "✓", False: "✗", None: "?"}


def page(result: LinearizabilityResult) -> str:
    """HTML of the result; every value in it is escaped."""
    from .words import headline, reasons

    drawn = scene(result, _SHOWN)
    parts = [f"<p><b>{_MARKS[result.linearizable]} {escape(headline(result))}</b></p>"]
    parts += [f"<p>{escape(reason)}</p>" for reason in reasons(result)]
    if drawn.bars:
        parts.append(_svg(drawn))
        notes = ["dashed: not returned"]
        if any(bar.effect is not None for bar in drawn.bars):
            notes.append("▲ where a call takes effect in the order found")
        if drawn.left_out:
            notes.append(f"{drawn.left_out:,} more calls are not drawn")
        parts.append(f"<p><small>{'; '.join(notes)}</small></p>")
    if result.prefix:
        parts.append(_table(result))
    return f'<div class="groupkit-linearizable" style="max-width:{_WIDTH}px">{"".join(parts)}</div>'


def _table(result: LinearizabilityResult) -> str:
    from .words import tail

    rows = []
    for operation in tail(result, _SHOWN):
        failed = operation is result.failed
        cells = [
            ("✗ " if failed else "") + short_text(operation.client),
            time_text(operation.call),
            "never" if operation.ret is None else time_text(operation.ret),
            short_repr(operation.input),
            "" if operation.ret is None else short_repr(operation.output),
        ]
        tag = "th" if failed else "td"
        row = "".join(f'<{tag} style="text-align:left">{escape(cell)}</{tag}>' for cell in cells)
        rows.append(f"<tr>{row}</tr>")
    heads = "".join(f'<th style="text-align:left">{head}</th>' for head in _HEADS)
    return f"<details><summary>The failing prefix</summary><table><tr>{heads}</tr>{''.join(rows)}</table></details>"


_HEADS = ("client", "called", "returned", "input", "output")


def _svg(drawn: Scene) -> str:
    height = _TOP + _ROW * len(drawn.rows) + 24
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(drawn.title)}" '
        f'style="width:100%;max-width:{_WIDTH}px" font-family="sans-serif" font-size="12" fill="currentColor">'
    ]
    for row, name in enumerate(drawn.rows):
        parts.append(f'<text x="{_LEFT - 8}" y="{_middle(row) + 4}" text-anchor="end">{escape(name[:15])}</text>')
    parts += [_bar(drawn, bar) for bar in drawn.bars]
    base = height - 16
    parts.append(f'<path d="M{_LEFT} {base}H{_WIDTH - 4}" stroke="currentColor" stroke-opacity=".4"/>')
    parts.append(f'<text x="{_LEFT}" y="{height - 3}">{drawn.start:g}</text>')
    last = _x(drawn, drawn.last)
    if last > _LEFT + 100:
        parts.append(f'<text x="{last:.1f}" y="{height - 3}" text-anchor="end">{drawn.last:g}</text>')
    parts.append("</svg>")
    return "".join(parts)


def _bar(drawn: Scene, bar: Bar) -> str:
    left, right = _x(drawn, bar.start), _x(drawn, bar.end)
    width = max(right - left, 3)
    top = _TOP + _ROW * bar.row + 4
    colour, thick, tint = (_RED, 2.5, 0.25) if bar.failed else ("currentColor", 1, 0.08)
    dash = "" if bar.returned else ' stroke-dasharray="4 3"'
    label = ("✗ " if bar.failed else "") + bar.label
    fits = int((width - 4) / 6.5)
    label = label if len(label) <= fits else label[: max(fits - 1, 0)] + "…" if fits > 2 else ""
    effect = ""
    if bar.effect is not None:
        x = _x(drawn, bar.effect)
        effect = f'<path d="M{x:.1f} {top + _ROW - 13}l4 7h-8z" fill="currentColor"/>'
    return (
        f"<g><title>{escape(bar.text)}</title>"
        f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{_ROW - 8}" rx="3" fill="{colour}" '
        f'fill-opacity="{tint}" stroke="{colour}" stroke-width="{thick}"{dash}/>{effect}'
        f'<text x="{left + 4:.1f}" y="{_middle(bar.row) + 4}">{escape(label)}</text></g>'
    )


def _middle(row: int) -> float:
    return _TOP + _ROW * (row + 0.5)


def _x(drawn: Scene, time: float) -> float:
    return _LEFT + (time - drawn.start) / (drawn.end - drawn.start) * (_WIDTH - 4 - _LEFT)
