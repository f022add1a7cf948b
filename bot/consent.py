"""What a person allowed us to keep, and how long each answer lets us keep it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Consent(StrEnum):
    """Where the question "may we keep this conversation?" stands."""

    UNASKED = "unasked"
    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Retention:
    """How long texts are kept. Silence is not consent: it buys a day, not the full term.

    ``refused`` is what an answer needs to reach the person's screen; people are told "within an
    hour", so it stays below an hour by more than the time between two sweeps.
    """

    agreed: timedelta = timedelta(days=90)
    undecided: timedelta = timedelta(days=1)
    refused: timedelta = timedelta(minutes=45)

    def of(self, consent: Consent) -> timedelta:
        """How long the texts of a chat with this consent are kept."""
        if consent is Consent.AGREED:
            return self.agreed
        return self.refused if consent is Consent.REFUSED else self.undecided
