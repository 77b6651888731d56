"""Numbers that identify: citizens (GB 11643), organisations (GB 32100 with GB 11714), telephones. All of them invented."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from data.demo.make.settings import Numbers, Texts, padded, settings, texts

_ID_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_ID_CHECK = "10X98765432"
_CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: no I, O, S, V, Z
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_EPOCH = np.datetime64("1900-01-01")


@dataclass
class Sequence:
    """The order numbers given out so far: three digits per region, day and sex, odd for men (GB 11643, 4.2.3)."""

    given: dict[str, NDArray[np.int32]] = field(default_factory=dict)

    def next(self, region: Texts, birth: NDArray[np.datetime64], female: NDArray[np.bool_]) -> Numbers:
        """Order numbers for people of whom some share region, day and sex. Raises OverflowError past 499 of them."""
        order = np.zeros(len(birth), dtype=np.int64)
        slot = (birth.astype("datetime64[D]") - _EPOCH).astype(np.int64) * 2 + female
        for code in sorted(set(region.tolist())):
            here = np.flatnonzero(region == code)
            used = self.given.setdefault(code, np.zeros(2 * 60000, dtype=np.int32))
            sorted_here = here[np.argsort(slot[here], kind="stable")]
            slots = slot[sorted_here]
            first = np.concatenate(([True], slots[1:] != slots[:-1]))
            starts = np.flatnonzero(first)
            within = np.arange(len(slots)) - np.repeat(starts, np.diff(np.append(starts, len(slots))))
            order[sorted_here] = used[slots] + within
            np.add.at(used, slots, 1)
        if order.max(initial=0) > 498:
            raise OverflowError("more than 499 births a day and sex in one region: use more counties")
        return np.where(female, 2 * order + 2, 2 * order + 1)


def id_numbers(region: Texts, birth: NDArray[np.datetime64], order: Numbers) -> Texts:
    """18 characters each: region, birth, order number, check digit."""
    days = texts([day.replace("-", "") for day in birth.astype("datetime64[D]").astype(str).tolist()])
    body = region + days + padded(order, 3)
    digits = np.array([list(text) for text in body.tolist()]).astype(np.int64).reshape(-1, 17)
    check = texts(list(_ID_CHECK))[(digits @ _ID_WEIGHTS) % 11]
    return texts((body + check).tolist())


def credit_code(kind: str, region: str, serial: int) -> str:
    """Unified social credit code: kind of organisation (2), region (6), organisation code (9, GB 11714), check character."""
    letters = _CREDIT_LETTERS
    body = f"MA{serial:06d}"
    total = sum(
        weight * "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(sign) for weight, sign in zip(_ORG_WEIGHTS, body, strict=True)
    )
    rest = 11 - total % 11
    body += "X" if rest == 10 else "0" if rest == 11 else str(rest)
    start = f"{kind}{region}{body}"
    check = 31 - sum(weight * letters.index(sign) for weight, sign in zip(_CREDIT_WEIGHTS, start, strict=True)) % 31
    return start + letters[check % 31]


def phones(rng: np.random.Generator, size: int) -> Texts:
    """11 digits in a range that no network gives out (county.yml says why)."""
    prefix: str = settings("county")["phone"]["prefix"]
    width = 11 - len(prefix)
    return texts([prefix + number for number in padded(rng.integers(10**width, size=size), width)])


def bank_accounts(rng: np.random.Generator, size: int) -> Texts:
    """19 digits that belong to no card issuer."""
    prefix: str = settings("county")["bank"]["prefix"]
    width = 19 - len(prefix)
    return texts([prefix + number for number in padded(rng.integers(10**width, size=size), width)])
