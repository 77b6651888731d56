"""The demo county's generator: `generate` writes the departments' data sets, a manifest of them, and the truth behind them.

Everything is invented. ID numbers have a right check digit and a region code that GB/T 2260 does not assign; telephone and
account numbers lie in ranges that nobody gives out. One seed gives the same files, byte for byte.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np

from data.demo.make.books import Library
from data.demo.make.identity import Sequence
from data.demo.make.manifest import DataSet, Manifest, write_manifest
from data.demo.make.people import Site
from data.demo.make.region import Place, places
from data.demo.make.settings import settings
from data.demo.make.truth import Truth
from data.demo.make.views import build

__all__ = ["DataSet", "Manifest", "generate"]

SEED = 20261101
AS_OF = date(2026, 10, 31)


def generate(out: Path, people: int = 20000, communities: int = 5, seed: int = SEED, as_of: date = AS_OF) -> Manifest:
    """Writes the county into `out` (replacing earlier ones): a folder each department, manifest.yml, regions.csv, truth.db.

    `people`: living people who belong to the county or live in it; some dead and departed ones come on top. Places are made one
    after the other, so that memory does not grow with their number. Raises ValueError for fewer than 20 people a community.
    """
    if communities < 1 or people < 20 * communities:
        raise ValueError("at least one community with 20 people")
    _clear(out)
    county = places(communities, people)
    library = Library(out, as_of)
    truth = Truth(sqlite3.connect(out / "truth.db"))
    truth.base.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF")
    orders, serial = Sequence(), 0
    for place in county:
        site = Site(place, np.random.default_rng([seed, place.number]), as_of)
        size = people // communities + (1 if place.number < people % communities else 0)
        views = build(site, size, orders, serial)
        serial += len(views.enterprise)
        truth.add_place(place, views)
        library.add_place(site, views, truth)
    truth.close(as_of.year)
    sets = library.close()
    manifest = Manifest(out, settings("county")["region"]["first_county"], as_of, seed, people, communities, tuple(sets))
    write_manifest(manifest)
    _write_regions(out / "regions.csv", county)
    return manifest


def _clear(out: Path) -> None:
    """Removes what an earlier run left, and only that."""
    out.mkdir(parents=True, exist_ok=True)
    folders = {file["file"].split("/")[0] for file in (*settings("datasets"), *settings("village")["files"])}
    for folder in sorted(folders):
        shutil.rmtree(out / folder, ignore_errors=True)
    for name in ("truth.db", "manifest.yml", "regions.csv"):
        (out / name).unlink(missing_ok=True)


def _write_regions(path: Path, county: list[Place]) -> None:
    region = settings("county")["region"]
    known: Mapping[str, tuple[str, str, str]] = {
        region["province"]["code"]: (region["province"]["name"], "省", ""),
        region["city"]["code"]: (region["city"]["name"], "市", region["province"]["code"]),
        **{place.county_code: (place.county, "县", region["city"]["code"]) for place in county},
        **{place.township_code: (place.township, "乡镇（街道）", place.county_code) for place in county},
        **{place.code: (place.name, place.kind, place.township_code) for place in county},
    }
    lines = ["code,name,level,parent", *(f"{code},{name},{level},{parent}" for code, (name, level, parent) in known.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
