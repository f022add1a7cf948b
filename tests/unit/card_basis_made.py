"""An invented law, its register and a card on it, for tests of the check without official texts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from indexer.card_basis import Basis
from knowledge.cards import Card
from knowledge.clause import Clause, Document, Point, Ref
from knowledge.parameters import Parameter
from knowledge.register import Register

LAW = "7/2020/QH14"
TODAY = date(2026, 11, 21)


def _document(number: str, effective: date) -> Document:
    return Document(
        number=number,
        title="Luật Trồng chè",
        short_title=f"Luật Trồng chè {effective.year}",
        kind="luật",
        issuer="Quốc hội",
        issued=None,
        effective=effective,
        articles=2,
        grade="A",
    )


def clause(where: str, text: str, since: date, until: date | None = None, **more: Any) -> Clause:
    return Clause(
        ref=Ref.parse(f"{LAW} {where}"),
        article_title="Hái chè",
        text=text,
        valid_from=since,
        valid_until=until,
        source=LAW,
        **more,
    )


CLAUSES = (
    clause(
        "điều 1 khoản 1",
        "Người hái chè đổi ca phải nói với đội trưởng trước 12 ngày và được uống nước chè do đội "
        "nấu mỗi buổi sáng sớm trước khi ra đồi",
        date(2021, 1, 1),
        date(2024, 12, 31),
    ),
    clause(
        "điều 1 khoản 1",
        "Người hái chè đổi ca phải nói với đội trưởng trước 17 ngày",
        date(2025, 1, 1),
    ),
    clause(
        "điều 2 khoản 1",
        "Được thưởng:",
        date(2021, 1, 1),
        points=(Point(number="a", text="200.000 đồng mỗi vụ"), Point(number="b", text="30%")),
    ),
)
PARAMETERS = {
    "vu-che": Parameter.model_validate(
        {
            "id": "vu-che",
            "title": "Số vụ chè một năm",
            "unit": "lần",
            "values": [{"from": "2021-01-01", "value": 4, "source": f"{LAW} điều 2", "grade": "A"}],
        }
    )
}


def basis(held: bool = True, files: Mapping[str, str] | None = None) -> Basis:
    return Basis(
        register=Register([_document(LAW, date(2021, 1, 1))]),
        parameters=PARAMETERS,
        clauses=CLAUSES,
        held=frozenset({LAW} if held else ()),
        today=TODAY,
        files=files or {"doi-ca": "che.yaml:4"},
    )


def card(**changes: Any) -> Card:
    """A faultless card; ``changes`` replace its fields, ``wording_…`` those of its last wording."""
    last: dict[str, Any] = {
        "from": "2025-01-01",
        "says": "Muốn đổi ca thì nói trước 17 ngày; mỗi năm được thưởng 800.000 đồng.",
        "refs": [f"{LAW} điều 1 khoản 1", f"{LAW} điều 2 khoản 1 điểm a"],
        "parameters": ["vu-che"],
        "computed": {"800.000 đồng": "4 * 200000"},
    }
    fields: dict[str, Any] = {
        "id": "doi-ca",
        "topic": "thoi-gio",
        "title": "Đổi ca hái chè",
        "wordings": [
            {
                "from": "2021-01-01",
                "until": "2024-12-31",
                "says": "Muốn đổi ca thì phải nói trước 12 ngày.",
                "refs": [f"{LAW} điều 1 khoản 1"],
            },
            last,
        ],
        "steps": ["Nhắn đội trưởng trước 17 ngày."],
        "changes": "Từ 01/01/2025 phải nói trước 17 ngày, trước đó là 12 ngày.",
        "asks": ["đổi ca hái chè", "xin doi ca", "đổi ca báo mấy ngày"],
        "review": {"written": "2026-11-21"},
    }
    for name, value in changes.items():
        if name.startswith("wording_"):
            last[{"since": "from"}.get(name[8:], name[8:])] = value
        else:
            fields[name] = value
    return Card.model_validate(fields)
