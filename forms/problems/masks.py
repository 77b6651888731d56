"""Personal numbers in texts for people: messages, logs and reports show that there is one, not which.

What is hidden: a citizen's ID number (GB 11643, also the 15 digits before 1999), a mobile number, and any other number of 16
digits or more (bank cards, accounts). Personal Information Protection Law, articles 28 and 51: sensitive, to be de-identified.
"""

from __future__ import annotations

import re

_ID = re.compile(r"(?<![0-9])([0-9]{6})[0-9]{8}([0-9]{3}[0-9Xx])(?![0-9])")
_OLD_ID = re.compile(r"(?<![0-9])([0-9]{6})[0-9]{6}([0-9]{3})(?![0-9])")
_LONG = re.compile(r"(?<![0-9])([0-9]{4})[0-9]{8,}([0-9]{4})(?![0-9])")
_MOBILE = re.compile(r"(?<![0-9])(1[3-9][0-9])[0-9]{4}([0-9]{4})(?![0-9])")
_STARS = ((_ID, 8), (_OLD_ID, 6), (_LONG, 8), (_MOBILE, 4))


def masked(text: str) -> str:
    """The text with ID, card and mobile numbers reduced to their first and last digits: 990101********0016."""
    for pattern, stars in _STARS:
        text = pattern.sub(rf"\g<1>{'*' * stars}\g<2>", text)
    return text
