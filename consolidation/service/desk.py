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
    "PROGRAM",
    "PUSHED",
    "ROLE_NAMES",
    "STATE_NAMES",
    "TALKED",
    "TYPED",
    "Actor",
    "Catalogue",
    "Cell",
    "Clash",
    "Desk",
    "Due",
    "Event",
    "FormEdition",
    "Invalid",
    "Item",
    "NotAllowed",
    "NotThere",
    "OpenPeriod",
    "Outcome",
    "Outgoing",
    "Overview",
    "Past",
    "Picture",
    "PlaceState",
    "Refused",
    "Remark",
    "Role",
    "Saved",
    "SharedData",
    "SubmissionState",
    "Told",
    "Worksheet",
    "approve",
    "catalogue_of",
    "correct",
    "departments",
    "dispute",
    "due",
    "due_forms",
    "events",
    "figure_history",
    "figure_period",
    "file_of",
    "findings",
    "form_of",
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
    "reporting_places",
    "save_cell",
    "save_cells",
    "send_back",
    "set_up",
    "submit",
    "worksheet",
]  # fmt: skip
