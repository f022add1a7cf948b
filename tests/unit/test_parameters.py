"""Parameters: dated once, honest about their source, and equal to the law's own words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from knowledge import datafile
from knowledge.clause import Clause
from knowledge.parameters import Parameter, ParameterError, Value, load
from tests.unit import official_texts

_WORDS = {0.5: ("nửa",), 5: ("năm lần",), 36: ("ba mươi sáu lần",)}


def _all() -> Iterator[tuple[Parameter, Value]]:
    for parameter in load().values():
        for value in parameter.values:
            yield parameter, value


def _name(case: tuple[Parameter, Value]) -> str:
    return f"{case[0].id}@{case[1].since}"


def _numerals(number: int | float, unit: str) -> str:
    """A pattern of the number as the law writes it, with its unit."""
    if unit.startswith("đồng"):
        return re.escape(f"{number:,}".replace(",", ".")) + r"(?![\d.])"
    plain = re.escape(f"{number:g}".replace(".", ","))
    if unit == "%":
        return rf"(?<![\d,.]){plain}\s?%"
    noun = re.escape(unit.split(maxsplit=1)[0])
    if unit == "ngày làm việc thứ":
        return rf"ngày làm việc thứ {plain}(?!\d)"
    if unit == "ngày làm việc":
        noun = "ngày làm việc"
    ordinal = rf"{noun} thứ 0?{plain}(?!\d)"
    words = "|".join(_WORDS.get(number, ()))
    spelled = rf"|(?:{words})(?:\s|\b)" if words else ""
    return rf"(?<![\d,.])0?{plain} {noun}|{ordinal}{spelled}"


def _age(months: int) -> str:
    years, rest = divmod(months, 12)
    return f"{years} tuổi" + (rf" 0?{rest} tháng" if rest else r"(?! \d)")


def _stands_in(parameter: Parameter, value: Value, text: str) -> list[str]:
    """What of the value is not found in the words of its source."""
    missing = []
    if isinstance(value.value, Mapping) and parameter.unit == "tháng tuổi":
        men, women = re.split(r"lao động nữ:", text, maxsplit=1)
        for case, part in (("nam", men), ("nu", women)):
            rows = re.findall(r"(?:^|\n)[|\s]*(từ năm )?(\d{4})[^\n\d|]*\|([^\n]*)", part)
            year = value.since.year
            fits = [
                row
                for since, first, row in rows
                if int(first) == year or (since and int(first) <= year)
            ]
            if not any(re.search(_age(int(value.number(case))), row) for row in fits):
                missing.append(case)
        return missing
    if isinstance(value.value, Mapping):
        for case, number in value.value.items():
            own = rf"vùng {case.lower()}\b(?:(?!vùng).)*?{_numerals(number, parameter.unit)}"
            if not re.search(own, text, re.DOTALL):
                missing.append(case)
        return missing
    if not re.search(_numerals(value.value, parameter.unit), text):
        missing.append(str(value.value))
    return missing


def _words(value: Value) -> str:
    """The official words of the value's source on the value's first day, lower case."""
    article = value.source.model_copy(update={"point": None})
    found = [
        clause
        for clause in official_texts.clauses(value.source.law)
        if article.covers(clause.ref) and clause.in_force(value.since)
    ]
    assert found, f"{value.source} has no wording on {value.since}"
    parts = [_of_point(clause, value.source.point) for clause in found]
    return unicodedata.normalize("NFC", "\n".join(parts)).lower()


def _of_point(clause: Clause, point: str | None) -> str:
    if point is None:
        return clause.full_text
    return "\n".join(p.text for p in clause.points if p.number == point)


@pytest.mark.laws
@pytest.mark.parametrize("case", list(_all()), ids=_name)
def test_the_figure_stands_in_its_source(case: tuple[Parameter, Value]) -> None:
    parameter, value = case
    if not value.held:
        pytest.skip(f"{value.source}: {value.note}")
    missing = _stands_in(parameter, value, _words(value))
    assert not missing, f"{parameter.id}: {missing} not in {value.source}"


@pytest.mark.laws
def test_the_figure_still_stands_on_its_last_day() -> None:
    lost = []
    for parameter, value in _all():
        last = value.until or date(2026, 11, 21)
        if value.held and last > value.since and parameter.unit != "tháng tuổi":
            article = value.source.model_copy(update={"point": None})
            text = "\n".join(
                _of_point(clause, value.source.point)
                for clause in official_texts.clauses(value.source.law)
                if article.covers(clause.ref) and clause.in_force(last)
            )
            text = unicodedata.normalize("NFC", text).lower()
            if _stands_in(parameter, value, text):
                lost.append(f"{parameter.id}@{last}")
    assert lost == []


def test_a_wrong_figure_would_be_found() -> None:
    parameter = load()["lam-them-ngay-thuong"]
    wrong = parameter.values[0].model_copy(update={"value": 155})
    words = "vào ngày thường, ít nhất bằng 150%;"
    assert _stands_in(parameter, wrong, words) == ["155"]
    assert _stands_in(parameter, parameter.values[0], words) == []


def test_minimum_wage_follows_the_date() -> None:
    wage = load()["luong-toi-thieu-thang"]
    before, after = wage.at(date(2025, 12, 31)), wage.at(date(2026, 1, 1))
    assert before is not None
    assert after is not None
    assert before.number("I") == 4960000
    assert after.number("I") == 5310000
    assert wage.at(date(2020, 1, 1)) is None


def test_a_figure_by_case_wants_its_case() -> None:
    wage = load()["luong-toi-thieu-thang"].values[0]
    with pytest.raises(ParameterError, match="I, II, III, IV"):
        wage.number()
    with pytest.raises(ParameterError, match="no case"):
        load()["luong-co-so"].values[0].number("I")


def test_what_is_not_held_says_so() -> None:
    for parameter, value in _all():
        if not value.held:
            assert value.grade == "C", parameter.id
            assert value.note, parameter.id


def test_overlapping_periods_are_refused() -> None:
    one = {"from": "2021-01-01", "value": 1, "source": "1/2020/QH14 điều 1", "grade": "A"}
    two = {**one, "from": "2022-01-01"}
    with pytest.raises(ValidationError, match="chồng nhau"):
        Parameter.model_validate(
            {"id": "a", "title": "mot con so", "unit": "ngày", "values": [one, two]}
        )


def test_a_wrong_file_names_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "sai.yaml"
    path.write_text(
        "parameters:\n"
        "  - id: mot-con-so\n"
        "    title: Một con số\n"
        "    unit: ngày\n"
        "    values:\n"
        "      - from: 2021-01-01\n"
        "        value: 1\n"
        "        source: điều 1\n"
        "        grade: A\n",
        encoding="utf-8",
    )
    with pytest.raises(
        datafile.DataFileError, match=r"sai\.yaml, dòng 8.*không phải là một căn cứ"
    ):
        load(tmp_path)


def test_one_id_in_two_files_is_refused(tmp_path: Path) -> None:
    text = (
        "parameters:\n  - id: mot-con-so\n    title: Một con số\n    unit: ngày\n    values:\n"
        "      - {from: 2021-01-01, value: 1, source: 1/2020/QH14 điều 1, grade: A}\n"
    )
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match="có ở hai chỗ"):
        load(tmp_path)
