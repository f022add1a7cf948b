"""One question to ranked clauses, over a made library with a counting encoder."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from knowledge.answer import Act
from knowledge.cards import Pointer
from knowledge.clause import Ref
from knowledge.compose import cite, compose
from knowledge.deciding import act_of, best_card, decide, in_scope
from knowledge.scope import likelihood
from knowledge.search import CardHit, Found, Hit, PointerHit
from knowledge.weights import Weights
from tests.unit.made_library import (
    DECREE,
    LABOUR,
    OLD_LABOUR,
    TODAY,
    card,
    clause,
    library,
    searcher,
)


def first(found: Found) -> str:
    return str(found.hits[0].ref)


def test_both_legs_bear_on_a_marked_question() -> None:
    engine = searcher()
    found = engine.search("hái mướp buổi tối được thêm gì", TODAY)
    assert first(found) == f"{LABOUR} điều 98 khoản 1"
    legs = found.hits[0].evidence
    assert {leg.split("_")[0] for leg in legs} == {"lexical", "dense"}
    assert {"lexical_clause", "dense_clause", "lexical_article", "dense_article"} <= legs.keys()
    assert engine.asked == ["hái mướp buổi tối được thêm gì"]
    assert found.cosines["clauses"] > 0.5


def test_an_unmarked_question_is_read_with_its_marks() -> None:
    engine = searcher()
    found = engine.search("cong ty khong tra luong", TODAY)
    assert engine.asked == ["công ty không trả lương"]
    assert found.cosines["clauses"] > 0


def test_a_slip_is_mended_before_reading() -> None:
    engine = searcher()
    engine.search("tiền lươnggg thág này", TODAY)
    assert engine.asked == ["tiền lương tháng này"]


def test_short_forms_reach_the_encoder_written_out() -> None:
    engine = searcher()
    engine.search("cty ko cho hái mướp", TODAY)
    assert engine.asked == ["công ty không cho hái mướp"]


@pytest.mark.parametrize("question", ["chuồng gà phải quét vôi trắng", "chuong ga quet voi trang"])
def test_a_repealed_clause_is_found_only_while_it_held(question: str) -> None:
    engine = searcher()
    assert first(engine.search(question, date(2024, 12, 31))) == f"{LABOUR} điều 50 khoản 1"
    gone = engine.search(question, date(2025, 1, 1))
    assert all(hit.ref.article != "50" for hit in gone.hits)


def test_the_wording_of_the_day_answers() -> None:
    engine = searcher()
    for day, word in ((date(2026, 6, 30), "sáu"), (date(2026, 7, 1), "bảy")):
        found = engine.search("người chăm ong được nghỉ mấy hôm mùa hoa nhãn", day)
        assert first(found) == f"{LABOUR} điều 139 khoản 1"
        assert word in cite(found.hits[0].ref, day, engine.library).text


def test_words_of_a_wording_that_is_gone_are_no_evidence() -> None:
    cut = date(2026, 6, 30)
    place, title = f"{LABOUR} điều 9 khoản", "Cây"
    held = [
        clause(f"{place} 1", title, "Quýt hồng trồng ven rạch.", valid_until=cut),
        clause(f"{place} 1", title, "Chanh dây trồng ven rạch.", date(2026, 7, 1)),
    ]
    engine = searcher(over=library(held, []))
    then, now = (engine.search("quýt hồng", day).hits for day in (cut, TODAY))
    assert any(leg.startswith("lexical") for hit in then for leg in hit.evidence)
    assert not any(leg.startswith("lexical") for hit in now for leg in hit.evidence)


def test_a_place_only_a_card_leads_to_gives_a_clause_in_force() -> None:
    place, title = f"{LABOUR} điều 9 khoản", "Cây"
    held = [
        clause(f"{place} 1", title, "Quýt hồng ven rạch.", valid_until=date(2024, 12, 31)),
        clause(f"{place} 2", title, "Chanh dây leo giàn."),
    ]
    leading = card("xoai", [f"{place} 2"], "Xoài cát thì cứ chờ hè.", ("xoài cát", "mùa hè", "chờ"))
    engine = searcher(over=library(held, [leading]))
    assert first(engine.search("xoai cat", TODAY)) == f"{place} 2"


def test_the_predecessor_answers_for_its_own_years() -> None:
    engine = searcher()
    assert first(engine.search("ao cá tát mấy lần", date(2016, 1, 1))) == (
        f"{OLD_LABOUR} điều 37 khoản 1"
    )
    assert all(h.ref.law != OLD_LABOUR for h in engine.search("ao cá tát mấy lần", TODAY).hits)


def test_evidence_adds_up_to_the_score() -> None:
    engine = searcher()
    found = engine.search("rổ mướp đan bằng tre hái buổi tối", TODAY)
    assert len(found.hits) >= 2
    assert any(hit.ref.law == DECREE for hit in found.hits)
    for hit in found.hits:
        assert hit.score == pytest.approx(sum(hit.evidence.values()))
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)


def test_a_leg_without_weight_adds_nothing() -> None:
    none = {name: 0.0 for name in Weights.model_fields if name.startswith("dense_")}
    engine = searcher(Weights(**none))
    found = engine.search("hái mướp buổi tối được thêm gì", TODAY)
    for hit in found.hits:
        assert sum(v for leg, v in hit.evidence.items() if leg.startswith("dense")) == 0.0


def test_no_more_hits_than_asked_for_and_each_article_once() -> None:
    engine = searcher()
    question = "mướp ong gà vườn rổ tổ nghỉ sổ"
    found = engine.search(question, TODAY, limit=3)
    assert len(found.hits) == 3
    places = [hit.ref.at_article() for hit in engine.search(question, TODAY).hits]
    assert len(places) == len(set(places)) > 3


def test_a_card_that_rests_on_nothing_held_takes_no_hit_away() -> None:
    ghost = card(
        "ma",
        [f"{LABOUR} điều 400"],
        "Điều này không có trong bản nào cả đâu nhé.",
        ("mướp ong gà vườn", "rổ tổ nghỉ sổ", "mướp rổ ong"),
    )
    engine = searcher(over=library(with_cards=[ghost]))
    found = engine.search("mướp ong gà vườn rổ tổ nghỉ sổ", TODAY, limit=3)
    assert len(found.hits) == 3
    assert all(hit.ref.article != "400" for hit in found.hits)


@pytest.mark.parametrize("question", ["", "   ", "🙂🙂🎉", "?!…", "\u200b"])
def test_a_question_without_words_finds_nothing(question: str) -> None:
    engine = searcher()
    found = engine.search(question, TODAY)
    assert not found.hits
    assert not found.cards
    assert set(found.covered.values()) == {0.0}
    assert engine.asked == []
    assert act_of(found) is Act.OUT_OF_SCOPE


def test_a_question_of_ten_thousand_characters_is_answered() -> None:
    question = ("hái mướp buổi tối được thêm gì " * 400)[:10_000]
    assert first(searcher().search(question, TODAY)) == f"{LABOUR} điều 98 khoản 1"


def test_a_library_without_clauses_or_cards_finds_nothing() -> None:
    found = searcher(over=library(with_clauses=[], with_cards=[])).search("hái mướp", TODAY)
    assert not found.hits
    assert not found.cards


def test_a_citation_comes_first_whatever_the_words_say() -> None:
    found = searcher().search("điều 139 khoản 2 và chuyện hái mướp buổi tối, rổ mướp", TODAY)
    assert first(found) == f"{LABOUR} điều 139 khoản 2"
    assert found.hits[0].evidence == {"citation": 1.0}
    assert sum(hit.ref.article == "139" for hit in found.hits) == 1
    assert len(found.hits) > 1


def test_a_cited_point_is_given_only_where_it_stands() -> None:
    engine = searcher()
    there = engine.search("điểm đ khoản 1 điều 98", TODAY)
    assert first(there) == f"{LABOUR} điều 98 khoản 1 điểm đ"
    missing = engine.search("điểm g khoản 1 điều 98", TODAY)
    assert all(hit.ref.point is None for hit in missing.hits)


def _found(hits: list[str], near: list[CardHit], **more: object) -> Found:
    values: dict[str, object] = {
        "question": "…",
        "day": TODAY,
        "hits": tuple(Hit(Ref.parse(ref), 1.0) for ref in hits),
        "cards": tuple(near),
        "cited": None,
        "cosines": {"clauses": 0.95, "cards": 0.95, "asks": 0.95},
        "covered": {},
        "peaks": {},
    }
    return Found(**(values | more))  # type: ignore[arg-type]


PLAIN = card("the-nay", [f"{LABOUR} điều 98 khoản 1"], "Lời của thẻ này là như thế.", list("abc"))
OTHER = card("the-kia", [f"{LABOUR} điều 106"], "Lời của thẻ kia thì lại khác.", list("abc"))
RULES = Weights(card_least=1.0, card_overlap_sure=0.6)


def test_a_card_answers_where_it_rests_on_the_best_hit() -> None:
    hits = [f"{LABOUR} điều 98 khoản 2", f"{LABOUR} điều 106"]
    agreeing, straying = CardHit(PLAIN, 1.1, 0.9, 0.1), CardHit(OTHER, 1.4, 0.9, 0.5)
    assert best_card(_found(hits, [straying, agreeing]), RULES) == agreeing
    assert best_card(_found(hits, [straying]), RULES) is None
    assert best_card(_found([], [agreeing]), RULES) is None


def test_a_card_put_in_its_own_words_answers_anyway() -> None:
    sure = CardHit(OTHER, 1.6, 0.9, 0.6)
    assert best_card(_found([f"{LABOUR} điều 98"], [sure]), RULES) == sure


def test_a_card_must_be_near_enough() -> None:
    hits = [f"{LABOUR} điều 98 khoản 1"]
    near, far = CardHit(PLAIN, 1.0, 0.9, 0.1), CardHit(PLAIN, 0.99, 0.9, 0.1)
    assert best_card(_found(hits, [near]), RULES) == near
    assert best_card(_found(hits, [far]), RULES) is None


def test_a_card_without_a_wording_that_day_does_not_answer() -> None:
    near = CardHit(PLAIN, 2.0, 0.9, 1.0)
    before = date(2020, 1, 1)
    assert best_card(_found([f"{LABOUR} điều 98"], [near], day=before), RULES) is None


def _near(cosine: float) -> dict[str, float]:
    return {"clauses": cosine, "cards": cosine, "asks": cosine}


SCOPE = Weights(
    scope_bias=-9.0,
    scope_clause=10.0,
    scope_card=0.0,
    scope_ask=0.0,
    scope_overlap=0.0,
    scope_words_clause=0.0,
    scope_length=0.0,
    scope_peak_clause=0.0,
    scope_peak_card=0.0,
    scope_peak_ask=0.0,
    scope_words_card=0.0,
    scope_words_ask=0.0,
    scope_pointer=0.0,
    scope_least=0.5,
    trust_least=0.0,
)


def test_a_question_is_ours_when_it_is_likely_so() -> None:
    hits = [f"{LABOUR} điều 98"]
    assert in_scope(_found(hits, [], cosines=_near(0.91)), SCOPE)
    assert not in_scope(_found(hits, [], cosines=_near(0.89)), SCOPE)
    assert act_of(_found(hits, [], cosines=_near(0.89)), SCOPE) is Act.OUT_OF_SCOPE


def test_a_question_put_as_a_card_has_it_is_ours_whatever_else() -> None:
    own_words = CardHit(OTHER, 0.7, 0.0, SCOPE.card_overlap_sure)
    assert in_scope(_found([f"{LABOUR} điều 98"], [own_words], cosines=_near(0.1)), SCOPE)


def test_signs_move_the_likelihood_by_their_weights() -> None:
    hits = [f"{LABOUR} điều 98"]
    for sign, more in (("ask", {"asks": 0.9}), ("card", {"cards": 0.9})):
        rules = SCOPE.model_copy(update={f"scope_{sign}": 5.0})
        less = likelihood(_found(hits, [], cosines={"clauses": 0.5}), rules)
        assert likelihood(_found(hits, [], cosines={"clauses": 0.5} | more), rules) > less


TRUST = SCOPE.model_copy(
    update={
        "scope_bias": 9.0,
        "trust_bias": -5.0,
        "trust_score": 4.0,
        "trust_least": 0.5,
        "trust_overlap": 0.0,
        "trust_cosine": 0.0,
        "trust_lead": 0.0,
        "trust_place": 0.0,
        "trust_clear": 0.0,
        "card_least": 1.0,
    }
)


def test_a_card_unlikely_to_be_right_is_asked_about() -> None:
    hits = [f"{LABOUR} điều 98 khoản 1"]
    unsure = [CardHit(PLAIN, 1.2, 0.9, 0.1), CardHit(OTHER, 1.1, 0.9, 0.1)]
    decided = decide(_found(hits, unsure), TRUST)
    assert decided.act is Act.ASK_BACK
    assert [card.id for card in decided.choices] == [PLAIN.id, OTHER.id]
    sure = [CardHit(PLAIN, 1.3, 0.9, 0.1), CardHit(OTHER, 1.1, 0.9, 0.1)]
    decided = decide(_found(hits, sure), TRUST)
    assert (decided.act, decided.card) == (Act.ANSWER, sure[0])


def test_nothing_is_asked_with_one_choice_or_of_who_is_in_danger() -> None:
    hits = [f"{LABOUR} điều 98 khoản 1"]
    alone = [CardHit(PLAIN, 1.2, 0.9, 0.1), CardHit(OTHER, 0.5, 0.4, 0.0)]
    assert decide(_found(hits, alone), TRUST).act is Act.ANSWER
    danger = PLAIN.model_copy(update={"id": "nguy", "urgent": True})
    hurt = [CardHit(danger, 1.2, 0.9, 0.1), CardHit(OTHER, 1.1, 0.9, 0.1)]
    assert decide(_found(hits, hurt), TRUST).act is Act.URGENT


def test_who_is_in_danger_at_work_is_not_sent_away() -> None:
    hits = [f"{LABOUR} điều 98 khoản 1"]
    danger = PLAIN.model_copy(update={"id": "nguy", "urgent": True})
    hurt = CardHit(danger, 1.2, 0.9, 0.1, asked=1.2)
    far = SCOPE.model_copy(update={"scope_bias": -30.0, "card_least": 1.0})
    decided = decide(_found(hits, [hurt]), far)
    assert (decided.act, decided.card) == (Act.URGENT, hurt)
    home = PointerHit(
        Pointer(
            id="nha",
            title="Bị người nhà đánh",
            says="Đang nguy hiểm thì chạy sang chỗ an toàn và gọi công an ngay.",
            where=("Gọi công an.",),
            asks=("bị chồng đánh", "chong danh", "anh trai đánh em", "bố say đánh"),
            urgent=True,
            review=PLAIN.review,
        ),
        1.4,
        0.1,
    )
    assert decide(_found(hits, [hurt], pointers=(home,)), far).card == hurt
    farther = replace(hurt, score=1.0, asked=1.0)
    assert decide(_found(hits, [farther], pointers=(home,)), far).pointer == home


def test_an_ask_back_offers_titles_and_cites_nothing() -> None:
    engine = searcher(Weights(trust_least=1.1, card_overlap_sure=2.0, scope_bias=30.0))
    found = engine.search("mướp ong gà vườn rổ tổ nghỉ sổ", TODAY)
    answer = compose(found, engine.library, engine.weights)
    assert answer.act is Act.ASK_BACK
    assert 2 <= len(answer.options) <= 4
    titles = {each.title for each in engine.library.cards.values()}
    assert set(answer.options) <= titles
    assert not answer.citations


def test_an_urgent_card_makes_the_act_urgent() -> None:
    engine = searcher()
    found = engine.search("bị ong đốt phải làm sao", TODAY)
    assert act_of(found) is Act.URGENT
    answer = compose(found, engine.library)
    assert (answer.act, answer.card) == (Act.URGENT, "ong-dot")


def test_a_decree_weighs_less_than_a_law() -> None:
    text = "Giàn mướp phải buộc bằng lạt tre già."
    both = [
        clause(f"{DECREE} điều 1", "Giàn", text, date(2021, 2, 1)),
        clause(f"{LABOUR} điều 1", "Giàn", text),
    ]
    found = searcher(over=library(both, [])).search("giàn mướp buộc bằng lạt tre", TODAY)
    assert [hit.ref.law for hit in found.hits] == [LABOUR, DECREE]


def test_the_card_that_rests_first_on_the_best_hit_is_preferred() -> None:
    citing = card(
        "the-nhac",
        [f"{LABOUR} điều 106", f"{LABOUR} điều 98"],
        "Lời của thẻ này chỉ nhắc tới.",
        list("abc"),
    )
    hits = [f"{LABOUR} điều 98 khoản 1"]
    near, first = CardHit(citing, 1.3, 0.9, 0.3), CardHit(PLAIN, 1.2, 0.9, 0.2)
    assert best_card(_found(hits, [near, first]), RULES) == first
    much_nearer = CardHit(citing, 1.4, 0.9, 0.3)
    assert best_card(_found(hits, [much_nearer, first]), RULES) == much_nearer


def test_a_card_is_found_by_its_own_words() -> None:
    """The question shares nothing with its asks."""
    found = searcher().search("được thêm một rổ", TODAY)
    assert "hai-muop" in [hit.card.id for hit in found.cards]
    assert found.hits[0].ref.at_article() == Ref(law=LABOUR, article="98")
    assert found.hits[0].evidence["lexical_card"] > 0
