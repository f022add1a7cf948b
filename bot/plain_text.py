"""Text as people send it, made safe to keep: NFC, no control characters, of bounded length."""

from __future__ import annotations

import re
import unicodedata

from knowledge.language.fold import syllables

READ_LIMIT = 4_000
"""Characters of one message that are kept and read."""
REFUSE_LIMIT = 20_000
"""A message longer than this is not read at all: no question is that long."""
REFUSED_EXCERPT = 200
"""Characters kept of a message that is not read, so that its writer recognises it."""

# Controls (C0 and C1 but the line break), marks that turn the writing direction around, invisible
# fillers, and lone surrogates, which no database takes. ZWJ stays: it holds emoji together.
_UNWANTED = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\ud800-\udfff]"
)


def clean(text: str) -> str:
    """NFC without control characters; tabs become spaces, line ends ``\\n``, outer space goes."""
    text = re.sub(r"\r\n?|\x85|\u2028|\u2029", "\n", text).replace("\t", " ")
    return unicodedata.normalize("NFC", _UNWANTED.sub("", text)).strip()


def kept(text: str) -> str:
    """What is stored of a message: all of it, its first part, or an excerpt when refused."""
    if len(text) > REFUSE_LIMIT:
        return clean(text[:REFUSED_EXCERPT])
    return clean(text)[:READ_LIMIT]


def fold(text: str) -> str:
    """Lower case without marks and punctuation, single spaces: for comparing, never for showing."""
    return " ".join(syllables(text))
