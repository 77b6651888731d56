"""What filling needs to know of a workbook as a whole: its sheets, shared strings, styles and date system."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from forms.grid.numfmt import BUILTIN, DateShape, date_shape
from forms.render.package import BadPackage, Package, Relation, relation_id
from forms.render.runs import Run, read_runs
from forms.render.spans import Node


@dataclass(frozen=True, slots=True)
class SheetRef:
    name: str
    part: str


class Workbook:
    """Raises BadPackage when the package holds no workbook."""

    def __init__(self, package: Package) -> None:
        self.package = package
        start = [rel.target for rel in package.relations("") if rel.kind == "officeDocument"]
        if not start or not package.has(start[0]):
            raise BadPackage("file.not-a-workbook", looks="压缩文件")
        self.part = start[0]
        self.root = package.tree(self.part)
        if self.root.name != "workbook":
            raise BadPackage("file.not-a-workbook", looks="别的 Office 文件")
        self._targets: dict[str, Relation] = {rel.id: rel for rel in package.relations(self.part)}

    @cached_property
    def sheets(self) -> dict[str, SheetRef]:
        """The worksheets by name, in the order of their tabs; chart and dialog sheets hold no cells and are left out."""
        holder = self.root.child("sheets")
        found: dict[str, SheetRef] = {}
        for node in holder.children if holder is not None else ():
            rel = self._targets.get(relation_id(node))
            if rel is not None and rel.kind == "worksheet" and self.package.has(rel.target):
                name = node.attrs.get("name", "")
                found[name] = SheetRef(name, rel.target)
        return found

    def target(self, kind: str) -> str:
        """The part of this kind that the workbook points to, "" when there is none."""
        return next((rel.target for rel in self._targets.values() if rel.kind == kind and not rel.external), "")

    @cached_property
    def system_1904(self) -> bool:
        settings = self.root.child("workbookPr")
        return settings is not None and settings.attrs.get("date1904") in ("1", "true")

    @cached_property
    def _strings(self) -> tuple[list[Node], bytes]:
        part = self.target("sharedStrings")
        if not part or not self.package.has(part):
            return [], b""
        return self.package.tree(part).all("si"), self.package.part(part)

    def shared(self, index: int, prefix: str) -> tuple[Run, ...]:
        """The runs of one shared string; none when the index points nowhere."""
        items, data = self._strings
        return read_runs(items[index], data, prefix) if 0 <= index < len(items) else ()

    @cached_property
    def _formats(self) -> list[str]:
        part = self.target("styles")
        if not part or not self.package.has(part):
            return []
        root = self.package.tree(part)
        custom = {
            node.attrs.get("numFmtId", ""): node.attrs.get("formatCode", "")
            for holder in root.all("numFmts")
            for node in holder.children
        }
        xfs = root.child("cellXfs")
        ids = [node.attrs.get("numFmtId", "0") for node in xfs.children] if xfs is not None else []
        return [custom.get(key) or BUILTIN.get(int(key) if key.isdigit() else 0, "General") for key in ids]

    def shape(self, style: str) -> DateShape | None:
        """What the number format of a style id shows of a date, None for a format that is no date."""
        index = int(style) if style.isdigit() else 0
        return date_shape(self._formats[index]) if index < len(self._formats) else None
