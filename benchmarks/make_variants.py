"""Makes N form workbooks as variants of real forms: other titles, places and years, synonyms, columns moved, left out and
added, other units, other layouts. The same seed gives the same workbooks.

    python -m benchmarks.make_variants --forms 2000 --out build/benchmarks/variants [--seed 1]

The forms varied are the shipped library's (forms/library, as its fields.json describe them) and, where it is there, the
development set's (../shared/real-forms). Larger forms are taken more often, so that 2,000 forms have about 80,000 fields.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from benchmarks.layouts import Item, Spec, layout_by_chance, spec_from_json, write_book
from consolidation.lexicon import load_lexicon, normalise
from forms.library import ShippedForm, shipped

ROOT = Path(__file__).resolve().parents[1]
DEVELOPMENT_SET = ROOT.parent / "shared" / "real-forms"
_YEAR = re.compile(r"20\d\d")


@cache
def words() -> dict[str, Any]:
    """variants.yml."""
    found: dict[str, Any] = yaml.safe_load((Path(__file__).with_name("variants.yml")).read_text(encoding="utf-8"))
    return found


def _library_spec(form: ShippedForm) -> Spec:
    """The largest table of a shipped form, without its 填报单位 lines and blocked cells."""
    fields = [f for f in form.expected_fields() if "inside" not in f and not f.get("blocked")]
    tables = Counter(f.get("table") for f in fields)
    main = tables.most_common(1)[0][0]
    items = tuple(
        Item(tuple(f["path"]), f["unit"], f["type"], tuple(f["options"]), f["purpose"]) for f in fields if f.get("table") == main
    )
    return Spec(form.slug, form.title, form.kind, form.entity, items)


def sources() -> list[Spec]:
    """The forms that are varied. Rosters as wide as a cross table would be are laid out as statistics anyway."""
    found = [_library_spec(form) for form in shipped()]
    for path in sorted((DEVELOPMENT_SET / "forms").glob("*.json")):
        found.append(spec_from_json(json.loads(path.read_text(encoding="utf-8"))))
    return [spec for spec in found if len(spec.items) >= 3]


@cache
def _synonyms() -> dict[str, tuple[str, ...]]:
    """Normalised word -> the other words of its concept or group; words that name two concepts are left out."""
    lexicon = load_lexicon()
    sets: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for entry in lexicon.concepts.values():
        for word in (entry.name, *entry.words):
            sets[normalise(word)].append((entry.name, *entry.words))
    return {word: tuple(dict.fromkeys(many[0])) for word, many in sets.items() if len(many) == 1}


@dataclass
class Variation:
    """Changes forms by chance. `pool`: fields of other forms about the same kind of thing, to add."""

    chance: random.Random
    pool: dict[tuple[str, str], list[Item]]

    def title(self, title: str) -> str:
        pick, known = self.chance.choice, words()
        for group in known["titles"]:
            for word in group:
                if title.endswith(word):
                    title = title.removesuffix(word) + pick(group)
                    break
        title = _YEAR.sub(str(pick(known["years"])), title)
        if not _YEAR.search(title) and self.chance.random() < 0.5:
            title = f"{pick(known['years'])}年{title}"
        place = pick((pick(known["counties"]), pick(known["towns"]), pick(known["villages"]), ""))
        return place + title

    def label(self, label: str) -> str:
        others = _synonyms().get(normalise(label), ())
        return self.chance.choice(others) if others and self.chance.random() < 0.35 else label

    def unit(self, item: Item) -> Item:
        for group in words()["units"]:
            if item.unit in group and self.chance.random() < 0.15:
                other = self.chance.choice([unit for unit in group if unit != item.unit])
                label = item.label.replace(f"（{item.unit}）", f"（{other}）").replace(f"({item.unit})", f"({other})")
                return replace(item, unit=other, path=(*item.path[:-1], label))
        return item

    def novel(self, spec: Spec) -> Item:
        """A field that hardly any other office asks for."""
        pick, known = self.chance.choice, words()
        if spec.entity in ("person", "household"):
            return Item((pick(known["persons"]) + pick(("", "", "（一季度）", "（上半年）", "（首次）")),))
        return Item((pick(known["subjects"]) + pick(known["qualities"]),))

    def items(self, spec: Spec) -> tuple[Item, ...]:
        kept = [item for item in spec.items if self.chance.random() > 0.1] or list(spec.items)
        kept = [self.unit(replace(item, path=(*item.path[:-1], self.label(item.label)))) for item in kept]
        if spec.kind != "statistic" and self.chance.random() < 0.4:
            kept = self.moved(kept)
        pool = self.pool[spec.kind, spec.entity]
        present = {item.label for item in kept}
        wanted = self.chance.sample(pool, min(len(pool), self.chance.randint(0, 2 + len(kept) // 5)))
        kept += [item for item in wanted if item.label not in present]
        kept += [self.novel(spec) for _ in range(self.chance.choice((0, 0, 1, 1, 2, 3)))]
        return tuple({item.path: item for item in kept}.values())

    def moved(self, items: Sequence[Item]) -> list[Item]:
        """Blocks under one caption change places; a block stays together."""
        blocks: dict[str, list[Item]] = defaultdict(list)
        for number, item in enumerate(items):
            blocks[item.path[0] if len(item.path) > 1 else f"#{number}"].append(item)
        order = list(blocks.values())
        self.chance.shuffle(order)
        return [item for block in order for item in block]


def variants(count: int, seed: int) -> list[Spec]:
    """`count` forms. Each source is taken nearly in proportion to its size."""
    base = sources()
    pool: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for spec in base:
        pool[spec.kind, spec.entity] += [Item(i.path[-1:], i.unit, i.type, i.options) for i in spec.items if i.purpose == "data"]
    chance = random.Random(seed)
    variation = Variation(chance, pool)
    chosen = chance.choices(base, [len(spec.items) ** 0.85 for spec in base], k=count)
    return [
        replace(spec, id=f"{number:05d}_{spec.id}", title=variation.title(spec.title), items=variation.items(spec))
        for number, spec in enumerate(chosen)
    ]


def write_variants(out: Path, count: int, seed: int) -> int:
    """Writes the workbooks, 100 to a folder (as a county's departments would send them); gives the number of fields."""
    fields = 0
    for number, spec in enumerate(variants(count, seed)):
        folder = out / f"{number // 100:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        write_book(folder / f"{spec.id}.xlsx", spec, layout_by_chance(spec, str(seed)))
        fields += len(spec.items)
    return fields


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--forms", type=int, default=2000)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "benchmarks" / "variants")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    start = time.process_time()
    fields = write_variants(given.out, given.forms, given.seed)
    print(f"{given.forms} forms, {fields} fields, {time.process_time() - start:.1f} s of processor time -> {given.out}")


if __name__ == "__main__":
    main()
