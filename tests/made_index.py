"""A small made-up world to build an index from: laws in our own words, cards, and an encoder that
needs no model. The laws are about gardens and belong to no country."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from unittest import mock

import numpy as np

from indexer.build import Source
from indexer.sources.plain import read_plain
from indexer.structure import parse
from knowledge.cards import Card, Pointer
from knowledge.cards.schema import Review
from knowledge.clause import Change, Document, Ref
from knowledge.encoder import Progress, Vectors
from knowledge.language.fold import terms
from knowledge.register import Register

GARDEN = "1/2020/QH99"
GARDEN_FILE = "1-2020-QH99.txt"
CONSOLIDATED = "9/VBHN-VPQH"
CONSOLIDATED_FILE = "9-VBHN-VPQH-2023.txt"
AMENDING = "2/2022/QH99"
ORCHARD = "5/2010/QH98"
ORCHARD_FILE = "5-2010-QH98.txt"
BIG = "3/2021/QH99"
BIG_FILE = "3-2021-QH99.txt"
NOTEBOOK = "4/2021/QH99"
NOTEBOOK_FILE = "4-2021-QH99.txt"

BEGINS = date(2020, 7, 1)
AMENDED = date(2023, 1, 1)
TODAY = date(2026, 3, 1)

Articles = Sequence[tuple[str, Sequence[str]]]
"""Title and clauses of each article; one clause alone stands without a number."""

GARDEN_ARTICLES: Articles = (
    ("Phạm vi", ("Luật này nói về việc trồng rau và chăm vườn của người làm vườn.",)),
    (
        "Nghỉ trưa",
        (
            "Người làm vườn được nghỉ trưa hai mươi phút bên giàn mướp.",
            "Chủ vườn không được trừ công trong giờ nghỉ trưa.",
        ),
    ),
    (
        "Tiền công hái quả",
        (
            "Tiền công hái quả trả vào chiều thứ bảy hằng tuần.",
            "Trả chậm quá năm ngày thì chủ vườn trả thêm một giỏ quả.",
        ),
    ),
    ("Hiệu lực", ("Luật này dùng từ mùa mưa năm ấy.",)),
)
AMENDED_ARTICLES: Articles = (
    GARDEN_ARTICLES[0],
    (
        "Nghỉ trưa",
        (
            "Người làm vườn được nghỉ trưa bốn mươi phút bên giàn mướp.",
            GARDEN_ARTICLES[1][1][1],
        ),
    ),
    *GARDEN_ARTICLES[2:],
)
ORCHARD_ARTICLES: Articles = (
    ("Phạm vi", ("Luật cũ nói về vườn quả và người hái quả.",)),
    ("Nghỉ trưa", ("Người hái quả nghỉ trưa mười phút dưới gốc xoài.",)),
)
BIG_ARTICLES: Articles = tuple(
    (f"Luống số {n}", (f"Luống số {n} trồng {n} cây cải.", f"Cây thứ {n} được tưới mỗi sáng."))
    for n in range(1, 121)
)
NOTEBOOK_ARTICLES: Articles = (
    ("Sổ vườn", ("Mỗi vườn có một cuốn sổ.",)),
    ("Ghi sổ", ("Ghi sổ vào mỗi tối.",)),
    ("Giữ sổ", ("Giữ sổ trong ba mùa.",)),
)


def law_text(
    number: str, title: str, articles: Articles, *, above: str = "", below: str = ""
) -> str:
    """A law as a plain-text copy; ``above`` stands before Điều 1, ``below`` after the last."""
    lines = [
        "QUỐC HỘI",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        f"Luật số: {number}",
        "LUẬT",
        title.upper(),
        *([above] if above else []),
    ]
    for at, (heading, clauses) in enumerate(articles, start=1):
        lines.append(f"Điều {at}. {heading}")
        if len(clauses) == 1:
            lines.append(clauses[0])
        else:
            lines += [f"{n}. {words}" for n, words in enumerate(clauses, start=1)]
    lines += [below] if below else []
    return "\n".join(lines) + "\n"


def garden(articles: Articles = GARDEN_ARTICLES) -> str:
    """The garden law as first made."""
    return law_text(GARDEN, "Làm vườn", articles)


def consolidated(articles: Articles = AMENDED_ARTICLES) -> str:
    """Its consolidation after the amendment of the noon break."""
    lines = law_text(CONSOLIDATED, "Làm vườn", articles).splitlines()
    lines[2] = f"Số: {CONSOLIDATED}"
    lines.insert(
        5,
        f"Luật Làm vườn số {GARDEN} ngày 01 tháng 02 năm 2020 của Quốc hội, có hiệu lực kể từ "
        "ngày 01 tháng 7 năm 2020, được sửa đổi, bổ sung bởi:",
    )
    lines.insert(6, f"Luật Giờ nghỉ số {AMENDING} ngày 01 tháng 8 năm 2022 của Quốc hội.")
    return "\n".join(lines) + "\n"


def orchard() -> str:
    """The law before it, expired."""
    return law_text(ORCHARD, "Vườn quả", ORCHARD_ARTICLES)


def big(changed: dict[int, str] | None = None) -> str:
    """A law of 120 articles; ``changed`` gives the first clause of some of them other words."""
    articles = [
        (title, (changed.get(at, clauses[0]), *clauses[1:]) if changed else clauses)
        for at, (title, clauses) in enumerate(BIG_ARTICLES, start=1)
    ]
    return law_text(BIG, "Trăm luống", articles)


def notebook(articles: Articles = NOTEBOOK_ARTICLES) -> str:
    """A law for which no article hashes are registered."""
    return law_text(NOTEBOOK, "Sổ vườn", articles)


def fingerprints(text: str) -> dict[str, str]:
    """Article number to hash, as the register stores them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "luat.txt"
        path.write_text(text, encoding="utf-8")
        return {a.number: a.fingerprint for a in parse(read_plain(path)).articles}


