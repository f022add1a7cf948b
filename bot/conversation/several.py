"""Several questions in one message: their answers one under the other, each with its question."""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels.port import Capabilities, Choice, Outgoing
from bot.conversation import compose, wording
from bot.conversation.state import Remembered
from knowledge.answer import Act, Answer

_SHOWN = 120
"""Characters of a question that are repeated over its answer."""

Answered = tuple[str, Answer]
"""A question and its answer."""


def in_order(answered: Sequence[Answered]) -> list[Answered]:
    """As they were asked, a danger first."""
    return sorted(answered, key=lambda each: each[1].act is not Act.URGENT)


def messages(
    answered: Sequence[Answered],
    can: Capabilities,
    *,
    notice: bool,
    remarks: Sequence[str],
    choices: Sequence[Choice],
) -> list[Outgoing]:
    """One message a question where it fits; ``choices`` stand under the last."""
    found: list[Outgoing] = []
    for number, (question, answer) in enumerate(answered, 1):
        last = number == len(answered)
        own = compose.answer_messages(
            answer,
            can,
            0,
            notice=notice and last,
            together=True,
            remarks=remarks if last else (),
            heading=wording.question_of_several(number, len(answered), _cut(question)),
            choices=tuple(choices) if last else (),
        )
        found += own
    return found


def choices_of(
    answered: Sequence[Answered], turn: int, can: Capabilities, extra: Sequence[Choice]
) -> tuple[Choice, ...]:
    """What may be chosen under them: the full wording, what was asked back, and ``extra``."""
    held = any(c.text for _, answer in answered for c in answer.citations)
    full = held and not can.folding
    return (*compose.offered(options_of(answered), turn, full=full), *extra)


def options_of(answered: Sequence[Answered]) -> tuple[str, ...]:
    """The questions that would clear up what was asked back."""
    asked_back = [answer for _, answer in answered if answer.act is Act.ASK_BACK]
    return tuple(option for answer in asked_back for option in answer.options)[
        : compose.OPTIONS_BACK
    ]


def remembered(
    answered: Sequence[Answered], turn: int, question: str, weak: Sequence[bool]
) -> Remembered:
    """All of them as one answer, as far as following on needs it."""
    answers = [answer for _, answer in answered]
    text = "\n\n".join(
        f"{asked}\n{compose.proposal(answer)}"
        for asked, answer in answered
        if answer.act is not Act.ASK_BACK
    )
    return Remembered(
        turn=turn,
        question=question,
        refs=tuple(dict.fromkeys(c.ref for answer in answers for c in answer.citations)),
        topic=next((answer.topic for answer in answers if answer.topic), None),
        card=next((answer.card for answer in answers if answer.card), None),
        as_of=max(answer.as_of for answer in answers),
        options=options_of(answered),
        text=text,
        doubt=next((answer.doubt for answer in answers if answer.doubt), None),
        weak=any(weak),
        urgent=any(answer.act is Act.URGENT for answer in answers),
    )


def _cut(question: str) -> str:
    if len(question) <= _SHOWN:
        return question
    return f"{question[:_SHOWN].rsplit(' ', 1)[0]}…"
