"""One turn: what a person wrote and what the chat remembers, to what is said and remembered.

Deterministic, and without any input or output but the knowledge port: whoever runs it commits
the result together with the update's completion.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from bot.channels.port import Capabilities, Choice, Incoming, Outgoing
from bot.consent import Consent
from bot.conversation import choosing, compose, recognise, wording
from bot.conversation.recognise import Command, Courtesy
from bot.conversation.split import pack
from bot.conversation.state import ChatState, Remembered
from bot.plain_text import READ_LIMIT, REFUSE_LIMIT, clean
from knowledge.answer import Act, Answer, Citation
from knowledge.clause import Ref

AGREE = Choice(id="consent.yes", label=wording.AGREE)
DECLINE = Choice(id="consent.no", label=wording.DECLINE)
FORGET_YES = Choice(id="forget.yes", label=wording.FORGET_YES)
FORGET_NO = Choice(id="forget.no", label=wording.FORGET_NO)

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

    def clause(self, ref: Ref, as_of: date) -> Citation | None:
        """One clause with its wording on a day; None when it is not held."""

    def sources(self) -> Sequence[str]:
        """The documents answers rest on, each with its dates, as people read them."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the knowledge could not answer, fit for a log: no word of what people wrote."""

    kind: str
    place: str

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """The kind of an error and where it arose; its message might quote the question."""
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "?"
        return cls(kind=type(error).__name__, place=place)


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What is said and what is remembered. ``forget``: delete the conversation so far."""

    messages: tuple[Outgoing, ...]
    state: ChatState
    forget: bool = False
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """How turns are done. ``days_kept`` is told to people: the term they agree to.

    More than ``flood_messages`` of one chat in ``flood_window`` are answered all the same, in
    order, after one notice.
    """

    knowledge: Knowledge
    days_kept: int
    flood_messages: int = 12
    flood_window: timedelta = field(default=timedelta(minutes=1))

    def run(
        self,
        incoming: Incoming,
        state: ChatState,
        can: Capabilities,
        number: int,
        length: int | None = None,
    ) -> TurnResult:
        """Do one turn. ``number`` is the turn's own, never used again: quick replies name it.

        ``length``: characters that were sent, when ``incoming`` holds fewer.
        """
        length = length or len(incoming.text)
        return _Step(self, incoming, state, can, number=number, length=length).result()


class _Step:
    """One run of a turn: collects what is said while the state moves on."""

    def __init__(
        self,
        turn: Turn,
        incoming: Incoming,
        state: ChatState,
        can: Capabilities,
        *,
        number: int,
        length: int,
    ) -> None:
        self.number = number
        self.turn = turn
        self.can = can
        self.length = length
        self.text = clean(incoming.text)[:READ_LIMIT]
        self.picked = incoming.choice
        self.before = state
        self.first = state.consent is Consent.UNASKED
        self.state = state.model_copy(update={"confirming": False, "offered": ()})
        self.said: list[Outgoing] = []
        self.forget = False
        self.failure: Failure | None = None
        self._count(incoming)

    def result(self) -> TurnResult:
        """What the turn comes to."""
        self._greet_and_answer()
        return TurnResult(tuple(self.said), self.state, self.forget, self.failure)

    def _greet_and_answer(self) -> None:
        if self.first:
            self._welcome()
        if self._flooding_untold():
            self._say(wording.FLOOD)
            self.state = self.state.model_copy(update={"flood_told": True})
        if self.length > REFUSE_LIMIT:
            self._say(wording.TOO_LONG)
            return
        if self._chosen() or self._commanded() or self._courteous():
            return
        self._answer(self.text, self._leans_on())

    # -- first contact and floods

    def _welcome(self) -> None:
        offers = (AGREE, DECLINE)
        text = wording.welcome(self.turn.days_kept, in_words=not self.can.buttons)
        buttons = offers if self.can.buttons else ()
        self.said += [Outgoing(text=part) for part in pack([text], self.can.max_text)]
        self.said[-1] = self.said[-1].model_copy(update={"choices": buttons})
        self.state = self.state.model_copy(update={"consent": Consent.ASKED})

    def _count(self, incoming: Incoming) -> None:
        since = incoming.sent_at - self.turn.flood_window
        recent = tuple(at for at in self.before.recent if at > since)
        recent = (*recent, incoming.sent_at)[-self.turn.flood_messages - 1 :]
        flooding = len(recent) > self.turn.flood_messages
        self.state = self.state.model_copy(
            update={"recent": recent, "flood_told": self.before.flood_told and flooding}
        )

    def _flooding_untold(self) -> bool:
        return len(self.state.recent) > self.turn.flood_messages and not self.state.flood_told

    # -- choices

    def _chosen(self) -> bool:
        if self.picked is None and self.before.confirming and self._confirmed_in_words():
            return True
        offered = self.before.offered
        choice = choosing.chosen(self.text, self.picked, offered, numbered=not self.can.buttons)
        if choice is None:
            return self._stray_number()
        match choice.id:
            case AGREE.id:
                self._consent(Consent.AGREED)
            case DECLINE.id:
                self._consent(Consent.REFUSED)
            case FORGET_YES.id:
                self._forget()
            case FORGET_NO.id:
                self._say(wording.FORGET_CANCELLED)
            case _:
                self._follow(choice)
        return True

    def _confirmed_in_words(self) -> bool:
        if recognise.says_yes(self.text):
            self._forget()
            return True
        if recognise.says_no(self.text):
            self._say(wording.FORGET_CANCELLED)
            return True
        return False

    def _stray_number(self) -> bool:
        if choosing.number_in(self.text) is None:
            return False
        count = len(self.before.offered)
        if count and not self.can.buttons:
            self._say(wording.NO_SUCH_NUMBER.format(count=count))
            self.state = self.state.model_copy(update={"offered": self.before.offered})
            return True
        if self.before.last is not None and self.before.last.asked_back:
            return False  # the figure we asked for
        self._say(wording.LONE_NUMBER)
        return True

    def _follow(self, choice: Choice) -> None:
        turn, _, what = choice.id.partition(".")
        answer = next((a for a in self.before.answers if str(a.turn) == turn), None)
        if answer is None:
            self._say(wording.OLD_CHOICE)
        elif what == "full":
            self._full_text(answer)
        elif what[:1] == "o" and what[1:].isdigit() and int(what[1:]) < len(answer.options):
            option = answer.options[int(what[1:])]
            self._answer(option, answer if answer.asked_back else None)
        else:
            self._say(wording.OLD_CHOICE)

    # -- commands and courtesies

    def _commanded(self) -> bool:
        command = recognise.command_of(self.text)
        if (
            command in {Command.AGREE, Command.DECLINE}
            and self.before.consent is not Consent.ASKED
            and not recognise.names_keeping(self.text)
        ):
            return False  # a yes to something else than keeping
        match command:
            case Command.START:
                self._say(wording.INVITE if self.first else wording.HELLO)
            case Command.HELP:
                self._say(wording.HELP)
            case Command.FORGET:
                self._ask_to_forget()
            case Command.SOURCES:
                self._sources()
            case Command.AGREE:
                self._consent(Consent.AGREED)
            case Command.DECLINE:
                self._consent(Consent.REFUSED)
            case Command.FULL_TEXT if self.before.last is not None:
                self._full_text(self.before.last)
            case Command.FULL_TEXT:
                self._say(wording.NO_FULL_TEXT)
            case _:
                return False
        return True

    def _courteous(self) -> bool:
        if recognise.says_nothing(self.text):
            self._say(wording.INVITE if self.first else wording.NOTHING_SAID)
            return True
        courtesy = recognise.courtesy_of(self.text)
        if courtesy is Courtesy.OK and self.before.last and self.before.last.asked_back:
            return False  # a yes to what we asked
        match courtesy:
            case Courtesy.HELLO:
                self._say(wording.INVITE if self.first else wording.HELLO)
            case Courtesy.THANKS:
                self._say(wording.THANKS)
            case Courtesy.OK:
                self._say(wording.OK)
            case _:
                return False
        # A kind word in between does not take the choices away.
        self.state = self.state.model_copy(update={"offered": self.before.offered})
        return True

    def _consent(self, consent: Consent) -> None:
        self.state = self.state.model_copy(
            update={"consent": consent, "offered": self.before.offered}
        )
        agreed = consent is Consent.AGREED
        self._say(wording.agreed(self.turn.days_kept) if agreed else wording.DECLINED)

    def _ask_to_forget(self) -> None:
        self.state = self.state.model_copy(update={"confirming": True})
        self._offer([wording.FORGET_ASK], (FORGET_YES, FORGET_NO))

    def _forget(self) -> None:
        self.state = ChatState()
        self.said.clear()
        self._say(wording.FORGOTTEN)
        self.forget = True

    def _sources(self) -> None:
        try:
            lines = self.turn.knowledge.sources()
        except Exception as error:
            self._fail(error)
            return
        if not lines:
            self._say(wording.NO_SOURCES)
            return
        self._say(wording.bullets(wording.SOURCES, lines))

    # -- answers

    def _leans_on(self) -> Remembered | None:
        last = self.before.last
        if last is not None and (last.asked_back or recognise.follows_on(self.text)):
            return last
        return None

    def _answer(self, question: str, previous: Remembered | None) -> None:
        try:
            answer = self.turn.knowledge.answer(question, None, previous)
        except Exception as error:
            self._fail(error)
            return
        cut = self.length > READ_LIMIT and question == self.text
        # The welcome has just said it; later it is said once, and wherever a doubt stands.
        notice = not self.first and self.before.last is None and answer.act is not Act.ASK_BACK
        self.said += compose.answer_messages(
            answer,
            self.can,
            self.number,
            notice=notice,
            together=bool(self.said),
            remark=wording.CUT.format(limit=wording.amount(READ_LIMIT)) if cut else None,
        )
        self.state = self.state.remember(
            Remembered(
                turn=self.number,
                question=question,
                refs=tuple(c.ref for c in answer.citations),
                topic=answer.topic,
                card=answer.card,
                as_of=answer.as_of,
                asked_back=answer.act is Act.ASK_BACK,
                options=compose.options_of(answer),
            )
        ).model_copy(update={"offered": compose.choices_of(answer, self.number, self.can)})

    def _full_text(self, answer: Remembered) -> None:
        refs = answer.refs[:_FULL_TEXTS_AT_ONCE]
        try:
            found = [self.turn.knowledge.clause(ref, answer.as_of) for ref in refs]
        except Exception as error:
            self._fail(error)
            return
        citations = [
            each or Citation(ref=ref, label=str(ref)) for ref, each in zip(refs, found, strict=True)
        ]
        if not citations:
            self._say(wording.NO_FULL_TEXT)
            return
        self.said += compose.full_text_messages(citations, self.can)
        self.state = self.state.model_copy(
            update={"offered": tuple(c for c in self.before.offered if not c.id.endswith(".full"))}
        )

    def _fail(self, error: Exception) -> None:
        self.failure = Failure.of(error)
        self._say(wording.FAILED)

    # -- saying

    def _say(self, text: str) -> None:
        self._offer([text], ())

    def _offer(self, blocks: Sequence[str], choices: tuple[Choice, ...]) -> None:
        self.said += compose.offer(pack(blocks, self.can.max_text), choices, self.can)
        if choices:
            self.state = self.state.model_copy(update={"offered": choices})
