"""What counsellors do with cases. Every action is one transaction, complete or not done at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import select

from bot.cases import checks, wording
from bot.cases.changes import Change, lock_both
from bot.cases.errors import (
    AnotherActive,
    CaseGone,
    CaseOpen,
    NotAllowed,
    NotYours,
    Unusable,
)
from bot.cases.hours import OpeningHours
from bot.cases.promises import Deadlines, Promises
from bot.cases.staff import Staff
from bot.cases.states import Actor, CaseState, Happened, Result, Role, Urgency
from bot.consent import Consent, Retention
from bot.plain_text import clean
from bot.store.database import Database
from bot.store.desk_models import Case, CaseEvent, User
from bot.store.models import Message, Parcel
from knowledge.cards import TOPICS

REPLY_LIMIT = 10_000
"""Characters of one reply, however many messages it becomes."""
USUAL_LIMIT = 2_000
"""Characters a message may hold on a channel that is not named."""
FAILED = ("refused", "unknown", "given_up")
"""Outcomes of a sent message after which a counsellor may send it again."""


class Desk:
    """The counsellors' side of a case.

    ``number`` everywhere is that of the case as the counsellor saw it (None: do not ask);
    ChangedMeanwhile when something happened since that could change the decision. All methods
    raise a DeskRefused whose message is for the counsellor (CaseGone and NotAllowed any of them),
    or StoreUnavailable. ``wake`` is called after a commit that put something into the outbox, in
    the thread of the caller. ``limits``: characters a message may hold, by channel.
    ``retention``: how long words are kept; nobody is promised to find a case again after that.
    """

    def __init__(
        self,
        database: Database,
        hours: OpeningHours,
        promises: Promises,
        wake: Callable[[], None] = lambda: None,
        limits: Mapping[str, int] | None = None,
        retention: Retention | None = None,
    ) -> None:
        self._database = database
        self._deadlines = Deadlines(hours, promises)
        self._promises = promises
        self._wake = wake
        self._limits = dict(limits or {})
        self._retention = retention or Retention()

    def take(self, case: int, by: Staff, number: int | None = None) -> None:
        """Take a queued case; taking what one holds already changes nothing.

        Raises CaseClosed, HeldByAnother, KeptForAnother, ChangedMeanwhile.
        """
        with self._acting(case, by) as (change, user):
            checks.active(change)
            checks.not_of_another(change, by)
            if change.state is CaseState.HELD:
                return
            checks.unchanged(change, number, checks.ADDED)
            _take(change, user)

    def reply(self, case: int, by: Staff, text: str, number: int | None) -> int:
        """Answer the worker, taking the case if it was queued; the id of the (last) message.

        Raises CaseClosed, HeldByAnother, KeptForAnother, ChangedMeanwhile (not for what the
        worker added meanwhile), ChatBlocked, EmptyReply, ReplyTooLong.
        """
        words = checks.worded(text, REPLY_LIMIT)
        with self._acting(case, by) as (change, user):
            checks.active(change)
            checks.not_of_another(change, by)
            checks.unchanged(change, number, checks.ADDED)
            checks.reachable(change)
            if change.state is not CaseState.HELD:
                _take(change, user)
            return _answer(change, words)

    def resend(self, case: int, by: Staff, message: int) -> int:
        """Send once more a reply that did not arrive; the id of the new message.

        Raises CaseClosed, HeldByAnother, NotYours, ChatBlocked, Unusable (it is on its way, it
        arrived, or it was sent again before).
        """
        with self._acting(case, by) as (change, _):
            checks.active(change)
            checks.held_by(change, by)
            checks.reachable(change)
            return _answer(change, _unsent(change, message), resent=message)

    def note(self, case: int, by: Staff, text: str) -> None:
        """Write something down for colleagues, whatever the state. Raises EmptyReply."""
        words = checks.worded(text, checks.NOTE_LIMIT)
        with self._acting(case, by) as (change, _):
            change.record(Happened.NOTED, words)

    def release(self, case: int, by: Staff, why: str, number: int | None) -> None:
        """Put a held case back into the queue; the worker is told. A lead may do so for others.

        Raises CaseClosed, HeldByAnother, NotYours, ChangedMeanwhile.
        """
        why = checks.reason(why)
        with self._acting(case, by) as (change, _):
            checks.active(change)
            checks.held_by(change, by, lead=True)
            checks.unchanged(change, number, checks.ADDED)
            holder = change.session.get(User, change.case.holder)
            assert holder is not None  # noqa: S101 - a held case has a holder, by its foreign key
            change.queue(Happened.RELEASED, wording.put_back(holder.shown), why)

    def hand_to(self, case: int, by: Staff, colleague: int, why: str, number: int | None) -> None:
        """Give the case to a colleague (a user's id); the worker is not told of the change.

        A lead may also hand on what another holds, or what is queued, to themselves too.
        Raises CaseClosed, HeldByAnother, NotYours, ChangedMeanwhile, Unusable.
        """
        why = checks.reason(why)
        with self._acting(case, by) as (change, _):
            checks.active(change)
            if change.state is CaseState.HELD:
                checks.held_by(change, by, lead=True)
            elif not by.role.includes(Role.LEAD):
                raise NotYours()
            checks.unchanged(change, number, checks.ADDED)
            to = change.session.get(User, colleague)
            if to is None or not to.active:
                raise Unusable("Người này không còn làm ở bàn tư vấn. Bạn chọn người khác nhé.")
            if change.case.holder == to.id:
                raise Unusable(f"{to.shown} đang giữ hồ sơ này rồi.")
            change.give(to, Happened.HANDED, why)

    def set_urgency(
        self, case: int, by: Staff, urgency: Urgency, why: str, number: int | None
    ) -> None:
        """Say how long a case may wait: one's own, a queued one, as a lead any.

        Raises CaseClosed, HeldByAnother, ChangedMeanwhile, Unusable (it is that urgent already).
        """
        why = checks.reason(why)
        with self._acting(case, by) as (change, _):
            checks.active(change)
            if not by.role.includes(Role.LEAD):
                checks.not_of_another(change, by)
            checks.unchanged(change, number, checks.ADDED)
            if change.urgency is urgency:
                raise Unusable("Hồ sơ đang ở đúng mức khẩn này rồi.")
            change.set_urgency(urgency, why)

    def close(
        self,
        case: int,
        by: Staff,
        result: Result,
        topic: str | None,
        number: int | None,
        words: str = "",
    ) -> None:
        """End the case and tell the worker, after the counsellor's own last ``words``.

        ``topic`` None keeps the topic it has. Also for a queued case that needs nobody.
        Raises CaseClosed, HeldByAnother, ChangedMeanwhile, ChatBlocked (there are ``words``),
        Unusable (unknown topic; a result that is not for the desk), ReplyTooLong.
        """
        if result in {Result.CANCELLED, Result.HANDED_BACK}:
            raise Unusable("Kết quả này không dùng để khép hồ sơ. Bạn chọn kết quả khác nhé.")
        if topic is not None and topic not in TOPICS:
            raise Unusable("Chủ đề này không có trong danh sách. Bạn chọn lại nhé.")
        last = checks.worded(words, REPLY_LIMIT) if clean(words) else ""
        with self._acting(case, by) as (change, user):
            checks.active(change)
            checks.not_of_another(change, by)
            checks.unchanged(change, number, checks.ASIDE)
            if change.state is not CaseState.HELD:
                checks.not_kept(change, user)
            if last:
                checks.reachable(change)
                change.say(last, author="counsellor")
                change.case.counsellor_at = change.now
            change.case.topic = topic or change.case.topic
            change.close(Happened.CLOSED, result, by.id)
            farewell = wording.closed(user.shown, result, self._within(change))
            change.say(farewell, [wording.AGAIN])

    def hand_back(self, case: int, by: Staff, number: int | None) -> None:
        """Let the machine answer again; the case is closed and the worker is told.

        Raises CaseClosed, HeldByAnother, NotYours, ChangedMeanwhile.
        """
        with self._acting(case, by) as (change, user):
            checks.active(change)
            checks.held_by(change, by)
            checks.unchanged(change, number, checks.ASIDE)
            change.close(Happened.CLOSED, Result.HANDED_BACK, by.id)
            farewell = wording.handed_back(user.shown, self._within(change))
            change.say(farewell, [wording.AGAIN])

    def reopen(self, case: int, by: Staff, why: str) -> None:
        """Put a closed case back into the queue, kept for who reopens it.

        The worker hears of it when somebody takes it. Raises CaseOpen, AnotherActive.
        """
        why = checks.reason(why)
        with self._acting(case, by) as (change, _):
            if change.state is not CaseState.CLOSED:
                raise CaseOpen()
            if change.case.since is None:
                raise Unusable(
                    "Cuộc trò chuyện của hồ sơ này đã xóa nên không mở lại được. Người lao động "
                    "nhắn lại thì sẽ có hồ sơ mới."
                )
            other = change.session.scalar(
                select(Case.id).where(Case.chat == change.chat.id, Case.state != CaseState.CLOSED)
            )
            if other is not None:
                raise AnotherActive(other)
            change.reopen(by.id, why)

    def _within(self, change: Change) -> timedelta:
        """How long the worker may come back to the case: not after its words are deleted."""
        kept = self._retention.of(Consent(change.chat.consent))
        return min(self._promises.reopen_within, kept)

    @contextmanager
    def _acting(self, case: int, by: Staff) -> Iterator[tuple[Change, User]]:
        """The case with its rows locked, and who acts, if they are at the desk at all."""
        with self._database.write() as session:
            locked = lock_both(session, case)
            if locked is None:
                raise CaseGone()
            user = session.get(User, by.id)
            # As the store knows them now: a role or an account may have been withdrawn meanwhile.
            if user is None or not user.active or not Role(user.role).includes(by.role):
                raise NotAllowed()
            chat, row = locked
            change = Change(
                session=session,
                chat=chat,
                case=row,
                now=self._database.now(),
                deadlines=self._deadlines,
                actor=Actor.USER,
                user=user.id,
                max_text=self._limits.get(chat.channel, USUAL_LIMIT),
            )
            yield change, user
        if change.said:
            self._wake()


def _take(change: Change, user: User) -> None:
    """Let someone take a queued case."""
    checks.not_kept(change, user)
    change.give(user, Happened.TAKEN)


def _answer(change: Change, words: str, resent: int | None = None) -> int:
    """Say something to the worker and write it down; nothing is owed after it."""
    before = len(change.said)
    change.say(words, author="counsellor")
    change.case.counsellor_at = change.now
    change.case.due_at, change.case.reminded = None, 0
    again = {} if resent is None else {"resent": resent}
    change.record(Happened.ANSWERED, data={"messages": change.said[before:], **again})
    return change.said[-1]


def _unsent(change: Change, message: int) -> str:
    """The words of a counsellor's message in this chat that did not arrive."""
    found = change.session.execute(
        select(Message.text, Parcel.outcome)
        .join(Parcel, Parcel.message == Message.id)
        .where(
            Message.id == message,
            Message.chat == change.chat.id,
            Message.id >= (change.case.since or 0),
            Message.author == "counsellor",
        )
    ).one_or_none()
    if found is None:
        raise Unusable("Không tìm thấy tin cần gửi lại trong hồ sơ này.")
    if found.outcome not in FAILED:
        raise Unusable("Tin này đã gửi rồi hoặc đang được gửi, bạn không cần gửi lại.")
    answers = change.session.scalars(
        select(CaseEvent.data).where(
            CaseEvent.case == change.case.id, CaseEvent.kind == Happened.ANSWERED
        )
    )
    if any(data.get("resent") == message for data in answers):
        raise Unusable("Tin này đã được gửi lại rồi. Bạn xem tin gửi lại ở phía dưới nhé.")
    return str(found.text)
