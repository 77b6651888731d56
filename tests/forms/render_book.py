"""A form with everything on it that loading and saving through a library loses, written part by part.

Sheet “花名册”: a title in rich text, a line with blanks, options to tick, a header, three printed roster rows (row 6 to 8)
with a formula, a total row, a second small table below; a text box that stands for a seal, an old-style check box and a
comment, a table object, a chart, conditional formats (old and new kind), validations, a link, page breaks, print set-up.
Sheet “汇总”: formulas that look at the first sheet. Sheet “说明”: text only.
"""

from __future__ import annotations

import io
import zipfile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PKG = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
ROSTER = "花名册"

CONTENT_TYPES = f"""{HEAD}<Types xmlns="{PKG}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/worksheets/sheet2.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/worksheets/sheet3.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/><Override PartName="/xl/calcChain.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"/><Override PartName="/xl/drawings/drawing1.xml" ContentType="application/vnd.openxmlformats-officedocument.drawing+xml"/><Override PartName="/xl/charts/chart1.xml" ContentType="application/vnd.openxmlformats-officedocument.drawingml.chart+xml"/><Override PartName="/xl/comments1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"/><Override PartName="/xl/tables/table1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml"/><Override PartName="/xl/ctrlProps/ctrlProp1.xml" ContentType="application/vnd.ms-excel.controlproperties+xml"/></Types>"""

WORKBOOK = f"""{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets><sheet name="{ROSTER}" sheetId="1" r:id="rId1"/><sheet name="汇总" sheetId="2" r:id="rId2"/><sheet name="说明" sheetId="3" r:id="rId3"/></sheets><definedNames><definedName name="_xlnm.Print_Area" localSheetId="0">{ROSTER}!$A$1:$F$13</definedName><definedName name="_xlnm.Print_Titles" localSheetId="0">{ROSTER}!$A:$A,{ROSTER}!$4:$5</definedName><definedName name="合计数">{ROSTER}!$D$9</definedName><definedName name="全部金额">{ROSTER}!$D$6:$D$8</definedName></definedNames><calcPr calcId="191029"/></workbook>"""

STRINGS = f"""{HEAD}<sst xmlns="{MAIN}" count="16" uniqueCount="16"><si><r><rPr><b/><sz val="18"/><rFont val="宋体"/></rPr><t>特困人员花名册</t></r><r><rPr><i/><sz val="10"/><color rgb="FFFF0000"/><rFont val="楷体"/></rPr><t xml:space="preserve">  （样表）</t></r></si><si><r><rPr><b/><sz val="11"/><rFont val="宋体"/></rPr><t>填报单位：</t></r><r><rPr><u/><sz val="11"/><rFont val="宋体"/></rPr><t xml:space="preserve">            </t></r><r><rPr><sz val="11"/><rFont val="宋体"/></rPr><t>填报日期：    年  月  日</t></r></si><si><r><rPr><sz val="11"/><rFont val="宋体"/></rPr><t xml:space="preserve">是否公示：□是 </t></r><r><rPr><b/><sz val="11"/><rFont val="宋体"/></rPr><t>□否</t></r></si><si><t>序号</t></si><si><t>姓名</t></si><si><t>性别</t></si><si><t>金额</t></si><si><t>折半</t></si><si><t>住址</t></si><si><t>□男 □女</t></si><si><t>合计</t></si><si><t>经办人</t></si><si><t>审核人</t></si><si><t>基本情况</t></si><si><t>出生日期</t></si><si><t xml:space="preserve">□<!-- a comment --> </t></si></sst>"""

