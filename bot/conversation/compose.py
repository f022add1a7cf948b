"""An Answer to at most two messages: the answer first, then what to do and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels.port import Capabilities, Choice, Outgoing, Passage
from bot.conversation import wording
from bot.conversation.split import pack
from knowledge.answer import Act, Answer, Citation

ONE_MESSAGE = 700
"""Characters up to which answer, steps and sources go out as one message."""
OPTIONS_BACK = 6
_RELATED = 3


def options_of(answer: Answer) -> tuple[str, ...]:
    """The options a person is offered: all that clear up a question, a few that lead on."""
    return answer.options[: OPTIONS_BACK if answer.act is Act.ASK_BACK else _RELATED]


def choices_of(
    answer: Answer, turn: int, can: Capabilities, extra: Sequence[Choice] = ()
) -> tuple[Choice, ...]:
    """The quick replies under an answer; their ids name the turn, so that old ones still work.

    ``extra`` ones, which every answer may have, come last.
    """
    shown_anyway = can.folding or answer.act is Act.LOOKUP
    full = any(c.text for c in answer.citations) and not shown_anyway
    return (*offered(options_of(answer), turn, full=full), *extra)


def offered(options: Sequence[str], turn: int, *, full: bool) -> list[Choice]:
    """The quick replies to put options, after the one to read the full wording."""
    offers = [Choice(id=f"{turn}.full", label=wording.FULL_TEXT)] if full else []
    return offers + [Choice(id=f"{turn}.o{i}", label=each) for i, each in enumerate(options)]


def answer_messages(
    answer: Answer,
    can: Capabilities,
    turn: int,
    *,
    notice: bool,
    together: bool,
    remarks: Sequence[str] = (),
    extra: Sequence[Choice] = (),
    heading: str = "",
    choices: tuple[Choice, ...] | None = None,
) -> list[Outgoing]:
    """The messages that carry an answer.

    ``notice``: say that a machine answers. ``together``: one message whatever its length (the
    other one of this turn is the welcome). ``remarks``: words on how the question was read.
    ``extra``: choices besides those of the answer; ``choices``: others in place of them all.
    ``heading``: what stands above the answer.
    """
    if choices is None:
        choices = choices_of(answer, turn, can, extra)
    folded = _folded(answer) if can.folding else ()
    named = [c for c in answer.citations if c not in folded]
    head = [heading, answer.text or (wording.NOTHING_FOUND if not answer.citations else "")]
    if answer.doubt:
        head.append(f"Lưu ý: {answer.doubt}")
    tail = []
    if answer.steps:
        tail.append(wording.bullets(wording.STEPS, answer.steps))
    if answer.changes:
        tail.append(answer.changes)
    if answer.act is Act.LOOKUP and not can.folding:
        tail += [block for c, block in text_blocks(answer.citations) if c.text not in answer.text]
    if remarks:
        tail.append(" ".join(remarks))
    if named:
        tail.append(wording.sources_line([_label(c) for c in named]))
    closing = [wording.as_of(answer.as_of)] if named and not folded else []
    if notice or answer.doubt:
        closing.append(wording.MACHINE_NOTICE)
    if closing:
        tail.append(" ".join(closing))
    if folded:  # last, so that it stands right above what folds open
        tail.append(wording.folded_sources(answer.as_of))

    head = [block for block in head if block]
    whole = sum(len(block) + 2 for block in head + tail)
    if together or whole <= min(ONE_MESSAGE, can.max_text) or not head:
        texts = pack(head + tail, can.max_text)
    else:
        texts = pack(head, can.max_text) + pack(tail, can.max_text)
    return offer(texts, choices, can, passages_of(folded))


def offer(
    texts: Sequence[str],
    choices: Sequence[Choice],
    can: Capabilities,
    passages: Sequence[Passage] = (),
) -> list[Outgoing]:
    """Texts as messages, the choices under the last: as buttons, or as a numbered list."""
    texts = list(texts)
    if choices and not can.buttons:
        listed = wording.numbered([choice.label for choice in choices])
        texts = texts[:-1] + pack([*texts[-1:], listed], can.max_text)
    messages = [Outgoing(text=text) for text in texts]
    if messages:
        messages[-1] = Outgoing(
            text=messages[-1].text,
            choices=tuple(choices) if can.buttons else (),
            passages=tuple(passages),
        )
    return messages


def proposal(answer: Answer) -> str:
    """An answer as one text, for a counsellor to start from; without the machine's own doubts."""
    parts = [answer.text]
    if answer.steps:
        parts.append(wording.bullets(wording.STEPS, answer.steps))
    if answer.changes:
        parts.append(answer.changes)
    if answer.citations:
        parts.append(wording.sources_line([_label(c) for c in answer.citations]))
    return "\n\n".join(part for part in parts if part)


def full_text_messages(citations: Sequence[Citation], can: Capabilities) -> list[Outgoing]:
    """The official wording itself: folding open in place, or written out."""
    missing = [c.label for c in citations if not c.text]
    blocks = [wording.TEXT_NOT_HELD.format(labels="; ".join(missing))] if missing else []
    passages = passages_of(citations)
    if can.folding:
        if passages:
            blocks.insert(0, wording.TEXT_FOLDS_OPEN)
        return offer(pack(blocks, can.max_text), (), can, passages)
    written = [block for _, block in text_blocks(citations)]
    return offer(pack(written + blocks, can.max_text), (), can)


def _folded(answer: Answer) -> tuple[Citation, ...]:
    """The citations that fold open under the answer: not those read out in it already."""
    return tuple(c for c in answer.citations if c.text and c.text not in answer.text)


def passages_of(citations: Sequence[Citation]) -> tuple[Passage, ...]:
    """The wordings that are held, to fold open."""
    return tuple(Passage(citation=c.label, text=c.text, note=c.note) for c in citations if c.text)


def text_blocks(citations: Sequence[Citation]) -> list[tuple[Citation, str]]:
    """The wordings that are held, each under its citation, as paragraphs of a message."""
    return [(c, f"{_label(c)}:\n{c.text}") for c in citations if c.text]


def _label(citation: Citation) -> str:
    return f"{citation.label} ({citation.note})" if citation.note else citation.label
