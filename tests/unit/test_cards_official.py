"""Every card against the official texts; and proof that the check would find a fault."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import official_texts
import pytest

from indexer.card_asks import check_apart
from indexer.card_basis import Basis, fully_held
from indexer.card_check import check
from indexer.card_findings import Finding, Kind, places
from indexer.card_pointers import check_pointers
from indexer.card_quotes import quotes
from indexer.training.lessons import elsewhere, more_questions, readings
from knowledge.asking import today
from knowledge.cards import Card, load, load_pointers
from knowledge.cards.loader import FOLDER, OUTSIDE
from knowledge.coverage import coverage
from knowledge.parameters import load as load_parameters
from knowledge.register import load as load_register

pytestmark = pytest.mark.laws


@lru_cache(maxsize=1)
def _basis() -> Basis:
    register = load_register()
    texts = {dated.document.number for dated in official_texts.dated_texts()}
    laws = {dated.document.consolidates or dated.document.number
            for dated in official_texts.dated_texts()}  # fmt: skip
    return Basis(
        register=register,
        parameters=load_parameters(),
        clauses=[clause for law in sorted(laws) for clause in official_texts.clauses(law)],
        held=fully_held(register, texts),
        today=today(),
        files=places(FOLDER),
    )


def _card(card_id: str) -> Card:
    return next(card for card in load() if card.id == card_id)


def _findings(card: Card) -> list[Finding]:
    """Findings on one card, with only the articles it cites as ground: the rest is not asked."""
    cited = {ref.at_article() for wording in card.wordings for ref in wording.refs}
    near = [clause for ref in cited for clause in _basis().by_article.get(ref, ())]
    return list(check([card], replace(_basis(), clauses=near)))


def _changed(card_id: str, change: Callable[[dict[str, Any]], None]) -> list[Finding]:
    """Findings on one faultless card after ``change`` to its written form."""
    card = _card(card_id)
    assert _findings(card) == []
    written = card.model_dump(mode="json", by_alias=True)
    change(written)
    return _findings(Card.model_validate(written))


def test_no_card_has_a_fault() -> None:
    findings = list(check(load(), _basis()))
    assert [str(finding) for finding in findings if finding.kind is Kind.FAULT] == []
    unchecked = [str(finding) for finding in findings if finding.kind is Kind.UNCHECKED]
    if unchecked:
        pytest.skip(f"LAW_SOURCES lacks texts that cards cite: {unchecked[0]}")


def test_no_pointer_has_a_fault() -> None:
    found = check_pointers(load_pointers(), load(), places(FOLDER / OUTSIDE))
    assert [str(finding) for finding in found] == []


def _judging_questions() -> list[str]:
    folder = Path(os.environ.get("QUESTION_SETS", Path(__file__).parents[3] / "shared" / "eval"))
    own = Path(__file__).parents[1] / "bench" / "worker_questions.jsonl"
    held = sorted(folder.glob("*.jsonl"))
    if not held:
        pytest.skip(f"no question sets in {folder}: set QUESTION_SETS to a folder of .jsonl files")
    return [
        json.loads(line)["question"]
        for path in (*held, own)
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def test_no_ask_is_a_question_the_search_is_judged_by() -> None:
    found = check_apart([*load(), *load_pointers()], _judging_questions(), places(FOLDER))
    assert [str(finding) for finding in found] == []


@pytest.mark.parametrize(
    ("law", "articles"),
    [
        ("45/2019/QH14", 220),
        ("41/2024/QH15", 141),
        ("50/2024/QH15", 37),
        ("84/2015/QH13", 93),
        ("74/2025/QH15", 55),
    ],
)
def test_every_article_in_force_has_a_card(law: str, articles: int) -> None:
    counted = coverage(law, official_texts.clauses(law), load(), today())
    assert counted.uncovered == []
    assert counted.covered == articles


def test_an_uncovered_article_would_be_found() -> None:
    without = [card for card in load() if not any(
        ref.article == "200" for wording in card.wordings for ref in (*wording.refs, *card.covers)
    )]  # fmt: skip
    counted = coverage("45/2019/QH14", official_texts.clauses("45/2019/QH14"), without, today())
    assert counted.uncovered == ["200"]


def test_a_changed_figure_is_found() -> None:
    def change(card: dict[str, Any]) -> None:
        says = card["wordings"][-1]["says"]
        assert "45 ngày" in says
        card["wordings"][-1]["says"] = says.replace("45 ngày", "46 ngày")

    findings = _changed("bao-truoc-nghi-viec", change)
    assert any("'46 ngày'" in finding.problem for finding in findings)


def test_a_changed_amount_is_found() -> None:
    def change(card: dict[str, Any]) -> None:
        says = card["wordings"][-1]["says"]
        assert "2.530.000 đồng" in says
        card["wordings"][-1]["says"] = says.replace("2.530.000", "2.350.000")

    findings = _changed("bhxh-ty-le-dong", change)
    assert any("'2.350.000 đồng'" in finding.problem for finding in findings)


def test_a_figure_of_the_law_before_is_found() -> None:
    """The former wording carried on past the day the law changed."""

    def change(card: dict[str, Any]) -> None:
        first, last = card["wordings"][0], card["wordings"][-1]
        last["says"] = last["says"].replace("60 ngày", "30 ngày")
        assert "30 ngày" in first["says"]
        assert "30 ngày" in last["says"]

    findings = _changed("chong-nghi-vo-sinh", change)
    assert any("'30 ngày'" in finding.problem for finding in findings)


def test_a_citation_of_no_place_is_found() -> None:
    def change(card: dict[str, Any]) -> None:
        card["wordings"][-1]["refs"][0] = "45/2019/QH14 điều 35 khoản 9"

    findings = _changed("bao-truoc-nghi-viec", change)
    assert any("không có trong văn bản" in finding.problem for finding in findings)


def test_a_citation_of_a_repealed_law_is_found() -> None:
    def change(card: dict[str, Any]) -> None:
        card["wordings"][-1]["refs"].append("10/2012/QH13 điều 37 khoản 1")

    findings = _changed("bao-truoc-nghi-viec", change)
    assert any("không có hiệu lực" in finding.problem for finding in findings)


def test_a_wording_dated_before_its_law_is_found() -> None:
    def change(card: dict[str, Any]) -> None:
        card["wordings"][0]["from"] = "2020-12-01"

    findings = _changed("bao-truoc-nghi-viec", change)
    assert any("không có hiệu lực vào ngày 01/12/2020" in finding.problem for finding in findings)


def test_a_date_from_nowhere_is_found() -> None:
    def change(card: dict[str, Any]) -> None:
        card["changes"] = "Từ 13/03/2023 thì khác."

    findings = _changed("bao-truoc-nghi-viec", change)
    assert any("13/03/2023" in finding.problem for finding in findings)


def test_an_official_sentence_copied_into_a_card_is_found() -> None:
    ref = _card("bao-truoc-nghi-viec").wordings[-1].refs[0]
    words = max(
        (text for clause in _basis().at(ref) for text in clause.full_text.splitlines()),
        key=lambda line: len(line.split()),
    ).split()[:20]
    assert len(words) > 15

    def change(card: dict[str, Any]) -> None:
        card["steps"][0] = " ".join(words)

    findings = _changed("bao-truoc-nghi-viec", change)
    assert any("chép liền" in finding.problem for finding in findings)


def _figures_raised(card: Card) -> Iterator[Card]:
    """The card with one of its days, months or per cents raised by one, for each of them."""
    for number, wording in enumerate(card.wordings):
        for match in re.finditer(r"(?<![\d.,/])\d{1,3}(?=%| (?:ngày|tháng|năm|giờ))", wording.says):
            written = card.model_dump(mode="json", by_alias=True)
            raised = str(int(match.group()) + 1)
            written["wordings"][number]["says"] = (
                wording.says[: match.start()] + raised + wording.says[match.end() :]
            )
            yield Card.model_validate(written)


def test_most_figures_raised_by_one_are_found() -> None:
    """Not all can be: one more may be another figure of the same clause."""
    changed = [raised for card in load() for raised in _figures_raised(card)]
    found = [bool(_findings(card)) for card in changed]
    assert len(found) > 300
    assert sum(found) / len(found) > 0.9


def _as_cards() -> list[Card]:
    """The questions the encoder is taught with, as asks of cards that say nothing."""
    mute = {"title": "…", "wordings": (), "steps": (), "changes": None, "doubt": None}
    more = more_questions()
    of_cards = [
        card.model_copy(update={"asks": tuple(more[card.id]), "allowances": (), **mute})
        for card in load()
        if card.id in more
    ]
    others = tuple(reading.question for reading in readings()) + tuple(elsewhere())
    nobody = of_cards[0].model_copy(update={"id": "khong-cua-the-nao", "asks": others})
    return [*of_cards, nobody]


def test_no_question_of_the_training_is_one_the_search_is_judged_by() -> None:
    found = check_apart(_as_cards(), _judging_questions(), {})
    assert [str(finding) for finding in found] == []


def test_no_question_of_the_training_copies_an_official_text() -> None:
    assert quotes(_as_cards(), _basis().clauses, {}) == {}


def test_every_question_of_the_training_belongs_to_a_card() -> None:
    assert set(more_questions()) <= {card.id for card in load()}
