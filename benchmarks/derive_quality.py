"""How many of the fields that others determine are found with a right rule, on the real forms to develop with.

    python -m benchmarks.derive_quality FOLDER [--show]

FOLDER holds forms/*.json and derivable.json. The JSON has no printed 逻辑关系, so that only structure, meaning and standards
can tell here; on real workbooks printed rules come on top.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path

from consolidation.derive import derivations, smallest_ask
from consolidation.lexicon import load_lexicon
from consolidation.match import merge
from consolidation.model import Derivation
from forms.model import Address, Field, Form, Kind, Purpose, Rect, ValueType

_PURPOSES = {"meta": Purpose.META, "serial": Purpose.SERIAL, "remark": Purpose.REMARK, "workflow": Purpose.WORKFLOW}


def form_of(path: Path) -> Form:
    """A form from its JSON record; the field's number is its id."""
    record = json.loads(path.read_text(encoding="utf-8"))
    fields = tuple(_field(number, entry) for number, entry in enumerate(record["fields"]))
    return Form(
        "S", f"{path.stem}.xlsx", "S", record["title"], Kind(record["kind"]), fields, {}, Rect(1, 1, max(1, len(fields)), 1)
    )


def _field(number: int, entry: dict[str, object]) -> Field:
    labels = tuple(map(str, entry.get("path") or [entry["label"]]))  # type: ignore[call-overload]
    options = tuple(map(str, entry.get("options") or ()))  # type: ignore[call-overload]
    purpose = _PURPOSES.get(str(entry.get("role")), Purpose.DATA)
    unit, kind = str(entry.get("unit") or ""), ValueType(str(entry["type"]))
    return Field(str(number), Address("S", number + 1, 1), labels, labels[-1], unit, kind, options, purpose=purpose)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", action="store_true", help="print what is missed")
    args = parser.parse_args()
    lexicon = load_lexicon()
    forms = [form_of(path) for path in sorted((args.folder / "forms").glob("*.json"))]
    merged = merge(forms, lexicon)
    started = time.perf_counter()
    found = derivations(merged, lexicon)
    seconds = time.perf_counter() - started
    where = {(m.form.file[:-5], int(m.field.id)): e.id for e in merged.elements for m in e.members}
    by_target: dict[str, list[Derivation]] = {}
    for item in found:
        by_target.setdefault(item.target, []).append(item)
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for entry in json.loads((args.folder / "derivable.json").read_text(encoding="utf-8")):
        total[entry["confidence"]] += 1
        sources = frozenset(where[name, at] for name, at in entry["from"])
        hits = [
            d for d in by_target.get(where[tuple(entry["target"])], []) if d.formula == "count" or frozenset(d.inputs) == sources
        ]
        counted = entry["rule"].startswith(("count", "number"))
        if any((d.formula == "count") == counted for d in hits):
            right[entry["confidence"]] += 1
        elif args.show:
            print("missed", entry["confidence"], entry["target"], entry["rule"])
    started = time.perf_counter()
    plan = smallest_ask(merged.elements, found, set())
    for confidence in ("exact", "likely"):
        share = right[confidence] / total[confidence]
        print(f"{confidence}: {right[confidence]} of {total[confidence]} found with a right rule ({share:.0%})")
    proof = "optimal" if plan.optimal else "not proven"
    print(f"{len(found)} derivations in {seconds:.2f} s")
    print(f"plan: {len(plan.asked)} asked, {len(plan.derived)} derived, {proof}, {time.perf_counter() - started:.3f} s")


if __name__ == "__main__":
    main()
