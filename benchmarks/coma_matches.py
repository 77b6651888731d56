"""Runs inside the environment that merge_quality.py makes for valentine: pairs of label lists in, COMA's matches out.

Reads JSON from standard input: [{"a": [label, ...], "b": [label, ...]}, ...]; writes [[[i, j, score], ...], ...]. Labels are
column names of empty tables: blank forms have no rows. Equal labels of one form are told apart by blanks at their end.
"""

import json
import sys
import time
from importlib.metadata import version

import pandas as pd
from valentine import valentine_match
from valentine.algorithms import Coma


def frame(labels):
    names = [label + " " * labels[:number].count(label) for number, label in enumerate(labels)]
    return pd.DataFrame({name: pd.Series([], dtype=str) for name in names}), {name: i for i, name in enumerate(names)}


def main():
    found, start = [], time.process_time()
    for pair in json.load(sys.stdin):
        (left, at_left), (right, at_right) = frame(pair["a"]), frame(pair["b"])
        matches = valentine_match([left, right], Coma()).one_to_one_greedy(0.0)
        names = [(key.source_column, key.target_column, score) for key, score in matches.items()]
        found.append([[at_left[a], at_right[b], score] for a, b, score in names])
    json.dump({"version": version("valentine"), "seconds": time.process_time() - start, "matches": found}, sys.stdout)


main()
