"""Reading one YAML data file into a model, with errors that name the file and the line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

_PROBLEMS = {
    "missing": "thiếu mục này",
    "extra_forbidden": "không có mục nào tên như vậy",
    "string_too_short": "cần ít nhất {min_length} chữ cái",
    "string_too_long": "nhiều nhất {max_length} chữ cái",
    "too_short": "cần ít nhất {min_length} dòng, đang có {actual_length}",
    "too_long": "nhiều nhất {max_length} dòng, đang có {actual_length}",
    "string_type": "phải là chữ, đặt trong ngoặc kép",
    "tuple_type": "phải là một danh sách",
    "date_from_datetime_parsing": "không phải là ngày; viết 2026-07-01",
    "date_type": "không phải là ngày; viết 2026-07-01",
    "string_pattern_mismatch": "viết sai khuôn {pattern}",
    "bool_parsing": "chỉ được là true hoặc false",
}
"""Pydantic's kinds of error in the words of a legal officer."""

Model = TypeVar("Model", bound=BaseModel)

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser in C where PyYAML was built with it: ten times as quick over the cards."""


class DataFileError(Exception):
    """A data file that cannot be used: where it is wrong and what to do about it."""

    def __init__(self, path: Path, problem: str, advice: str, line: int | None = None) -> None:
        self.path, self.problem, self.advice, self.line = path, problem, advice, line
        where = f"{path}, dòng {line}" if line is not None else str(path)
        super().__init__(f"{where}: {problem}. {advice}")


def read(path: Path, model: type[Model]) -> Model:
    """The file as ``model``. Raises DataFileError; lines count from 1."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(
            path, f"không đọc được ({error})", "Lấy lại tệp, lưu bằng UTF-8"
        ) from error
    try:
        data = yaml.load(text, Loader=_LOADER)  # noqa: S506 - it is the safe one, in C
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = f"không đúng khuôn YAML ({getattr(error, 'problem', None) or error})"
        line = mark.line + 1 if mark else None
        raise DataFileError(
            path, problem, "Sửa dòng ấy: xem dấu ngoặc kép và khoảng trắng đầu dòng", line
        ) from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        spot = ".".join(str(part) for part in first["loc"])
        said = _said(first)
        problem = f"{spot}: {said}" if spot else said
        more = len(error.errors()) - 1
        advice = "Sửa chỗ ấy" + (f" (sau nó còn {more} chỗ nữa)" if more else "")
        raise DataFileError(path, problem, advice, line_of(text, first["loc"])) from error


def _said(error: Any) -> str:
    """What pydantic found, in the words of who writes the file; its own words for what is rare."""
    words = _PROBLEMS.get(error["type"])
    if words is None:
        return str(error["msg"]).removeprefix("Value error, ")
    return words.format(**error.get("ctx", {}))


def line_of(text: str, loc: tuple[int | str, ...]) -> int | None:
    """Line of the YAML node that ``loc`` leads to, or of the last part of it that exists."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = None if node is None else node.start_mark.line + 1
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            entry = next((kv for kv in node.value if kv[0].value == str(part)), None)
            if entry is None:
                break
            line, node = entry[0].start_mark.line + 1, entry[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            if part >= len(node.value):
                break
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
