"""Questions in English or Chinese are known as such, and answered in a line of their language."""

from __future__ import annotations

import re

_WORD = re.compile(r"[a-z']+")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")
_ENGLISH = frozenset(
    _WORD.findall(
        "what how when where which who why is are was does should would could have has my your "
        "they we with from this that and for not please help want need salary wage company boss "
        "contract leave maternity overtime insurance work working worker job days month months "
        "year paid pay fired dismissed resign notice get got about been will "
    )
)
"""Words of English questions that no Vietnamese syllable is written like."""
_LEAST_WORDS = 3
_LEAST_SHARE = 0.5

ANSWERS = {
    "en": (
        "I can answer questions about Vietnamese labour law, social insurance, employment, "
        "workplace safety and trade unions, but only in Vietnamese for now. Please ask in "
        "Vietnamese (a colleague or a translation app can help), or ask for a trade-union "
        "counsellor."
    ),
    "zh": (
        "我可以解答有关越南劳动法、社会保险、就业、劳动安全和工会的问题, 但目前只支持越南语。"
        "请用越南语提问 (可以请同事或翻译软件帮忙), 或者要求联系工会顾问。"
    ),
}
"""What is said to a question in another language, by its code."""


def language_of(text: str) -> str | None:
    """ "en" or "zh" when the text is English or Chinese, None for anything else."""
    letters = len(_LETTER.findall(text))
    if letters and len(_HAN.findall(text)) / letters > _LEAST_SHARE:
        return "zh"
    words = _WORD.findall(text.lower())
    if text.isascii() and len(words) >= _LEAST_WORDS:
        known = sum(word in _ENGLISH for word in words)
        if known >= 2 and known / len(words) >= _LEAST_SHARE - 0.15:
            return "en"
    return None
