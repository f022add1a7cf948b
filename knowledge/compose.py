"""What search found, made into an Answer: from a card where one fits, else from the clause."""

from __future__ import annotations

import re
from datetime import date

from knowledge import labels
from knowledge.answer import Act, Answer, Citation
from knowledge.cards import Card
from knowledge.clause import Clause, Ref
from knowledge.deciding import Decision, decide
from knowledge.language.foreign import ANSWERS, language_of
from knowledge.library import Library
from knowledge.search import CardHit, Found, PointerHit, standing
from knowledge.weights import WEIGHTS, Weights

_LONGEST_EXCERPT = 900
_SHORTEST_EXCERPT = 200
_CITED_AT_MOST = 4
_END = re.compile(r"(?<=[^\W\d][.;])(?=\s)|\n")
"""Where a sentence or a line ends; the stop after a clause's number is no end."""

OUT_OF_SCOPE = (
    "Câu này có vẻ nằm ngoài pháp luật lao động, bảo hiểm xã hội, việc làm, an toàn lao động và "
    "công đoàn, nên mình chưa có căn cứ để trả lời đúng. Nếu chuyện của bạn có liên quan đến việc "
    "làm, bạn kể rõ hơn giúp mình nhé."
)
WHICH = (
    "Mình chưa chắc bạn hỏi về việc nào dưới đây. Bạn chọn một mục, hoặc kể thêm giúp mình: chuyện "
    "xảy ra khi nào, bạn đang làm theo hợp đồng gì."
)
NOT_HELD = "Mình chưa có toàn văn của quy định này để hiện ra cho bạn."
FROM_CLAUSE = "Mình chưa chắc đã hiểu đúng câu hỏi. Quy định gần nhất mình tìm được là {label}:"
ELSE_CHOOSE = "Nếu chưa đúng ý, bạn chọn một mục bên dưới hoặc kể rõ hơn nhé."
UNREVIEWED = (
    "trên đây là lời văn của luật, chưa phải lời giải thích cho trường hợp của bạn. Hãy hỏi lại "
    "công đoàn hoặc người có chuyên môn trước khi quyết định."
)
FROM_CITED = "{label}:"
NO_SUCH_PLACE = "Mình không tìm thấy {place} trong {law} (tính đến ngày {day})."
NOT_IN_FORCE = "{law} không còn hiệu lực vào ngày {day}."
NOT_YET_IN_FORCE = "{law} chưa có hiệu lực vào ngày {day} (có hiệu lực từ {since})."


def compose(found: Found, library: Library, weights: Weights = WEIGHTS) -> Answer:
    """The answer to what was found."""
    decided = decide(found, weights)
    if decided.act is Act.LOOKUP and found.cited:
        return _looked_up(found, found.cited.ref, library)
    if decided.pointer:
        return _elsewhere(found, decided.pointer, library, decided)
    if decided.act is Act.OUT_OF_SCOPE:
        text = ANSWERS.get(language_of(found.question) or "", OUT_OF_SCOPE)
        return Answer(act=decided.act, text=text, as_of=found.day, confidence=decided.confidence)
    if decided.act is Act.ASK_BACK:
        return Answer(
            act=decided.act,
            text=WHICH,
            options=tuple(card.title for card in decided.choices),
            as_of=found.day,
            confidence=decided.confidence,
        )
    if decided.card:
        return _from_card(found, decided.card, library, decided)
    return _from_clause(found, library)


def _elsewhere(found: Found, hit: PointerHit, library: Library, decided: Decision) -> Answer:
    """Not ours to answer: whose it is."""
    pointer = hit.pointer
    related = [library.cards[name].title for name in pointer.related if name in library.cards]
    return Answer(
        act=decided.act,
        text=pointer.says,
        steps=pointer.where,
        options=tuple(related[:3]),
        card=pointer.id,
        as_of=found.day,
        confidence=decided.confidence,
    )


def cite(ref: Ref, day: date, library: Library) -> Citation:
    """A citation with its wording on a day; without text when no copy of it is held."""
    document = library.register.get(ref.law)
    clauses = standing(library, ref, day)
    if not clauses:
        return Citation(ref=ref, label=labels.citation(ref, document, None))
    notes = dict.fromkeys(clause.caveat for clause in clauses if clause.caveat)
    return Citation(
        ref=ref,
        label=labels.citation(ref, document, _together(clauses)),
        text=_wording(clauses, ref),
        note=" ".join(notes) or None,
    )


