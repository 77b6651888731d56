"""Personal numbers in texts for people: messages, logs and reports show that there is one, not which.

What is hidden: a citizen's ID number (GB 11643, also the 15 digits before 1999), a mobile number, any other number of 16
digits or more (bank cards, accounts), and a unified social credit code (GB 32100: a sole trader's leads to one person).
Personal Information Protection Law, articles 28 and 51: sensitive, to be de-identified.
"""

from __future__ import annotations

import re

_ID = re.compile(r"(?<![0-9])([0-9]{6})[0-9]{8}([0-9]{3}[0-9Xx])(?![0-9])")
_OLD_ID = re.compile(r"(?<![0-9])([0-9]{6})[0-9]{6}([0-9]{3})(?![0-9])")
_LONG = re.compile(r"(?<![0-9])([0-9]{4})[0-9]{8,}([0-9]{4})(?![0-9])")
_MOBILE = re.compile(r"(?<![0-9])(1[3-9][0-9])[0-9]{4}([0-9]{4})(?![0-9])")
_SIGN = "[0-9A-HJ-NPQRTUWXY]"  # GB 32100: no I, O, S, V, Z
_CREDIT = re.compile(rf"(?<![0-9A-Za-z])({_SIGN}{{2}}[0-9]{{4}})[0-9]{{2}}{_SIGN}{{6}}({_SIGN}{{4}})(?![0-9A-Za-z])")
_STARS = ((_ID, 8), (_OLD_ID, 6), (_CREDIT, 8), (_LONG, 8), (_MOBILE, 4))


def masked(text: str) -> str:
    """The text with ID, card, mobile and credit code numbers reduced to their first and last digits: 990101********0016."""
    for pattern, stars in _STARS:
        text = pattern.sub(rf"\g<1>{'*' * stars}\g<2>", text)
    return text
