"""Whether a message leans on the question before it ("vậy được mấy tháng") or stands by itself."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from knowledge.language.fold import fold
from knowledge.logistic import likelihood_by
from knowledge.scope import likelihood, nearest_ask
from knowledge.search import Found
from knowledge.weights import WEIGHTS, Weights

_LONGEST = 24
"""Words from which a message stands by itself whatever it says."""
_OPENS = re.compile(
    r"^(?:(?:da|u|ua|a|oh|ok|vang|ad|anh|chi|em|bac|co|chu)[ ,]+)*(?:con|the|vay|neu|nhung|roi|thi"
    r"|vay thi|the thi|ma|vi du|lo|nho|gia su|tuc la|nghia la|sao)\b"
)
"""What a message begins with that goes on from another."""
# With marks the first word says it; without, "con" may be a child and "the" a card.
_MARKED_OPENERS = {"còn", "thế", "vậy", "nếu", "nhưng", "rồi", "thì", "vầy", "dzậy"}
_BARE_OPENERS = re.compile(
    r"(con (neu|thi|ve|truong hop|viec|khi|luc|nguoi|cai|gi)"
    r"|the (con|thi|neu|bao (lau|nhieu|gio)|a)|vay|neu|nhung|roi (sao|thi)|the$)\b"
)
_SHORT = 15
_BEGINS_ANEW = re.compile(
    r"\bcho (?:em|toi|minh|hoi|tui|chau|con)\b|\b(?:em|toi|minh|tui) (?:muon )?hoi\b"
    r"|\b(?:xin hoi|muon hoi|a ma|tien the|chuyen khac|cau khac|viec khac|hoi cau|hoi them"
    r"|nhan tien|xin chao|chao)\b"
)
_POINTS_BACK = re.compile(
    r"\b(?:cai|luc|khi|viec|truong hop|nguoi|so|ngay|muc|khoan|chuyen|don|tien|nam|dua|may)"
    r" (?:do|nay|day|kia|ay)\b"
    r"|\b(?:lam vay|nhu vay|vay ha|thi sao|duoc khong|luon ha|nua khong)\b"
)


def _closer(_alone: Found, together: Found) -> float:
    """How much nearer the two together are to an ask than the message is."""
    return nearest_ask(together) - nearest_ask(_alone)


def _same(alone: Found, together: Found) -> float:
    """1 when both are answered by the same article."""
    if not alone.hits or not together.hits:
        return 0.0
    return float(alone.hits[0].ref.at_article() == together.hits[0].ref.at_article())


def _clear(alone: Found, _together: Found) -> float:
    """How far the message's best hit stands above its second."""
    if len(alone.hits) < 2:
        return 0.0
    return 1 - alone.hits[1].score / max(alone.hits[0].score, 1e-9)


def _says(form: re.Pattern[str]) -> Callable[[Found, Found], float]:
    return lambda alone, _together: float(form.search(fold(alone.question)) is not None)


def _odds(share: float) -> float:
    share = min(0.999, max(0.001, share))
    return math.log(share / (1 - share))


SIGNS: Mapping[str, Callable[[Found, Found], float]] = {
    "length": lambda alone, _together: math.log1p(len(alone.question.split())),
    "opens": _says(_OPENS),
    "anew": _says(_BEGINS_ANEW),
    "back": _says(_POINTS_BACK),
    "scope": lambda alone, _together: _odds(likelihood(alone)),
    "together": lambda _alone, together: _odds(likelihood(together)),
    "ask": lambda alone, _together: nearest_ask(alone),
    "closer": _closer,
    "cosine": lambda alone, _together: alone.cosines.get("asks", 0.0),
    "peak": lambda alone, _together: alone.peaks.get("asks", 0.0),
    "words": lambda alone, _together: alone.covered.get("asks", 0.0),
    "clear": _clear,
    "same": _same,
}
"""What speaks for leaning, by the name of its weight ("lean_" before it)."""


def leaning(alone: Found, together: Found, weights: Weights = WEIGHTS) -> float:
    """How likely a message leans on the one before, 0 to 1; fitted on development conversations.

    ``alone`` is what search has on it, ``together`` what it has on both.
    """
    signs = {name: sign(alone, together) for name, sign in SIGNS.items()}
    return likelihood_by("lean", signs, weights)


def leans(alone: Found, together: Found, weights: Weights = WEIGHTS) -> bool:
    """Whether a message is to be read with the one before."""
    if alone.cited or len(alone.question.split()) > _LONGEST:
        return False
    if not alone.matter:  # another encoder than the one this was fitted for
        return _goes_on(alone.question)
    return leaning(alone, together, weights) >= weights.lean_least


def _goes_on(question: str) -> bool:
    """Whether a short message begins like one that goes on from another."""
    words = question.casefold().split()
    if not words or len(words) > _SHORT:
        return False
    folded = fold(question)
    if folded != question.casefold():
        return words[0].strip(",.!?:;") in _MARKED_OPENERS
    return _BARE_OPENERS.match(folded) is not None
