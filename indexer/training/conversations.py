"""Fit how likely a short message leans on the question before it.

    python -m indexer.training.conversations

Two-turn conversations written for this (``turns.jsonl``: "kind" is "follow" or "new"). Prints the
lines for knowledge/weights.py; figures are of folds that were not fitted.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.progress import track

from indexer.training.calibration import THRESHOLDS, fitted, print_weights
from indexer.training.development import open_searcher
from knowledge.asking import Previous, today, together
from knowledge.leaning import SIGNS

TURNS = Path(__file__).with_name("turns.jsonl")
"""Conversations, one JSON object a line with "kind", "first" and "second"."""


def fit(
    index: Annotated[Path, typer.Option(help="root of the index versions")] = Path("data/index"),
    models: Annotated[Path, typer.Option(help="prepared encoders")] = Path("data/models"),
) -> None:
    """Fit, print the weights and what each threshold does."""
    searcher = open_searcher(index, models)
    rows = [json.loads(line) for line in TURNS.read_text(encoding="utf-8").splitlines()]
    x = []
    for row in track(rows, description="hội thoại"):
        alone = searcher.search(row["second"], today())
        both = together(searcher, row["second"], Previous(row["first"]))
        x.append([sign(alone, both) for sign in SIGNS.values()])
    follows = np.array([row["kind"] == "follow" for row in rows])
    groups = [("sets", bool(each)) for each in follows]
    result = fitted(np.array(x), list(SIGNS), follows, groups)
    print_weights("lean", result)
    print("least | follow-ups read alone | new matters read together")
    for least in THRESHOLDS:
        leans = result.said >= least
        print(f"{least:5} | {np.mean(~leans[follows]):.3f} | {np.mean(leans[~follows]):.3f}")


if __name__ == "__main__":
    typer.run(fit)
