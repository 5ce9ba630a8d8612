"""Groups and clusters at a glance: small, static tables. Everything that somebody named is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from groupkit.record.style import term_colour

if TYPE_CHECKING:
    from groupkit.group.cluster import Cluster
    from groupkit.group.group import Group

_MARKS = {"leader": "♛", "candidate": "?", "observer": "□", "down": "×", "follower": "·"}


def _term(term: int) -> str:
    colour = term_colour(term) if term else "transparent"
    return f'<span style="background:{colour};color:#222;border-radius:3px;padding:0 .4em">{term}</span>'


def _row(group: Group, *, bold: bool = False) -> str:
    role = group.role()
    name = escape(group.peer_id())
    follows = escape(group.leader() or "–")
    cells = [
        f"<b>{name}</b>" if bold else name,
        f"{_MARKS.get(role, '')} {role}",
        _term(group.term()),
        follows,
        str(int(group.committed())),
        str(int(group.log_position().index)),
        str(len(group.bonds())),
        "yes" if group.is_online() else "no",
    ]
    return "<tr>" + "".join(f'<td style="text-align:left">{cell}</td>' for cell in cells) + "</tr>"


def _table(caption: str, rows: list[str]) -> str:
    head = "".join(
        f'<th style="text-align:left">{name}</th>'
        for name in ("peer", "role", "term", "follows", "committed", "log", "bonds", "online")
    )
    style = "caption-side:top;text-align:left;white-space:nowrap"
    return f'<table><caption style="{style}">{caption}</caption><tr>{head}</tr>{"".join(rows)}</table>'


def _off(group: Group) -> str:
    off = group._host.spec.rules.off()
    return f' · <b style="color:#d62728">rules off: {escape(", ".join(off))}</b>' if off else ""


def of_group(group: Group) -> str:
    """One row, and whose it is."""
    caption = f"group {escape(group.id().short())} as {escape(group.peer_id())} sees it{_off(group)}"
    if group._ended:
        return _ended(f"{caption}, ended", group._ended)
    return _table(caption, [_row(group)])


def _ended(what: str, why: str) -> str:
    kept = "What was recorded of it stays: see its <code>timeline</code>."
    return f"<div>{what} · <b>{escape(why)}</b></div><div>{kept}</div>"


def of_cluster(cluster: Cluster) -> str:
    """One row a peer."""
    leader = cluster.leader()
    clock, count = cluster.clock, f"{len(cluster)} peer{'s'[: len(cluster) != 1]}"
    if cluster._closed:
        return _ended(f"{count} at {clock.now:.3f} s, closed", cluster._closed)
    pace = "paused" if clock.paused else f"pace {clock.pace:g}"
    caption = (
        f"{count} at {clock.now:.3f} s, {pace} · "
        f"{'led by <b>' + escape(leader) + '</b>' if leader else 'no leader'} · "
        f"{escape(cluster.quorum.value)} quorum"
    )
    groups = [group for _, group in sorted(cluster._handles.items()) if not group._ended]
    if groups:
        caption += _off(groups[0])
    if cluster.violations:
        caption += f' · <b style="color:#d62728">{len(cluster.violations)} safety violations</b>'
    return _table(caption, [_row(group, bold=group.peer_id() == leader) for group in groups])