def _together(clauses: list[Clause]) -> Clause:
    """The clause begun last, with the days on which all of them hold together."""
    latest = max(clauses, key=lambda clause: clause.valid_from)
    ends = [clause.valid_until for clause in clauses if clause.valid_until]
    return latest.model_copy(update={"valid_until": min(ends, default=None)})


def _wording(clauses: list[Clause], ref: Ref) -> str:
    """The words of a place as people read them, with title and clause numbers."""
    lines = [f"Điều {ref.article}. {clauses[0].article_title}"]
    for clause in clauses:
        number = f"{clause.ref.clause}. " if clause.ref.clause else ""
        lines.append(f"{number}{clause.full_text}")
    return "\n".join(lines)


def _looked_up(found: Found, ref: Ref, library: Library) -> Answer:
    citation = cite(ref, found.day, library)
    if not citation.text:
        return _without_text(citation, Act.LOOKUP, found, library)
    return Answer(
        act=Act.LOOKUP,
        text=_shortened(citation.text),
        citations=(citation,),
        as_of=found.day,
        confidence=1.0,
        options=_resting_on(ref, found.day, library),
    )


def _without_text(citation: Citation, act: Act, found: Found, library: Library) -> Answer:
    """Why a place asked for cannot be shown; it is cited only where it may well be there."""
    ref, day = citation.ref, labels.day(found.day)
    document = library.register.get(ref.law)
    law = labels.name(document)
    cited: tuple[Citation, ...] = ()
    if found.day < document.effective:
        reason = NOT_YET_IN_FORCE.format(law=law, day=day, since=labels.day(document.effective))
    elif not document.in_force(found.day):
        reason = NOT_IN_FORCE.format(law=law, day=day)
    elif library.holds(ref.law):
        reason = NO_SUCH_PLACE.format(place=labels.place(ref), law=law, day=day)
    else:
        reason, cited = NOT_HELD, (citation,)
    return Answer(
        act=act,
        text=reason,
        citations=cited,
        as_of=found.day,
    )


def _from_card(found: Found, hit: CardHit, library: Library, decided: Decision) -> Answer:
    card = hit.card
    wording = card.wording(found.day)
    if wording is None:
        return _from_clause(found, library)
    return Answer(
        act=decided.act,
        text=wording.says,
        steps=card.steps,
        citations=tuple(cite(ref, found.day, library) for ref in wording.refs[:_CITED_AT_MOST]),
        options=_near(found, library, card),
        changes=card.changes,
        doubt=card.doubt,
        card=card.id,
        topic=card.topic,
        as_of=found.day,
        confidence=decided.confidence,
    )


def _from_clause(found: Found, library: Library) -> Answer:
    ref = found.cited.ref if found.cited else found.hits[0].ref
    citation = cite(ref, found.day, library)
    if found.cited and not citation.text:
        return _without_text(citation, Act.ANSWER, found, library)
    options = _near(found, library, None)
    head = (FROM_CITED if found.cited else FROM_CLAUSE).format(label=citation.label)
    parts = [f"{head}\n{_shortened(citation.text)}"]
    if options and not found.cited:
        parts.append(ELSE_CHOOSE)
    return Answer(
        act=Act.ANSWER,
        text="\n\n".join(parts),
        citations=(citation,),
        options=options,
        doubt=UNREVIEWED,
        as_of=found.day,
        confidence=0.3,
    )


def _near(found: Found, library: Library, card: Card | None) -> tuple[str, ...]:
    """Titles of cards to go on with: those related to the card, then the next nearest."""
    ids = [*(card.related if card else ()), *(hit.card.id for hit in found.cards)]
    mine = card.id if card else None
    near = dict.fromkeys(other for other in ids if other != mine and other in library.cards)
    return tuple(library.cards[other].title for other in near)[:3]


def _resting_on(ref: Ref, day: date, library: Library) -> tuple[str, ...]:
    """Titles of the cards that explain an article."""
    article = ref.at_article()
    resting = [
        card.title
        for card in library.cards.values()
        if (wording := card.wording(day)) and wording.refs[0].at_article() == article
    ]
    return tuple(resting[:3])


def _shortened(text: str) -> str:
    """A wording cut at a line or sentence end, so that it fits a message."""
    if len(text) <= _LONGEST_EXCERPT:
        return text
    cut = text[:_LONGEST_EXCERPT]
    end = max((found.end() for found in _END.finditer(cut)), default=0)
    if end < _SHORTEST_EXCERPT:
        end = cut.rfind(" ")
    if end < _SHORTEST_EXCERPT:
        end = _LONGEST_EXCERPT
    return f"{cut[:end].rstrip()} […]"