STYLES = f"""{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/></numFmts><fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border><border><left style="thin"/><right style="thin"/><top style="thin"/><bottom style="thin"/><diagonal/></border></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="6"><xf/><xf borderId="1" applyBorder="1"><alignment horizontal="center" vertical="center"/></xf><xf borderId="1" applyBorder="1"/><xf numFmtId="176" borderId="1" applyBorder="1" applyNumberFormat="1"/><xf numFmtId="49" borderId="1" applyBorder="1" applyNumberFormat="1"/><xf numFmtId="4" borderId="1" applyBorder="1" applyNumberFormat="1"/></cellXfs><dxfs count="1"><dxf><font><color rgb="FFFF0000"/></font></dxf></dxfs></styleSheet>"""


def _roster_row(number: int, formula: str, height: str) -> str:
    return (
        f'<row r="{number}" spans="1:7" {height}customHeight="1"><c r="A{number}" s="1"><v>{number - 5}</v></c>'
        f'<c r="B{number}" s="2"/>'
        f'<c r="C{number}" s="2" t="s"><v>9</v></c><c r="D{number}" s="5"/><c r="E{number}" s="5">{formula}<v>0</v></c>'
        f'<c r="F{number}" s="2"/><c r="G{number}" s="2"/></row>'
    )


SHEET1 = f"""{HEAD}<worksheet xmlns="{MAIN}" xmlns:r="{REL}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="x14ac" xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac"><sheetPr><pageSetUpPr fitToPage='1'/></sheetPr><dimension ref="A1:G13"/><sheetViews><sheetView tabSelected="1" workbookViewId="0"><pane ySplit="5" topLeftCell="A6" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft" activeCell="B9" sqref="B9"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="14" x14ac:dyDescent="0.15"/><cols><col min="1" max="1" width="6"/><col min="2" max="7" width="14" customWidth="1"/></cols><sheetData><row r="1" spans="1:7" ht="30" customHeight="1"><c r="A1" s="1" t="s"><v>0</v></c></row><row r="2" spans="1:7"><c r="A2" t="s"><v>1</v></c></row><row r="3" spans="1:7"><c r="A3" t="s"><v>2</v></c><c r="D3" s="2" t="s"><v>14</v></c><c r="E3" s="3"/></row><row r="4" spans="1:7"><c r="A4" s="1" t="s"><v>3</v></c><c r="B4" s="1" t="s"><v>13</v></c><c r="C4" s="1"/><c r="D4" s="1" t="s"><v>6</v></c><c r="E4" s="1" t="s"><v>7</v></c><c r="F4" s="1" t="s"><v>8</v></c><c r="G4" s="1"/></row><row r="5" spans="1:7"><c r="A5" s="1"/><c r="B5" s="1" t="s"><v>4</v></c><c r="C5" s="1" t="s"><v>5</v></c><c r="D5" s="1"/><c r="E5" s="1"/><c r="F5" s="1"/><c r="G5" s="1"/></row>{_roster_row(6, '<f t="shared" ref="E6:E8" si="0">D6/2</f>', 'ht="22.5" ')}{_roster_row(7, '<f t="shared" si="0"/>', 'ht="22.5" ')}{_roster_row(8, '<f t="shared" si="0"/>', 'ht="22.5" ')}<row r="9" spans="1:7"><c r="A9" s="1" t="s"><v>10</v></c><c r="D9" s="5"><f>SUM(D6:D8)</f><v>0</v></c><c r="E9" s="5"><f>IF(D9&gt;0,SUM(E6:E8),"D6:D8")</f><v>0</v></c></row><row r="11" spans="1:7"><c r="A11" s="2" t="s"><v>11</v></c><c r="B11" s="2"/><c r="C11" s="2" t="s"><v>12</v></c><c r="D11" s="2"/></row><row r="13" spans="1:7" hidden="1"><c r="A13"><f>D9-D$6</f><v>0</v></c></row></sheetData><sheetProtection sheet="1" objects="1"/><protectedRanges><protectedRange sqref="B6:D8" name="区域1"/></protectedRanges><mergeCells count="6"><mergeCell ref="A1:G1"/><mergeCell ref="B4:C4"/><mergeCell ref="F6:G6"/><mergeCell ref="F7:G7"/><mergeCell ref="F8:G8"/><mergeCell ref="D11:F11"/></mergeCells><conditionalFormatting sqref="D6:D8"><cfRule type="expression" dxfId="0" priority="1"><formula>$D6&gt;$D$9</formula></cfRule></conditionalFormatting><conditionalFormatting sqref="D9"><cfRule type="cellIs" dxfId="0" priority="2" operator="greaterThan"><formula>$D$11</formula></cfRule></conditionalFormatting><dataValidations count="2"><dataValidation type="decimal" allowBlank="1" sqref="D6"><formula1>0</formula1><formula2>9999</formula2></dataValidation><dataValidation type="list" sqref="B11"><formula1>$A$9:$A$11</formula1></dataValidation></dataValidations><hyperlinks><hyperlink ref="A11" location="{ROSTER}!A13" display="经办人"/></hyperlinks><printOptions horizontalCentered="1"/><pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/><pageSetup paperSize="9" orientation="landscape"/><headerFooter><oddFooter>&amp;C第 &amp;P 页</oddFooter></headerFooter><rowBreaks count="1" manualBreakCount="1"><brk id="10" max="16383" man="1"/></rowBreaks><drawing r:id="rId1"/><legacyDrawing r:id="rId2"/><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="x14"><controls><mc:AlternateContent><mc:Choice Requires="x14"><control shapeId="1025" r:id="rId5" name="复选框 1"><controlPr defaultSize="0" autoFill="0" autoLine="0" autoPict="0"><anchor moveWithCells="1"><from><xdr:col xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">1</xdr:col><xdr:colOff xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">0</xdr:colOff><xdr:row xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">11</xdr:row><xdr:rowOff xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">0</xdr:rowOff></from><to><xdr:col xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">2</xdr:col><xdr:colOff xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">0</xdr:colOff><xdr:row xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">12</xdr:row><xdr:rowOff xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">0</xdr:rowOff></to></anchor></controlPr></control></mc:Choice></mc:AlternateContent></controls></mc:Choice></mc:AlternateContent><tableParts count="1"><tablePart r:id="rId4"/></tableParts><extLst><ext uri="{{78C0D931-6437-407d-A8EE-F0AAD7539E65}}" xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:conditionalFormattings><x14:conditionalFormatting xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:cfRule type="expression" priority="3" id="{{00000000-0001-0000-0000-000000000001}}"><xm:f>汇总!$A$1&gt;{ROSTER}!$D$9</xm:f></x14:cfRule><xm:sqref>E6:E8</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst></worksheet>"""

