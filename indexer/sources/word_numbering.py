"""The numbers that Word makes itself: "Điều 5." that stands in no run of the document."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from indexer.sources.word_package import attribute, child, tag

_DEEPEST = 9
_DEEPEST_STYLE = 20


@dataclass(frozen=True, slots=True)
class _Level:
    start: int = 1
    form: str = "decimal"
    text: str = ""
    restart: int | None = None
    style: str | None = None
    legal: bool = False
    glued: bool = False


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A list: which definition it follows, its own levels and restarts."""

    definition: str
    levels: dict[int, _Level]
    restarts: dict[int, int]


@dataclass(frozen=True, slots=True)
class _Style:
    based_on: str | None
    list_id: str | None
    level: int | None


class WordNumbers:
    """Counts the numbered paragraphs of one document, to be asked in reading order."""

    def __init__(self, numbering: Any | None, styles: Any | None) -> None:
        self._styles, self._default_style = _read_styles(styles)
        self._lists = _read_lists(numbering, self._styles)
        self._counts: dict[str, list[int | None]] = {}
        self._begun: set[tuple[str, int]] = set()

    def label(self, properties: Any | None) -> str:
        """The number of the paragraph with these properties (w:pPr), "" when it has none."""
        list_id, level = self._place(properties)
        numbered = self._lists.get(list_id) if list_id else None
        if numbered is None or list_id is None:
            return ""
        shape = numbered.levels.get(level)
        if shape is None:
            return ""
        counts = self._counts.setdefault(numbered.definition, [None] * _DEEPEST)
        if level in numbered.restarts and (list_id, level) not in self._begun:
            counts[level] = numbered.restarts[level] - 1
        self._begun.add((list_id, level))
        current = counts[level]
        counts[level] = shape.start if current is None else current + 1
        for deeper in range(level + 1, _DEEPEST):
            below = numbered.levels.get(deeper)
            if below is None or below.restart is None or level < below.restart:
                counts[deeper] = None
        return _shown(shape, numbered.levels, counts)

    def _place(self, properties: Any | None) -> tuple[str | None, int]:
        """List and level of a paragraph, from itself or from its style."""
        own = child(properties, "numPr")
        own_list = attribute(child(own, "numId"), "val")
        own_level = attribute(child(own, "ilvl"), "val")
        if own_list == "0":
            return None, 0
        style_id = attribute(child(properties, "pStyle"), "val") or self._default_style
        style_list, style_level = self._from_style(style_id)
        list_id = own_list or style_list
        if list_id is None or list_id == "0":
            return None, 0
        if own_level is not None and own_level.isdigit():
            return list_id, min(int(own_level), _DEEPEST - 1)
        if own_list is None:
            linked = self._level_of_style(list_id, style_id)
            return list_id, linked if linked is not None else (style_level or 0)
        return list_id, 0

    def _from_style(self, style_id: str | None) -> tuple[str | None, int | None]:
        level: int | None = None
        for _ in range(_DEEPEST_STYLE):
            style = self._styles.get(style_id) if style_id else None
            if style is None:
                break
            level = style.level if level is None else level
            if style.list_id is not None:
                return style.list_id, level
            style_id = style.based_on
        return None, None

    def _level_of_style(self, list_id: str, style_id: str | None) -> int | None:
        numbered = self._lists.get(list_id)
        if numbered is None or style_id is None:
            return None
        return next((at for at, shape in numbered.levels.items() if shape.style == style_id), None)


def _shown(shape: _Level, levels: dict[int, _Level], counts: list[int | None]) -> str:
    if shape.form == "bullet":
        return "- "
    if shape.form == "none" and "%" not in shape.text:
        return f"{shape.text} " if shape.text.strip() else ""
    text = shape.text
    for at in range(_DEEPEST):
        sign = f"%{at + 1}"
        if sign in text:
            level = levels.get(at, _Level())
            count = counts[at]
            value = level.start if count is None else count
            text = text.replace(sign, _format(value, "decimal" if shape.legal else level.form))
    return text if shape.glued or not text.strip() else f"{text} "


