"""The number a browser shows before an item of an HTML list, as it would be typed in a law."""

from __future__ import annotations

_KINDS = {
    "1": "decimal", "a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman",
    "I": "upper-roman", "lower-latin": "lower-alpha", "upper-latin": "upper-alpha",
}  # fmt: skip
_BULLETS = {"disc", "circle", "square"}
_ROMAN = ((50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def list_mark(kind: str, number: int) -> str:
    """``1.``, ``a)``, ``A.``, ``i)``, ``I.`` or ``-``; nothing for a list without marks.

    ``kind`` is the value of the HTML attribute ``type`` or of CSS ``list-style-type``.
    """
    kind = _KINDS.get(kind, kind)
    if kind == "none":
        return ""
    if kind in _BULLETS:
        return "-"
    if kind.endswith("alpha") and 1 <= number <= 26:
        letter = chr(ord("a") + number - 1)
        return f"{letter})" if kind.startswith("lower") else f"{letter.upper()}."
    if kind.endswith("roman") and 1 <= number < 90:
        roman = _roman(number)
        return f"{roman.lower()})" if kind.startswith("lower") else f"{roman}."
    return f"{number}."


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        while number >= value:
            text += letters
            number -= value
    return text
