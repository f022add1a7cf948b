"""Questions: asked of the knowledge, answered, remembered; and what follows on from an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from bot.channels.port import Choice
from bot.conversation import compose, person_wording, several, wording
from bot.conversation.draft import Draft, Failure
from bot.conversation.person import Person
from bot.conversation.state import Remembered
from bot.conversation.times import VIETNAM
from bot.plain_text import READ_LIMIT
from knowledge.answer import Act, Answer, Citation
from knowledge.clause import Ref

_FULL_TEXTS_AT_ONCE = 3


class Knowledge(Protocol):
    """What a turn asks. Implementations are pure reading: safe to call from several threads.

    An exception of theirs becomes an apology to the person; StoreUnavailable is not theirs.
    """

    def answer(
        self, question: str, as_of: date | None = None, previous: Remembered | None = None
    ) -> Answer:
        """What the law says to a question. ``as_of`` None: today, unless the question says
        another day. ``previous`` is the answer the question leans on."""

    def leans(self, question: str, previous: Remembered) -> bool:
        """Whether a question is to be read together with the one before."""

    def questions(self, text: str) -> Sequence[str]:
        """The questions of a message that are to be answered each on its own, at least one."""

    def clause(self, ref: Ref, as_of: date) -> Citation | None:
        """One clause with its wording on a day; None when it is not held."""

    def sources(self) -> Sequence[str]:
        """The documents answers rest on, each with its dates, as people read them."""


def unsure(answer: Answer) -> bool:
    """Whether an answer may well not help, so that a person is offered with it."""
    no_ground = answer.act in {Act.ANSWER, Act.LOOKUP} and not answer.citations
    lost = answer.act in {Act.OUT_OF_SCOPE, Act.ESCALATE, Act.ASK_BACK}
    return lost or no_ground or answer.doubt is not None


class Answering:
    """Answers questions into a draft; what is weak leads on to a person."""

    def __init__(self, knowledge: Knowledge, person: Person) -> None:
        self._knowledge = knowledge
        self._person = person

    def free_text(self, draft: Draft, question: str | None = None) -> None:
        """Answer what a person wrote, or only ``question``, a part of it."""
        last = draft.before.last
        asked = question or draft.text
        try:
            leans = last is not None and (last.asked_back or self._knowledge.leans(asked, last))
            parts = (asked,) if leans else tuple(self._knowledge.questions(asked))
        except Exception as error:
            self._fail(draft, error, _unanswered(draft, asked))
            return
        if len(parts) > 1:
            self._answer_several(draft, asked, parts)
        else:
            self._answer(draft, asked, last if leans else None)

    def follow(self, draft: Draft, choice: Choice) -> None:
        """Do what a quick reply under an answer offered."""
        turn, _, what = choice.id.partition(".")
        answer = next((a for a in draft.before.answers if str(a.turn) == turn), None)
        if answer is None:
            draft.say(wording.OLD_CHOICE)
        elif what == "full":
            self.full_text(draft, answer)
        elif what[:1] == "o" and what[1:].isdigit() and int(what[1:]) < len(answer.options):
            option = answer.options[int(what[1:])]
            self._answer(draft, option, answer if answer.asked_back else None, picked=True)
        else:
            draft.say(wording.OLD_CHOICE)

    def think(self, draft: Draft, question: str) -> Remembered:
        """What the answer to a question would be, for a counsellor; nothing of it is said."""
        try:
            answer = self._knowledge.answer(question)
        except Exception as error:
            draft.failure = Failure.of(error)
            return _unanswered(draft, question)
        return _remembered(draft, question, answer)

    def _answer(
        self, draft: Draft, question: str, previous: Remembered | None, *, picked: bool = False
    ) -> None:
        try:
            answer = self._knowledge.answer(question, None, previous)
        except Exception as error:
            self._fail(draft, error, _unanswered(draft, question, previous))
            return
        doubtful = unsure(answer)
        if draft.waits and doubtful and not picked and not _worth_saying(answer):
            draft.say(person_wording.ADDED)
            return
        remembered = _remembered(draft, question, answer, previous)
        offer_person = doubtful or draft.receipt is not None
        extra = self._person.offers(draft) if offer_person and answer.act is not Act.URGENT else ()
        # The welcome has just said it; later it is said once, and wherever a doubt stands.
        notice = not draft.first and draft.before.last is None and answer.act is not Act.ASK_BACK
        draft.said += compose.answer_messages(
            answer,
            draft.can,
            draft.number,
            notice=notice,
            together=bool(draft.said),
            remarks=_remarks(draft, question),
            extra=extra,
        )
        draft.receipt = None
        draft.state = draft.state.remember(remembered)
        draft.change(offered=compose.choices_of(answer, draft.number, draft.can, extra))
        if answer.act is Act.URGENT:
            self._person.call(draft, remembered)

    def _answer_several(self, draft: Draft, whole: str, parts: Sequence[str]) -> None:
        try:
            answered = [(part, self._knowledge.answer(part)) for part in parts]
        except Exception as error:
            self._fail(draft, error, _unanswered(draft, whole))
            return
        answered = several.in_order(answered)
        weak = [unsure(answer) for _, answer in answered]
        told = several.remembered(answered, draft.number, whole, weak)
        offer_person = told.weak or draft.receipt is not None
        extra = self._person.offers(draft) if offer_person and not told.urgent else ()
        choices = several.choices_of(answered, draft.number, draft.can, extra)
        draft.said += several.messages(
            answered,
            draft.can,
            notice=not draft.first and draft.before.last is None,
            remarks=_remarks(draft, whole),
            choices=choices,
        )
        draft.receipt = None
        draft.state = draft.state.remember(told)
        draft.change(offered=choices)
        if told.urgent:
            self._person.call(draft, told)

    def full_text(self, draft: Draft, answer: Remembered | None) -> None:
        """The official wording of what an answer rests on."""
        if answer is None:
            draft.say(wording.NO_FULL_TEXT)
            return
        refs = answer.refs[:_FULL_TEXTS_AT_ONCE]
        try:
            found = [self._knowledge.clause(ref, answer.as_of) for ref in refs]
        except Exception as error:
            self._fail(draft, error)
            return
        citations = [
            each or Citation(ref=ref, label=str(ref)) for ref, each in zip(refs, found, strict=True)
        ]
        if not citations:
            draft.say(wording.NO_FULL_TEXT)
            return
        draft.said += compose.full_text_messages(citations, draft.can)
        draft.change(offered=tuple(c for c in draft.before.offered if not c.id.endswith(".full")))

    def sources(self, draft: Draft) -> None:
        """The documents answers rest on."""
        try:
            lines = self._knowledge.sources()
        except Exception as error:
            self._fail(draft, error)
            return
        draft.say(wording.bullets(wording.SOURCES, lines) if lines else wording.NO_SOURCES)

    def _fail(self, draft: Draft, error: Exception, unanswered: Remembered | None = None) -> None:
        """Apologise; a question that had no answer is kept for the person it may be put to."""
        draft.failure = Failure.of(error)
        if unanswered:
            draft.state = draft.state.remember(unanswered)
        if unanswered and draft.waits:
            draft.say(person_wording.ADDED)
        else:
            draft.offer([wording.FAILED], self._person.offers(draft))


def _worth_saying(answer: Answer) -> bool:
    """Whether an uncertain answer is still shown to someone who waits for a person: a danger,
    or a reviewed answer of which one point is open."""
    reviewed = answer.card is not None and answer.act not in {Act.ESCALATE, Act.OUT_OF_SCOPE}
    return answer.act is Act.URGENT or reviewed


def _remarks(draft: Draft, question: str) -> list[str]:
    remarks = []
    if draft.length > READ_LIMIT and question == draft.text:
        remarks.append(wording.CUT.format(limit=wording.amount(READ_LIMIT)))
    if draft.edited:
        remarks.append(wording.EDITED)
    if draft.receipt:
        remarks.append(draft.receipt)
    return remarks


def _remembered(
    draft: Draft, question: str, answer: Answer, previous: Remembered | None = None
) -> Remembered:
    return Remembered(
        turn=draft.number,
        question=question,
        refs=tuple(c.ref for c in answer.citations),
        topic=answer.topic,
        card=answer.card,
        as_of=answer.as_of,
        asked_back=answer.act is Act.ASK_BACK,
        options=compose.options_of(answer),
        follows=_cut(previous),
        text="" if answer.act is Act.ASK_BACK else compose.proposal(answer),
        doubt=answer.doubt,
        weak=unsure(answer),
        urgent=answer.act is Act.URGENT,
    )


def _unanswered(draft: Draft, question: str, previous: Remembered | None = None) -> Remembered:
    return Remembered(
        turn=draft.number,
        question=question,
        as_of=draft.at.astimezone(VIETNAM).date(),
        follows=_cut(previous),
        weak=True,
    )


def _cut(previous: Remembered | None) -> str:
    """What was asked before, within a bound: a chain of follow-ups must not grow for ever."""
    return previous.asked[-READ_LIMIT:] if previous else ""
