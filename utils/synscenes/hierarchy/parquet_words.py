"""Read the words of GloVe's index: one string column of one Parquet file, page by page.

Parquet's readers are large packages, and we need one column. Format: parquet.apache.org, "File Format" and
"Encodings"; page headers are Thrift compact protocol; pages are compressed with Snappy's raw format.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_DATA, _DICTIONARY = 0, 2
_PLAIN = 0


class BadParquet(ValueError):
    """The bytes are not a Parquet column as we know it."""


def words(content: bytes) -> Iterator[str]:
    """Yield the column's strings in row order, reading a page when the one before is used up.

    The column holds each word once, so its dictionary page is its first rows in order; the rows after it lie in
    plain pages. Raises BadParquet for another layout or a damaged file.
    """
    if content[:4] != b"PAR1" or content[-4:] != b"PAR1":
        raise BadParquet("not a Parquet file: it must start and end with PAR1")
    end = len(content) - 8 - struct.unpack("<I", content[-8:-4])[0]
    try:
        place = 4
        while place < end and content[place : place + 1] != b"\x00":
            header, place = _struct(content, place)
            page, place = content[place : place + header[3]], place + header[3]
            if header[1] == _DICTIONARY:
                yield from _strings(unpack_snappy(page), 0, header[7][1])
            elif header[1] == _DATA and header[5][2] == _PLAIN:
                plain = unpack_snappy(page)
                start = 4 + struct.unpack("<I", plain[:4])[0]  # Past the levels, which say that nothing is null.
                yield from _strings(plain, start, header[5][1])
            elif header[1] != _DATA:
                raise BadParquet(f"a page of kind {header[1]} where words were expected")
    except (IndexError, KeyError, struct.error, UnicodeDecodeError) as error:
        raise BadParquet(f"the Parquet file is damaged: {type(error).__name__} {error}") from None


def unpack_snappy(packed: bytes) -> bytes:
    """Return the bytes that Snappy's raw format packs. Raises BadParquet for a wrong length."""
    size, place = _varint(packed, 0)
    out = bytearray()
    while place < len(packed):
        tag = packed[place]
        place += 1
        kind, length = tag & 3, (tag >> 2) + 1
        if kind == 0:  # A literal; lengths above 60 are written in the next 1 to 4 bytes.
            if length > 60:
                extra = length - 60
                length = int.from_bytes(packed[place : place + extra], "little") + 1
                place += extra
            out += packed[place : place + length]
            place += length
            continue
        if kind == 1:
            length, back = 4 + (tag >> 2 & 7), (tag >> 5) << 8 | packed[place]
            place += 1
        else:
            width = 2 if kind == 2 else 4
            back = int.from_bytes(packed[place : place + width], "little")
            place += width
        if not 0 < back <= len(out):
            raise BadParquet("Snappy refers to bytes before the start")
        start = len(out) - back
        if back >= length:
            out += out[start : start + length]
        else:  # The copy overlaps itself: a pattern that repeats.
            out += (out[start:] * (length // back + 1))[:length]
    if len(out) != size:
        raise BadParquet(f"Snappy promised {size} bytes and gave {len(out)}")
    return bytes(out)


def _strings(page: bytes, place: int, count: int) -> Iterator[str]:
    for _ in range(count):
        (length,) = struct.unpack_from("<I", page, place)
        place += 4 + length
        if place > len(page):
            raise BadParquet("a string runs past its page")
        yield page[place - length : place].decode("utf-8")


def _varint(content: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[place]
        place += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, place


def _struct(content: bytes, place: int) -> tuple[dict, int]:
    """A Thrift compact struct of integers, booleans, bytes and structs: {field number: value}, place after it."""
    fields: dict = {}
    number = 0
    while content[place] != 0:
        kind, delta = content[place] & 15, content[place] >> 4
        place += 1
        if delta:
            number += delta
        else:
            raw, place = _varint(content, place)
            number = (raw >> 1) ^ -(raw & 1)
        if kind in (1, 2):
            fields[number] = kind == 1
        elif kind in (4, 5, 6):
            raw, place = _varint(content, place)
            fields[number] = (raw >> 1) ^ -(raw & 1)
        elif kind == 8:
            length, place = _varint(content, place)
            fields[number] = content[place : place + length]
            place += length
        elif kind == 12:
            fields[number], place = _struct(content, place)
        else:
            raise BadParquet(f"a page header holds a field of kind {kind}")
    return fields, place + 1
