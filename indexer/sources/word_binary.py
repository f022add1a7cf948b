"""The words of a Word 97-2003 file, read from its piece table without any other program.

What this cannot see: numbers that Word makes itself, and which words are hidden or deleted under
tracked changes; LibreOffice sees them.
"""

from __future__ import annotations

import io
import re
import struct

import olefile

from indexer.lines import Line, Role
from indexer.sources.folding import fold, table_row

_WORD = 0xA5EC
_ENCRYPTED = 0x0100
_TABLE_ONE = 0x0200
_COMPRESSED = 0x40000000
_FIELD_CODE = re.compile(r"\x13[^\x13\x14\x15]*(?:\x14([^\x13\x14\x15]*))?\x15")
_OBJECTS = str.maketrans({"\x01": "", "\x02": "", "\x05": "", "\x08": "", "\x1e": "-", "\x1f": ""})


class BrokenWordFile(ValueError):
    """The file's own tables contradict each other; the text cannot be found."""


class LockedWordFile(ValueError):
    """The file is locked with a password."""


def read_binary(raw: bytes) -> tuple[list[Line], list[Line]]:
    """Body lines and footnotes. Raises BrokenWordFile or LockedWordFile."""
    try:
        with olefile.OleFileIO(io.BytesIO(raw)) as ole:
            if ole.exists("EncryptedPackage"):
                raise LockedWordFile
            if not ole.exists("WordDocument"):
                raise BrokenWordFile("no WordDocument stream")
            main = ole.openstream("WordDocument").read()
            if len(main) < 0x1AA:
                raise BrokenWordFile("the header is cut off")
            ident, flags = struct.unpack_from("<H8xH", main)
            if ident != _WORD:
                raise BrokenWordFile("not Word 97 or later")
            if flags & _ENCRYPTED:
                raise LockedWordFile
            table = ole.openstream("1Table" if flags & _TABLE_ONE else "0Table").read()
    except (OSError, IndexError, struct.error, TypeError) as error:
        raise BrokenWordFile(str(error)) from error
    body_length, notes_length = struct.unpack_from("<2I", main, 0x4C)
    start, length = struct.unpack_from("<2I", main, 0x1A2)
    text = _pieces(main, table[start : start + length])
    if len(text) < body_length:
        raise BrokenWordFile("the text is cut off")
    body, notes = text[:body_length], text[body_length : body_length + notes_length]
    return _body_lines(body), _note_lines(notes)


def _pieces(main: bytes, clx: bytes) -> str:
    """All text of the file, put together from its pieces."""
    at = 0
    try:
        while clx[at] == 1:  # formatting runs that do not concern the words
            at += 3 + int(struct.unpack_from("<H", clx, at + 1)[0])
        if clx[at] != 2:
            raise BrokenWordFile("no piece table")
        (length,) = struct.unpack_from("<I", clx, at + 1)
        table = clx[at + 5 : at + 5 + length]
        count = (length - 4) // 12
        places = struct.unpack_from(f"<{count + 1}I", table)
        out = []
        for index in range(count):
            (offset,) = struct.unpack_from("<I", table, 4 * (count + 1) + 8 * index + 2)
            size = places[index + 1] - places[index]
            if offset & _COMPRESSED:
                begin = (offset & ~_COMPRESSED) // 2
                out.append(main[begin : begin + size].decode("cp1252", "replace"))
            else:
                out.append(main[offset : offset + 2 * size].decode("utf-16-le", "replace"))
    except (IndexError, struct.error) as error:
        raise BrokenWordFile("the piece table is cut off") from error
    return "".join(out)


def _words(text: str) -> str:
    """Field codes out, field results kept, marks of objects and notes out."""
    before = ""
    while before != text:
        before, text = text, _FIELD_CODE.sub(lambda found: found[1] or "", text)
    return text.translate(_OBJECTS)


def _body_lines(text: str) -> list[Line]:
    lines: list[Line] = []
    cells: list[str] = []
    paragraph = 0
    for part in re.findall(r"[^\r\x07\x0b\x0c]*[\r\x07\x0b\x0c]?", _words(text)):
        words, mark = (part[:-1], part[-1]) if part and part[-1] in "\r\x07\x0b\x0c" else (part, "")
        folded = fold(words)
        paragraph += mark == "\r"
        if mark == "\x07":
            if folded:
                cells.append(folded)
                continue
            row = table_row(cells)
            if row:
                lines.append(Line(row, f"đoạn {paragraph}", Role.TABLE))
            cells = []
        elif folded:
            lines.append(Line(folded, f"đoạn {paragraph}"))
    return lines


def _note_lines(text: str) -> list[Line]:
    notes: list[Line] = []
    for part in text.split("\x02")[1:]:
        words = fold(re.sub(r"[\r\x07\x0b\x0c]", " ", _words(part)))
        words = re.sub(r"^\[?\d+\]?\s+", "", words)
        if words:
            mark = len(notes) + 1
            notes.append(Line(f"[{mark}] {words}", f"chú thích {mark}", Role.NOTE))
    return notes
