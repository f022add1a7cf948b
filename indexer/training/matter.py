"""Fit the border between questions of these laws and all others: knowledge/matter.safetensors.

    python -m indexer.training.matter

Questions written for cards and texts stand on one side, those that nothing here answers and the
pointers' asks on the other; each as written and as hurried people type it. What is kept back
(one in ten) is not fitted on and tells how well it does. A support vector machine with a radial
kernel: a plane through the vectors, or a small network, parts them worse.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from indexer.training.development import open_searcher
from indexer.training.lessons import elsewhere, held_out, kept_back, more_questions, readings
from indexer.training.mistyping import mistype
from knowledge.library import Library
from knowledge.matter import FILE, Border, border
from knowledge.search import read_as

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]
GAMMA = 2.0
STRENGTH = 10.0
OURS = 6000
"""Questions of our side that are drawn; the others are all taken."""


def questions(library: Library) -> list[tuple[str, bool, bool]]:
    """Each question, whether it is ours, whether it is kept back."""
    found = [(each, False, kept_back(each)) for each in elsewhere()]
    for pointer in library.pointers.values():
        found += [(ask, pointer.urgent, kept_back(pointer.id)) for ask in pointer.asks]
    more = more_questions()
    for card in library.cards.values():
        found += [
            (ask, True, held_out(card)) for ask in (card.title, *card.asks, *more.get(card.id, ()))
        ]
    found += [(each.question, True, kept_back(each.question)) for each in readings()]
    return found


def fit(
    index: Annotated[Path, typer.Option(help="root of the index versions")] = Path("data/index"),
    models: Annotated[Path, typer.Option(help="prepared encoders")] = Path("data/models"),
    out: Annotated[Path, typer.Option(help="the border's file")] = FILE,
    seed: Annotated[int, typer.Option()] = 11,
) -> None:
    """Fit, tell how well it parts what was kept back, write."""
    from sklearn.svm import SVC

    chance = random.Random(seed)
    searcher = open_searcher(index, models)
    given = questions(searcher.library)
    ours = [each for each in given if each[1]]
    given = [each for each in given if not each[1]] + chance.sample(ours, min(OURS, len(ours)))
    texts = [read_as(way) for text, _, _ in given for way in (text, mistype(text, chance))]
    right = np.repeat([each[1] for each in given], 2)
    kept = np.repeat([each[2] for each in given], 2)
    vectors = searcher.encoder.encode_queries(texts)
    model = SVC(C=STRENGTH, gamma=GAMMA, class_weight="balanced")
    model.fit(vectors[~kept], right[~kept])
    Border(
        vectors=model.support_vectors_,
        weights=model.dual_coef_[0],
        bias=float(model.intercept_[0]),
        gamma=GAMMA,
        encoder=searcher.encoder.fingerprint,
    ).save(out)
    found = border(out)
    if found:
        said = np.array([found.side(vector) for vector in vectors[kept]])
        tell(said, right[kept], len(found.weights))


def tell(said: Floats, ours: Marks, size: int) -> None:
    """Print what is refused of the others' questions where so much of ours would be."""
    print(f"{size} vectors; kept back: {ours.sum()} of ours, {(~ours).sum()} of others")
    for share in (0.01, 0.03, 0.05, 0.1):
        least = np.quantile(said[ours], share)
        print(f"ours refused {share:.2f}: others refused {np.mean(said[~ours] < least):.3f}")


if __name__ == "__main__":
    typer.run(fit)
