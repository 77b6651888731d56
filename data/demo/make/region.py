"""The invented region tree: province, city, counties, townships, villages and communities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data.demo.make.settings import settings


@dataclass(frozen=True)
class Place:
    """A village (村) or urban community (社区) with all that it lies in. Codes: 12, 9 and 6 digits (GB/T 2260, GB/T 10114)."""

    number: int
    code: str
    name: str
    kind: str  # 村 | 社区
    township_code: str
    township: str
    county_code: str
    county: str

    @property
    def rural(self) -> bool:
        return self.kind == "村"

    @property
    def kind_key(self) -> str:
        """The settings' word for the kind."""
        return "village" if self.rural else "community"

    @property
    def address(self) -> str:
        """The beginning of every address here."""
        return f"{settings('county')['region']['province']['name']}{self.county}{self.township}{self.name}"

    @property
    def committee(self) -> str:
        return f"{self.name}{'村民' if self.rural else '居民'}委员会"


def _names() -> Iterator[str]:
    region = settings("county")["region"]
    first, last = region["place_first"], region["place_last"]
    turn = 0
    while True:
        for step in range(len(first) * len(last)):
            place = first[step % len(first)] + last[(step % len(first) * 7 + step // len(first)) % len(last)]
            yield place if turn == 0 else f"{place}{'东西南北上下'[(turn - 1) % 6]}"
        turn += 1


def places(communities: int, people: int) -> list[Place]:
    """`communities` places; the first county takes as many as `people_per_county` allows, then the next.

    Raises ValueError when the settings name too few counties.
    """
    region = settings("county")["region"]
    per_township = region["communities_per_township"]
    per_county = max(1, communities * region["people_per_county"] // max(people, 1))
    if (communities - 1) // per_county >= len(region["counties"]):
        raise ValueError(f"{people} people need more counties than county.yml names ({len(region['counties'])})")
    names = _names()
    town_names: dict[str, str] = {}
    found: list[Place] = []
    for number in range(communities):
        county, within = divmod(number, per_county)
        county_code = f"{int(region['first_county']) + county}"
        town, position = divmod(within, per_township if communities > per_township else 3)
        town_code = f"{county_code}{town + 1:03d}"
        if town_code not in town_names:
            town_names[town_code] = "城关街道" if town == 0 else f"{next(names)}镇"
        rural = town > 0 or number % 5 in (2, 4)
        kind = "村" if rural else "社区"
        code = f"{town_code}{position + (200 if rural else 0) + 1:03d}"
        found.append(
            Place(
                number,
                code,
                f"{next(names)}{kind}",
                kind,
                town_code,
                town_names[town_code],
                county_code,
                region["counties"][county],
            )
        )
    return found
