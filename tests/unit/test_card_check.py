"""The check of the cards against an invented law: each fault is found, nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import card_basis_made as made
import pytest

from indexer.card_asks import check_asks
from indexer.card_basis import fully_held
from indexer.card_check import check
from indexer.card_findings import Kind, places
from knowledge.clause import Document
from knowledge.register import Register


def _problems(held: bool = True, **changes: Any) -> list[str]:
    return [str(finding) for finding in check([made.card(**changes)], made.basis(held))]


def test_a_faultless_card_has_no_findings() -> None:
    assert _problems() == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"wording_says": "Muốn đổi ca thì nói trước 18 ngày với đội."}, "'18 ngày'"),
        ({"wording_says": "Muốn đổi ca thì nói trước 12 ngày với đội."}, "'12 ngày'"),
        ({"wording_says": "Muốn đổi ca thì nói trước 17 tháng với đội."}, "'17 tháng'"),
        ({"wording_says": "Được thưởng 30% mỗi vụ hái chè, không hơn."}, "'30%'"),
        ({"wording_says": "Được nói trước 17ngày khi muốn đổi ca hái."}, "không đọc được"),
        ({"steps": ["Nhắn trước 18 ngày."]}, "bước 1: không thấy '18 ngày'"),
        ({"doubt": "Có nơi đòi 19 ngày."}, "doubt: không thấy '19 ngày'"),
        ({"title": "Đổi ca trước 20 ngày"}, "title: không thấy '20 ngày'"),
        ({"changes": "Từ 03/03/2025 thì khác."}, "ngày 03/03/2025"),
        ({"changes": "Từ tháng 3/2025 thì khác."}, "ngày 03/2025"),
        ({"changes": "Theo Nghị định 99/2030/NĐ-CP thì khác."}, "văn bản '99/2030/NĐ-CP'"),
        ({"changes": "Xem Điều 9 để biết thêm."}, "Điều 9"),
        ({"wording_refs": [f"{made.LAW} điều 3"]}, "không có trong văn bản"),
        ({"wording_refs": [f"{made.LAW} điều 2 khoản 1 điểm c"]}, "không có trong văn bản"),
        ({"wording_refs": ["8/2020/QH14 điều 1"]}, "không có trong sổ đăng ký"),
        ({"wording_parameters": ["khong-co"]}, "tham số 'khong-co'"),
        ({"wording_computed": {"800.000 đồng": "5 * 200000"}}, "ra 1000000"),
        ({"wording_computed": {"800.000 đồng": "8 * 100000"}}, "không thấy số 8"),
        ({"wording_computed": {"800.000 đồng": "4 ** 2"}}, "chỉ được dùng số"),
        ({"wording_until": "2026-01-01"}, "hôm nay"),
        ({"wording_since": "2025-02-01"}, "không có lời nào cho các ngày sau 31/12/2024"),
    ],
)
def test_each_fault_is_found(changes: dict[str, Any], expected: str) -> None:
    problems = _problems(**changes)
    assert any(expected in problem for problem in problems), problems
    assert all(problem.startswith("che.yaml:4: thẻ doi-ca: ") for problem in problems)


def test_a_figure_must_hold_on_the_last_day_too() -> None:
    """One wording over both periods: 12 days was right at first, and no longer is."""
    wordings = [
        {
            "from": "2021-01-01",
            "says": "Muốn đổi ca thì phải nói trước 12 ngày.",
            "refs": [f"{made.LAW} điều 1 khoản 1"],
        }
    ]
    problems = _problems(wordings=wordings, steps=[], changes=None)
    assert len(problems) == 1
    assert "'12 ngày'" in problems[0]
    assert "(ngày 21/11/2026)" in problems[0]


def test_a_citation_must_be_in_force_on_the_first_day() -> None:
    wordings = [
        {
            "from": "2020-06-01",
            "until": "2024-12-31",
            "says": "Muốn đổi ca thì phải nói trước 12 ngày.",
            "refs": [f"{made.LAW} điều 1 khoản 1"],
        },
        made.card().wordings[1].model_dump(mode="json", by_alias=True),
    ]
    assert any("không có hiệu lực vào ngày 01/06/2020" in p for p in _problems(wordings=wordings))


def test_a_long_run_of_official_words_is_found_even_without_marks() -> None:
    copied = made.CLAUSES[0].text.upper()
    words = copied.split()[-18:]
    findings = _problems(steps=[" ".join(words)])
    assert any("chép liền hơn 15 chữ" in finding for finding in findings)
    assert _problems(steps=[" ".join(words[:15])]) == []


def test_what_is_not_held_is_unchecked_not_wrong() -> None:
    wrong = made.card(wording_says="Muốn đổi ca thì nói trước 18 ngày với đội.")
    findings = list(check([wrong], made.basis(held=False)))
    assert {finding.kind for finding in findings} == {Kind.UNCHECKED}
    assert all(made.LAW in finding.problem for finding in findings)


def test_an_ask_belongs_to_one_card() -> None:
    one, other = made.card(), made.card(id="doi-ca-dem", asks=["Xin đổi ca?", "ca hai", "ca ba"])
    (finding,) = check_asks([one, other], {}, made.TODAY)
    assert finding.kind is Kind.FAULT
    assert finding.card == "doi-ca-dem"
    assert "doi-ca" in finding.problem


def test_nearly_the_same_ask_of_other_law_is_a_warning() -> None:
    asks = ["đổi ca báo trước mấy ngày thì được nhận lại", "ca hai", "ca ba"]
    one = made.card(asks=asks)
    again = ["đổi ca báo trước mấy ngày thì được nhận lạii", "ca bốn", "ca năm"]
    same = made.card(id="cung-luat", asks=again)
    other = made.card(id="luat-khac", asks=again, wording_refs=[f"{made.LAW} điều 2"])
    assert list(check_asks([one, same], {}, made.TODAY)) == []
    (finding,) = check_asks([one, other], {}, made.TODAY)
    assert finding.kind is Kind.WARNING


def test_a_card_stands_in_its_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "che.yaml").write_text(
        "law: x\nchapter: y\ncards:\n  - id: mot\n    a: b\n  - id: 'hai'\n", encoding="utf-8"
    )
    assert places(tmp_path) == {"mot": "che.yaml:4", "hai": "che.yaml:6"}


def test_a_law_is_held_with_its_original_and_newest_consolidation() -> None:
    law = made.basis().register.get(made.LAW)

    def consolidation(number: str, replaced_by: str | None = None) -> Document:
        return law.model_copy(
            update={"number": number, "consolidates": made.LAW, "replaced_by": replaced_by}
        )

    register = Register([law, consolidation("1/VBHN-VPQH", "2/VBHN-VPQH"),
                         consolidation("2/VBHN-VPQH")])  # fmt: skip
    assert fully_held(register, {made.LAW, "2/VBHN-VPQH"}) == {made.LAW}
    assert fully_held(register, {made.LAW, "1/VBHN-VPQH"}) == set()
    assert fully_held(register, {"2/VBHN-VPQH"}) == set()
