"""An official document as DOCX for Word and WPS: GB/T 9704-2012 geometry, standard font names with fallbacks.

The body is written as WordprocessingML text and parsed once: a table of thousands of rows stays fast.
"""

import datetime
import io
import math
import re
from collections.abc import Iterable
from xml.sax.saxutils import escape

from lib.documents import Annex, Block, Document, Heading, Placed, Run, Table, chinese_date, layout
from lib.documents import docx_sections as sections

SONG, FANG, KAI, HEI = "方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体"
ALTERNATIVES = {SONG: "小标宋;华文中宋;宋体", FANG: "仿宋", KAI: "楷体", HEI: "SimHei"}
FAMILIES = {"normal": FANG, "bold": FANG, "kai": KAI, "hei": HEI}
RED = "FF0000"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

PITCH = round(layout.LINE_PITCH * 20)  # twips, 579
CHARACTER = layout.CHARACTER_PITCH * 20  # twips
BLOCK = round(layout.BLOCK_WIDTH * layout.MM * 20)  # twips
FOURTH = 280  # twips, one character of 四号
TIGHT = '<w:spacing w:val="-5"/>'  # 16 pt characters every 15.75 pt: 28 fill a line, also where the grid is ignored
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def render(document: Document) -> bytes:
    """The document as a .docx file."""
    import docx  # loaded by the first document, not by every process

    file = docx.Document()
    _describe(file, document)
    _set_fonts(file)
    _fill(file, document)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _describe(file, document: Document) -> None:
    properties = file.core_properties
    properties.title = _clean("".join(document.title))
    properties.author = properties.comments = properties.last_modified_by = ""
    properties.created = properties.modified = datetime.datetime.combine(document.date, datetime.time())
    file.settings.odd_and_even_pages_header_footer = True


def _set_fonts(file) -> None:
    """Normal is 三号仿宋 on exact lines; the font table names what to use where a font is not installed."""
    from docx.oxml import parse_xml

    normal = file.styles["Normal"].element
    for part in ("rPr", "pPr"):
        for old in normal.findall(f"{{{WORD}}}{part}"):
            normal.remove(old)
    normal.append(
        parse_xml(
            f'<w:pPr xmlns:w="{WORD}"><w:widowControl w:val="0"/><w:autoSpaceDE w:val="0"/>'
            f'<w:autoSpaceDN w:val="0"/><w:snapToGrid w:val="0"/>'
            f'<w:spacing w:before="0" w:after="0" w:line="{PITCH}" w:lineRule="exact"/><w:jc w:val="both"/></w:pPr>'
        )
    )
    normal.append(
        parse_xml(
            f'<w:rPr xmlns:w="{WORD}">{_fonts(FANG)}<w:kern w:val="2"/><w:sz w:val="32"/><w:szCs w:val="32"/>'
            f'<w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr>'
        )
    )
    table = next(part for part in file.part.package.iter_parts() if part.partname == "/word/fontTable.xml")
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for name, other in ALTERNATIVES.items()
    )
    table._blob = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts xmlns:w="{WORD}">{fonts}</w:fonts>'
    ).encode()


def _fill(file, document: Document) -> None:
    from docx.oxml import parse_xml

    pages = {turned: sections.references(file, turned, document.draft) for turned in (False, True)}
    parts = [
        _head(document),
        _title(document.title),
        *_body(document),
        _attachments(document),
        _signature(document),
    ]
    if document.footer_line:
        parts.append(_paragraph(_run(document.footer_line), indent=2))
    sideways = False
    for i, annex in enumerate(document.annexes):
        parts.append(sections.end(sideways, pages[sideways]))
        parts.append(_annex(document, annex, i))
        sideways = annex.landscape
    if sideways and _imprint(document):
        parts.append(sections.end(sideways, pages[sideways]))
        sideways = False
    parts.append(_imprint(document))
    body = file.element.body
    new = parse_xml(
        f"<w:body {sections.NAMESPACES}>{''.join(parts)}{sections.properties(sideways, pages[sideways])}</w:body>"
    )
    body.getparent().replace(body, new)


# Small pieces of WordprocessingML


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("", text)


def _fonts(family: str) -> str:
    return f'<w:rFonts w:ascii="{family}" w:hAnsi="{family}" w:eastAsia="{family}" w:cs="{family}" w:hint="eastAsia"/>'


def _run(text: str, family: str = FANG, half_points: int = 0, extra: str = "") -> str:
    """A run; `extra` holds properties in schema order that stand between the fonts and the size."""
    size = f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>' if half_points else ""
    return (
        f"<w:r><w:rPr>{_fonts(family)}{extra}{size or TIGHT}</w:rPr>"
        f'<w:t xml:space="preserve">{escape(_clean(text))}</w:t></w:r>'
    )


