"""Reads the specs and writes the folders of the library."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from forms.library.make.build import Built, build
from forms.library.make.gold import clusters, expected
from forms.library.make.notation import Notation

_ABOUT = ("title", "department", "basis", "frequency", "audience", "entity", "level", "kind", "notes")


@dataclass(frozen=True)
class Shelf:
    """All specs, with the lists and entity names they use."""

    specs: tuple[dict[str, Any], ...]
    notation: Notation
    entities: Mapping[str, str]
    near: tuple[Mapping[str, str], ...]

    @classmethod
    def load(cls, folder: Path) -> Shelf:
        """Reads make/lists.yml, make/entities.yml, make/near.yml and make/specs/*.yml."""
        specs = []
        for path in sorted((folder / "specs").glob("*.yml")):
            data = _yaml(path)
            for spec in data["forms"]:
                specs.append({"department": data["department"], "folder": path.stem, **spec})
        notation = Notation(_yaml(folder / "lists.yml"))
        return cls(tuple(specs), notation, _yaml(folder / "entities.yml"), tuple(_yaml(folder / "near.yml")))


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def render_form(spec: Mapping[str, Any], shelf: Shelf) -> tuple[Built, str, str]:
    """The workbook, about.yml and fields.json of one form."""
    built = build(spec, shelf.notation)
    about = {name: spec[name] for name in _ABOUT if name in spec}
    fields = expected(spec["slug"], spec, built.blanks)
    listed = "[\n" + ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in fields) + "\n]\n"
    return built, yaml.safe_dump(about, allow_unicode=True, sort_keys=False, width=120), listed


def write_form(home: Path, spec: Mapping[str, Any], shelf: Shelf) -> list[dict[str, Any]]:
    """Writes <department>/<form>/ and gives back the expected fields."""
    built, about, fields = render_form(spec, shelf)
    folder = home / spec["folder"] / spec["slug"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "template.xlsx").write_bytes(built.template)
    (folder / "about.yml").write_text(about, encoding="utf-8")
    (folder / "fields.json").write_text(fields, encoding="utf-8")
    listed: list[dict[str, Any]] = json.loads(fields)
    return listed


def render_gold(forms: Mapping[str, Sequence[Mapping[str, Any]]], shelf: Shelf) -> tuple[str, str]:
    """gold.json and near.json."""
    found = clusters(forms, shelf.entities)
    gold = "[\n" + ",\n".join(json.dumps(cluster, ensure_ascii=False) for cluster in found) + "\n]\n"
    keys = {cluster["key"] for cluster in found}
    near = [pair for pair in shelf.near if {pair["a"], pair["b"]} <= keys]
    return gold, "[\n" + ",\n".join(json.dumps(pair, ensure_ascii=False) for pair in near) + "\n]\n"


def write_gold(home: Path, forms: Mapping[str, Sequence[Mapping[str, Any]]], shelf: Shelf) -> dict[str, int]:
    """Writes both files; gives the counts."""
    gold, near = render_gold(forms, shelf)
    (home / "gold.json").write_text(gold, encoding="utf-8")
    (home / "near.json").write_text(near, encoding="utf-8")
    found = json.loads(gold)
    shared = [cluster for cluster in found if len({slug for slug, *_ in cluster["members"]}) > 1]
    return {"forms": len(forms), "fields": sum(map(len, forms.values())), "clusters": len(found), "shared": len(shared)}
