"""Reading a JSON file record by record, so that a file larger than the memory can be checked.

COCO's files are one object whose sections are long lists. The scanner walks through the outer object and those
lists itself, and has Python's own decoder read one record at a time from a window over the file.
"""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

CHUNK = 1 << 20
_SPACE = re.compile(r"[ \t\n\r]*+")
_SURE = 64  # An error farther than this from the window's end is not for want of text.


class Broken(Exception):
    """The text stops being JSON: what is wrong, and the line and column (from 1), None where they mean nothing."""

    def __init__(self, wrong: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(wrong)
        self.wrong, self.line, self.column = wrong, line, column


class Scanner:
    """Walks once through a file. ``oddities`` holds what the decoder met in the last record.

    Those are ("duplicate", key) and ("constant", "NaN"), in the order met.
    """

    def __init__(self, file: BinaryIO, progress: Callable[[int], object] = lambda _: None) -> None:
        self._file, self._progress = file, progress
        self._decode = codecs.getincrementaldecoder("utf-8")("strict").decode
        self._text, self._at, self._ended = "", 0, False
        self._line, self._column = 1, 1  # of the window's first character
        self.oddities: list[tuple[str, str]] = []
        self.marked = False  # a byte order mark stood in front
        self._scan = json.JSONDecoder(object_pairs_hook=self._object, parse_constant=self._constant).scan_once

    def sections(self) -> Iterator[tuple[str, int | None, Any]]:
        """Yield (section, index, record) for each record of a list, and (section, None, value) for all else.

        An empty list is yielded as a value. Raises Broken where the text is no JSON object.
        """
        self._start()
        first = self._peek()
        if first != "{":
            raise self._unexpected(first)
        self._at += 1
        if self._take("}"):
            return self._finish()
        while True:
            if self._peek() != '"':
                raise self._broken("a name in double quotes is expected here")
            name = self.value()
            if not self._take(":"):
                raise self._broken("a colon is expected here")
            yield from self._section(name)
            if self._take("}"):
                return self._finish()
            if not self._take(","):
                raise self._broken("a comma or a closing brace is expected here")

    def value(self) -> Any:
        """Decode the value that starts here, taking in more text until it is whole."""
        self._peek()
        while True:
            self.oddities.clear()
            try:
                found, end = self._scan(self._text, self._at)
                if end < len(self._text) or self._ended:  # Else a number may go on.
                    self._at = end
                    return found
            except StopIteration as stop:
                self._give_up(stop.value, "a value is expected here")
            except json.JSONDecodeError as error:
                self._give_up(error.pos, error.msg[:1].lower() + error.msg[1:])
            except RecursionError:
                raise self._broken("lists or objects are nested too deep") from None
            except ValueError:  # Python refuses to read whole numbers of more than 4,300 digits.
                raise self._broken("a number here has thousands of digits") from None
            self._more()

    def _give_up(self, position: int, wrong: str) -> None:
        open_text = wrong.startswith("unterminated") and not self._ended
        if self._ended or (position < len(self._text) - _SURE and not open_text):
            raise self._broken(wrong, position)

    def _section(self, name: str) -> Iterator[tuple[str, int | None, Any]]:
        if self._peek() != "[":
            yield name, None, self.value()
            return
        self._at += 1
        if self._take("]"):
            yield name, None, []
            return
        index = 0
        while True:
            yield name, index, self.value()
            index += 1
            if self._take("]"):
                return
            if not self._take(","):
                raise self._broken("a comma or a closing bracket is expected here")

    def _finish(self) -> None:
        if self._peek():
            raise self._broken("the object is complete, and more text follows")

    def _start(self) -> None:
        head = self._file.read(4)
        if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head[:2]:
            raise Broken("the text is encoded as UTF-16 or UTF-32")
        self.marked = head[:3] == codecs.BOM_UTF8
        self._read(head[3:] if self.marked else head)

    def _unexpected(self, first: str) -> Broken:
        if not first:
            return Broken("the file is empty")
        if first == "[":
            return Broken("the file is a list, as results of a detector are")
        return self._broken("a COCO file starts with a brace")

    def _take(self, sign: str) -> bool:
        if self._peek() != sign:
            return False
        self._at += 1
        return True

    def _peek(self) -> str:
        """Skip white space and return the next character, or "" at the end."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._more()

    def _more(self) -> None:
        """Forget what has been read, and read at least as much again as is left."""
        self._line, self._column = self._position(self._at)
        self._text, self._at = self._text[self._at :], 0
        self._read(self._file.read(max(CHUNK, len(self._text))))

    def _read(self, content: bytes) -> None:
        self._ended = not content
        self._progress(len(content))
        try:
            self._text += self._decode(content, final=self._ended)
        except UnicodeDecodeError as error:
            before = error.object[: error.start]
            self._text += before.decode("utf-8", "replace")
            line, _ = self._position(len(self._text))
            raise Broken(f"the byte 0x{error.object[error.start]:02x} is not UTF-8 text", line) from None

    def _position(self, at: int) -> tuple[int, int]:
        lines = self._text.count("\n", 0, at)
        if lines:
            return self._line + lines, at - self._text.rfind("\n", 0, at)
        return self._line, self._column + at

    def _broken(self, wrong: str, at: int | None = None) -> Broken:
        return Broken(wrong, *self._position(self._at if at is None else at))

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            counts = Counter(name for name, _ in pairs)
            self.oddities += [("duplicate", name) for name, count in counts.items() if count > 1]
        return found

    def _constant(self, name: str) -> float:
        self.oddities.append(("constant", name))
        return float(name.replace("Infinity", "inf"))


def open_binary(path: Path) -> BinaryIO:
    """Open without a buffer of its own: the scanner reads large pieces."""
    return open(path, "rb", buffering=0)
