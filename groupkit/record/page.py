"""A run as one HTML file that plays itself: no kernel, no network, and without JavaScript still a picture.

The page uses the code of the widgets, read as text: nothing of them is imported. It may run no script but that one,
load nothing and send nothing (its content security policy says so); whatever a user named is escaped.
"""

from __future__ import annotations

import base64
import hashlib
import html
import importlib.util
import json
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from groupkit.record import glance
from groupkit.record.page_still import still as still
from groupkit.record.tape import tape

if TYPE_CHECKING:
    from groupkit.record.timeline import Timeline

HOME = "groupkit_widgets"
SCRIPTS = (
    "base.js", "moment.js", "history.js", "flight.js", "store.js", "reach.js", "axis.js", "menu.js", "hold.js",
    "gestures.js", "buttons.js", "ring.js", "peer.js", "messages.js", "topology.js", "story.js", "commit_words.js",
    "commit_plot.js", "leadership.js", "logs.js", "feed.js", "replay_store.js", "replay_parts.js", "replay.js",
)  # fmt: skip
STYLES = (
    "base.css", "dashboard.css", "topology.css", "commit_plot.css", "leadership.css", "logs.css", "feed.css",
    "replay.css",
)  # fmt: skip


@cache
def _folder() -> Path:
    """Where the widgets' files are; found, not imported."""
    spec = importlib.util.find_spec(HOME)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(
            f"the page is made of the files of {HOME}, which is not installed here; install groupkit as a whole "
            "(pip install groupkit), or save the run with timeline.save(path) and make the page elsewhere",
            name=HOME,
        )
    return Path(spec.submodule_search_locations[0])


@cache
def source(*names: str) -> str:
    """The widgets' files of these names, one behind the other."""
    return "\n".join((_folder() / name).read_text(encoding="utf-8") for name in names)


def data(timeline: Timeline) -> str:
    """The run as JSON: plain ASCII, and safe inside a ``<script>`` whatever its peers and commands are called."""
    text = json.dumps(tape(timeline), separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def page(timeline: Timeline) -> str:
    """The whole page."""
    script = f'"use strict";\n(() => {{\n{source(*SCRIPTS, "replay_page.js")}\n}})();\n'
    style = source(*STYLES, "replay_page.css")
    for text, end in ((script, "</script"), (style, "</style")):
        assert end not in text.lower()
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{allowed}'; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'"
    )
    title = html.escape(_title(timeline))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        f'<main id="replay">\n{_without_script(timeline)}</main>\n'
        "<footer hidden>space plays and pauses · ← → step, with Shift further · ↑ ↓ speed · "
        "Page keys go from win to win · Home, End · drag the tape</footer>\n"
        f'<script type="application/json" id="run">{data(timeline)}</script>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def write(timeline: Timeline, path: str | os.PathLike[str]) -> None:
    """Write the page to ``path``. What was there before is replaced only when the new file is complete."""
    target = Path(path)
    partial = target.with_name(target.name + ".part")
    try:
        partial.write_text(page(timeline), encoding="utf-8", errors="replace", newline="\n")
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def _title(timeline: Timeline) -> str:
    names = timeline.peers
    who = ", ".join(names) if len(names) <= 7 else f"{len(names)} peers"
    return f"A run of {who}: {timeline.end - timeline.start:.4g} s"


def _without_script(timeline: Timeline) -> str:
    """What is there until the script takes over, or for good."""
    facts = glance.glance(timeline.recorder, timeline.peers, timeline.start, timeline.end, timeline.note)
    off = f'<p class="off">rules off: {html.escape(", ".join(facts.rules_off))}</p>\n' if facts.rules_off else ""
    said = "".join(f"<p>{html.escape(text)}</p>\n" for text in (facts.line(), timeline.note) if text)
    return (
        f'{off}{said}<div class="still">{still(timeline)}</div>\n'
        "<noscript><p>With JavaScript this page plays the run; nothing is loaded for that.</p></noscript>\n"
    )
