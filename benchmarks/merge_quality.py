"""Precision and recall of merging against judged gold, beside baselines in the same run.

    python -m benchmarks.merge_quality [--sets library,unseen,second,third,development] [--coma-pairs 60]

Sets: (a) the shipped library against forms/library/gold.json; (b) tests/unseen and its folders second and third, whose gold was
written before the engine saw the forms, laid out by benchmarks/layouts.py and, where ../shared/real-forms is there, by its
make_xlsx.py; (c) the development set. Pairs of fields
of different forms; fields about the filing are left out; pairs of near.json count neither way: the rules of score_merge.py.

The engine starts from the workbooks. The baselines are given every label, unit and the form's kind of entity as the gold
records them, perfectly read. Baselines: equal cleaned-up labels; the same within one kind of entity; valentine's COMA (on a
sample of form pairs, in its own environment under build/, which this program makes). Result: results/merge_quality.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

from benchmarks.layouts import Layout, Spec, layout_by_chance, spec_from_json, write_books
from consolidation import service
from forms.library import HOME, shipped

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
RESULT = HERE / "results" / "merge_quality.md"
COMA_HOME = ROOT / "build" / "benchmarks" / "valentine"
COMA_VERSION = "1.0.1"
SHARED = ROOT.parent / "shared" / "real-forms"
UNSEEN = ROOT / "tests" / "unseen"
BLIND = {"unseen": UNSEEN, "second": UNSEEN / "second", "third": UNSEEN / "third"}  # each judged before it was first merged

Node = tuple[str, int]  # form, number of its field
Pair = tuple[Node, Node]


@dataclass(frozen=True)
class Fact:
    """What the gold knows of one field."""

    path: tuple[str, ...]
    unit: str
    entity: str
    cluster: int

    @property
    def label(self) -> str:
        return self.path[-1]


@dataclass(frozen=True)
class Gold:
    """Data fields with their cluster; `either`: pairs of clusters that a careful person could judge either way; `places`:
    where a field is in its workbook: (form, cell, label or "" when the cell tells)."""

    facts: Mapping[Node, Fact]
    either: frozenset[frozenset[int]]
    places: Mapping[tuple[str, str, str], Node]

    @property
    def wanted(self) -> set[Pair]:
        return set(pairs({node: fact.cluster for node, fact in self.facts.items()}))

    def counted(self, found: Iterable[Pair]) -> set[Pair]:
        """Pairs that are judged at all."""
        return {(a, b) for a, b in found if frozenset((self.facts[a].cluster, self.facts[b].cluster)) not in self.either}


@dataclass(frozen=True)
class Found:
    """What a program merged, and what it left to a person."""

    merged: frozenset[Pair]
    asked: frozenset[Pair] = frozenset()


def pairs(group_of: Mapping[Node, Hashable]) -> Iterator[Pair]:
    """Pairs of fields of different forms in one group."""
    groups: dict[Hashable, list[Node]] = defaultdict(list)
    for node, group in group_of.items():
        groups[group].append(node)
    for members in groups.values():
        for a, b in combinations(sorted(members), 2):
            if a[0] != b[0]:
                yield a, b


# ---- gold sets


def _near(path: Path, clusters: Sequence[Mapping[str, Any]]) -> frozenset[frozenset[int]]:
    number = {cluster["key"]: i for i, cluster in enumerate(clusters)}
    near = json.loads(path.read_text(encoding="utf-8"))
    return frozenset(frozenset((number[x["a"]], number[x["b"]])) for x in near if x["a"] in number and x["b"] in number)


def gold_of_forms(home: Path, cells: Mapping[str, Sequence[str]]) -> Gold:
    """Gold as the development set and tests/unseen keep it. `cells`: the value cells of each form."""
    forms = {name: json.loads((home / "forms" / f"{name}.json").read_text(encoding="utf-8")) for name in cells}
    clusters = json.loads((home / "gold.json").read_text(encoding="utf-8"))
    facts: dict[Node, Fact] = {}
    for number, cluster in enumerate(clusters):
        for form, i in cluster["members"]:
            if form in forms and (field := forms[form]["fields"][i]).get("role") in (None, "", "data"):
                facts[form, i] = Fact(
                    tuple(field.get("path") or [field["label"]]), field.get("unit") or "", forms[form]["entity"], number
                )
    places = {(form, cell, ""): (form, i) for form, own in cells.items() for i, cell in enumerate(own) if (form, i) in facts}
    return Gold(facts, _near(home / "near.json", clusters), places)


def gold_of_library() -> Gold:
    clusters = json.loads((HOME / "gold.json").read_text(encoding="utf-8"))
    expected = {form.slug: form.expected_fields() for form in shipped()}
    entity = {form.slug: form.entity for form in shipped()}
    at = {(slug, f["cell"], tuple(f.get("inside", ()))): i for slug, fields in expected.items() for i, f in enumerate(fields)}
    facts: dict[Node, Fact] = {}
    places: dict[tuple[str, str, str], Node] = {}
    for number, cluster in enumerate(clusters):
        if cluster["purpose"] == "data":
            for slug, cell, inside in cluster["members"]:
                node = slug, at[slug, cell, tuple(inside)]
                field = expected[slug][node[1]]
                facts[node] = Fact(tuple(field["path"]), field["unit"], entity[slug], number)
                places[slug, cell.split("!")[-1], field["label"]] = node
    return Gold(facts, _near(HOME / "near.json", clusters), places)


# ---- the engine


def merged_by_engine(gold: Gold, result: Mapping[str, Any]) -> Found:
    """From the JSON of `yibiao merge`. A field found derivable is not claimed to be the same as any other."""
    by_cell: dict[tuple[str, str], list[tuple[str, Node]]] = defaultdict(list)
    for (form, cell, label), node in gold.places.items():
        by_cell[form, cell].append((label, node))

    def nodes(file: str, cell: str, path: Sequence[str] = ()) -> list[Node]:
        place = Path(file)
        form = place.parent.name if place.stem == "template" else place.stem
        here = by_cell.get((form, cell.rsplit("!", maxsplit=1)[-1]), [])
        return [node for label, node in here if len(here) == 1 or label == (path or [""])[-1]]

    group: dict[Node, str] = {}
    for element in result["elements"]:
        for field in element["fields"]:
            if field["relation"] != "derived":
                group.update(dict.fromkeys(nodes(field["file"], field["cell"], field["path"])[:1], element["id"]))
    asked: set[Pair] = set()
    for review in result["review"]:
        left, right = (nodes(review[side]["file"], review[side]["cell"]) for side in "ab")
        if len(left) == len(right) == 1:
            first, second = sorted((left[0], right[0]))
            asked.add((first, second))
    return Found(frozenset(pairs(group)), frozenset(asked))


# ---- baselines


def clean(label: str, unit: str) -> str:
    """A label without width, case, blanks, punctuation and the bracket that holds its unit."""
    text, unit = (unicodedata.normalize("NFKC", part).lower() for part in (label, unit))
    if unit:
        text = text.replace(f"({unit})", "")
    return re.sub(r"[\s:*、,，。.;_/()-]+", "", text)


def label(fact: Fact) -> Hashable:
    return clean(fact.label, fact.unit)


def label_and_entity(fact: Fact) -> Hashable:
    return fact.entity, clean(fact.label, fact.unit)


def path_and_entity(fact: Fact) -> Hashable:
    return fact.entity, tuple(clean(part, fact.unit) for part in fact.path)


BASELINES = {
    "equal labels": label,
    "equal labels, entity given": label_and_entity,
    "all labels from the outermost caption equal, entity given": path_and_entity,
}


def merged_by(key: Callable[[Fact], Hashable], gold: Gold) -> Found:
    return Found(frozenset(pairs({node: key(fact) for node, fact in gold.facts.items()})))


def coma_python() -> tuple[Path | None, str]:
    """The Python of valentine's own environment, made when it is not there; else why not."""
    python = COMA_HOME / "bin" / "python"
    probe = [str(python), "-c", f"from importlib.metadata import version as v; assert v('valentine') == '{COMA_VERSION}'"]
    if python.exists() and subprocess.run(probe, capture_output=True, check=False).returncode == 0:
        return python, ""
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(COMA_HOME)],
        [str(python), "-m", "pip", "install", "--quiet", f"valentine=={COMA_VERSION}"],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return None, (done.stderr or done.stdout).strip().splitlines()[-1]
    return python, ""


