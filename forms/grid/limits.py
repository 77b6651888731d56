"""How much of a file is read. Each limit has its reason; a file beyond one gives a Problem, never a silent cut."""

MB = 1024 * 1024

FILE_BYTES = 100 * MB
"""Largest file opened at all: forms are a few hundred kB, a county's roster a few tens of MB."""

ZIP_ENTRIES = 10_000
"""Parts in one .xlsx. A workbook of 1,000 sheets with drawings has about 5,000."""

ZIP_TOTAL_BYTES = 1024 * MB
"""All parts together, unpacked, as the archive's directory declares them (zipfile never unpacks more than declared)."""

ZIP_RATIO = 400
"""Unpacked : packed size of one part. A sheet of a million blank formatted rows measured about 30, zeros reach 1,030."""

ZIP_RATIO_FROM = 8 * MB
"""Small parts may pack as well as they like: they cannot do harm."""

PART_BYTES = 256 * MB
"""One part that is held in memory whole (shared strings, styles). Sheets are streamed instead."""

CELLS = 1_000_000
"""Non-empty cells kept of one sheet: about 0.5 GB of memory. Larger lists are data sets, not forms."""

LIST_CELLS = 12_000_000
"""Non-empty cells kept of one sheet of shared data, which are texts in rows and no more: about 1 GB of memory."""

LIST_PLACES = 4 * LIST_CELLS
"""Rows times columns of such a sheet: one stray cell far to the right makes every row that wide."""

BLANK_ROWS_BELOW = 300
"""Styled blank rows kept below a row with content: rosters print 20 to 200 empty lines to be filled."""

BLANK_COLS_BESIDE = 20
"""Styled blank columns kept to the right of the last column with content."""

BLANK_COLS_AHEAD = 200
"""The same while the sheet is still being read, when the last column is not yet known."""

BLANKS = 200_000
"""Styled blank cells kept of one sheet, whatever the rows and columns say."""

MERGE_PLACES = 400_000
"""Places under merged blocks of one sheet; merges are clipped to the used block before they are counted."""

TEXT_LENGTH = 32_767
"""Characters in one cell: Excel's own limit, so that only csv and html can pass it."""

SPAN = 300
"""Largest colspan or rowspan believed in html: wider than any form, and 300 x 300 places still do no harm."""

SPAN_PLACES, SPAN_PLACES_A_CELL = 10_000, 2
"""Places that the merged cells of a web page may take: this many, and so many more for each of its cells. Real pages merge a
title, a few captions and the rows of a household; a page that claims more would cost minutes and says nothing."""

PROBLEMS_OF_A_KIND = 50
"""Problems with the same code on one sheet that are told one by one; then follows one with the number of the rest."""
