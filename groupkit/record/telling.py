"""What pictures that move are told of a row: plain JSON data, small enough to send or to embed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from groupkit.record.recorder import Row
from groupkit.record.sentences import sentence
from groupkit.record.values import show

# What moves a picture, and what may be worth a sentence.
SENT = frozenset({"state", "log", "committed", "online", "bond", "fault", "election", "defeated", "stall", "violation"})
SAID = frozenset(
    {"vote", "election", "defeated", "unseated", "rivals", "fault", "stall", "violation", "state", "log", "command"}
)
ENTRIES_SENT = 60  # of one row: the newest
TEXT = 60  # characters of a command


def entry_of(entry: Sequence[Any]) -> tuple[int, str]:
    """A log's entry as ``(term, text)``."""
    text = show(entry[1])
    text = "no-op" if text == "BLANK" else text
    return int(entry[0]), text if len(text) <= TEXT else text[: TEXT - 1] + "…"


def worth_saying(row: Row) -> bool:
    """Whether a feed should have a sentence for this row: who leads, why, and what goes wrong."""
    if row[1] not in SAID:
        return False
    if row[1] == "state":
        return bool(row[3] == "leader")
    if row[1] == "log":
        return not row[4]
    return row[1] != "command" or row[4] in ("lost", "unknown", "offline", "reverted")


def said(row: Row) -> tuple[list[str], str, int]:
    """Whom the row is about, the sentence, and its term (0: none)."""
    about = [str(name) for name in (row[2], row[3] if row[1] == "vote" else None) if name]
    if row[1] == "violation" and row[5:]:
        about = list(map(str, row[5]))
    term = row[4] if row[1] in ("state", "vote") else row[3] if row[1] == "election" else 0
    return about, sentence(row), int(term)
