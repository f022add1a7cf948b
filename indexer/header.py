"""What stands above the first article: whether this is a law at all, its number and its title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_KINDS = (
    "BỘ LUẬT",
    "LUẬT",
    "PHÁP LỆNH",
    "NGHỊ QUYẾT",
    "NGHỊ ĐỊNH",
    "THÔNG TƯ LIÊN TỊCH",
    "THÔNG TƯ",
    "QUYẾT ĐỊNH",
)
_KIND_LINE = re.compile(rf"^(?P<kind>{'|'.join(_KINDS)})\b\s*(?P<rest>.*)$")
_NUMBER = r"\d{1,4}\s*/\s*(?:\d{4}\s*/\s*)?[A-ZĐ]{2,}[A-ZĐ\d]*(?:\s*[-–]\s*[A-ZĐ\d]+)*"
_OWN_NUMBER = re.compile(
    rf"^(?:\W*|.*[|\s–-])(?:(?:Bộ luật|Luật|Nghị định|Nghị quyết|Thông tư|Pháp lệnh)\s+)?"
    rf"[Ss]ố(?:\s+hiệu)?\s*(?:[:.]|\|)?\s*(?P<number>{_NUMBER})"
)
_CONSOLIDATES = re.compile(
    rf"^(?P<title>(?:Bộ luật|Luật|Nghị định|Nghị quyết|Pháp lệnh)\b.*?)"
    rf"\s+số\s+(?P<number>{_NUMBER})"
    r"\s+ngày\s.*(?:được sửa đổi|có hiệu lực|đã được)"
)
_ENACTS = re.compile(
    r"\bban hành\s+(?P<title>(?:Bộ luật|Luật|Nghị định|Nghị quyết|Pháp lệnh|Thông tư|Quyết định)"
    r"\b.*?)\s*[.,;]?$"
)
_BASIS = re.compile(r"^(?:Căn cứ|Theo đề nghị|Xét đề nghị|Thực hiện)\b")
_STATE = re.compile(r"CỘNG H(?:ÒA|OÀ) XÃ HỘI CHỦ NGHĨA VIỆT NAM", re.IGNORECASE)
_NAMES = (
    "Việt Nam",
    "Quốc hội",
    "Chính phủ",
    "Nhà nước",
    "Bộ luật Lao động",
    "Luật Bảo hiểm xã hội",
    "Luật Việc làm",
    "Luật Công đoàn",
    "Luật An toàn",
    "Bộ luật",
    "Luật",
    "Nghị định",
)


@dataclass(frozen=True, slots=True)
class Header:
    """What the lines above Điều 1 say. ``consolidates`` is the number of the law consolidated."""

    is_law: bool
    number: str | None
    title: str
    consolidates: str | None = None


def read_header(texts: Sequence[str]) -> Header:
    """Read the lines above the first article."""
    joined = _unwrapped(texts)
    number = read_own_number(joined)
    consolidated = next((found for text in joined if (found := _CONSOLIDATES.match(text))), None)
    consolidates = _tidy(consolidated["number"]) if consolidated else None
    enacted = next((found for text in reversed(joined) if (found := _ENACTS.search(text))), None)
    title = ""
    if enacted:
        title = _reading_case(enacted["title"])
    elif consolidated:
        title = _reading_case(consolidated["title"])
    else:
        title = _title_from_capitals(joined)
    kind = any(_KIND_LINE.match(text) for text in joined)
    state = any(_STATE.search(text) for text in joined)
    is_law = bool(enacted or number or consolidates) or (kind and (state or bool(title)))
    return Header(is_law, number, title, consolidates)


def _unwrapped(texts: Sequence[str]) -> list[str]:
    """The header's lines with sentences that run over several lines put together."""
    joined: list[str] = []
    for text in texts:
        goes_on = text[:1].islower() and joined and not joined[-1].endswith((";", ".", ":"))
        if goes_on:
            joined[-1] += f" {text}"
        else:
            joined.append(text)
    return joined


def read_own_number(texts: Sequence[str]) -> str | None:
    """The number that the document states for itself ("Luật số: 41/2024/QH15").

    A consolidation states it beside the signature below the last article.
    """
    for text in texts:
        if _BASIS.match(text) or _CONSOLIDATES.match(text) or _ENACTS.search(text):
            continue
        if re.match(r"^\d{1,2}\.\s", text):  # the list of amending laws in a consolidation
            continue
        found = _OWN_NUMBER.match(text)
        if found:
            return _tidy(found["number"])
    return None


def _tidy(number: str) -> str:
    return re.sub(r"\s+", "", number).replace("–", "-")


def _title_from_capitals(texts: Sequence[str]) -> str:
    """The title under the line that names the kind ("NGHỊ ĐỊNH"), in reading case."""
    for at, text in enumerate(texts):
        found = _KIND_LINE.match(text)
        if not found or (found["rest"] and re.match(r"^[Ss]ố\b|^\W*\d", found["rest"])):
            continue
        parts = [found["rest"]] if found["rest"] else []
        for following in texts[at + 1 : at + 6]:
            if parts and not following.isupper():
                break
            if _OWN_NUMBER.match(following) and not parts:
                continue
            if _BASIS.match(following) or _OWN_NUMBER.match(following) or _STATE.search(following):
                break
            if re.match(r"^(?:Chương|CHƯƠNG|Phần|PHẦN|\(|\||-{2,}|.{0,30},? ngày )", following):
                break
            parts.append(following)
        name = " ".join(parts).strip(" .-*_")
        if name:
            kind = found["kind"].capitalize()
            if name.isupper() or kind in ("Luật", "Bộ luật"):
                return _reading_case(f"{found['kind']} {name}")
            return f"{kind} {name[0].lower()}{name[1:]}"
    return ""


def _reading_case(title: str) -> str:
    """ "LUẬT BẢO HIỂM XÃ HỘI" as "Luật Bảo hiểm xã hội"; what is not in capitals is kept."""
    title = " ".join(title.split())
    letters = [char for char in title if char.isalpha()]
    if letters and sum(char.isupper() for char in letters) > 0.8 * len(letters):
        title = title.lower()
        for name in _NAMES:
            title = re.sub(rf"\b{name.lower()}\b", name, title)
    found = re.match(r"^(bộ luật|luật)\s+(\w)", title, re.IGNORECASE)
    if found and not re.match(r"^(?:bộ luật|luật)\s+(?:sửa đổi|quy định)", title, re.IGNORECASE):
        title = found[1].capitalize() + " " + found[2].upper() + title[found.end() :]
    return title[:1].upper() + title[1:]