def _format(value: int, form: str) -> str:
    if form == "none":
        return ""
    if form == "decimalZero":
        return f"{value:02d}"
    if form in ("lowerLetter", "upperLetter") and value > 0:
        letter = chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("lowerRoman", "upperRoman") and 0 < value < 4000:
        roman = _roman(value)
        return roman.lower() if form == "lowerRoman" else roman
    return str(value)


def _roman(value: int) -> str:
    signs = (
        (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
        (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
    )  # fmt: skip
    out = ""
    for worth, sign in signs:
        while value >= worth:
            out += sign
            value -= worth
    return out


def _number(element: Any | None) -> int | None:
    value = attribute(element, "val")
    try:
        return int(value) if value is not None else None
    except ValueError:
        return None


def _read_level(element: Any) -> _Level:
    start = _number(child(element, "start"))
    legal = child(element, "isLgl")
    return _Level(
        start=start if start is not None else 1,
        form=attribute(child(element, "numFmt"), "val") or "decimal",
        text=attribute(child(element, "lvlText"), "val") or "",
        restart=_number(child(element, "lvlRestart")),
        style=attribute(child(element, "pStyle"), "val"),
        legal=legal is not None and attribute(legal, "val") not in ("0", "false"),
        glued=attribute(child(element, "suff"), "val") == "nothing",
    )


def _levels(element: Any) -> dict[int, _Level]:
    found: dict[int, _Level] = {}
    for below in element:
        at = attribute(below, "ilvl")
        if tag(below) == "lvl" and at is not None and at.isdigit() and int(at) < _DEEPEST:
            found[int(at)] = _read_level(below)
    return found


def _read_lists(numbering: Any | None, styles: dict[str, _Style]) -> dict[str, _Numbered]:
    if numbering is None:
        return {}
    definitions: dict[str, dict[int, _Level]] = {}
    style_of: dict[str, str] = {}
    for element in numbering:
        identity = attribute(element, "abstractNumId")
        if tag(element) == "abstractNum" and identity is not None:
            definitions[identity] = _levels(element)
            link = attribute(child(element, "numStyleLink"), "val")
            if link:
                style_of[identity] = link
    definition_of = {
        str(attribute(element, "numId")): str(attribute(child(element, "abstractNumId"), "val"))
        for element in numbering
        if tag(element) == "num"
    }
    for identity, link in style_of.items():
        linked = styles.get(link)
        target = definition_of.get(linked.list_id or "") if linked else None
        if target in definitions and not definitions[identity]:
            definitions[identity] = definitions[target]
    lists: dict[str, _Numbered] = {}
    for element in numbering:
        list_id = attribute(element, "numId")
        if tag(element) != "num" or list_id is None:
            continue
        definition = definition_of[list_id]
        levels = dict(definitions.get(definition, {}))
        restarts: dict[int, int] = {}
        for below in element:
            at = attribute(below, "ilvl")
            if tag(below) != "lvlOverride" or at is None or not at.isdigit():
                continue
            if int(at) >= _DEEPEST:
                continue
            own = child(below, "lvl")
            if own is not None:
                levels[int(at)] = _read_level(own)
            start = _number(child(below, "startOverride"))
            if start is not None:
                restarts[int(at)] = start
                levels[int(at)] = replace(levels.get(int(at), _Level()), start=start)
        lists[list_id] = _Numbered(definition, levels, restarts)
    return lists


def _read_styles(styles: Any | None) -> tuple[dict[str, _Style], str | None]:
    found: dict[str, _Style] = {}
    default: str | None = None
    for element in styles if styles is not None else ():
        identity = attribute(element, "styleId")
        if tag(element) != "style" or identity is None:
            continue
        properties = child(element, "pPr", "numPr")
        found[identity] = _Style(
            based_on=attribute(child(element, "basedOn"), "val"),
            list_id=attribute(child(properties, "numId"), "val"),
            level=_number(child(properties, "ilvl")),
        )
        is_default = attribute(element, "default") in ("1", "true")
        if is_default and attribute(element, "type") == "paragraph":
            default = identity
    return found, default