def _styled(run: Run, half_points: int = 0) -> str:
    return _run(run.text, FAMILIES[run.style], half_points, "<w:b/>" if run.style == "bold" else "")


def _paragraph(
    runs: str,
    *,
    align: str = "both",
    indent: float = 0,
    left: float = 0,
    hanging: float = 0,
    line: int = PITCH,
    before: int = 0,
    keep: bool = False,
    border: str = "",
    outline: int = 0,
) -> str:
    """A paragraph; indents in characters of 三号, line and space before in twips."""
    first = f' w:firstLine="{round(indent * CHARACTER)}"' if indent else ""
    hang = f' w:hanging="{round(hanging * CHARACTER)}"' if hanging else ""
    level = f'<w:outlineLvl w:val="{outline - 1}"/>' if outline else ""
    return (
        f"<w:p><w:pPr>{'<w:keepNext/>' if keep else ''}{border}"
        f'<w:spacing w:before="{before}" w:after="0" w:line="{line}" w:lineRule="exact"/>'
        f'<w:ind w:left="{round(left * CHARACTER)}"{first}{hang}/><w:jc w:val="{align}"/>'
        f"{level}</w:pPr>{runs}</w:p>"
    )


def _blank(count: int) -> str:
    return _paragraph("") * count


# Parts of the document


def _head(document: Document) -> str:
    """版头: marks, masthead 35 mm down, number two lines below, red line 4 mm under it."""
    parts = [_paragraph(_run(mark, HEI), align="left") for mark in document.marks]
    if document.masthead:
        fit = layout.fit_masthead(document.masthead)
        room = round(layout.MASTHEAD_TOP * layout.MM * 20) - PITCH * len(document.marks)
        narrow = f'<w:color w:val="{RED}"/><w:w w:val="{int(fit.stretch * 100)}"/><w:kern w:val="0"/>'
        masthead = _run(document.masthead, SONG, round(fit.size * 2), narrow)
        parts.append(_paragraph(masthead, align="center", before=max(room, 0), line=round(fit.size * 20)))
        parts.append(_blank(2))
    if document.number or document.masthead:
        gap = round(layout.RED_LINE_GAP * layout.MM)
        line = f'<w:pBdr><w:bottom w:val="single" w:sz="12" w:space="{gap}" w:color="{RED}"/></w:pBdr>'
        border = line if document.masthead else ""
        parts.append(_paragraph(_run(document.number), align="center", border=border, line=400))
        parts.append(_blank(2))
    return "".join(parts)


def _title(lines: Iterable[str]) -> str:
    return "".join(_paragraph(_run(line, SONG, 44), align="center", line=660, keep=True) for line in lines)


def _body(document: Document) -> Iterable[str]:
    yield _blank(1)
    if document.addressee_line:
        yield _paragraph(_run(document.addressee_line), align="left")
    last = len(document.body) - 1
    for i, block in enumerate(document.body):
        yield _block(block, keep=i == last, width=BLOCK)


def _block(block: Block, width: int, keep: bool = False) -> str:
    if isinstance(block, Table):
        return _table(block, width)
    runs = "".join(_styled(run) for run in block.runs)
    if not isinstance(block, Heading):
        return _paragraph(runs, indent=2, keep=keep)
    alone = not block.runs
    heading = _run(block.text, FAMILIES[block.style])
    return _paragraph(heading + runs, indent=2, keep=keep or alone, outline=block.level if alone else 0)


def _attachments(document: Document) -> str:
    """附件说明, one line below the text; a long name hangs under its own first character."""
    lines = document.note_lines
    hang = 4 if len(lines) > 1 else 3
    parts = [_blank(1)] if lines else []
    for i, line in enumerate(lines):
        text = f"附件：{line}" if i == 0 else line
        number = hang - 3 if len(lines) > 1 else 0
        back = hang if i == 0 else number
        parts.append(_paragraph(_run(text), left=2 + hang, hanging=back, align="left", keep=True))
    return "".join(parts)


def _signature(document: Document) -> str:
    if not document.signatory:
        return ""
    name_left, date_left = layout.place_signature(document)
    blanks = _paragraph("", keep=True) * (2 if document.sealed else 1)
    name = _paragraph(_run(document.signatory), left=name_left, align="left", keep=True)
    return blanks + name + _paragraph(_run(chinese_date(document.date)), left=date_left, align="left")


