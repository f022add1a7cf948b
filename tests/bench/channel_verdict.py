"""What became of every message: read from the store and from the wire, after the kills."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from sqlalchemy import func, select

from bot.store.database import Database
from bot.store.models import Chat, Message, Parcel, Update
from tests.bench.channel_platforms import Platform, out_of_order

_ANSWER = re.compile(r"đáp chuyện (\d+) thứ (\d+) của tôi")
WELCOME = "mình là Cầu Nối"
Said = tuple[int, int]
"""A person and the number of what they said."""


def words(person: int, number: int) -> str:
    """What a person says as their message ``number``."""
    return f"chuyện {person} thứ {number} của tôi"


@dataclass
class Verdict:
    """Counts; all but ``begun_again``, ``sent_again`` and ``out_of_order`` should be zero.

    ``lost``: said and never in the inbox. ``unanswered``: in the inbox, without an answer.
    ``twice``: answered more than once, which is a turn whose effects were committed twice.
    ``begun_again``: turns begun once more after a kill; the first try left nothing behind.
    ``unsent``: committed, and never on the wire. ``sent_again``: on the wire more than once.
    ``out_of_order``: brought by the platform after a later one of the same chat.
    ``misplaced``: chats whose answers do not follow the order in which messages were taken in.
    """

    lost: int = 0
    unanswered: int = 0
    twice: int = 0
    misplaced: int = 0
    unsent: int = 0
    wrong_on_wire: int = 0
    unsettled: int = 0
    begun_again: int = 0
    sent_again: int = 0
    out_of_order: int = 0
    lost_ones: list[Said] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """What may not be."""
        names = ("lost", "unanswered", "twice", "misplaced", "unsent", "wrong_on_wire", "unsettled")
        return [f"{name}: {count}" for name in names if (count := getattr(self, name))]


def judge(database: Database, platform: Platform, people: int, said: list[Said]) -> Verdict:
    """Look at every message and every answer."""
    verdict = Verdict()
    who = {platform.chat(person): person for person in range(people)}
    taken: dict[int, list[tuple[int, str]]] = defaultdict(list)
    answers: dict[int, list[tuple[int | None, str]]] = defaultdict(list)
    with database.read() as session:
        rows = session.execute(
            select(Chat.chat_id, Message.author, Message.inbox, Message.text)
            .join(Message, Message.chat == Chat.id)
            .order_by(Message.id)
        ).all()
        tries = session.scalar(select(func.sum(Update.attempts) - func.count(Update.id)))
        outcomes = Counter(session.scalars(select(Parcel.outcome)))
    for chat, author, inbox, text in rows:
        (taken if author == "worker" else answers)[who[chat]].append((inbox, text))
    verdict.begun_again = int(tries or 0)
    verdict.unsettled = sum(outcomes.values()) - outcomes["sent"]
    wanted: dict[int, list[str]] = defaultdict(list)
    for person, number in said:
        wanted[person].append(words(person, number))
    for person, spoken in wanted.items():
        came = [text for _, text in taken[person]]
        verdict.lost += len(spoken) - len(set(spoken) & set(came))
        verdict.lost_ones += [(person, n) for n, text in enumerate(spoken) if text not in set(came)]
        verdict.twice += len(came) - len(set(came))
        place = {text: number for number, text in enumerate(spoken)}
        verdict.out_of_order += out_of_order([place[text] for text in came])
        _judge_answers(verdict, person, taken[person], answers[person])
        _judge_wire(verdict, [text for _, text in answers[person]], platform.wire(person))
    return verdict


def _judge_answers(
    verdict: Verdict,
    person: int,
    taken: list[tuple[int, str]],
    said: list[tuple[int | None, str]],
) -> None:
    """One answer to each message, under its own update, in the order of the inbox."""
    wanted = [(inbox, text) for inbox, text in sorted(taken)]
    told = [
        (inbox, words(int(found[1]), int(found[2])))
        for inbox, text in said
        for found in _ANSWER.finditer(text)
    ]
    verdict.unanswered += len(set(wanted) - set(told))
    verdict.twice += len(told) - len(set(told))
    verdict.twice += max(sum(WELCOME in text for _, text in said) - 1, 0)
    verdict.misplaced += list(dict.fromkeys(told)) != [each for each in wanted if each in told]


def _judge_wire(verdict: Verdict, committed: list[str], wire: list[str]) -> None:
    """Everything committed was shown, in order; what is shown again is counted."""
    want = [text.strip() for text in committed]
    shown = [text.strip() for text in wire]
    first = list(dict.fromkeys(shown))
    verdict.unsent += len(set(want) - set(first))
    verdict.wrong_on_wire += len(set(first) - set(want))
    verdict.misplaced += first != [text for text in want if text in set(first)]
    verdict.sent_again += len(shown) - len(first)
