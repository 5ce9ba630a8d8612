"""A run at a glance: one line of text, and a small still picture in HTML that needs no kernel."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from groupkit.record import intervals
from groupkit.record.recorder import Recorder
from groupkit.record.steps import committed_steps
from groupkit.record.style import LIGHT, term_colour

WIDTH, LANE = 640, 16  # pixels
MOST_LANES = 25
MOST_SPELLS = 400


class Glance(NamedTuple):
    """The few facts that say what a run was. Times in virtual seconds."""

    peers: Sequence[str]
    start: float
    end: float
    reigns: list[intervals.Reign]
    committed: int
    messages: int
    seed: Any
    quorum: str
    rules_off: tuple[str, ...]
    note: str

    def line(self) -> str:
        """``5 peers, 0 to 12.5 s, 3 reigns of 2 leaders, …, seed 7``, and what is out of the ordinary."""
        leaders = len({reign.leader for reign in self.reigns})
        parts = [
            _count(len(self.peers), "peer"),
            f"{self.start:.4g} to {self.end:.4g} s",
            f"{_count(len(self.reigns), 'reign')} of {_count(leaders, 'leader')}" if leaders else "no leader",
            f"{self.committed:,} committed",
            _count(self.messages, "message"),
            f"seed {self.seed}",
        ]
        if self.quorum == "bonded":
            parts.append("bonded quorum")
        if self.rules_off:
            parts.append(f"rules off: {', '.join(self.rules_off)}")
        return ", ".join(parts)


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def rules_off(meta: dict[str, Any]) -> tuple[str, ...]:
    """The names of the safety rules that were switched off in this run."""
    rules = meta.get("rules") or {}
    return tuple(name for name, on in rules.items() if on is False)


def glance(recorder: Recorder, peers: Sequence[str], start: float, end: float, note: str) -> Glance:
    """Gather the facts."""
    lines = committed_steps(recorder.rows, peers, start)
    return Glance(
        peers=peers,
        start=start,
        end=end,
        reigns=intervals.reigns(recorder.rows, end),
        committed=max((max(line.values) for line in lines.values()), default=0),
        messages=len(recorder.sent) + recorder.dropped_messages,
        seed=recorder.meta.get("seed"),
        quorum=str(recorder.meta.get("quorum", "")),
        rules_off=rules_off(recorder.meta),
        note=note,
    )


def page(facts: Glance, rows: Iterable[Any]) -> str:
    """A small picture: a lane per peer, coloured by term, gold-edged while it led, hatched out while it was down."""
    shown = list(facts.peers[:MOST_LANES])
    lanes = {peer: LANE * place for place, peer in enumerate(shown)}
    spells = [s for s in intervals.spells(rows, facts.end) if s.peer in lanes]
    bars = "".join(_bar(spell, lanes[spell.peer], facts) for spell in _longest(spells))
    names = "".join(
        f'<text x="56" y="{top + 12}" text-anchor="end" font-size="11">{html.escape(peer)}</text>'
        for peer, top in lanes.items()
    )
    height = LANE * len(shown) + 16
    axis = (
        f'<text x="60" y="{height - 3}" font-size="10">{facts.start:.4g} s</text>'
        f'<text x="{WIDTH}" y="{height - 3}" text-anchor="end" font-size="10">{facts.end:.4g} s</text>'
    )
    more = len(facts.peers) - len(shown)
    thinned = "the shortest stretches are not drawn" if len(spells) > MOST_SPELLS else ""
    said = [
        html.escape(facts.line()),
        html.escape(facts.note),
        f"{more} more peers are not drawn" if more else "",
        thinned,
    ]
    text = "".join(f"<div>{line}</div>" for line in said if line)
    label = html.escape(f"Who led when: {facts.line()}", quote=True)
    return (
        f'<div class="groupkit-timeline" style="max-width:{WIDTH + 10}px"><strong>Timeline</strong>{text}'
        f'<svg viewBox="0 0 {WIDTH + 10} {height}" width="100%" role="img" aria-label="{label}" '
        f'fill="currentColor" font-family="sans-serif">{names}{bars}{axis}</svg></div>'
    )


def _longest(spells: list[intervals.Spell]) -> list[intervals.Spell]:
    """All of a short run; of a long one, the reigns and downs first and then what lasted longest."""
    if len(spells) <= MOST_SPELLS:
        return spells
    told = {"leader": 0, "down": 0}
    ranked = sorted(spells, key=lambda s: (told.get(s.role, 1), s.start - s.end))
    return sorted(ranked[:MOST_SPELLS], key=lambda s: s.start)


def _bar(spell: intervals.Spell, top: int, facts: Glance) -> str:
    scale = (WIDTH - 60) / (facts.end - facts.start or 1.0)
    x, width = 60 + (spell.start - facts.start) * scale, max(0.5, (spell.end - spell.start) * scale)
    tip = html.escape(f"{spell.peer}: {spell.role}, term {spell.term}, {spell.start:.3f} to {spell.end:.3f} s")
    colour = 'currentColor" fill-opacity="0.25' if spell.role == "down" else term_colour(spell.term)
    high = 12 if spell.role == "leader" else 5 if spell.role == "down" else 8
    edge = f' stroke="{LIGHT.gold}" stroke-width="1.5"' if spell.role == "leader" else ""
    dashes = ' stroke="currentColor" stroke-width="0.7" stroke-dasharray="2 2"' if spell.role == "candidate" else ""
    body = (
        f'<rect x="{x:.1f}" y="{top + 7 - high / 2:.1f}" width="{width:.1f}" height="{high}" '
        f'fill="{colour}"{edge}{dashes}><title>{tip}</title></rect>'
    )
    words = f"term {spell.term}" if width > 50 else str(spell.term) if width > 12 else ""
    if spell.role == "down":
        words = "down" if width > 34 else "×"
    elif spell.role != "leader" and width < 200:
        words = ""
    ink = "currentColor" if spell.role == "down" else LIGHT.ink  # what lies under it is as faint as the page
    return body + (
        f'<text x="{x + width / 2:.1f}" y="{top + 11}" text-anchor="middle" font-size="9" fill="{ink}">{words}</text>'
        if words
        else ""
    )
