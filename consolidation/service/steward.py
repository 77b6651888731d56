"""The steward's use cases, as the web calls them: admission, forms, elements, matching, conflicts."""

from consolidation.admission import BAN, LAW, SORTS
from consolidation.desk.admission import (
    Examination,
    Proposal,
    examine,
    go_live,
    proposals,
    propose,
    refuse,
    settle,
    settle_rest,
    sheet,
)
from consolidation.desk.conflicts import (
    TAKE_FIRST,
    TAKE_OTHER,
    TAKE_THIRD,
    Conflict,
    conflict_of,
    conflicts,
    find_conflicts,
    my_disputes,
    resolve,
)
from consolidation.desk.elements import ROLLUPS, SHARING, Edit, Wanted, edit_element, element_page, elements
from consolidation.desk.formbook import edit_form, form_entry, forms, retire, template
from consolidation.desk.matching import decide, disagreements, made, queue, withdraw
from consolidation.desk.uploads import UPLOAD_BYTES, Picture
from consolidation.desk.versions import Version
from consolidation.publish.words import PERIODS
from consolidation.reading import EXTENSIONS
from forms.library import frequencies, levels

__all__ = [
    "BAN", "EXTENSIONS", "LAW", "PERIODS", "ROLLUPS", "SHARING", "SORTS", "TAKE_FIRST", "TAKE_OTHER", "TAKE_THIRD",
    "UPLOAD_BYTES", "Conflict", "Edit", "Examination", "Picture", "Proposal", "Version", "Wanted", "conflict_of", "conflicts",
    "decide", "disagreements", "edit_element", "edit_form", "element_page", "elements", "examine", "find_conflicts",
    "form_entry", "forms", "frequencies", "go_live", "levels", "made", "my_disputes", "proposals", "propose", "queue", "refuse",
    "resolve", "retire", "settle", "settle_rest", "sheet", "template", "withdraw",
]  # fmt: skip
