"""From the concept keys of the specs: which blanks of different forms ask for the same fact.

The rules are those of the development set: one cluster = same fact, same kind of entity, same period. A key with a capital
prefix (P.name, HH.size) is an attribute of that kind of entity and holds for every form; a key in small letters is a figure
of the region that fills in the form, and so belongs to the form's level and period; `A.` is a fact of this one application.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from forms.library.make.canvas import Blank

_LEVELS = {"village": "V", "township": "T", "county": "K", "estate": "EST"}


def full_key(key: str, slug: str, entity: str, frequency: str, number: int) -> str:
    """The key that clusters are made of; a blank without a key stands alone."""
    if not key:
        return f"{slug}#{number}"
    head = key.split(".", maxsplit=1)[0]
    if head == "A":
        return f"{slug}:{key}"
    if head[:1].isupper():
        return key
    return f"{_LEVELS[entity]}.{key}@{frequency}"


def expected(slug: str, spec: Mapping[str, Any], blanks: Sequence[Blank]) -> list[dict[str, Any]]:
    """The content of fields.json, in the order of the form."""
    rows = []
    for number, blank in enumerate(blanks):
        entry: dict[str, Any] = {
            "cell": blank.cell,
            "path": list(blank.path),
            "label": blank.path[-1],
            "unit": blank.unit,
            "type": "number" if blank.unit and blank.item.type == "text" else blank.item.type,
            "options": list(blank.item.options),
            "code": blank.item.code,
            "purpose": blank.item.purpose,
            "table": blank.table,
            "rows": list(blank.rows) if blank.rows else [],
            "inside": list(blank.inside) if blank.inside else [],
            "group": blank.group,
            "formula": blank.formula,
            "blocked": blank.blocked,
            "key": full_key(blank.key, slug, spec["entity"], spec["frequency"], number),
        }
        always = ("cell", "path", "label", "unit", "type", "options", "code")
        rows.append({name: value for name, value in entry.items() if name in always or value not in ("", [], 0, None, False)})
    return rows


def clusters(forms: Mapping[str, Sequence[Mapping[str, Any]]], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """gold.json: every blank of every form in exactly one cluster. `names`: key prefix -> kind of entity."""
    members: dict[str, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for slug, fields in forms.items():
        for number, entry in enumerate(fields):
            about_filing = entry.get("purpose", "data") != "data" or entry.get("blocked")
            members[f"{slug}#{number}" if about_filing else entry["key"]].append((slug, entry))
    return [
        {
            "key": key,
            "name": "·".join(found[0][1]["path"]),
            "entity": _entity(key, names),
            "purpose": "blocked" if found[0][1].get("blocked") else found[0][1].get("purpose", "data"),
            "members": [[slug, entry["cell"], entry.get("inside", [])] for slug, entry in found],
        }
        for key, found in members.items()
    ]


def _entity(key: str, names: Mapping[str, str]) -> str:
    return names.get(key.split(".", maxsplit=1)[0], "form") if "." in key and "#" not in key else "form"


def unknown_prefixes(keys: Iterable[str], names: Mapping[str, str]) -> set[str]:
    """Prefixes used in specs that the table of entities does not name: a misspelt key."""
    return {key.split(".", maxsplit=1)[0] for key in keys if "#" not in key and ":" not in key} - set(names)
