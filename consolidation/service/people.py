"""The people of the desk: accounts, sessions, tokens, as the pages use them."""

from __future__ import annotations

from consolidation.desk import accounts, demo_accounts, passwords, sessions, tokens
from consolidation.desk.attempts import Attempts, Locked, network
from consolidation.desk.context import Desk, shown_moment
from consolidation.desk.model import ROLE_NAMES, Actor, Clash, Invalid, NotAllowed, NotThere, Refused, Role
from forms.model import Problem
from forms.problems import CannotDo, problem

__all__ = [
    "ROLE_NAMES", "Actor", "Attempts", "CannotDo", "Clash", "Desk", "Invalid", "Locked", "NotAllowed", "NotThere", "Problem",
    "Refused", "Role", "accounts", "demo_accounts", "network", "passwords", "problem", "sessions", "shown_moment", "tokens",
]  # fmt: skip
