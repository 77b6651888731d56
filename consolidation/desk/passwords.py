"""Passwords: how they are kept (argon2id), and which ones are good enough.

Rules after NIST SP 800-63B: length and a list of common ones, no forced mixtures of characters.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from .model import Invalid

LEAST, MOST = 10, 128  # characters; more would only keep the processor busy
_DIFFERENT = 4  # characters that a password has at least
_COMMON = Path(__file__).resolve().parents[2] / "data" / "passwords" / "common.txt"
_WORDS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else when read out
_HASHER = PasswordHasher()  # argon2id with the second recommended parameters of RFC 9106: 64 MiB, 3 passes
_TOGETHER = threading.BoundedSemaphore(2)  # 64 MiB each: many sign-ins at once wait for each other and do not fill the memory


def hashed(password: str) -> str:
    """What the database keeps of a password."""
    with _TOGETHER:
        return _HASHER.hash(_plain(password))


def is_right(stored: str, password: str) -> bool:
    """Whether a password is the stored one. Where none is stored it takes the same time, and says no."""
    with _TOGETHER:
        try:
            return _HASHER.verify(stored or _nobodys(), _plain(password)[:MOST]) and bool(stored)
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than those of today."""
    return _HASHER.check_needs_rehash(stored)


def demand_good(password: str, login: str) -> None:
    """Passes for a password that somebody may choose. Raises Invalid with the rule that it breaks."""
    plain = _plain(password)
    if len(plain) < LEAST:
        raise Invalid("password.short", least=LEAST)
    if len(plain) > MOST:
        raise Invalid("password.long", most=MOST)
    if login.casefold() in plain.casefold():
        raise Invalid("password.login")
    if plain.casefold() in _common() or len(set(plain.casefold())) < _DIFFERENT or _is_run(plain):
        raise Invalid("password.common")


def invented() -> str:
    """A password to tell somebody once: 80 bits that can be read out over the telephone."""
    return "-".join("".join(secrets.choice(_WORDS) for _ in range(4)) for _ in range(4))


def _plain(password: str) -> str:
    """An input method may give full-width letters for the same keys: both are one password."""
    return unicodedata.normalize("NFKC", password)


def _is_run(plain: str) -> bool:
    """abcdefghij, 9876543210: each character one further than the one before."""
    steps = {ord(after) - ord(before) for before, after in pairwise(plain)}
    return steps in ({1}, {-1})


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_hex(16))


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip().casefold() for line in lines if line.strip() and not line.startswith("#"))