SHEET2 = f"""{HEAD}<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><f>{ROSTER}!D9*2</f><v>0</v></c><c r="B1"><f>SUM({ROSTER}!$D$6:$D$8)+LEN("{ROSTER}!D9")</f><v>0</v></c></row><row r="2"><c r="A2"><f>A1+1</f><v>1</v></c><c r="B2"><f>合计数</f><v>0</v></c></row></sheetData></worksheet>"""

SHEET3 = f"""{HEAD}<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1" t="s"><v>3</v></c><c r="B1"><f>1+1</f><v>2</v></c></row></sheetData></worksheet>"""

DRAWING = f"""{HEAD}<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><xdr:twoCellAnchor editAs="oneCell"><xdr:from><xdr:col>5</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>9</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:to><xdr:col>7</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>12</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to><xdr:sp macro="" textlink="{ROSTER}!$D$9"><xdr:nvSpPr><xdr:cNvPr id="2" name="公章"/><xdr:cNvSpPr txBox="1"/></xdr:nvSpPr><xdr:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="900000" cy="500000"/></a:xfrm><a:prstGeom prst="ellipse"><a:avLst/></a:prstGeom><a:ln w="19050"><a:solidFill><a:srgbClr val="FF0000"/></a:solidFill></a:ln></xdr:spPr><xdr:txBody><a:bodyPr/><a:p><a:r><a:rPr lang="zh-CN" sz="900"/><a:t>（盖章处）</a:t></a:r></a:p></xdr:txBody></xdr:sp><xdr:clientData/></xdr:twoCellAnchor><xdr:twoCellAnchor><xdr:from><xdr:col>8</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>1</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:to><xdr:col>12</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>9</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to><xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="3" name="图表"/><xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:r="{REL}" r:id="rId1"/></a:graphicData></a:graphic></xdr:graphicFrame><xdr:clientData/></xdr:twoCellAnchor><xdr:twoCellAnchor editAs="absolute"><xdr:from><xdr:col>9</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>20</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:to><xdr:col>10</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>21</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to><xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="4" name="固定框"/><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="1" cy="1"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr></xdr:sp><xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>"""

