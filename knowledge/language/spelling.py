"""Slips of the finger mended against the syllables we know: a letter too many, too few, swapped,
hit beside, or two words run together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

from knowledge.language.fold import fold
from knowledge.language.restore import known_syllables

_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST = 4
"""Letters an unknown word needs to be mended: a shorter one may be anything."""
_LONGEST = 14
_LETTERS = "abcdeghiklmnopqrstuvxy"
_BESIDE: Mapping[str, str] = {
    "a": "sqzw", "b": "vghn", "c": "xdfv", "d": "sferxc", "e": "wrsd", "g": "fhtyvb",
    "h": "gjyubn", "i": "uojk", "k": "jlio", "l": "kop", "m": "njk", "n": "bmhj", "o": "ipkl",
    "p": "ol", "q": "wa", "r": "etdf", "s": "adwezx", "t": "ryfg", "u": "yihj", "v": "cbfg",
    "x": "zcsd", "y": "tugh",
}  # fmt: skip
"""Keys beside each key."""
_ONSET = re.compile(
    "ngh(?=[ei])|ng(?![ei])|nh|gh(?=[ei])|gi(?=[aeou])|kh|ph|qu|th|tr|ch"
    "|k(?=[eiy])|c(?![eiy])|[bdghlmnrstvx]|(?=[aeiouy])"
)
_RIMES = frozenset(
    re.findall(
        r"\w+",
        "a ac ach ai am an ang anh ao ap at au ay e ec ech em en eng enh eo ep et eu i ia ich iec "
        "iem ien ieng iep iet ieu im in inh ip it iu o oa oac oach oai oam oan oang oanh oao oat "
        "oay oc oe oen oeo oet oi om on ong ooc oong op ot u ua uan uang uanh uat uay uc ue uech "
        "uen uenh uet ui um un ung uo uoc uoi uom uon uong uop uot uou up ut uu uy uya uych uyen "
        "uyet uynh uyp uyt uyu y yem yen yet yeu",
    )
)
"""What may follow the first consonants of a Vietnamese syllable, without marks."""
_USUAL = 700
"""Rank under which a syllable is common enough to be half of two run together."""


def mend(text: str) -> str:
    """The text with words nobody knows replaced by the most usual word one slip away.

    A word that is known, with or without its marks, stays; so does one no single slip explains.
    """
    return _WORD.sub(lambda found: _mended(found.group()), text)


def _mended(word: str) -> str:
    plain = fold(word)
    ranks = _ranks()
    known_or_short = plain in ranks or not _SHORTEST <= len(plain) <= _LONGEST
    if known_or_short or _sounds(plain):
        return word
    near = [other for other in _one_slip(plain) if other in ranks]
    mended = [min(near, key=lambda other: ranks[other])] if near else _parted(plain)
    if not mended:
        return word
    marked = word.lower() != plain
    return " ".join(_marked_like(part, word) if marked else part for part in mended)


def _marked_like(plain: str, typed: str) -> str:
    """The form of a bare syllable that shares most letters with what was typed."""
    letters = set(unicodedata.normalize("NFC", typed.lower()))
    return max(_forms()[plain], key=lambda form: len(letters & set(form)))


def _sounds(plain: str) -> bool:
    """Whether it could be a Vietnamese syllable that we merely never met."""
    found = _ONSET.match(plain)
    return bool(found) and plain[found.end() :] in _RIMES  # type: ignore[union-attr]


def _one_slip(plain: str) -> Iterator[str]:
    """Words from which this one may have come by one slip; the first letter is taken as right."""
    for at in range(1, len(plain)):
        head, tail = plain[:at], plain[at:]
        yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for beside in _BESIDE.get(tail[0], ""):
            yield head + beside + tail[1:]
        for letter in _LETTERS:
            yield head + letter + tail
    for letter in _LETTERS:
        yield plain + letter


def _parted(plain: str) -> list[str]:
    """Two usual syllables run together; nothing when it is not that."""
    ranks = _ranks()
    found = [(plain[:at], plain[at:]) for at in range(2, len(plain) - 1)]
    usual = [both for both in found if all(ranks.get(part, _USUAL) < _USUAL for part in both)]
    return list(min(usual, key=lambda both: max(ranks[part] for part in both), default=()))


@lru_cache(maxsize=1)
def _ranks() -> dict[str, int]:
    """How usual each syllable is without its marks, 0 the most."""
    ranks: dict[str, int] = {}
    for rank, syllable in enumerate(known_syllables()):
        ranks.setdefault(fold(syllable), rank)
    return ranks


@lru_cache(maxsize=1)
def _forms() -> dict[str, list[str]]:
    """The forms of each bare syllable, the most usual first."""
    forms: dict[str, list[str]] = {}
    for syllable in known_syllables():
        forms.setdefault(fold(syllable), []).append(syllable)
    return forms
