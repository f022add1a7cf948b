"""Short forms to the words they stand for, so that both legs see standard Vietnamese."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from pydantic import RootModel

from knowledge import datafile

_WORD = re.compile(r"\w+")


class Forms(RootModel[dict[str, str]]):
    """Short form to the words it stands for."""


@lru_cache(maxsize=1)
def _forms() -> dict[str, str]:
    return datafile.read(Path(__file__).with_name("abbreviations.yaml"), Forms).root


def expand(text: str) -> str:
    """The text with short forms written out: "cty ko trả lương" gives "công ty không trả lương"."""
    forms = _forms()
    return _WORD.sub(
        lambda word: forms.get(word.group().lower(), word.group()),
        unicodedata.normalize("NFC", text),
    )
