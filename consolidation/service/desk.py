"""The desk's use cases, as the web, the command line and the assistant call them. Everything takes a `Desk` and an `Actor`."""

from __future__ import annotations

from pathlib import Path

from consolidation.desk.asked import editions_of, periods_of
from consolidation.desk.auditing import Verified, act_names, search, verify_log
from consolidation.desk.auditing import Wanted as WantedEntries
from consolidation.desk.burden import Assumptions, BurdenPage, Count, Month, assume
from consolidation.desk.burden_page import burden_page, place_name
from consolidation.desk.catalogue import Catalogue, FormEdition, figure_period, is_due
from consolidation.desk.closing import close_period, reopen_period
from consolidation.desk.context import Desk
from consolidation.desk.dispatch import (
    OpenPeriod,
    catalogue_of,
    due_forms,
    extend_period,
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
from consolidation.desk.opening import Offer, Opened, choices, offer, opened
from consolidation.desk.outgoing import Outgoing, departments, file_of, form_of, package, place_forms
from consolidation.desk.overview import Overview, PlaceState, overview
from consolidation.desk.reminders import reminders, seen
from consolidation.desk.review import Event, approve, events, send_back, submit
from consolidation.desk.rollups import FINAL, WITH_DRAFTS, set_rule
from consolidation.desk.roster_batches import Batch, imports, undo_import
from consolidation.desk.roster_files import working_sheet
from consolidation.desk.roster_import import Preview, apply_upload, preview, preview_upload
from consolidation.desk.roster_membership import REASONS
from consolidation.desk.roster_open import Roster
from consolidation.desk.roster_plan import CellChange, Fate, Line
from consolidation.desk.roster_rows import add_row, edit_row, remove_row, restore_row, revert_cell
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
from consolidation.desk.summary import RulePage, Summary, keep_rules_of, rule_page, summary
from consolidation.desk.summary import Wanted as WantedRows
from consolidation.desk.todo import (
    AdministratorTodo,
    StewardTodo,
    Tally,
    WorkerTodo,
    administrator_todo,
    leader_todo,
    steward_todo,
    worker_todo,
)
from consolidation.desk.uploads import UPLOAD_BYTES
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
from consolidation.publish.sheets import Column as SheetColumn
from consolidation.publish.tables import Table, write_tables
from consolidation.store import Store, load_secrets
from forms.periods import Period
from forms.render.picture import Picture, pictures


def open_desk(url: str, keys: Path, shared: SharedData | None = None) -> Desk:
    """The desk of a database. Raises ValueError when the key file is none, or others can read it."""
    return Desk(Store(url), load_secrets(keys), shared=shared)


__all__ = [
    "FINAL",
    "LAST_VERSION",
    "PROGRAM",
    "PUSHED",
    "REASONS",
    "ROLE_NAMES",
    "STATE_NAMES",
    "TALKED",
    "TYPED",
    "UPLOAD_BYTES",
    "WITH_DRAFTS",
    "Actor",
    "AdministratorTodo",
    "Assumptions",
    "Batch",
    "BurdenPage",
    "Catalogue",
    "Cell",
    "CellChange",
    "Clash",
    "Column",
    "Count",
    "Desk",
    "Due",
    "Event",
    "Fate",
    "FormEdition",
    "Gone",
    "Invalid",
    "Item",
    "Line",
    "Month",
    "NotAllowed",
    "NotThere",
    "Offer",
    "OpenPeriod",
    "Opened",
    "Outcome",
    "Outgoing",
    "Overview",
    "Past",
    "Period",
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
    "RulePage",
    "Saved",
    "SharedData",
    "SheetColumn",
    "StewardTodo",
    "SubmissionState",
    "Summary",
    "Table",
    "Tally",
    "Told",
    "Verified",
    "WantedEntries",
    "WantedRows",
    "WorkerTodo",
    "Worksheet",
    "act_names",
    "add_row",
    "administrator_todo",
    "apply_upload",
    "approve",
    "assume",
    "blank_roster",
    "burden_page",
    "catalogue_of",
    "choices",
    "close_period",
    "correct",
    "departments",
    "dispute",
    "due",
    "due_forms",
    "edit_row",
    "editions_of",
    "events",
    "extend_period",
    "figure_history",
    "figure_period",
    "file_of",
    "findings",
    "form_of",
    "imports",
    "is_due",
    "is_empty",
    "item_of",
    "keep_rules_of",
    "leader_todo",
    "levels_of",
    "may_approve",
    "may_fill",
    "may_write",
    "offer",
    "open_desk",
    "open_period",
    "open_periods",
    "opened",
    "overview",
    "package",
    "periods_of",
    "pictures",
    "place_forms",
    "place_name",
    "prefill",
    "preview",
    "preview_upload",
    "reminders",
    "remove_row",
    "reopen_period",
    "reporting_places",
    "restore_row",
    "revert_cell",
    "roster_page",
    "roster_places",
    "roster_row",
    "rosters",
    "rule_page",
    "save_cell",
    "save_cells",
    "search",
    "seen",
    "send_back",
    "set_rule",
    "set_up",
    "steward_todo",
    "submit",
    "summary",
    "undo_import",
    "verify_log",
    "worker_todo",
    "working_sheet",
    "worksheet",
    "write_tables",
]  # fmt: skip
