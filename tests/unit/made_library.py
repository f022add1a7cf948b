"""A small opened library in memory: clauses in our own words, cards, and an encoder that counts.

The laws bear real numbers and dates, so that names and citations work; their words are about bees
and gardens.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime

import faiss
import numpy as np

from knowledge.articles import group
from knowledge.cards.schema import Card
from knowledge.clause import Clause, Document, Point, Ref
from knowledge.encoder import Progress, Vectors
from knowledge.index_format import Manifest
from knowledge.language.fold import terms
from knowledge.lexical import LexicalIndex
from knowledge.library import Library, ask_rows, card_rows, card_text
from knowledge.register import Register
from knowledge.search import Searcher
from knowledge.weights import WEIGHTS, Weights

LABOUR = "45/2019/QH14"
OLD_LABOUR = "10/2012/QH13"
DECREE = "145/2020/NĐ-CP"
NOT_HELD = "41/2024/QH15"
TODAY = date(2026, 11, 22)
CAVEAT = "Bản chụp lại, hãy so với bản gốc."
LONG_SENTENCE = "Mỗi sáng người giữ vườn đi một vòng quanh bờ rào và ghi vào sổ. "


class CountingEncoder:
    """Texts to unit vectors by the hashes of their terms; ``asked`` holds the questions seen."""

    fingerprint = "made:1"
    dimensions = 64

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return self._vectors(texts)

    def encode_passages(
        self, texts: Sequence[str], max_tokens: int, progress: Progress | None = None
    ) -> Vectors:
        return self._vectors(texts)

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        out = np.full((len(texts), self.dimensions), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for term in terms(text):
                out[row, hashlib.sha256(term.encode()).digest()[0] % self.dimensions] += 1.0
        return np.asarray(out / np.linalg.norm(out, axis=1, keepdims=True), dtype=np.float32)


def _document(number: str, short_title: str, since: date, **more: object) -> Document:
    return Document.model_validate(
        {
            "number": number,
            "title": f"{short_title} (bản dựng)",
            "short_title": short_title,
            "kind": "luật",
            "issuer": "Quốc hội",
            "issued": None,
            "effective": since,
            "articles": 9,
            "grade": "A",
        }
        | more
    )


def register() -> Register:
    """A code, its predecessor, a decree, and a law of which no text is held."""
    return Register(
        [
            _document(LABOUR, "Bộ luật Lao động", date(2021, 1, 1), kind="bộ luật"),
            _document(
                OLD_LABOUR,
                "Bộ luật Lao động",
                date(2013, 5, 1),
                kind="bộ luật",
                expires=date(2020, 12, 31),
                replaced_by=LABOUR,
            ),
            _document(DECREE, "Nghị định về vườn", date(2021, 2, 1), kind="nghị định"),
            _document(
                NOT_HELD,
                "Luật Bảo hiểm xã hội",
                date(2025, 7, 1),
                abbreviations=("Luật BHXH", "BHXH"),
            ),
        ]
    )


def clause(
    ref: str, title: str, text: str, since: date = date(2021, 1, 1), **more: object
) -> Clause:
    """One wording; ``more`` are fields of Clause."""
    return Clause.model_validate(
        {
            "ref": Ref.parse(ref),
            "article_title": title,
            "text": text,
            "valid_from": since,
            "source": ref.split(maxsplit=1)[0],
        }
        | more
    )


def clauses() -> list[Clause]:
    """The made wordings: changed, repealed, expired, long, and one that cannot be vouched for."""
    baskets = (
        Point(number="a", text="Tối thường: một rổ mướp;"),
        Point(number="đ", text="Tối rằm: ba rổ mướp."),
    )
    bees, hut = "Nghỉ chăm ong", "Chuồng gà"
    return [
        clause(
            f"{LABOUR} điều 98 khoản 1",
            "Thưởng hái mướp",
            "Ai hái mướp buổi tối thì được thêm rổ mướp như sau:",
            points=baskets,
        ),
        clause(
            f"{LABOUR} điều 98 khoản 2", "Thưởng hái mướp", "Hái mướp ban trưa thì thêm bát chè."
        ),
        clause(
            f"{LABOUR} điều 139 khoản 1",
            bees,
            "Người chăm ong được nghỉ sáu hôm mỗi mùa hoa nhãn.",
            valid_until=date(2026, 6, 30),
        ),
        clause(
            f"{LABOUR} điều 139 khoản 1",
            bees,
            "Người chăm ong được nghỉ bảy hôm mỗi mùa hoa nhãn.",
            date(2026, 7, 1),
        ),
        clause(f"{LABOUR} điều 139 khoản 2", bees, "Tổ ong non phải có người trông thay."),
        clause(
            f"{LABOUR} điều 106",
            "Ong đốt",
            "Người bị ong đốt được chườm lá và nghỉ dưới hiên.",
            caveat=CAVEAT,
        ),
        clause(
            f"{LABOUR} điều 50 khoản 1",
            hut,
            "Chuồng gà phải quét vôi trắng trước mùa mưa.",
            valid_until=date(2024, 12, 31),
        ),
        clause(f"{LABOUR} điều 60 khoản 1", "Đi tuần bờ rào", LONG_SENTENCE * 30),
        clause(
            f"{OLD_LABOUR} điều 37 khoản 1",
            "Ao cá",
            "Ao cá được tát cạn mỗi năm một lần.",
            date(2013, 5, 1),
            valid_until=date(2020, 12, 31),
        ),
        clause(
            f"{DECREE} điều 7 khoản 2",
            "Rổ mướp",
            "Rổ mướp đan bằng tre, miệng rộng hai gang.",
            date(2021, 2, 1),
        ),
    ]


def card(card_id: str, refs: Sequence[str], says: str, asks: Sequence[str], **more: object) -> Card:
    """A card in force since 2021; ``more`` are fields of Card."""
    wording = {"from": date(2021, 1, 1), "says": says, "refs": list(refs)}
    return Card.model_validate(
        {
            "id": card_id,
            "topic": "thoi-gio",
            "title": f"Thẻ {card_id.replace('-', ' ')}",
            "wordings": [wording],
            "asks": list(asks),
            "review": {"written": date(2026, 1, 5)},
        }
        | more
    )


def cards() -> list[Card]:
    """Four cards: a plain one with five references, an urgent one, a dated one, an expired one."""
    return [
        card(
            "hai-muop",
            [
                f"{LABOUR} điều 98 khoản 1",
                f"{LABOUR} điều 98 khoản 2",
                f"{DECREE} điều 7 khoản 2",
                f"{LABOUR} điều 50 khoản 1",
                f"{LABOUR} điều 106",
            ],
            "Hái mướp buổi tối thì được thêm một rổ, tối rằm ba rổ.",
            ("hái mướp tối được thêm gì", "mướp tối rằm được mấy rổ", "thưởng hái mướp ra sao"),
            steps=("Ghi số rổ vào sổ.",),
            doubt="Tối rằm có mưa thì chưa rõ.",
            related=("ong-dot",),
        ),
        card(
            "ong-dot",
            [f"{LABOUR} điều 106"],
            "Bị ong đốt thì ngồi nghỉ dưới hiên và chườm lá ngay.",
            ("bị ong đốt phải làm sao", "ong đốt sưng tay", "con ong nó đốt em"),
            urgent=True,
        ),
        card(
            "cham-ong",
            [f"{LABOUR} điều 139 khoản 1"],
            "Chăm ong thì được nghỉ bảy hôm mỗi mùa hoa.",
            ("chăm ong nghỉ mấy hôm", "mùa hoa nhãn nghỉ bao lâu", "nuôi ong có được nghỉ"),
            wordings=[
                {
                    "from": date(2021, 1, 1),
                    "until": date(2026, 6, 30),
                    "says": "Chăm ong thì được nghỉ sáu hôm mỗi mùa hoa.",
                    "refs": [f"{LABOUR} điều 139 khoản 1"],
                },
                {
                    "from": date(2026, 7, 1),
                    "says": "Chăm ong thì được nghỉ bảy hôm mỗi mùa hoa.",
                    "refs": [f"{LABOUR} điều 139 khoản 1"],
                },
            ],
        ),
        card(
            "tat-ao",
            [f"{OLD_LABOUR} điều 37 khoản 1"],
            "Ao cá ngày ấy mỗi năm được tát cạn một lần.",
            ("ao cá tát mấy lần", "tát ao năm mấy bận", "bao giờ tát ao cá"),
            wordings=[
                {
                    "from": date(2013, 5, 1),
                    "until": date(2020, 12, 31),
                    "says": "Ao cá ngày ấy mỗi năm được tát cạn một lần.",
                    "refs": [f"{OLD_LABOUR} điều 37 khoản 1"],
                }
            ],
        ),
    ]


def library(
    with_clauses: Sequence[Clause] | None = None, with_cards: Sequence[Card] | None = None
) -> Library:
    """The made library; its own clauses or cards may be given instead."""
    held = list(clauses() if with_clauses is None else with_clauses)
    told = list(cards() if with_cards is None else with_cards)
    encoder = CountingEncoder()
    texts = {
        "clauses": [f"{c.article_title}\n{c.full_text}" for c in held],
        "articles": [span.text(held) for span in group(held)],
        "asks": [text for text, _ in ask_rows(told)],
        "cards": [card_text(*row) for row in card_rows(told)],
    }
    vectors = {}
    for level, rows in texts.items():
        vectors[level] = faiss.IndexFlatIP(encoder.dimensions)
        if rows:
            vectors[level].add(encoder.encode_passages(rows, 64))
    manifest = Manifest(
        version="made",
        created=datetime(2026, 1, 1, tzinfo=UTC),
        encoder="made",
        encoder_fingerprint=encoder.fingerprint,
        texts=(),
        missing=(),
        clauses=len(held),
        articles=len(texts["articles"]),
        cards=len(told),
        asks=len(texts["asks"]),
        content_hash="0",
    )
    lexical = {level: LexicalIndex.build(rows) for level, rows in texts.items()}
    return Library(manifest, held, told, (), lexical, vectors, register())


class MadeSearcher(Searcher):
    """A searcher whose encoder tells what it was asked."""

    def __init__(self, held: Library, weights: Weights) -> None:
        encoder = CountingEncoder()
        super().__init__(held, encoder, weights)
        self.asked = encoder.asked


def searcher(weights: Weights = WEIGHTS, over: Library | None = None) -> MadeSearcher:
    """A searcher over the made library with a fresh encoder."""
    return MadeSearcher(over or library(), weights)
