"""What documents there are: numbers, dates, amendments, where to get them, article hashes."""

from __future__ import annotations

from knowledge.register.register import Register, RegisterError, fold, load

__all__ = ["Register", "RegisterError", "fold", "load"]
