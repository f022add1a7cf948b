"""Fit how likely a question is ours and how likely the nearest card is right; draw both curves.

    python -m indexer.training.calibration SETS... --pictures docs/measurements

Questions of the sets count with and without marks; asks of cards that were held out and of all
pointers are put with their own row hidden, and questions kept back from teaching. Prints the
lines for knowledge/weights.py and, for several thresholds, what would be refused or asked back;
figures are of folds that were not fitted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from indexer.training.development import asks, kept_back_questions, open_searcher, questions
from indexer.training.lessons import held_out
from knowledge import scope, trust
from knowledge.asking import today
from knowledge.cards import Card
from knowledge.deciding import best_card
from knowledge.evaluation.sets import Place, fold_keeping_case
from knowledge.search import Found, Searcher

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]
FOLDS = 5
_OF_GROUP = {"sets": 3.0, "own": 1.0}
"""Others' questions are what will come; an ask without its own row is harder than they are."""
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Sample:
    """What search found of a question, the articles that answer it (none: not ours), its group."""

    found: Found
    gold: frozenset[Place]
    group: str


@dataclass(frozen=True)
class Fitted:
    """A likelihood fitted: the weight of each sign, and what is said of questions not fitted on."""

    bias: float
    slopes: dict[str, float]
    said: Floats


def put(searcher: Searcher, sets: Sequence[Path]) -> Iterator[Sample]:
    """The questions of the sets, with and without marks; those that cite an article left out."""
    for _, question, day in questions(sets):
        found = searcher.search(question.text, day)
        if not found.cited:
            yield Sample(found, question.gold, "sets")


def own(searcher: Searcher) -> Iterator[Sample]:
    """Asks of held-out cards and of pointers, their own row hidden, every other without marks."""
    now = today()
    for row, text, told in asks(searcher.library):
        if isinstance(told, Card) and not held_out(told):
            continue
        put_so = text if row % 2 else fold_keeping_case(text)
        found = searcher.search(put_so, now, hidden=row)
        wording = told.wording(now) if isinstance(told, Card) else None
        refs = wording.refs[:1] if wording else ()
        if not found.cited and (wording or not isinstance(told, Card)):
            gold = frozenset((ref.law, ref.article or "") for ref in refs)
            yield Sample(found, gold, "own")
    for text, rests_on in kept_back_questions():
        found = searcher.search(text, now)
        if not found.cited:
            yield Sample(found, frozenset((ref.law, ref.article or "") for ref in rests_on), "own")


def fitted(
    x: Floats, names: Sequence[str], right: Marks, groups: Sequence[tuple[str, bool]]
) -> Fitted:
    """A logistic regression; right and wrong ones of a group count alike, groups as set."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    sizes = {group: list(groups).count(group) for group in set(groups)}
    weight = np.array([_OF_GROUP[at[0]] / sizes[at] for at in groups])
    weight *= len(groups) / weight.sum()
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    scaled = (x - mean) / spread
    model = LogisticRegression(C=10.0, max_iter=1000)
    said = cross_val_predict(
        model, scaled, right, cv=FOLDS, method="predict_proba", params={"sample_weight": weight}
    )[:, 1]
    model.fit(scaled, right, sample_weight=weight)
    slopes = model.coef_[0] / spread
    bias = float(model.intercept_[0] - slopes @ mean)
    return Fitted(bias, dict(zip(names, map(float, slopes), strict=True)), said)


def of_scope(samples: Sequence[Sample], pictures: Path | None) -> None:
    """Ours or not."""
    x = np.array([[sign(each.found) for sign in scope.SIGNS.values()] for each in samples])
    ours = np.array([bool(each.gold) for each in samples])
    groups = [(each.group, bool(each.gold)) for each in samples]
    result = fitted(x, list(scope.SIGNS), ours, groups)
    print_weights("scope", result)
    print("least | ours refused: sets, own | not ours refused: sets, own")
    at_sets = np.array([each.group == "sets" for each in samples])
    for least in THRESHOLDS:
        refused = result.said < least
        shares = [
            refused[(ours == mine) & (at_sets == at)].mean()
            for mine in (True, False)
            for at in (True, False)
        ]
        print(f"{least:5} | {shares[0]:.3f}, {shares[1]:.3f} | {shares[2]:.3f}, {shares[3]:.3f}")
    if pictures:
        draw(result.said, ours, "is ours", pictures / "scope.png")


def of_trust(samples: Sequence[Sample], pictures: Path | None) -> None:
    """The nearest card right or not, for questions that are ours."""
    kept = []
    for each in samples:
        hit = best_card(each.found) if each.gold else None
        wording = hit.card.wording(each.found.day) if hit else None
        if hit and wording:
            refs = {(ref.law, ref.article or "") for ref in wording.refs[:4]}
            kept.append((each, hit, bool(refs & each.gold)))
    x = np.array([[sign(e.found, hit) for sign in trust.SIGNS.values()] for e, hit, _ in kept])
    right = np.array([was for _, _, was in kept])
    groups = [(each.group, True) for each, _, _ in kept]
    result = fitted(x, list(trust.SIGNS), right, groups)
    print_weights("trust", result)
    print(f"of {sum(bool(e.gold) for e in samples)} questions {len(kept)} have a card")
    print("least | asked back | right among the answered | right among the asked back")
    for least in THRESHOLDS:
        asked = result.said < least
        shares = [asked.mean(), right[~asked].mean(), right[asked].mean() if asked.any() else 0.0]
        print(f"{least:5} | {shares[0]:.3f} | {shares[1]:.3f} | {shares[2]:.3f}")
    if pictures:
        draw(result.said, right, "card is right", pictures / "trust.png")


def print_weights(kind: str, result: Fitted) -> None:
    """The lines for knowledge/weights.py."""
    print(f"    {kind}_bias: float = {result.bias:.4g}")
    for name, slope in result.slopes.items():
        print(f"    {kind}_{name}: float = {slope:.4g}")


def draw(said: Floats, was: Marks, what: str, path: Path) -> None:
    """How often it was so where it was said to be so likely."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(4.5, 4.5))
    points = [
        (said[rows].mean(), was[rows].mean(), rows.sum())
        for low, high in pairwise(np.linspace(0, 1, 11))
        if (rows := (said >= low) & (said <= high)).sum() >= 10
    ]
    axes.plot([0, 1], [0, 1], linestyle=":", color="grey")
    axes.plot([p[0] for p in points], [p[1] for p in points], marker="o")
    for x, y, count in points:
        axes.annotate(
            str(int(count)), (x, y), fontsize=7, xytext=(4, -8), textcoords="offset points"
        )
    axes.set_xlabel(f"said: {what} (likelihood, folds not fitted)")
    axes.set_ylabel("was so (share)")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90, bbox_inches="tight")


def fit(
    sets: Annotated[list[Path], typer.Argument(help="question sets, .jsonl")],
    index: Annotated[Path, typer.Option(help="root of the index versions")] = Path("data/index"),
    models: Annotated[Path, typer.Option(help="prepared encoders")] = Path("data/models"),
    pictures: Annotated[Path | None, typer.Option(help="folder of the curves")] = None,
) -> None:
    """Fit both, print the weights and what each threshold does."""
    searcher = open_searcher(index, models)
    samples = [*put(searcher, sets), *own(searcher)]
    of_scope(samples, pictures)
    of_trust(samples, pictures)


if __name__ == "__main__":
    typer.run(fit)