CHART = f"""{HEAD}<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:chart><c:plotArea><c:barChart><c:barDir val="col"/><c:ser><c:idx val="0"/><c:order val="0"/><c:cat><c:strRef><c:f>{ROSTER}!$B$6:$B$8</c:f></c:strRef></c:cat><c:val><c:numRef><c:f>{ROSTER}!$D$6:$D$8</c:f></c:numRef></c:val></c:ser><c:axId val="1"/><c:axId val="2"/></c:barChart><c:catAx><c:axId val="1"/><c:scaling/><c:axPos val="b"/><c:crossAx val="2"/></c:catAx><c:valAx><c:axId val="2"/><c:scaling/><c:axPos val="l"/><c:crossAx val="1"/></c:valAx></c:plotArea></c:chart></c:chartSpace>"""

VML = """<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">
 <v:shapetype id="_x0000_t201" coordsize="21600,21600" o:spt="201" path="m,l,21600r21600,l21600,xe"/>
 <v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"/>
 <v:shape id="_x0000_s1025" type="#_x0000_t201" style='position:absolute;margin-left:50pt;margin-top:170pt;width:70pt;height:15pt' filled="f" stroked="f"><v:textbox><div style='text-align:left'>属实<br></div></v:textbox><x:ClientData ObjectType="Checkbox"><x:Anchor>
    1, 0, 11, 2, 2, 0, 12, 2</x:Anchor><x:FmlaLink>$G$11</x:FmlaLink><x:NoThreeD/></x:ClientData></v:shape>
 <v:shape id="_x0000_s1026" type="#_x0000_t202" style='visibility:hidden'><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:Anchor>4, 15, 8, 4, 6, 31, 11, 9</x:Anchor><x:Row>8</x:Row><x:Column>3</x:Column></x:ClientData></v:shape>
</xml>"""

COMMENTS = f"""{HEAD}<comments xmlns="{MAIN}"><authors><author>民政局</author></authors><commentList><comment ref="D9" authorId="0"><text><r><rPr><b/></rPr><t>各行之和</t></r></text></comment></commentList></comments>"""
TABLE = f"""{HEAD}<table xmlns="{MAIN}" id="1" name="经办" displayName="经办" ref="A11:D12" totalsRowShown="0"><autoFilter ref="A11:D12"/><tableColumns count="4"><tableColumn id="1" name="经办人"/><tableColumn id="2" name="列1"/><tableColumn id="3" name="审核人"/><tableColumn id="4" name="列2"/></tableColumns></table>"""
CONTROL = f"""{HEAD}<formControlPr xmlns="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" objectType="CheckBox" fmlaLink="$G$11" noThreeD="1"/>"""
CHAIN = f"""{HEAD}<calcChain xmlns="{MAIN}"><c r="E6" i="1"/><c r="E7"/><c r="E8"/><c r="D9"/><c r="E9"/><c r="A13"/><c r="A1" i="2"/></calcChain>"""


