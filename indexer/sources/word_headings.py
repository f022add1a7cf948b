"""Article headings that lost Word's number, in a document whose articles Word numbers.

When a document went through another program, a heading may have dropped out of the numbered
list: Word then shows no "Điều 3." there and every later article is one too low. It is only
taken for a heading on evidence from both sides: it looks like the numbered headings, and the
khoản begin at 1 before it and again after it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from indexer.headings import level_of
from indexer.sources.folding import fold
from indexer.sources.word_numbering import WordNumbers
from indexer.sources.word_package import attribute, child, tag

_ARTICLE = re.compile(r"^Điều\s+\d+")
_FIRST_CLAUSE = re.compile(r"^1\s?\.\s")
_FEWEST = 3


def unnumbered_headings(blocks: Sequence[Any], numbers: WordNumbers) -> dict[Any, Any]:
    """The paragraphs that are such headings, each with the properties of a numbered heading.

    ``numbers`` is used up by the call: give it a counter of its own.
    """
    paragraphs = [block for block in blocks if tag(block) == "p"]
    labels = [numbers.label(child(paragraph, "pPr")) for paragraph in paragraphs]
    texts = [fold("".join(paragraph.itertext())) for paragraph in paragraphs]
    headed = [at for at, label in enumerate(labels) if _ARTICLE.match(label)]
    if len(headed) < _FEWEST:
        return {}
    found: dict[Any, Any] = {}
    for first, following in pairwise(headed):
        for at in range(first + 1, following):
            if labels[at] or not _looks_like_heading(paragraphs[at], texts[at]):
                continue
            before, after = texts[first + 1 : at], texts[at + 1 : following]
            if any(map(_FIRST_CLAUSE.match, before)) and any(map(_FIRST_CLAUSE.match, after)):
                found[paragraphs[at]] = child(paragraphs[first], "pPr")
    return found


def _looks_like_heading(paragraph: Any, text: str) -> bool:
    """Bold throughout, not in capitals, not centred, no sentence."""
    runs = [run for run in paragraph.iter() if tag(run) == "r" and "".join(run.itertext()).strip()]
    if not text or text.isupper() or len(text) > 250 or text.endswith((".", ";", ":")):
        return False
    if level_of(text) is not None or not text[0].isupper():
        return False
    if attribute(child(paragraph, "pPr", "jc"), "val") == "center":
        return False
    return bool(runs) and all(_is_bold(run) for run in runs)


def _is_bold(run: Any) -> bool:
    bold = child(run, "rPr", "b")
    return bold is not None and attribute(bold, "val") not in ("0", "false", "off")
