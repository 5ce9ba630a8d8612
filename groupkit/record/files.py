"""A run as a file that one can keep, mail and read with anything: JSON lines, gzip-compressed.

Line 1 is the header, an object::

    {"format": "groupkit timeline", "version": 2, "groupkit": "0.1.0", "meta": {…}, "end": 12.5, "events": 1234,
     "dropped_rows": 0, "dropped_messages": 0}

``meta`` has the seed, peers, configuration and rules; ``end`` is the last moment of the run in virtual seconds, until
when the world had run so many ``events``; the other two count what the recorder had let go of. Then, an array a line:

| line | meaning |
|---|---|
| ``["row", time, kind, peer, …]`` | something happened; faults and commands, the inputs of the run, among them |
| ``["says", kind, term, {field: value}, text]`` | what a message says, written once; counted from 0 |
| ``["message", number, sent, arrival, source, destination, says]`` | a message; ``says`` is the number of such a line |
| ``["fate", number, fate, time]`` | what became of a message that was not plainly delivered |
| ``["waits", peer, factor, [time, due, …]]`` | when its election timer began anew, and when it was to run out then |
| ``["input", events, time, verb, arguments]`` | what came from outside, after so many events of the world |
| ``["end", rows, messages, fates, digest, waits]`` | the last line: how many there were, and ``Timeline.digest()`` |

Version 1 had no ``waits``; it is read as well, and its replay has no timers. ``factor``: how many times as long as
others' the waits of that peer are.

Values are written as the module ``values`` says. The same run gives the same bytes.
"""

from __future__ import annotations

import gzip
import importlib.metadata
import json
import os
import zlib
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn, TextIO

from groupkit.record.digest import digest, in_pieces
from groupkit.record.recorder import CARRYING, Recorder, Row, Waits
from groupkit.record.saved import SavedMessage, said
from groupkit.record.values import decode, encode, packed

FORMAT = "groupkit timeline"
VERSION = 2
READ = (1, 2)


class TimelineFileError(ValueError):
    """A file that is not a whole, readable timeline. ``path`` and ``line`` (from 1) say where."""

    def __init__(self, path: str | os.PathLike[str], line: int, what: str) -> None:
        super().__init__(f"{os.fspath(path)}, line {line}: {what}")
        self.path = os.fspath(path)
        self.line = line


