"""The desk's use cases, as the web, the command line and the assistant call them. Everything takes a `Desk` and an `Actor`."""

from __future__ import annotations

from pathlib import Path

from consolidation.desk.catalogue import Catalogue, FormEdition, figure_period, is_due
from consolidation.desk.context import Desk
from consolidation.desk.dispatch import (
    OpenPeriod,
    catalogue_of,
    due_forms,
    open_period,
    open_periods,
    prefill,
    reporting_places,
)
from consolidation.desk.drafts import PUSHED, TALKED, TYPED, Cell, Outcome, Saved, correct, dispute, save_cell, save_cells
from consolidation.desk.due import Due, due
from consolidation.desk.findings import Told, findings
from consolidation.desk.model import (
    LAST_VERSION,
    PROGRAM,
    ROLE_NAMES,
    STATE_NAMES,
    Actor,
    Clash,
    Invalid,
    NotAllowed,
    NotThere,
    Refused,
    Role,
    SubmissionState,
)
from consolidation.desk.outgoing import Outgoing, departments, file_of, form_of, package, place_forms
from consolidation.desk.overview import Overview, PlaceState, overview
from consolidation.desk.review import Event, approve, events, send_back, submit
from consolidation.desk.roster_files import MOST_BYTES, working_sheet
from consolidation.desk.roster_import import (
    Batch,
    CellChange,
    Fate,
    Line,
    Preview,
    apply_upload,
    imports,
    preview,
    preview_upload,
    undo_import,
)
from consolidation.desk.roster_open import Roster
from consolidation.desk.roster_rows import REASONS, add_row, edit_row, remove_row, restore_row, revert_cell
from consolidation.desk.rosters import (
    Column,
    Gone,
    RosterCell,
    RosterPage,
    RosterPlace,
    Row,
    blank_roster,
    roster_page,
    roster_places,
    roster_row,
    rosters,
)
from consolidation.desk.setup import is_empty, levels_of, set_up
from consolidation.desk.shared import SharedData
from consolidation.desk.worksheet import (
    Item,
    Past,
    Remark,
    Worksheet,
    figure_history,
    item_of,
    may_approve,
    may_fill,
    may_write,
    worksheet,
)
from consolidation.store import Store, load_secrets
from forms.render.picture import Picture, pictures


def open_desk(url: str, keys: Path, shared: SharedData | None = None) -> Desk:
    """The desk of a database. Raises ValueError when the key file is none, or others can read it."""
    return Desk(Store(url), load_secrets(keys), shared=shared)


__all__ = [
    "LAST_VERSION",
    "MOST_BYTES",
    "PROGRAM",
    "PUSHED",
    "REASONS",
    "ROLE_NAMES",
    "STATE_NAMES",
    "TALKED",
    "TYPED",
    "Actor",
    "Batch",
    "Catalogue",
    "Cell",
    "CellChange",
    "Clash",
    "Column",
    "Desk",
    "Due",
    "Event",
    "Fate",
    "FormEdition",
    "Gone",
    "Invalid",
    "Item",
    "Line",
    "NotAllowed",
    "NotThere",
    "OpenPeriod",
    "Outcome",
    "Outgoing",
    "Overview",
    "Past",
    "Picture",
    "PlaceState",
    "Preview",
    "Refused",
    "Remark",
    "Role",
    "Roster",
    "RosterCell",
    "RosterPage",
    "RosterPlace",
    "Row",
    "Saved",
    "SharedData",
    "SubmissionState",
    "Told",
    "Worksheet",
    "add_row",
    "apply_upload",
    "approve",
    "blank_roster",
    "catalogue_of",
    "correct",
    "departments",
    "dispute",
    "due",
    "due_forms",
    "edit_row",
    "events",
    "figure_history",
    "figure_period",
    "file_of",
    "findings",
    "form_of",
    "imports",
    "is_due",
    "is_empty",
    "item_of",
    "levels_of",
    "may_approve",
    "may_fill",
    "may_write",
    "open_desk",
    "open_period",
    "open_periods",
    "overview",
    "package",
    "pictures",
    "place_forms",
    "prefill",
    "preview",
    "preview_upload",
    "remove_row",
    "reporting_places",
    "restore_row",
    "revert_cell",
    "roster_page",
    "roster_places",
    "roster_row",
    "rosters",
    "save_cell",
    "save_cells",
    "send_back",
    "set_up",
    "submit",
    "undo_import",
    "working_sheet",
    "worksheet",
]  # fmt: skip