def _rels(*targets: tuple[str, str]) -> str:
    body = "".join(
        f'<Relationship Id="rId{number}" Type="{REL}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{HEAD}<Relationships xmlns="{PKG}/relationships">{body}</Relationships>'


def parts() -> dict[str, str]:
    """Every part of the form by name, in the order of the package."""
    return {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": _rels(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": _rels(
            ("worksheet", "worksheets/sheet1.xml"),
            ("worksheet", "/xl/worksheets/sheet2.xml"),
            ("worksheet", "worksheets/sheet3.xml"),
            ("styles", "styles.xml"),
            ("sharedStrings", "sharedStrings.xml"),
            ("calcChain", "calcChain.xml"),
        ),
        "xl/worksheets/sheet1.xml": SHEET1,
        "xl/worksheets/_rels/sheet1.xml.rels": _rels(
            ("drawing", "../drawings/drawing1.xml"),
            ("vmlDrawing", "../drawings/vmlDrawing1.vml"),
            ("comments", "../comments1.xml"),
            ("table", "../tables/table1.xml"),
            ("ctrlProp", "../ctrlProps/ctrlProp1.xml"),
        ),
        "xl/worksheets/sheet2.xml": SHEET2,
        "xl/worksheets/sheet3.xml": SHEET3,
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": STRINGS,
        "xl/calcChain.xml": CHAIN,
        "xl/drawings/drawing1.xml": DRAWING,
        "xl/drawings/_rels/drawing1.xml.rels": _rels(("chart", "../charts/chart1.xml")),
        "xl/drawings/vmlDrawing1.vml": VML,
        "xl/charts/chart1.xml": CHART,
        "xl/comments1.xml": COMMENTS,
        "xl/tables/table1.xml": TABLE,
        "xl/ctrlProps/ctrlProp1.xml": CONTROL,
    }


def pack(contents: dict[str, str]) -> bytes:
    """A package of these parts; each entry has a time stamp of its own, and every second one is stored unpacked."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, (name, text) in enumerate(contents.items()):
            info = zipfile.ZipInfo(name, (2019, 3, 1 + number, 8, 30, 2 * number))
            info.compress_type = zipfile.ZIP_DEFLATED if number % 2 else zipfile.ZIP_STORED
            archive.writestr(info, text.encode("utf-8"))
    return out.getvalue()


def hard_form() -> bytes:
    return pack(parts())


def plain_form(cells: dict[str, str], *, sheet: str = "表", extra: str = "") -> bytes:
    """A form of one sheet: cells as the inside of their XML, by address (“<v>1</v>”), or plain text; all of style 2 of 6."""
    rows: dict[int, list[str]] = {}
    for address, content in cells.items():
        kind = "" if content.startswith("<") else ' t="inlineStr"'
        inner = content if content.startswith("<") else f"<is><t xml:space='preserve'>{content}</t></is>"
        number = int(address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        rows.setdefault(number, []).append(
            f'<c r="{address}" s="2"{kind}>{inner}</c>' if content else f'<c r="{address}" s="2"/>'
        )
    body = "".join(f'<row r="{number}">{"".join(found)}</row>' for number, found in sorted(rows.items()))
    contents = parts()
    names = ("[Content_Types].xml", "_rels/.rels", "xl/styles.xml")
    small = {name: contents[name] for name in names}
    for part in ("calcChain", "drawings/drawing1", "charts/chart1", "comments1", "tables/table1", "ctrlProps/ctrlProp1"):
        start = small["[Content_Types].xml"].index(f'<Override PartName="/xl/{part}.xml"')
        end = small["[Content_Types].xml"].index("/>", start) + 2
        small["[Content_Types].xml"] = small["[Content_Types].xml"][:start] + small["[Content_Types].xml"][end:]
    small["xl/workbook.xml"] = (
        f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{REL}">'
        f'<sheets><sheet name="{sheet}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    small["xl/_rels/workbook.xml.rels"] = _rels(("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml"))
    small["xl/worksheets/sheet1.xml"] = f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData>{extra}</worksheet>'
    return pack(small)