@dataclass(frozen=True)
class Coma:
    found: Mapping[float, Found]  # by least score of a match
    seconds: float
    version: str


def coma(gold: Gold, sample: Sequence[tuple[str, str]], python: Path) -> Coma:
    """COMA's one-to-one matches of each sampled pair of forms."""
    fields: dict[str, list[Node]] = defaultdict(list)
    for node in sorted(gold.facts):
        fields[node[0]].append(node)
    tables = [{"a": [gold.facts[n].label for n in fields[a]], "b": [gold.facts[n].label for n in fields[b]]} for a, b in sample]
    command = [str(python), str(HERE / "coma_matches.py")]
    done = subprocess.run(command, input=json.dumps(tables), capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    scored = [
        (*sorted((fields[a][i], fields[b][j])), score)
        for (a, b), found in zip(sample, answer["matches"], strict=True)
        for i, j, score in found
    ]
    by_least = {least: Found(frozenset((a, b) for a, b, score in scored if score >= least)) for least in (0.0, 0.5, 0.8)}
    return Coma(by_least, answer["seconds"], answer["version"])


def sample_pairs(gold: Gold, count: int) -> list[tuple[str, str]]:
    """Pairs of forms, two thirds of them with a fact in common, as a person would choose what to compare."""
    chance = random.Random(1)
    forms = sorted({form for form, _ in gold.facts})
    common = sorted({(a[0], b[0]) for a, b in gold.wanted})
    apart = sorted(set(combinations(forms, 2)) - set(common))
    wanted = min(len(common), count * 2 // 3)
    return chance.sample(common, wanted) + chance.sample(apart, min(len(apart), count - wanted))


def within(found: Found, sample: Iterable[tuple[str, str]]) -> Found:
    kept = {frozenset(pair) for pair in sample}
    return Found(*(frozenset(p for p in part if frozenset((p[0][0], p[1][0])) in kept) for part in (found.merged, found.asked)))


# ---- the table


@dataclass(frozen=True)
class Scores:
    """`precision`: of the merged pairs; `recall`: of the gold's; `with_asked`: recall with the pairs left to a person."""

    precision: float
    recall: float
    with_asked: float


def scores(gold: Gold, found: Found) -> Scores:
    got, want = gold.counted(found.merged), gold.counted(gold.wanted)
    both = got | gold.counted(found.asked)
    return Scores(len(got & want) / len(got), len(got & want) / len(want), len(both & want) / len(want))


def line(name: str, gold: Gold, found: Found, wanted: set[Pair], seconds: float) -> str:
    got, want = gold.counted(found.merged), gold.counted(wanted)
    right = len(got & want)
    precision = f"{right / len(got):.3f}" if got else "–"
    both = got | gold.counted(found.asked)
    asked = f"{len(both & want) / len(want):.3f}" if found.asked else "–"
    numbers = [precision, f"{right / len(want):.3f}", asked, f"{len(got):,}", f"{len(got) - right:,}", f"{seconds:.2f}"]
    return f"| {name} | " + " | ".join(numbers) + " |"


HEAD = (
    "| | precision | recall | recall with what is left to a person | pairs merged | wrong | processor s |\n"
    "| --- | --- | --- | --- | --- | --- | --- |"
)


def timed(work: Callable[[], Found]) -> tuple[Found, float]:
    start = os.times()
    found = work()
    end = os.times()
    return found, sum(end[:4]) - sum(start[:4])


def report_set(title: str, gold: Gold, read: Callable[[], Mapping[str, Any]], coma_pairs: int) -> Iterator[str]:
    engine, seconds = timed(lambda: merged_by_engine(gold, read()))
    rows = [("yibiao, from the workbooks", engine, seconds)]
    for name, key in BASELINES.items():
        rows.append((name, *timed(partial(merged_by, key, gold))))
    wanted = gold.wanted
    forms = len({form for form, _ in gold.facts})
    yield f"## {title}\n\n{forms} forms, {len(gold.facts):,} data fields, {len(gold.counted(wanted)):,} gold pairs.\n\n{HEAD}"
    for name, found, spent in rows:
        yield line(name, gold, found, wanted, spent)
    if not coma_pairs:
        return
    python, fault = coma_python()
    if python is None:
        yield f"\nvalentine could not be installed: {fault}"
        return
    sample = sample_pairs(gold, coma_pairs)
    some = within(Found(frozenset(wanted)), sample).merged
    matched = coma(gold, sample, python)
    size = f"{len(sample)} pairs of these forms ({len(gold.counted(some)):,} gold pairs)"
    yield f"\nOn {size}, valentine {matched.version}:\n\n{HEAD}"
    for name, found, spent in rows:
        yield line(name, gold, within(found, sample), set(some), spent).rsplit("|", 2)[0] + "| |"
    for least, found in matched.found.items():
        yield line(f"COMA, matches of {least} and more" if least else "COMA", gold, found, set(some), matched.seconds)


def _framed(spec: Spec) -> Layout:
    return replace(layout_by_chance(spec, "7"), framed=True)


LAYOUTS: dict[str, Callable[[Spec], Layout]] = {
    "seed 7": partial(layout_by_chance, seed="7"),
    "seed 8": partial(layout_by_chance, seed="8"),
    "seed 7, 填报单位 and 填报日期 inside the table's frame": _framed,
}


def merge_folder(folder: Path) -> Mapping[str, Any]:
    return service.merge_paths([folder]).to_json()


def merge_library() -> Mapping[str, Any]:
    readings, departments = service.library_readings()
    return service.consolidate(readings, departments=departments).to_json()


def laid_out(home: Path, out: Path, layout_of: Callable[[Spec], Layout]) -> Gold:
    """Writes the forms of a blind set as workbooks into `out`; gives the gold with the places of the fields in them."""
    specs = [spec_from_json(json.loads(p.read_text(encoding="utf-8"))) for p in sorted((home / "forms").glob("*.json"))]
    return gold_of_forms(home, write_books(specs, out, layout_of))


def _blind_sections(name: str, coma_pairs: int, scratch: Path) -> Iterator[str]:
    home, title = BLIND[name], "Unseen forms" if name == "unseen" else f"Unseen forms, {name} set"
    for layout, layout_of in LAYOUTS.items():
        out = scratch / layout
        some = coma_pairs if (name, layout) == ("unseen", "seed 7") else 0
        gold = laid_out(home, out, layout_of)
        yield from report_set(f"{title}, layouts of layouts.py, {layout}", gold, partial(merge_folder, out), some)
    maker = SHARED / "make_xlsx.py"
    if maker.exists():
        out = scratch / "shared"
        subprocess.run([sys.executable, maker, home / "forms", out, "7"], check=True, capture_output=True)
        gold = gold_of_forms(home, json.loads((out / "cells.json").read_text(encoding="utf-8")))
        yield from report_set(f"{title}, layouts of make_xlsx.py, seed 7", gold, partial(merge_folder, out), 0)


def sections(chosen: Sequence[str], coma_pairs: int, scratch: Path) -> Iterator[str]:
    if "library" in chosen:
        yield from report_set("The shipped library", gold_of_library(), merge_library, coma_pairs)
    for name in (name for name in BLIND if name in chosen):
        yield from _blind_sections(name, coma_pairs, scratch / name)
    if "development" in chosen and (SHARED / "gold.json").exists():
        cells = json.loads((SHARED / "workbooks" / "cells.json").read_text(encoding="utf-8"))
        yield from report_set(
            "The development set", gold_of_forms(SHARED, cells), partial(merge_folder, SHARED / "workbooks"), coma_pairs
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", default="library,unseen,second,third,development")
    parser.add_argument("--coma-pairs", type=int, default=60, help="pairs of forms to give to COMA; 0 = leave it out")
    given = parser.parse_args()
    lines = [
        "# Precision and recall of merging",
        "",
        f"{dt.date.today()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}. "
        "`python -m benchmarks.merge_quality` repeats it. Precision: share of merged pairs of fields that are right (a wrong one "
        "puts a false figure into a report). Recall: share of the gold's pairs that are merged. The engine reads the workbooks; "
        "the baselines are given the labels, units and kinds of entity perfectly read. Processor seconds include reading.",
        "",
    ]
    with tempfile.TemporaryDirectory() as scratch:
        for part in sections(given.sets.split(","), given.coma_pairs, Path(scratch)):
            lines.append(("\n" if part.startswith("##") else "") + part)
            print(part, flush=True)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
