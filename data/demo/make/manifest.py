"""What the data sets are: a small file that tells where each came from, how fresh it is and which one goes first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

import yaml


@dataclass(frozen=True)
class DataSet:
    """One list. `table`: sheet or database table, "" for CSV; `header_row`: number of the last header row (1 for CSV and
    databases); `level`: person, household, housing, enterprise or village; `precedence`: 1 goes first for what the list holds;
    `quality`: share of the rows with each declared fault."""

    id: str
    department: str
    title: str
    file: str
    format: str  # csv | xlsx | sqlite
    encoding: str
    table: str
    header_row: int
    level: str
    as_of: date
    fresh: str
    precedence: int
    coverage: str
    rows: int
    quality: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """The whole demo county as written to `folder`."""

    folder: Path
    region: str
    as_of: date
    seed: int
    people: int
    communities: int
    datasets: tuple[DataSet, ...]

    def __getitem__(self, name: str) -> DataSet:
        return next(dataset for dataset in self.datasets if dataset.id == name)


def write_manifest(manifest: Manifest) -> None:
    """Writes `manifest.yml` into the manifest's folder."""
    head = {
        "demo": True,
        "region": manifest.region,
        "period": manifest.as_of.strftime("%Y-%m"),
        "as_of": manifest.as_of,
        "seed": manifest.seed,
        "people": manifest.people,
        "communities": manifest.communities,
        "regions": "regions.csv",
        "aside": ["truth.db"],  # the answers, for tests; no list of a department
    }
    sets = [asdict(dataset) | {"quality": dict(dataset.quality)} for dataset in manifest.datasets]
    text = yaml.safe_dump({**head, "datasets": sets}, allow_unicode=True, sort_keys=False, width=130)
    (manifest.folder / "manifest.yml").write_text(text, encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a generated county. Raises FileNotFoundError where there is none."""
    raw = yaml.safe_load((folder / "manifest.yml").read_text(encoding="utf-8"))
    sets = tuple(DataSet(**dataset) for dataset in raw["datasets"])
    return Manifest(folder, raw["region"], raw["as_of"], raw["seed"], raw["people"], raw["communities"], sets)