def document(number: str, title: str, articles: Articles, **more: object) -> Document:
    """A registered law with working defaults."""
    return Document.model_validate(
        {
            "number": number,
            "title": f"Luật {title}",
            "short_title": f"Luật {title}",
            "kind": "luật",
            "issuer": "Quốc hội",
            "issued": None,
            "effective": BEGINS,
            "articles": len(articles),
            "grade": "A",
        }
        | more
    )


def register(*, amended: bool = True) -> Register:
    """The register of the five made laws; without ``amended`` the garden law never changed."""
    change = Change(by=AMENDING, effective=AMENDED, places=(Ref.parse(f"{GARDEN} điều 2 khoản 1"),))
    changes = (change,) if amended else ()
    law = document(GARDEN, "Làm vườn", GARDEN_ARTICLES, changes=changes)
    old = document(
        ORCHARD,
        "Vườn quả",
        ORCHARD_ARTICLES,
        effective=date(2011, 1, 1),
        expires=date(2020, 6, 30),
        replaced_by=GARDEN,
    )
    documents = [law, old, document(BIG, "Trăm luống", BIG_ARTICLES)]
    documents.append(
        document(NOTEBOOK, "Sổ vườn", NOTEBOOK_ARTICLES, grade="C", caveat="Bản chụp, hãy so lại.")
    )
    hashes = {
        GARDEN: fingerprints(garden()),
        ORCHARD: fingerprints(orchard()),
        BIG: fingerprints(big()),
    }
    if amended:
        later = law.model_copy(
            update={
                "number": CONSOLIDATED,
                "kind": "văn bản hợp nhất",
                "consolidates": GARDEN,
                "effective": AMENDED,
            }
        )
        documents.append(later)
        hashes[CONSOLIDATED] = fingerprints(consolidated())
    return Register(documents, hashes)


def card(card_id: str, ref: str, says: str, asks: Sequence[str], **more: object) -> Card:
    """A card in force since the garden law began."""
    return Card.model_validate(
        {
            "id": card_id,
            "topic": "thoi-gio",
            "title": f"Thẻ về {card_id.replace('-', ' ')}",
            "wordings": [{"from": BEGINS, "says": says, "refs": [ref]}],
            "asks": list(asks),
            "review": {"written": date(2026, 1, 5)},
        }
        | more
    )


def cards() -> tuple[Card, ...]:
    """Three cards over the garden law."""
    return (
        card(
            "nghi-trua",
            f"{GARDEN} điều 2 khoản 1",
            "Làm vườn thì buổi trưa được ngồi nghỉ bên giàn mướp.",
            ("trưa được nghỉ bao lâu", "làm vườn có được nghỉ trưa không", "nghỉ trưa mấy phút"),
        ),
        card(
            "tien-cong",
            f"{GARDEN} điều 3 khoản 1",
            "Công hái quả được trả mỗi tuần một lần vào chiều thứ bảy.",
            ("bao giờ được trả công", "hái quả trả tiền ngày nào", "tiền công trả lúc nào"),
        ),
        card(
            "tra-cham",
            f"{GARDEN} điều 3 khoản 2",
            "Chủ vườn trả chậm quá lâu thì phải thêm một giỏ quả.",
            ("chủ vườn nợ tiền công", "trả chậm thì sao", "chưa trả tiền hái quả"),
        ),
    )


