"""Reading one YAML data file into a model, with errors that name the file and the line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser in C where PyYAML was built with it: ten times as quick over the cards."""


class DataFileError(Exception):
    """A data file that cannot be used: where it is wrong and what to do about it."""

    def __init__(self, path: Path, problem: str, advice: str, line: int | None = None) -> None:
        self.path, self.problem, self.advice, self.line = path, problem, advice, line
        where = f"{path}, line {line}" if line is not None else str(path)
        super().__init__(f"{where}: {problem}. {advice}")


def read(path: Path, model: type[Model]) -> Model:
    """The file as ``model``. Raises DataFileError; lines count from 1."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(path, f"cannot be read ({error})", "Restore the file, UTF-8") from error
    try:
        data = yaml.load(text, Loader=_LOADER)  # noqa: S506 - it is the safe one, in C
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "is not YAML"
        line = mark.line + 1 if mark else None
        raise DataFileError(path, problem, "Correct the YAML at that line", line) from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        spot = ".".join(str(part) for part in first["loc"])
        problem = f"{spot}: {first['msg']}" if spot else first["msg"]
        more = len(error.errors()) - 1
        advice = "Correct the value there" + (f" ({more} more after it)" if more else "")
        raise DataFileError(path, problem, advice, line_of(text, first["loc"])) from error


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