def _annex(document: Document, annex: Annex, index: int) -> str:
    height, across = layout.PAGE_HEIGHT, layout.TOP + layout.BOTTOM
    width = round((height - across) * layout.MM * 20) if annex.landscape else BLOCK
    label = _paragraph(_run(document.annex_label(index), HEI), align="left", keep=True)
    blocks = "".join(_block(block, width) for block in annex.blocks)
    return label + _blank(1) + _title([annex.title]) + _blank(1) + blocks


def _table(table: Table, width: int) -> str:
    size = round(table.size * 2)
    total = sum(column.width for column in table.columns)
    widths = [round(width * column.width / total) for column in table.columns]
    rows = [_row(row, table, widths, size, header=True) for row in table.header_grid()]
    rows += [_row(row, table, widths, size, header=False) for row in table.grid()]
    sides = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    line = round(table.size * 30)
    caption = _paragraph(_run(table.caption, HEI, size), align="center", keep=True) if table.caption else ""
    note = (
        _paragraph(_run(table.note, half_points=size), line=line, align="left", before=60)
        if table.note
        else ""
    )
    return (
        f'{caption}<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{sides}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>'
        f'<w:left w:w="57" w:type="dxa"/>'
        f'<w:right w:w="57" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(rows)}</w:tbl>'
        f"{note or _paragraph('', line=20)}"
    )


def _row(row: list[Placed], table: Table, widths: list[int], size: int, header: bool) -> str:
    cells = "".join(_cell(placed, table, widths, size, header) for placed in row)
    repeat = "<w:tblHeader/>" if header else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeat}</w:trPr>{cells}</w:tr>"


def _cell(placed: Placed, table: Table, widths: list[int], size: int, header: bool) -> str:
    cell, column = placed.cell, placed.column
    width = sum(widths[column : column + cell.colspan])
    span = f'<w:gridSpan w:val="{cell.colspan}"/>' if cell.colspan > 1 else ""
    merge = ""
    if cell.rowspan > 1:
        merge = "<w:vMerge/>" if placed.continued else '<w:vMerge w:val="restart"/>'
    run = "" if placed.continued else _styled(Run(cell.text, cell.style), size)
    align = "center" if header or cell.colspan > 1 else table.columns[column].align
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{merge}<w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:spacing w:before="40" w:after="40" w:line="{size * 12}" '
        f'w:lineRule="exact"/><w:jc w:val="{align}"/></w:pPr>{run}</w:p></w:tc>'
    )


def _imprint(document: Document) -> str:
    """版记: a box on the foot of the last page; outer lines 0.35 mm, the inner one 0.25 mm."""
    rows, lines = [], 0
    if document.copies:
        text = f"抄送：{document.copies_text}"
        indent = f'<w:ind w:left="{FOURTH * 4}" w:right="{FOURTH}" w:hanging="{FOURTH * 3}"/>'
        rows.append(_imprint_row(_run(text, half_points=28), indent))
        lines += math.ceil(layout.width_in_characters(document.copies_text) / (BLOCK / FOURTH - 5))
    if document.printer:
        printer, printed = _run(document.printer, half_points=28), _run(document.printed_line, half_points=28)
        indent = f'<w:ind w:left="{FOURTH}"/>'
        tab = f'<w:tabs><w:tab w:val="right" w:pos="{BLOCK - FOURTH}"/></w:tabs>'
        rows.append(_imprint_row(f"{printer}<w:r><w:tab/></w:r>{printed}", indent, tab))
        lines += 1
    if not rows:
        return ""
    edge, inner = 'w:val="single" w:sz="8" w:space="0"', 'w:val="single" w:sz="6" w:space="0"'
    table = (
        f'<w:tbl><w:tblPr><w:tblW w:w="{BLOCK}" w:type="dxa"/><w:tblBorders><w:top {edge}/><w:bottom {edge}/>'
        f'<w:insideH {inner}/></w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="0" w:type="dxa"/>'
        f'<w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid><w:gridCol w:w="{BLOCK}"/></w:tblGrid>'
        f"{''.join(rows)}</w:tbl>{_paragraph('', line=20)}"
    )
    return sections.foot_box(table, height=lines * 20 + len(rows) * 6 + 3)


def _imprint_row(runs: str, indent: str, tabs: str = "") -> str:
    spacing = '<w:spacing w:before="60" w:after="60" w:line="400" w:lineRule="exact"/>'
    paragraph = f'<w:p><w:pPr>{tabs}{spacing}{indent}<w:jc w:val="left"/></w:pPr>{runs}</w:p>'
    cell = f'<w:tc><w:tcPr><w:tcW w:w="{BLOCK}" w:type="dxa"/></w:tcPr>{paragraph}</w:tc>'
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cell}</w:tr>"
