"""The colours of plots, tables and still pictures. Plain Python; live pictures have those of ``base.js``.

Colour means term, everywhere: a cycle of six, each very different from the next. Nothing else is told by colour alone.
"""

from __future__ import annotations

from typing import NamedTuple


class Theme(NamedTuple):
    """The colours of one theme, as ``#rrggbb``."""

    dark: bool
    terms: tuple[str, ...]
    none: str  # term 0, nobody's
    ink: str
    faint: str  # what is there, but not the point
    paper: str
    gold: str  # leads, has won
    red: str  # down, lost, gone back
    amber: str  # an election without a winner


LIGHT = Theme(
    dark=False,
    terms=("#66c2a5", "#fc8d62", "#8da0cb", "#e78ac3", "#a6d854", "#ffd92f"),
    none="#d4d4d4",
    ink="#222222",
    faint="#8a8a8a",
    paper="#ffffff",
    gold="#c99700",
    red="#c8102e",
    amber="#e08a00",
)
DARK = Theme(
    dark=True,
    terms=("#c77dff", "#ff7a45", "#ffc24b", "#7be0ad", "#ff8fa3", "#9da8ff"),
    none="#555555",
    ink="#eeeeee",
    faint="#9a9a9a",
    paper="#111111",
    gold="#ffd700",
    red="#ff4d5e",
    amber="#ffb000",
)


def theme(dark: bool) -> Theme:
    """The theme for a dark or a light background."""
    return DARK if dark else LIGHT


def ink_on_term(term: int, dark: bool = False) -> str:
    """The colour of what is written on a term's colour: dark, but light on the dark grey of term 0."""
    return DARK.ink if dark and term <= 0 else "#111111"


def term_colour(term: int, dark: bool = False) -> str:
    """The colour of a term: term 1 has the first of the cycle, term 7 again; term 0, "nothing yet", is grey."""
    chosen = theme(dark)
    return chosen.terms[(term - 1) % len(chosen.terms)] if term > 0 else chosen.none