def pointers() -> tuple[Pointer, ...]:
    """One neighbouring matter that the garden law leaves to others."""
    return (
        Pointer(
            id="thue-dat-vuon",
            title="Thuế đất của vườn",
            says="Thuế đất của vườn do nơi thu thuế lo, không thuộc luật làm vườn.",
            where=("Hỏi nơi thu thuế của xã.",),
            asks=(
                "thuế đất vườn đóng ở đâu",
                "đất vườn chịu thuế thế nào",
                "giấy thuế đất lấy chỗ nào",
                "thuế nhà vườn do ai thu",
            ),
            review=Review(written=date(2026, 1, 1)),
        ),
    )


class WordHashEncoder:
    """Texts to unit vectors by the hashes of their words: alike words, alike vectors.

    ``passages`` and ``queries`` count the texts encoded so far.
    """

    def __init__(self, fingerprint: str = "made:1", dimensions: int = 48) -> None:
        self.fingerprint, self.dimensions = fingerprint, dimensions
        self.passages = 0
        self.queries = 0

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        self.queries += len(texts)
        return self._vectors(texts)

    def encode_passages(
        self, texts: Sequence[str], max_tokens: int, progress: Progress | None = None
    ) -> Vectors:
        self.passages += len(texts)
        if progress:
            progress(len(texts))
        return self._vectors([" ".join(text.split()[:max_tokens]) for text in texts])

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        out = np.full((len(texts), self.dimensions), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for term in terms(text):
                out[row, hashlib.sha256(term.encode()).digest()[0] % min(self.dimensions, 48)] += (
                    1.0
                )
        return np.asarray(out / np.linalg.norm(out, axis=1, keepdims=True), dtype=np.float32)


def serving(encoder: WordHashEncoder, known: Register) -> AbstractContextManager[object]:
    """Within it every build and every opened index uses this encoder and this register."""
    stack = ExitStack()
    for name, value in (
        ("indexer.build.prepare", lambda *_args, **_more: encoder),
        ("knowledge.current.open_encoder", lambda *_args, **_more: encoder),
        ("knowledge.library.load_register", lambda: known),
        ("indexer.build.load_register", lambda: known),
        ("bot.console.index_commands.load_register", lambda: known),
    ):
        stack.enter_context(mock.patch(name, value))
    return stack


@dataclass
class MadeHouse:
    """Folders of one made world: ``laws`` holds the copies, ``root`` the index versions."""

    base: Path
    register: Register
    cards: tuple[Card, ...]
    pointers: tuple[Pointer, ...]

    @property
    def laws(self) -> Path:
        return self.base / "laws"

    @property
    def root(self) -> Path:
        return self.base / "index"

    def put(self, name: str, text: str) -> Path:
        """Write one copy into the source folder."""
        self.laws.mkdir(parents=True, exist_ok=True)
        path = self.laws / name
        path.write_text(text, encoding="utf-8")
        return path

    def source(self, **more: object) -> Source:
        """What a build works on."""
        settings: dict[str, object] = {
            "folders": [self.laws],
            "root": self.root,
            "models": self.base / "models",
            "cache": self.base / "cache",
            "encoder": "made",
            "today": TODAY,
            "register": self.register,
            "cards": self.cards,
            "pointers": self.pointers,
        }
        make: Callable[..., Source] = Source
        return make(**(settings | more))


def house(base: Path, files: Iterable[tuple[str, str]] | None = None) -> MadeHouse:
    """A made world under ``base`` with these copies; by default the whole garden family."""
    made = MadeHouse(base, register(), cards(), pointers())
    chosen = files if files is not None else default_files()
    for name, text in chosen:
        made.put(name, text)
    return made


def default_files() -> tuple[tuple[str, str], ...]:
    """The garden law, its consolidation and its predecessor."""
    return (
        (GARDEN_FILE, garden()),
        (CONSOLIDATED_FILE, consolidated()),
        (ORCHARD_FILE, orchard()),
    )
