"""What was understood of a file, in words a clerk follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from forms.model import Field, Form, Kind, Purpose, Reading

_KINDS = {Kind.CARD: "登记卡（一张填一个对象）", Kind.ROSTER: "名册（一行填一个对象）", Kind.STATISTIC: "统计表（填数）"}
_PERIODS = {
    "once": "一次性填报",
    "daily": "日报",
    "monthly": "月报",
    "quarterly": "季报",
    "half-yearly": "半年报",
    "yearly": "年报",
    "": "没有写明报送周期",
}
_SIGNS = {"=": "等于", "<": "小于", "<=": "不大于", ">": "大于", ">=": "不小于"}
_SHOWN = 5


def explain(reading: Reading) -> str:
    """A short report in Chinese: each form with its title, kind, fields, header levels, units, rows to fill, checks and
    problems; then code lists and what could not be read."""
    lines = [f"文件：{reading.book.file}", f"认出 {len(reading.forms)} 张表。"]
    for number, form in enumerate(reading.forms, 1):
        lines += ["", f"【第 {number} 张】{form.title or '（没有标题）'}（工作表“{form.sheet}”）", *_form(form)]
    if reading.code_lists:
        lines += ["", *(f"代码表“{name}”：{len(rows)} 项。" for name, rows in reading.code_lists.items())]
    problems = [p for p in reading.problems if p.code not in {q.code for f in reading.forms for q in f.problems}]
    if problems:
        lines += ["", f"另有 {len(problems)} 个问题："]
        lines += [f"  - {_place(p.sheet, p.cell)}{p.message}{p.hint}" for p in problems[:_SHOWN]]
        lines += [f"  - ……还有 {len(problems) - _SHOWN} 个。"] if len(problems) > _SHOWN else []
    return "\n".join(lines) + "\n"


def _form(form: Form) -> Iterator[str]:
    identity = "，".join(t for t in (form.number and f"表号 {form.number}", form.issuer and f"制定机关 {form.issuer}") if t)
    yield f"  种类：{_KINDS[form.kind]}；{_PERIODS.get(form.period, form.period)}{'；' + identity if identity else ''}。"
    yield f"  栏目：{_counts(form.fields)}。"
    depth = max((len(f.path) for f in form.fields), default=0)
    yield f"  标题最多 {depth} 级，例如：{_deepest(form.fields)}。" if depth > 1 else "  标题只有一级。"
    units = Counter(f.unit for f in form.fields if f.unit)
    if units:
        yield f"  计量单位：{'、'.join(f'{unit}（{n} 个栏目）' for unit, n in units.most_common(8))}。"
    yield from _rows(form)
    yield from _checks(form)
    if form.problems:
        yield f"  请留意 {len(form.problems)} 处："
        yield from (f"    - {_place(p.sheet, p.cell)}{p.message}{p.hint}" for p in form.problems[:_SHOWN])


def _counts(fields: Sequence[Field]) -> str:
    open_ = [f for f in fields if not f.blocked]
    parts = [f"要填 {sum(1 for f in open_ if f.purpose is Purpose.DATA)} 个"]
    for purpose, name in (
        (Purpose.META, "填报信息（单位、人、日期）"),
        (Purpose.SERIAL, "序号"),
        (Purpose.REMARK, "备注"),
        (Purpose.WORKFLOW, "签名、盖章、意见"),
    ):
        count = sum(1 for f in open_ if f.purpose is purpose)
        parts += [f"{name} {count} 个"] if count else []
    blocked = len(fields) - len(open_)
    parts += [f"印着“—”不用填的 {blocked} 个"] if blocked else []
    return "，".join(parts)


def _deepest(fields: Sequence[Field]) -> str:
    return " → ".join(max(fields, key=lambda f: len(f.path)).path)


def _rows(form: Form) -> Iterator[str]:
    blocks = {(f.group, f.rows.top, f.rows.bottom) for f in form.fields if f.rows is not None}
    for _, top, bottom in sorted(blocks):
        yield f"  第 {top} 行{f'到第 {bottom} 行' if bottom > top else '起'}每行填一条。"
    inline = sum(1 for f in form.fields if f.blank is not None)
    if inline:
        yield f"  有 {inline} 个空要填在文字中间。"


def _checks(form: Form) -> Iterator[str]:
    if not form.rules:
        return
    texts = list(dict.fromkeys(rule.text for rule in form.rules))
    yield f"  从说明里读出 {len(texts)} 条核对关系（共 {len(form.rules)} 处）："
    names = {f.id: f.label for f in form.fields}
    seen: set[str] = set()
    for rule in form.rules:
        if rule.text in seen or len(seen) >= _SHOWN:
            continue
        seen.add(rule.text)
        left, right = (_side(side, names) for side in (rule.left, rule.right))
        yield f"    - {rule.text}：{left} {_SIGNS[rule.op]} {right}"


def _side(terms: Sequence[tuple[int, str]], names: dict[str, str]) -> str:
    text = ""
    for number, (sign, ident) in enumerate(terms):
        text += ("－" if sign < 0 else "＋" if number else "") + f"“{names[ident]}”"
    return text


def _place(sheet: str, cell: str) -> str:
    return f"{sheet}{' ' + cell if cell else ''}：" if sheet else ""
