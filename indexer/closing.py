"""What stands below the last article: adoption, signatures, notes, appendices, page furniture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.lines import Line, Role
from indexer.statute import Appendix

_ADOPTION = re.compile(
    r"^(?:Bộ luật|Luật|Nghị quyết|Pháp lệnh) này (?:đã )?được .*\bthông qua ngày\b"
)
_SIGNATURE = re.compile(
    r"^[|\s]*(?:TM\s?\.|T/M|KT\s?\.|Nơi nhận\s*:?|XÁC THỰC VĂN BẢN HỢP NHẤT"
    r"|CHỦ TỊCH QUỐC HỘI|CHỦ NHIỆM\b|\(?Đã ký\)?\s*\|?$)"
)
_SIGNATURE_ROW = re.compile(
    r"\|\s*(?:TM\s?\.|KT\s?\.|Nơi nhận\s*:|XÁC THỰC VĂN BẢN HỢP NHẤT|CHỦ TỊCH QUỐC HỘI)"
)
_APPENDIX = re.compile(
    r"^\|?\s*(?:PHỤ LỤC|Phụ lục)(?:\s+(?:SỐ\s+|số\s+)?(?:[IVXLC]+|\d{1,3})[a-zA-Z]?)?"
    r"(?:\s*\|?$|\s*[.:–-]\s*\S|\s+[A-ZĐÀ-Ỹ]{2,}|\s*\()"
)
_FORM = re.compile(r"^\|?\s*(?:MẪU|Mẫu)\s*(?:SỐ|số)?\s*:?\s*\d{1,3}[a-zA-Z]?(?:/\S+)?\s*\|?$")
_NOTE = re.compile(r"^\[(?P<mark>\d{1,3})\]\s*\S")


def ends_law(line: Line) -> bool:
    """Whether the line can stand nowhere but below the last article: adoption or signature."""
    text = line.text
    return bool(_ADOPTION.match(text) or _SIGNATURE.match(text) or _SIGNATURE_ROW.search(text))


def is_note(text: str) -> bool:
    """Whether the line is a footnote by its own mark ("[3] Khoản này được ...")."""
    return bool(_NOTE.match(text))


@dataclass(frozen=True, slots=True)
class Closing:
    """What follows the last article."""

    appendices: tuple[Appendix, ...]
    notes: tuple[Line, ...]
    text: str


def begins_closing(line: Line) -> bool:
    """Whether nothing from this line on belongs to an article."""
    text = line.text
    if line.role is Role.TABLE:
        return bool(_SIGNATURE_ROW.search(text) or _APPENDIX.match(text) or _FORM.match(text))
    return any(pattern.match(text) for pattern in (_ADOPTION, _SIGNATURE, _APPENDIX, _FORM)) or (
        text.startswith("[1]") and bool(_NOTE.match(text))
    )


def read_closing(lines: Sequence[Line]) -> Closing:
    """Sort the lines after the last article into appendices, notes and the rest.

    A form ("Mẫu số 01") opens an appendix of its own; one that stands before the first
    "PHỤ LỤC" does so too.
    """
    appendices: list[tuple[str, list[str]]] = []
    notes: list[Line] = []
    rest: list[str] = []
    in_note = False
    for line in lines:
        text = line.text
        if _opens_appendix(text):
            in_note = False
            appendices.append((text.strip("| "), []))
        elif _NOTE.match(text) and (in_note or not appendices):
            in_note = True
            notes.append(Line(text, line.place, Role.NOTE))
        elif in_note:
            last = notes[-1]
            notes[-1] = Line(f"{last.text} {text}", last.place, Role.NOTE)
        elif appendices:
            appendices[-1][1].append(text)
        else:
            rest.append(text)
    return Closing(
        tuple(_appendix(marker, body) for marker, body in appendices),
        tuple(notes),
        "\n".join(rest),
    )


def _opens_appendix(text: str) -> bool:
    return bool(_APPENDIX.match(text) or _FORM.match(text))


def _appendix(marker: str, body: list[str]) -> Appendix:
    """The lines in capitals right under the marker are its name."""
    title = [marker]
    used = 0
    for text in body[:4]:
        letters = [char for char in text if char.isalpha()]
        if text.startswith("|") or not letters:
            break
        if sum(char.isupper() for char in letters) < 0.7 * len(letters):
            break
        title.append(text)
        used += 1
    return Appendix(" ".join(title), "\n".join(body[used:]))
