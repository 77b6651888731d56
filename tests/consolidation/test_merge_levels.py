"""How well forms merge that nobody wrote the engine for: real forms whose gold was written before they were first merged.

The levels are those reached, less some slack: a change that lowers them breaks what people rely on. A wrong merge puts a false
figure into a report, so precision has the least slack.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.merge_quality import BLIND, LAYOUTS, laid_out, merge_folder, merged_by_engine, scores


@pytest.mark.parametrize(
    ("name", "precision", "recall", "with_asked"),
    [("unseen", 0.985, 0.885, 0.94), ("second", 0.97, 0.90, 0.925), ("third", 0.98, 0.865, 0.905)],
)
def test_forms_of_other_places_merge_as_well_as_they_did(
    tmp_path: Path, name: str, precision: float, recall: float, with_asked: float
) -> None:
    gold = laid_out(BLIND[name], tmp_path, LAYOUTS["seed 7"])
    reached = scores(gold, merged_by_engine(gold, merge_folder(tmp_path)))
    assert reached.precision >= precision
    assert reached.recall >= recall
    assert reached.with_asked >= with_asked
