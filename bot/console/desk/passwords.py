"""Passwords: what is a good one, how it is kept, how a one-time one is made."""

from __future__ import annotations

import hmac
import re
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST = 10
"""Characters a password has at least."""
MOST = 200
"""Characters it has at most: hashing takes time that grows with them."""

# No letters and digits that are taken for one another when read out or copied from paper.
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_LEAST_DIFFERENT = 5

# Measured on two cores: 80 ms and 32 MiB for one guess, one thread each.
_HASHER = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)
_NOBODY = _HASHER.hash(secrets.token_hex(16))


class WeakPassword(Exception):
    """Not to be used as a password. The message is Vietnamese and says why."""


def check_strength(password: str, *names: str) -> None:
    """Raise WeakPassword unless it may be used by someone with these names."""
    written = _normal(password)
    if len(written) < LEAST:
        raise WeakPassword(f"Mật khẩu cần ít nhất {LEAST} ký tự. Một câu ngắn dễ nhớ là tốt nhất.")
    if len(written) > MOST:
        raise WeakPassword(f"Mật khẩu dài quá {MOST} ký tự. Bạn chọn câu ngắn hơn nhé.")
    if len(set(written.casefold())) < _LEAST_DIFFERENT:
        raise WeakPassword("Mật khẩu lặp đi lặp lại vài ký tự nên dễ đoán. Bạn chọn câu khác nhé.")
    folded, letters = written.casefold(), _letters(written)
    if any(folded == name.casefold() or (letters and letters == _letters(name)) for name in names):
        raise WeakPassword("Mật khẩu không được là tên của bạn. Bạn chọn câu khác nhé.")


def hashed(password: str) -> str:
    """What is kept of a password (argon2id)."""
    return _HASHER.hash(_normal(password))


def verify(kept: str | None, password: str) -> bool:
    """Whether it is the password kept. With None (no such person) it takes just as long."""
    written = _normal(password)[: MOST + 1]
    try:
        return _HASHER.verify(kept or _NOBODY, written) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def same(one: str, other: str) -> bool:
    """Whether both are the same password, however typed."""
    return hmac.compare_digest(_normal(one).encode(), _normal(other).encode())


def outdated(kept: str) -> bool:
    """Whether it should be hashed anew, by the parameters of today."""
    return _HASHER.check_needs_rehash(kept)


def one_time() -> str:
    """A password to hand over once: 79 random bits that can be read out and typed on a phone."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def _normal(password: str) -> str:
    """The same characters whichever keyboard composed them; lone surrogates cannot be hashed."""
    whole = password.encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFC", whole)


def _letters(text: str) -> str:
    """Letters only, without marks: what is left of a name with digits around it."""
    plain = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return re.sub(r"[^a-z]", "", plain)
