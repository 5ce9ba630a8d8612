"""A still picture: what a saved notebook shows where no kernel runs. One SVG, and the same in words."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any

from groupkit.record.glance import rules_off
from groupkit.record.intervals import captions, downs, reigns, terms_on_top
from groupkit.record.style import LIGHT, term_colour

if TYPE_CHECKING:
    from groupkit import Network

WIDTH, HEIGHT, RING = 760, 250, 240
NAME = 12  # characters of a peer's name
SHOWN = 60.0  # virtual seconds, the newest

View = dict[str, Any]


def text(network: Network) -> str:
    """A few lines for where not even a picture can be shown."""
    view = network.view(wires=False)
    peers = view["peers"]
    leader = _leader(peers)
    who = f"{leader} leads term {peers[leader]['term']}" if leader else "no leader"
    count = f"{len(peers)} peer{'s'[: len(peers) != 1]}"
    head = f"{count} at {view['now']:.2f} s: {who}{_ended(view)}"
    lines = [
        f"  {name}: {peer['role']}, term {peer['term']}, committed {peer['committed']}, log {peer['log'][1]}"
        for name, peer in list(peers.items())[:26]
    ]
    more = [f"  … {len(peers) - 26} more"] if len(peers) > 26 else []
    more += [f"  {_off(network)}"] if _off(network) else []
    last = "(how it stood at the end)" if view["ended"] else "(a live picture: run the notebook to see it move)"
    return "\n".join([head, *lines, *more, last])


def _ended(view: View) -> str:
    return f"; ended: {view['ended']}" if view["ended"] else ""


def _off(network: Network) -> str:
    """Which rules are off, in words; empty where none is."""
    off = rules_off(network.recorder.meta)
    return f"rules off: {', '.join(off)}" if off else ""


def svg(network: Network, parts: tuple[str, ...]) -> str:
    """The ring, if ``parts`` has the topology; beside it, or alone, committed index and leadership over time."""
    view = network.view()
    ring = "topology" in parts
    plot = not ring or len(parts) > 1
    width = WIDTH if plot else RING
    inside = [f'<rect width="{width}" height="{HEIGHT}" fill="{LIGHT.paper}"/>']
    if ring:
        inside += _ring(view, RING / 2, HEIGHT / 2 + 4)
    if plot:
        inside += _plot(network, view, (RING if ring else 0) + 40, width - 80)
    if _off(network):
        place = f'x="{width - 6}" y="{HEIGHT - 4}" text-anchor="end"'
        inside.append(f'<text {place} fill="{LIGHT.red}" font-weight="600">{escape(_off(network))}</text>')
    label = escape(text(network).splitlines()[0])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}" '
        'role="img" '
        f'font-family="sans-serif" font-size="11"><title>{label}</title>{"".join(inside)}</svg>'
    )


def _leader(peers: dict[str, Any]) -> str | None:
    alive = [peer for peer in peers.values() if peer["role"] != "down"]
    best: tuple[int, str] | None = None
    for name, peer in peers.items():
        following = sum(1 for p in alive if p["leader"] == name and p["term"] == peer["term"])
        if peer["role"] == "leader" and following * 2 > len(alive) and (best is None or peer["term"] > best[0]):
            best = (peer["term"], name)
    return best[1] if best else None


def _ring(view: View, cx: float, cy: float) -> list[str]:
    peers = view["peers"]
    far = 84.0 if len(peers) > 1 else 0.0
    radius = max(2.5, min(17.0, far * math.sin(math.pi / max(2, len(peers))) * 0.6))
    spots = {}
    for place, name in enumerate(peers):
        turn = 2 * math.pi * place / len(peers) - math.pi / 2
        spots[name] = (cx + far * math.cos(turn), cy + far * math.sin(turn), turn)
    found = _bonds(view, spots) if len(peers) <= 30 else []
    for name, peer in peers.items():
        found += _peer(name, peer, spots[name], radius)
    return found


def _bonds(view: View, spots: dict[str, tuple[float, float, float]]) -> list[str]:
    found, names = [], list(spots)
    down = {name for name, peer in view["peers"].items() if peer["role"] == "down"}
    for place, a in enumerate(names):
        for b in names[place + 1 :]:
            if a in down or b in down:
                continue
            cut = any(view["wires"].get(way, {}).get("cut") for way in ((a, b), (b, a)))
            (ax, ay, _), (bx, by, _) = spots[a], spots[b]
            long = math.hypot(bx - ax, by - ay)
            gap = f' stroke-dasharray="{long * 0.42:.1f} {long * 0.16:.1f}"' if cut else ""
            colour = LIGHT.red if cut else LIGHT.faint
            ends = f'x1="{ax:.1f}" y1="{ay:.1f}" x2="{bx:.1f}" y2="{by:.1f}"'
            found.append(f'<line {ends} stroke="{colour}" stroke-opacity=".5"{gap}/>')
    return found


def _peer(name: str, peer: dict[str, Any], spot: tuple[float, float, float], r: float) -> list[str]:
    x, y, turn = spot
    down, leads = peer["role"] == "down", peer["role"] == "leader"
    fill = LIGHT.none if down else term_colour(peer["term"])
    edge = LIGHT.gold if leads else LIGHT.ink
    dash = ' stroke-dasharray="4 3"' if peer["role"] == "candidate" else ""
    look = f'fill="{fill}" stroke="{edge}" stroke-width="{3 if leads else 1}"{dash}'
    if peer["role"] == "observer":
        found = [f'<rect x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r:.1f}" height="{2 * r:.1f}" {look}/>']
    else:
        found = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" {look}/>']
    if r >= 8:
        found.append(f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle">{peer["term"]}</text>')
    if down:
        d = r * 0.7
        ends = (
            f"M{x - d:.1f} {y - d:.1f}L{x + d:.1f} {y + d:.1f}",
            f"M{x + d:.1f} {y - d:.1f}L{x - d:.1f} {y + d:.1f}",
        )
        found.append(f'<path d="{"".join(ends)}" stroke="{LIGHT.red}" stroke-width="2"/>')
    if leads:
        found.append(_crown(x, y - r - 2, min(9, r)))
    far = r + (20 if leads and math.sin(turn) < -0.5 else 12)
    if r >= 4 or leads:
        told = name if len(name) <= NAME else f"{name[: NAME // 2]}…{name[1 - NAME // 2 :]}"
        half = 3.4 * len(told)
        at, below = x + far * math.cos(turn), y + far * math.sin(turn) + 4
        if len(told) > 2 and not half <= at <= RING - half:  # no room beside it: above or below
            at, below = min(max(at, half), RING - half), y + (r + 13 if math.sin(turn) > -0.1 else -r - 6)
        place = f'x="{at:.1f}" y="{max(9.0, below):.1f}"'
        found.append(f'<text {place} text-anchor="middle" font-weight="600">{escape(told)}</text>')
    return found


def _crown(x: float, y: float, s: float) -> str:
    points = [
        (-s, 0),
        (-s * 1.1, -s),
        (-s * 0.4, -s * 0.45),
        (0, -s * 1.15),
        (s * 0.4, -s * 0.45),
        (s * 1.1, -s),
        (s, 0),
    ]
    path = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in points)
    return f'<polygon points="{path}" fill="{LIGHT.gold}"/>'


def _plot(network: Network, view: View, left: float, right: float) -> list[str]:
    rows = network.recorder.rows
    end: float = max(view["now"], 1e-9)
    start = max(0.0, end - SHOWN)
    top, bottom = 40.0, HEIGHT - 30.0

    def x(time: float) -> float:
        return left + (min(max(time, start), end) - start) / (end - start) * (right - left)

    steps: dict[str, list[tuple[float, int]]] = {name: [(start, 0)] for name in view["peers"]}
    for row in rows:
        if row[1] == "committed" and row[2] in steps:
            steps[row[2]].append((row[0], row[3]))
    high = max([1, *(index for line in steps.values() for _, index in line)])
    found = [f'<text x="{left}" y="14" font-weight="600">Committed index, and who led</text>']
    led = [reign for reign in reigns(rows, end) if reign.end >= start]
    for reign in terms_on_top(led):
        colour, wide = term_colour(reign.term), max(1.0, x(reign.end) - x(reign.start))
        at = f'x="{x(reign.start):.1f}" width="{wide:.1f}"'
        found.append(f'<rect {at} y="{top}" height="{bottom - top}" fill="{colour}" fill-opacity=".22"/>')
        found.append(f'<rect {at} y="22" height="14" fill="{colour}"/>')
    for since, until, words in captions(led):
        told = next((one for one in words if len(one) * 6.4 + 8 < x(until) - x(since)), "")
        if told:
            found.append(f'<text x="{x(since) + 5:.1f}" y="33">{escape(told)}</text>')
    for band in downs(rows, end):
        if band.end >= start:
            at = f'x="{x(band.start):.1f}" width="{max(1.0, x(band.end) - x(band.start)):.1f}"'
            found.append(f'<rect {at} y="{top}" height="{bottom - top}" fill="{LIGHT.red}" fill-opacity=".12"/>')
    for line in steps.values():
        found.append(_line([(x(time), bottom - index / high * (bottom - top - 8)) for time, index in line], right))
    found += [
        f'<path d="M{left} {bottom}H{right}" stroke="{LIGHT.faint}"/>',
        f'<text x="{left}" y="{bottom + 15}">{start:.4g} s</text>',
        f'<text x="{right}" y="{bottom + 15}" text-anchor="end">{end:.4g} s</text>',
        f'<text x="{left - 5}" y="{top + 12}" text-anchor="end">{high}</text>',
    ]
    return [*found, *_ends(view, high, top, bottom, right)]


def _line(points: list[tuple[float, float]], right: float) -> str:
    path, last = f"M{points[0][0]:.1f} {points[0][1]:.1f}", points[0]
    for place in points[1:]:
        if place[0] - last[0] >= 0.4 or place is points[-1]:
            path += f"H{place[0]:.1f}V{place[1]:.1f}"
            last = place
    return f'<path d="{path}H{right:.1f}" fill="none" stroke="{LIGHT.ink}" stroke-opacity=".7"/>'


def _ends(view: View, high: int, top: float, bottom: float, right: float) -> list[str]:
    groups: dict[int, list[str]] = {}
    for name, peer in view["peers"].items():
        groups.setdefault(peer["committed"], []).append(name)
    found, free = [], 0.0
    for index in sorted(groups, reverse=True):
        free = max(free + 12, bottom - index / high * (bottom - top - 8) + 4)
        names = groups[index]
        who = " ".join(names) if len(" ".join(names)) <= 10 else f"{len(names)} peer{'s' * (len(names) > 1)}"
        found.append(f'<text x="{right + 5}" y="{free:.1f}">{index} {escape(who)}</text>')
    return found
