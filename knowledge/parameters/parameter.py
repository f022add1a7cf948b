"""A figure of the law, as it stood in each period, and the place it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from knowledge import datafile
from knowledge.clause import WrittenRef

FOLDER = Path(__file__).parent


class ParameterError(Exception):
    """The parameter files contradict each other; the message says where and what to do."""


class Value(BaseModel):
    """The figure in one period. ``until`` is the last day, None while it still holds.

    ``value`` is a number in the parameter's unit, or one number a case (region, sex).
    ``held`` is false where no official copy of the source is held, so that the figure cannot be
    checked against it; ``note`` then says where it is known from.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    since: date = Field(alias="from")
    until: date | None = None
    value: int | float | Mapping[str, int | float]
    source: WrittenRef
    grade: str = Field(pattern="^[ABC]$")
    held: bool = True
    note: str | None = None

    @model_validator(mode="after")
    def _honest(self) -> Value:
        if self.until is not None and self.until < self.since:
            raise ValueError(f"until {self.until} sớm hơn from {self.since}")
        if not self.held and (self.note is None or self.grade != "C"):
            raise ValueError(
                "con số chưa có bản chính thức của nguồn thì là hạng C và phải có note"
            )
        return self

    def holds(self, day: date) -> bool:
        """Whether this figure applies on ``day``."""
        return self.since <= day and (self.until is None or day <= self.until)

    def number(self, case: str | None = None) -> int | float:
        """The figure itself, for ``case`` where there is one a case. Raises ParameterError."""
        if isinstance(self.value, Mapping):
            if case is None or case not in self.value:
                cases = ", ".join(self.value)
                raise ParameterError(f"the figure differs by case; name one of: {cases}")
            return self.value[case]
        if case is not None:
            raise ParameterError(f"the figure has no case '{case}'; ask for it without one")
        return self.value


class Parameter(BaseModel):
    """One figure over time. ``unit`` is as the law writes it: "đồng/tháng", "%", "ngày"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: str = Field(min_length=5)
    unit: str
    values: tuple[Value, ...] = Field(min_length=1)

    @field_validator("values")
    @classmethod
    def _dated_once(cls, values: tuple[Value, ...]) -> tuple[Value, ...]:
        ordered = tuple(sorted(values, key=lambda value: value.since))
        for earlier, later in pairwise(ordered):
            if earlier.until is None or earlier.until >= later.since:
                raise ValueError(
                    f"con số từ {earlier.since} và từ {later.since} chồng nhau; "
                    "số trước phải hết vào hôm trước ngày số sau bắt đầu"
                )
        return ordered

    def at(self, day: date) -> Value | None:
        """The figure on ``day``; None when none is known for it."""
        return next((value for value in self.values if value.holds(day)), None)


class ParameterFile(BaseModel):
    """One YAML file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    parameters: tuple[Parameter, ...]


@lru_cache(maxsize=4)
def load(folder: Path = FOLDER) -> Mapping[str, Parameter]:
    """All parameters by id. Raises DataFileError (file and line) or ParameterError."""
    found: dict[str, Parameter] = {}
    for path in sorted(folder.glob("*.yaml")):
        for parameter in datafile.read(path, ParameterFile).parameters:
            if parameter.id in found:
                raise ParameterError(f"{path}: '{parameter.id}' có ở hai chỗ; chỉ giữ một")
            found[parameter.id] = parameter
    if not found:
        raise ParameterError(f"không có tham số nào trong {folder}; hãy lấy lại các tệp YAML ở đó")
    return found
