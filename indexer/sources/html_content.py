"""Which blocks of a web page hold the law: those whose articles count up from 1 the furthest."""

from __future__ import annotations

import re

from lxml import html
from lxml.html import HtmlElement

from indexer.sources.html_page import UNSEEN, line_starts, words

ARTICLE = re.compile(r"^\s*Điều\s+(\d+)[a-zđ]?\s*[.:]", re.IGNORECASE)
"""The first words of an article."""

_NUMBER = re.compile(
    r"\d+[a-z]?/(?:\d{4}/)?(?:QH\d+|NĐ-CP|TT-|NQ-|UBTVQH|VBHN-|QĐ-)|(?:Luật số|Số)\s*:\s*\d+",
    re.IGNORECASE,
)
_HEAD = re.compile(r"CỘNG H(?:ÒA|OÀ) XÃ HỘI|\b(?:QUỐC HỘI|CHÍNH PHỦ)\b|\bsố\s*:", re.IGNORECASE)
_APPENDIX = re.compile(r"^(?:PHỤ LỤC|MẪU SỐ|DANH MỤC)\b", re.IGNORECASE)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE
)
_FURNITURE = {
    "ad", "ads", "adv", "advert", "advertisement", "adsbygoogle", "quangcao", "banner", "share",
    "sharing", "social", "breadcrumb", "breadcrumbs", "menu", "navbar", "nav", "sidebar",
    "comment", "comments", "binhluan", "related", "lienquan", "tooltip", "popup", "modal",
    "toolbar", "pagination", "paging", "login", "signup", "newsletter", "cookie", "rating",
    "noprint",
}  # fmt: skip
_SENTENCES = {"p", "h1", "h2", "h3", "h4", "h5", "h6"}
_CLIMB = 4
"""How many levels above the articles a head or an appendix in a block of its own is sought."""


def content(root: HtmlElement) -> list[HtmlElement]:
    """The elements that hold the law, in document order; empty when the page holds none.

    Works on a copy. Hidden elements are left out unless the law itself is hidden, as on portals
    that keep each text in a tab until it is clicked.
    """
    for shown_only in (True, False):
        page = html.document_fromstring(html.tostring(root, encoding="unicode"))
        _clear(page, shown_only)
        body = page.find("body")
        found = _chosen(body if body is not None else page)
        if found:
            return found
    return []


def _clear(page: HtmlElement, shown_only: bool) -> None:
    for element in list(page.iter()):
        if not isinstance(element.tag, str) or element.getparent() is None:
            continue
        hidden = element.get("hidden") is not None or _HIDDEN.search(element.get("style") or "")
        if element.tag in UNSEEN or (shown_only and hidden):
            element.drop_tree()


def _chosen(body: HtmlElement) -> list[HtmlElement]:
    reach = _reach(body)
    if body not in reach:
        return []
    for element in list(body.iter()):
        # A block that is named like furniture but holds articles is no furniture.
        if element not in reach and _is_furniture(element) and element.getparent() is not None:
            element.drop_tree()
    best = body
    while True:
        kept = [child for child in best if reach.get(child, (0, 0)) >= reach[body]]
        if not kept:
            break
        # A table of contents reaches as far as the law itself; the law is the longer one.
        child = max(kept, key=lambda element: len(words(element)))
        # One lone article may be headed by a block that does not hold its words.
        lone = reach[body] <= (1, 0) and 2 * len(words(child)) < len(words(best))
        if lone or child.tag in _SENTENCES:
            break
        best = child
    return _with_surroundings(best)


def _is_furniture(element: HtmlElement) -> bool:
    if not isinstance(element.tag, str):
        return False
    names = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
    return bool(_FURNITURE.intersection(re.split(r"[^a-z0-9]+", names)))


def _reach(body: HtmlElement) -> dict[HtmlElement, tuple[int, int]]:
    """For each element with article headings: how far they count up from 1, and how many."""
    numbers: dict[HtmlElement, set[int]] = {}
    for element, text in line_starts(body):
        found = ARTICLE.match(text)
        if found:
            for above in [element, *element.iterancestors()]:
                numbers.setdefault(above, set()).add(int(found[1]))
    reach: dict[HtmlElement, tuple[int, int]] = {}
    for element, held in numbers.items():
        count = 0
        while count + 1 in held:
            count += 1
        # Without an unbroken count from 1 (an excerpt) the number of headings decides.
        reach[element] = (count, 0) if 2 * count >= len(held) else (0, len(held))
    return reach


def _with_surroundings(chosen: HtmlElement) -> list[HtmlElement]:
    """Add the document's head and its appendices where the page holds them in other blocks."""
    before: list[HtmlElement] = []
    after: list[HtmlElement] = []
    text = "\n".join(chosen.itertext())
    first = re.search(r"Điều\s+1\s*[.:]", text)
    headed = bool(_NUMBER.search(text[: first.start()] if first else text[:3000]))
    element = chosen
    for _ in range(_CLIMB):
        parent = element.getparent()
        if parent is None or parent.tag == "html":
            break
        if not headed:
            heads = [e for e in element.itersiblings(preceding=True) if _is_head(e)]
            before = [*reversed(heads), *before]
            headed = any(_NUMBER.search(words(e)) for e in heads)
        after += [e for e in element.itersiblings() if _is_appendix(e)]
        element = parent
    return [*before, chosen, *after]


def _plain_share(element: HtmlElement) -> float:
    """Share of the element's characters that stand outside links, 0 to 1."""
    whole = len(words(element)) or 1
    return 1 - sum(len(words(a)) for a in element.iter("a") if a.get("href")) / whole


def _is_head(element: HtmlElement) -> bool:
    if not isinstance(element.tag, str) or _is_furniture(element):
        return False
    text = words(element)
    return len(text) < 5000 and bool(_HEAD.search(text)) and _plain_share(element) > 0.5


def _is_appendix(element: HtmlElement) -> bool:
    if not isinstance(element.tag, str) or _is_furniture(element):
        return False
    return bool(_APPENDIX.match(words(element))) and _plain_share(element) > 0.5
