"""The day a question speaks of: "hồi 3/2024", "ngày 15/6/2025", "năm 2023", "năm ngoái".

Read without marks, as many workers write.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from knowledge.language.fold import fold
from knowledge.relative_dates import FORMS as FROM_TODAY

_FORMS = (
    (re.compile(r"\bngay (\d{1,2}) thang (\d{1,2}) nam (20\d{2})\b"), "dmy"),
    (re.compile(r"(?<![\d/.-])(\d{1,2})[/.-](\d{1,2})[/.-](20\d{2})\b(?![/.-]?\d)"), "dmy"),
    (re.compile(r"\b(?:thang|t) ?(\d{1,2})(?:[/.-]| nam )(20\d{2})\b(?![/.-]?\d)"), "my"),
    (re.compile(r"(?<![\d/.-])\b(\d{1,2})/(20\d{2})\b(?![/.-]?\d|/\w)"), "my"),
    (
        re.compile(
            r"\b(?:(?:hoi|vao|trong|luc|dau|giua|cuoi|den|thoi diem) (?:nam )?|nam )"
            r"(20\d{2})\b(?![/.-]?\d)"
        ),
        "y",
    ),
)
_TIME_WORDS = "hoi|vao|luc|trong|dau|giua|cuoi"
_LEAD = r"(?: (?:tu|ke|vao|ngay|thang|nam|hoi|dau|giua|cuoi|luc))*$"

_NAMES_A_LAW = re.compile(
    r"\b(?:(?<!ky )(?<!phap )luat|nghi dinh|nghi quyet|thong tu|nd|so|sua doi)\b"
    rf"(?:(?! (?:{_TIME_WORDS})\b)[^.,;?])*$"
)
"""What stands before the year or the number of a law."""

_BEGINS = re.compile(
    r"\b(?:hieu luc|ban hanh|thong qua|ap dung|tu|tinh tu|bat dau|vao lam|nhan viec)" + _LEAD
)
"""Before a day since when something has been so: the question is about what came after."""

_NOW = re.compile(
    r"\b(?:bay gio|bi gio|hien (?:nay|tai|gio)|(?:den|toi) (?:nay|gio)"
    r"|(?:nay|gio) (?:em|toi|tui|minh|chi|anh|ba|bo|me|vo|chong|con|muon|moi))\b"
)
"""What was some time ago, when the question is what to do now: then today counts."""

_BORN = re.compile(r"\bsinh$")
_YOUNGEST = 15

_LAW_NAME_REACH = 48


def day_spoken_of(question: str, today: date) -> date | None:
    """The past day the question is about, None when it names none (or one to come).

    A month is read as its last day, a year as its last day or today; of several days the latest
    counts. Dates that belong to a law's name or number do not count, nor does the day since when
    someone has worked, nor a year of birth.
    """
    text = " ".join(fold(question).split()).replace("an toan, ve sinh", "an toan ve sinh")
    spoken: list[date] = []
    for form, order in _FORMS:
        for found in form.finditer(text):
            before = text[: found.start()].rstrip()
            if _NAMES_A_LAW.search(before[-_LAW_NAME_REACH:]) or _BEGINS.search(before):
                continue
            day = _read(found.groups(), order)
            if day and order == "y" and _BORN.search(before) and today.year - day.year >= _YOUNGEST:
                continue
            if day and day > today and order == "y" and day.year == today.year:
                day = today
            if day and day <= today:
                spoken.append(day)
        text = form.sub(_read_once, text)
    from_today = () if _NOW.search(text) else FROM_TODAY
    for form, read in from_today:
        for found in form.finditer(text):
            day = None if _BEGINS.search(text[: found.start()].rstrip()) else read(found, today)
            if day and day < today:
                spoken.append(day)
        text = form.sub(_read_once, text)
    return max(spoken, default=None)


def _read_once(found: re.Match[str]) -> str:
    return "#" * len(found.group())


def _read(numbers: tuple[str, ...], order: str) -> date | None:
    values = dict(zip(order, (int(number) for number in numbers), strict=True))
    year, month = values["y"], values.get("m", 12)
    if not 1 <= month <= 12:
        return None
    try:
        return date(year, month, values.get("d") or monthrange(year, month)[1])
    except ValueError:
        return None
