"""One way of writing the same text: composed letters, one place for a tone, nothing drawn out."""

from __future__ import annotations

import re
import unicodedata
from itertools import product

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_SPACE = re.compile(r"[^\S\n]+")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_TONES = "\u0300\u0301\u0303\u0309\u0323"
"""Grave, acute, tilde, hook and dot below: the five tones; other marks belong to the vowel."""


def normalise(text: str) -> str:
    """The text composed (NFC), without invisible characters, "lươnggg" as "lương", "hoà" as "hòa".

    Full-width letters become plain ones; line ends stay.
    """
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    text = _DRAWN_OUT.sub(r"\1", text)
    text = _TONE_AT_END.sub(lambda found: _MOVED[found.group()], text)
    return _SPACE.sub(" ", text).strip()


def _moved() -> dict[str, str]:
    """Open syllables with the tone on the second vowel, and with it on the first.

    Official texts write the tone on the first: hòa, khỏe, thủy.
    """
    found = {}
    for vowels, tone in product(("oa", "oe", "uy"), _TONES):
        late = unicodedata.normalize("NFC", vowels + tone)
        early = unicodedata.normalize("NFC", vowels[0] + tone + vowels[1])
        for change in (str.lower, str.upper, str.capitalize):
            found[change(late)] = change(early)
    return found


_MOVED = _moved()
_TONE_AT_END = re.compile(rf"(?<![qQ])(?:{'|'.join(_MOVED)})(?!\w)")
