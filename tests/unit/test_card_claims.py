"""One card a clause, quotes and asks only by declaration, pointers without figures, coverage."""

from __future__ import annotations

from datetime import date
from typing import Any

import card_basis_made as made

from indexer.card_asks import check_apart, check_asks
from indexer.card_check import check
from indexer.card_claims import check_claims
from indexer.card_findings import Finding, Kind
from indexer.card_pointers import check_pointers
from knowledge.cards import Pointer
from knowledge.coverage import coverage

FILES = {"doi-ca": "che.yaml:4", "doi-ca-dem": "che.yaml:40"}


def _faults(found: list[Finding]) -> list[str]:
    return [str(each) for each in found if each.kind is Kind.FAULT]


def _two(**changes: Any) -> list[Finding]:
    cards = [made.card(), made.card(id="doi-ca-dem", asks=["ca một", "ca hai", "ca ba"], **changes)]
    return list(check_claims(cards, FILES))


def test_two_cards_may_not_claim_the_same_clause_on_the_same_days() -> None:
    (fault,) = _faults(_two())
    assert fault.startswith("che.yaml:40: thẻ doi-ca-dem: cùng lấy")
    assert "doi-ca (che.yaml:4)" in fault
    assert "shares" in fault


def test_two_cards_may_share_a_clause_when_they_say_why() -> None:
    assert _two(shares={"doi-ca": "một thẻ nói ngày, một thẻ nói đêm"}) == []


def test_two_cards_may_claim_one_clause_one_after_the_other() -> None:
    first, second = made.card().wordings
    early = made.card(wordings=[first.model_dump(mode="json", by_alias=True)])
    late = made.card(id="doi-ca-dem", wordings=[second.model_dump(mode="json", by_alias=True)])
    assert list(check_claims([early, late], FILES)) == []


def test_a_reason_for_nothing_is_worth_a_look() -> None:
    other = {
        "from": "2021-01-01",
        "says": "Mỗi vụ được thưởng một khoản tiền.",
        "refs": [f"{made.LAW} điều 2"],
    }
    (found,) = _two(shares={"doi-ca": "không cần nữa"}, wordings=[other])
    assert found.kind is Kind.WARNING
    assert "không cùng căn cứ chính" in found.problem


def test_a_quote_may_stand_by_allowance_and_an_idle_allowance_is_told() -> None:
    words = " ".join(made.CLAUSES[0].text.split()[-18:])
    allowed = [{"words": words, "reason": "lời thuật, không nói khác được"}]
    quoting = made.card(steps=[words], allowances=allowed)
    assert _faults(list(check([quoting], made.basis()))) == []
    (idle,) = check([made.card(allowances=allowed)], made.basis())
    assert idle.kind is Kind.WARNING
    assert "allowances" in idle.problem


def test_an_ask_of_two_cards_must_be_declared_by_both() -> None:
    asks = ["xin đổi ca", "ca hai", "ca ba"]
    declared = made.card(asks=asks, ambiguous=["Xin đổi ca?"])
    other = made.card(id="doi-ca-dem", asks=["Xin đổi ca", "ca bốn", "ca năm"])
    assert len(list(check_asks([declared, other], {}, made.TODAY))) == 1
    both = made.card(id="doi-ca-dem", asks=other.asks, ambiguous=["xin đổi ca"])
    assert list(check_asks([declared, both], {}, made.TODAY)) == []


def test_an_ask_that_copies_a_judging_question_is_refused() -> None:
    judged = ["Muốn đổi ca hái chè thì phải báo trước bao nhiêu ngày?"]
    near = "muon doi ca hai che thi phai bao truoc bao nhieu ngay vay"
    own = "đổi ca hái chè nói trước mấy hôm"
    card = made.card(asks=[near, own, "ca ba"])
    (fault,) = check_apart([card], judged, FILES)
    assert near in fault.problem
    assert list(check_apart([card], [], FILES)) == []


def test_what_a_card_covers_must_be_in_force() -> None:
    good = made.card(covers=[f"{made.LAW} điều 2"])
    assert _faults(list(check([good], made.basis()))) == []
    for wrong in (f"{made.LAW} điều 9", "8/2020/QH14 điều 1"):
        assert any("covers" in each for each in _faults(list(check(
            [made.card(covers=[wrong])], made.basis()))))  # fmt: skip


def _pointer(**changes: Any) -> Pointer:
    return Pointer.model_validate(
        {
            "id": "thue-dat",
            "title": "Thuế đất đồi chè",
            "says": "Thuế đất do cơ quan thuế lo, không phải luật trồng chè.",
            "where": ["Hỏi cơ quan thuế của xã."],
            "asks": ["đóng thuế đất", "thuế đồi chè", "thuế ở đâu", "tiền thuế"],
            "review": {"written": "2026-01-01"},
            **changes,
        }
    )


def test_a_pointer_states_no_figure() -> None:
    assert list(check_pointers([_pointer()], [made.card()], FILES)) == []
    for text in ("Thuế đất là 10% một năm, hỏi cơ quan thuế.", "Gọi 19001234 để hỏi thuế đất."):
        (fault,) = check_pointers([_pointer(says=text)], [made.card()], FILES)
        assert "con số" in fault.problem


def test_a_pointer_claims_no_ask_of_a_card() -> None:
    taken = made.card().asks[0].upper()
    pointer = _pointer(asks=[taken, "thuế đồi chè", "thuế ở đâu", "tiền thuế"])
    (fault,) = check_pointers([pointer], [made.card()], FILES)
    assert "cũng có ở thẻ doi-ca" in fault.problem


def test_coverage_counts_articles_and_clauses_in_force() -> None:
    card = made.card()
    counted = coverage(made.LAW, made.CLAUSES, [card], made.TODAY)
    assert [each.article for each in counted.articles] == ["1", "2"]
    rests_on = {ref.article for ref in card.wordings[-1].refs}
    assert counted.covered == len(rests_on)
    assert counted.uncovered == [n for n in ("1", "2") if n not in rests_on]
    assert coverage(made.LAW, made.CLAUSES, [], made.TODAY).covered == 0
    assert coverage(made.LAW, made.CLAUSES, [card], date(2019, 1, 1)).articles == ()
    whole = coverage(made.LAW, made.CLAUSES, [made.card(covers=[f"{made.LAW} điều 2"])], made.TODAY)
    assert whole.uncovered == []
    assert whole.clauses_covered == whole.clauses
