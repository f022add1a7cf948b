"""The rules for ``text_styles`` of sendMessage."""

from __future__ import annotations

import json
import re

from tests.contract.zalo_stand_in.wire import Refusal

_CODE = re.compile(r"[bius]|f_(1[3-9]|20)|c_[0-9a-fA-F]{6}|lst_[12]|ind_[1-5]")


def check_styles(styles: object, text: str) -> None:
    """Raise Refusal (400) unless each style is known and lies within the text (UTF-16 units)."""
    if isinstance(styles, str):
        try:
            styles = json.loads(styles)
        except ValueError:
            styles = None
    if not isinstance(styles, list):
        raise Refusal(400, "Bad Request: text_styles must be a list")
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    for style in styles:
        if not isinstance(style, dict) or set(style) != {"start", "len", "st"}:
            raise Refusal(400, "Bad Request: a style has start, len and st")
        start, length, codes = style["start"], style["len"], style["st"]
        whole = type(start) is int and type(length) is int
        if not whole or start < 0 or length < 1 or start + length > units:
            raise Refusal(400, "Bad Request: a style lies outside the text")
        if not isinstance(codes, list) or not all(
            isinstance(code, str) and _CODE.fullmatch(code) for code in codes
        ):
            raise Refusal(400, "Bad Request: unknown style")
