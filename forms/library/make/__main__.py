"""Writes the library: `python -m forms.library.make [form-slug …]`; without a slug, all forms and the gold files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from forms.library.make.shelf import Shelf, write_form, write_gold


def main(slugs: list[str]) -> int:
    home = Path(__file__).resolve().parent.parent
    shelf = Shelf.load(home / "make")
    written: dict[str, list[dict[str, Any]]] = {}
    for spec in shelf.specs:
        if not slugs or spec["slug"] in slugs:
            written[spec["slug"]] = write_form(home, spec, shelf)
            print(f"{spec['slug']}: {len(written[spec['slug']])}", file=sys.stderr)
    if not slugs:
        counts = write_gold(home, written, shelf)
        print(json.dumps(counts, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
