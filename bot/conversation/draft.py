"""One turn while it is being made: what was heard, what is said so far, and the state to be."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass

from bot.cases.steps import CaseNow, CaseStep
from bot.channels.port import Capabilities, Choice, Incoming, Outgoing, UpdateKind
from bot.consent import Consent
from bot.conversation import compose
from bot.conversation.split import pack
from bot.conversation.state import ChatState
from bot.plain_text import READ_LIMIT, clean


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


class Draft:
    """What was heard, and the effects of the turn, which its parts add to one after the other.

    ``before`` is the state the turn began with, ``state`` what it is coming to. ``length`` are
    the characters that were sent. ``receipt``: words that files came, to be said with whatever
    answers the message, or by themselves at the end. ``commanded``: what is said answers a
    command and must be said even when a counsellor has taken the case meanwhile.
    """

    def __init__(
        self,
        incoming: Incoming,
        before: ChatState,
        can: Capabilities,
        case: CaseNow | None,
        *,
        number: int,
        length: int,
    ) -> None:
        self.text = clean(incoming.text)[:READ_LIMIT]
        self.picked = incoming.choice
        self.files = incoming.files
        self.album = incoming.album
        self.edited = incoming.kind is UpdateKind.EDIT
        self.at = incoming.sent_at
        self.can = can
        self.case = case
        self.number = number
        self.length = length
        self.before = before
        self.first = before.consent is Consent.UNASKED
        self.state = before.model_copy(update={"confirming": False, "offered": ()})
        self.said: list[Outgoing] = []
        self.receipt: str | None = None
        self.step: CaseStep | None = None
        self.forget = False
        self.failure: Failure | None = None
        self.commanded = False

    @property
    def waits(self) -> bool:
        """Whether a case of this chat is in the queue (a held one never gets this far)."""
        return self.case is not None and self.case.active

    def change(self, **fields: object) -> None:
        """Move the state on."""
        self.state = self.state.model_copy(update=fields)

    def keep_choices(self) -> None:
        """Leave the choices that were last offered in force."""
        self.change(offered=self.before.offered)

    def say(self, text: str, buttons: tuple[Choice, ...] = ()) -> None:
        """Say something. ``buttons`` stand under it where there are any, and never as a list:
        the text names the words that do the same."""
        shown = buttons if self.can.buttons else ()
        self.said += compose.offer(pack([text], self.can.max_text), shown, self.can)

    def offer(self, blocks: Sequence[str], choices: tuple[Choice, ...]) -> None:
        """Say something and put choices under it, as buttons or as a numbered list."""
        self.said += compose.offer(pack(blocks, self.can.max_text), choices, self.can)
        if choices:
            self.change(offered=choices)