def save(recorder: Recorder, path: str | os.PathLike[str]) -> None:
    """Write the run to ``path``. What was there before is replaced only when the new file is complete."""
    target = Path(path)
    partial = target.with_name(target.name + ".part")
    try:
        with open(partial, "wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
            for piece in in_pieces(_lines(recorder)):
                packed.write(piece)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def _lines(recorder: Recorder) -> Iterator[str]:
    write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
    header = {
        "format": FORMAT,
        "version": VERSION,
        "groupkit": _version(),
        "meta": recorder.meta,
        "end": recorder.now(),
        "events": recorder.events(),
        "dropped_rows": recorder.dropped_rows,
        "dropped_messages": recorder.dropped_messages,
    }
    yield write(header) + "\n"
    for events, time, verb, *arguments in recorder.inputs:
        yield write(["input", events, time, verb, encode(tuple(arguments))]) + "\n"
    logged = _Logged(write)
    for row in recorder.rows:
        if row[1] == "log":
            yield logged.line(row)
        else:
            yield write(["row", *map(encode, row)]) + "\n"
    written: dict[str, int] = {}
    last, place = None, 0
    for number, sent, arrival, src, dst, message in recorder.messages:
        if message is not last:
            last = message
            fields = {name: encode(_fixed(value)) for name, value in said(message).items()}
            text = write(["says", message.kind, int(message.term), fields, message.brief()]) + "\n"
            if text not in written:
                written[text] = len(written)
                yield text
            place = written[text]
        yield write(["message", number, sent, arrival, str(src), str(dst), place]) + "\n"
    for number, (fate, time) in sorted(recorder.fates.items()):
        yield write(["fate", number, fate, time]) + "\n"
    for peer, (factor, times) in recorder.waits.items():
        yield write(["waits", peer, factor, times.tolist()]) + "\n"
    counts = len(recorder.rows), len(recorder.sent), len(recorder.fates)
    yield write(["end", *counts, digest(recorder), _waits(recorder)]) + "\n"


class _Logged:
    """Writes rows that hold entries of a log. All peers' rows hold the same objects, so each is written out once."""

    def __init__(self, write: Callable[[Any], str]) -> None:
        self._write = write
        self._known: dict[int, str] = {}  # all these objects are alive in the recorder, so their ids are names

    def line(self, row: Row) -> str:
        """As any other row, byte for byte."""
        ends = (self._write(["row", *map(encode, row[:4])]), self._write([*map(encode, row[5:])]))
        return f"{ends[0][:-1]},{self._entries(row[4])},{ends[1][1:]}\n"

    def _entries(self, entries: Any) -> str:
        text = self._known.get(id(entries))
        if text is None:
            text = self._known[id(entries)] = f"[{','.join([self._entry(entry) for entry in entries])}]"
        return text

    def _entry(self, entry: Any) -> str:
        text = self._known.get(id(entry))
        if text is None:
            text = self._known[id(entry)] = self._write(encode(entry))
        return text


def _waits(recorder: Recorder) -> int:
    return sum(len(waits.times) for waits in recorder.waits.values())


def _fixed(field: Any) -> Any:
    """A message's field: whether it was a list or a tuple makes no difference."""
    return tuple(field) if type(field) is list else field


def _entries(decoded: Any) -> tuple[Any, ...]:
    return tuple((term, packed(command), ident) for term, command, ident in decoded)


def _version() -> str:
    try:
        return importlib.metadata.version("groupkit")
    except importlib.metadata.PackageNotFoundError:  # run from a source tree that was never installed
        return "unknown"


def load(path: str | os.PathLike[str]) -> Recorder:
    """The run that was saved to ``path``; its clock stands at the end of it.

    ``FileNotFoundError`` if there is no such file; ``TimelineFileError`` naming path and line if it is not a timeline,
    was cut short, was changed, or was written by a newer groupkit.
    """
    path = os.fspath(path)  # an open file is none
    reading = _Reading(path)
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
            return reading.whole(lines)
    except EOFError:
        reading.cut_short()
    except gzip.BadGzipFile as error:
        if reading.line == 0:
            reading.refuse("this is no groupkit timeline, which is gzip-compressed; timeline.save(path) writes one")
        reading.refuse(f"the file is damaged ({error}); get it anew, or save the run again")
    except (zlib.error, UnicodeDecodeError) as error:
        reading.refuse(f"the file is damaged ({error}); get it anew, or save the run again")


class _Reading:
    """One file being read: where we are, and what was found so far."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path
        self.line = 0
        self.says: list[SavedMessage] = []
        self.recorder = Recorder(float)
        self.ended: list[Any] | None = None

    def refuse(self, what: str) -> NoReturn:
        raise TimelineFileError(self.path, max(1, self.line), what) from None

    def cut_short(self) -> NoReturn:
        self.refuse("the file ends here, before its last line: it was cut short; get it anew, or save the run again")

    def whole(self, lines: TextIO) -> Recorder:
        first = lines.readline()
        self.line = 1
        self.header(self.parse(first))
        put: dict[str, Callable[..., None]] = {
            "input": self.input,
            "row": self.row,
            "says": self.say,
            "message": self.message,
            "fate": self.fate,
            "waits": self.waits,
            "end": self.end,
        }
        for text in lines:
            self.line += 1
            if self.ended is not None:
                self.refuse("there is more after the last line: this is not what timeline.save(path) wrote")
            data = self.parse(text)
            try:
                name, *rest = data
                put[name](*rest)
            except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
                self.refuse(f"this is no line of a timeline: {text[:60].rstrip()!r} ({type(error).__name__}: {error})")
        if self.ended is None:
            self.cut_short()
        self.check(self.ended)
        return self.recorder

    def parse(self, text: str) -> Any:
        if not text:
            self.refuse("the file is empty; get it anew, or save the run again")
        try:
            return json.loads(text)
        except ValueError:
            if self.line > 1 and not text.endswith("\n"):
                self.cut_short()
            self.refuse(f"this is no groupkit timeline: {text[:60].rstrip()!r} is not JSON")

    def header(self, data: Any) -> None:
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            self.refuse('this is no groupkit timeline: its first line has no "format": "groupkit timeline"')
        if data.get("version") not in READ:
            self.refuse(
                f"the file has version {data.get('version')!r} of the format, written by groupkit "
                f"{data.get('groupkit')}; this groupkit reads version 1 and 2: use that groupkit, or a newer one"
            )
        try:
            end = float(data["end"])
            events = int(data["events"])
            self.recorder = Recorder(lambda: end, dict(data["meta"]), events=lambda: events)
            self.recorder.dropped_rows = int(data["dropped_rows"])
            self.recorder.dropped_messages = int(data["dropped_messages"])
        except (KeyError, TypeError, ValueError) as error:
            self.refuse(f"the header is not complete ({type(error).__name__}: {error})")

    def input(self, events: int, time: float, verb: str, arguments: Any) -> None:
        self.recorder.inputs.append((int(events), float(time), str(verb), *decode(arguments)))

    def row(self, time: float, kind: str, *details: Any) -> None:
        if isinstance(time, bool) or not isinstance(time, int | float):
            raise TypeError(f"a row begins with its time, not {time!r}")
        told = [decode(value) for value in details]
        if kind == "log":
            told[2] = _entries(told[2])
        elif kind == "command" and told[2] == "submitted":
            count, commands = told[3]
            told[3] = count, tuple(map(packed, commands))
        self.recorder.rows.append((time, kind, *told))

    def say(self, kind: str, term: int, fields: dict[str, Any], text: str) -> None:
        payload = {name: decode(value) for name, value in fields.items()}
        field = CARRYING.get(kind)
        if field is not None and kind != "append":  # which is recorded with the indexes of its entries alone
            payload[field] = _entries(payload[field])
        self.says.append(SavedMessage(kind, term, payload, text))

    def message(self, number: int, sent: float, arrival: float | None, src: str, dst: str, says: int) -> None:
        self.recorder.sent.append((number, sent, arrival, src, dst, self.says[says]))

    def fate(self, number: int, fate: str, time: float) -> None:
        self.recorder.fates[number] = (fate, time)

    def waits(self, peer: str, factor: float, times: list[float]) -> None:
        if len(times) % 2:
            raise ValueError(f"times come in pairs, not {len(times)} of them")
        self.recorder.waits[peer] = Waits(float(factor), array("d", times))

    def end(self, rows: int, messages: int, fates: int, digest: str, waits: int = 0) -> None:
        self.ended = [rows, messages, fates, digest, waits]

    def check(self, said: list[Any]) -> None:
        there = self.recorder
        found = [len(there.rows), len(there.sent), len(there.fates)]
        if found != said[:3]:
            self.refuse(f"{said[:3]} rows, messages and fates were written, {found} are there: lines are missing")
        if _waits(there) != said[4]:
            self.refuse(f"{said[4]} times of timers were written, {_waits(there)} are there: lines are missing")
        if digest(there) != said[3]:
            self.refuse("the digest differs: the file was changed after it was saved, or is damaged")
