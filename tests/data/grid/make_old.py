"""Makes old.xls, the small old-format workbook of the tests, by way of LibreOffice: python tests/data/grid/make_old.py"""

from __future__ import annotations

import subprocess
import tempfile
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation


def main() -> None:
    """Writes old.xls beside this file."""
    book = Workbook()
    form = book.worksheets[0]
    form.title = "表一"
    form.append(["人口情况表"])
    form.append(["指标名称", "代码", "数量", "比例", "日期", "年月"])
    form.append(["总人口", 1, 2016, 0.125, date(2026, 3, 5), date(2026, 3, 1)])
    form.append(["其中：女", 2, "=C3*2", "=1/0", None, None])
    form.append(["身份证号", 3, 511023199001011234, "性别", "男", "汉族"])
    form.merge_cells("A1:F1")
    form["A1"].font = Font(bold=True, size=16)
    form["A4"].alignment = Alignment(indent=2)
    form["C3"].border = Border(top=Side("thin"), left=Side("thin"))
    form["C3"].fill = PatternFill("solid", fgColor="FFFF99")
    form["C3"].comment = Comment("年末数", "统计站")
    form["D3"].number_format = "0.0%"
    form["E3"].number_format = "yyyy-mm-dd"
    form["F3"].number_format = 'yyyy"年"m"月"'
    for line in (3, 4, 5):
        form[f"B{line}"].number_format = "00"
    form.row_dimensions[6].hidden = True
    form.column_dimensions["H"].hidden = True
    for source, place in (('"男,女"', "E5"), ("字典!$A$1:$A$3", "F5")):
        validation = DataValidation(type="list", formula1=source)
        validation.add(place)
        form.add_data_validation(validation)
    words = book.create_sheet("字典")
    for line, word in enumerate(("汉族", "土家族", "苗族"), 1):
        words.cell(line, 1, word)
    words.sheet_state = "hidden"
    with tempfile.TemporaryDirectory() as folder:
        book.save(Path(folder) / "old.xlsx")
        convert = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "xls", "--outdir"]
        subprocess.run([*convert, str(Path(__file__).parent), str(Path(folder) / "old.xlsx")], check=True)


if __name__ == "__main__":
    main()
