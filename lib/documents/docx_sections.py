"""Pages of the DOCX: size, margins and grid of a section, page numbers and the draft mark in its margins."""

from lib.documents import DRAFT_MARK, layout

PITCH = round(layout.LINE_PITCH * 20)  # twips, 579
GRID_SPACE = round((layout.CHARACTER_PITCH - 16) * 4096)  # 1/4096 pt added to each 16 pt character
EMU = 12700  # of a point
SIDEWAYS = 'vert="vert" anchor="ctr"'
BESIDE = 'Square wrapText="bothSides"'
NUMBER_SIZE = 14  # pt, 四号
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
    }.items()
)


def properties(landscape: bool, references: str) -> str:
    """The w:sectPr of a section; a sideways page keeps the margins of the sheet, turned with it."""
    width, height = _twips(layout.PAGE_WIDTH), _twips(layout.PAGE_HEIGHT)
    top, right, bottom, left = layout.TOP, layout.RIGHT, layout.BOTTOM, layout.LEFT
    size = f'w:w="{width}" w:h="{height}"'
    if landscape:
        size = f'w:w="{height}" w:h="{width}" w:orient="landscape"'
        top, right, bottom, left = layout.LEFT, layout.TOP, layout.RIGHT, layout.BOTTOM
    footer = _twips(layout.BOTTOM - layout.PAGE_NUMBER_GAP) - NUMBER_SIZE * 10
    return (
        f'<w:sectPr>{references}<w:type w:val="nextPage"/><w:pgSz {size}/>'
        f'<w:pgMar w:top="{_twips(top)}" w:right="{_twips(right)}" w:bottom="{_twips(bottom)}" '
        f'w:left="{_twips(left)}" w:header="851" w:footer="{footer}" w:gutter="0"/>'
        f'<w:docGrid w:type="linesAndChars" w:linePitch="{PITCH}" w:charSpace="{GRID_SPACE}"/></w:sectPr>'
    )


def end(landscape: bool, references: str) -> str:
    """The paragraph that ends a section."""
    line = '<w:spacing w:line="20" w:lineRule="exact"/>'
    return f"<w:p><w:pPr>{line}{properties(landscape, references)}</w:pPr></w:p>"


def references(file, landscape: bool, draft: bool) -> str:
    """Make headers and footers for odd and even pages; returns the references a section uses them by."""
    section = file.add_section()
    number = _sideways_number if landscape else _number
    contents = (
        (section.header, _draft_mark() if draft else ""),
        (section.even_page_header, _draft_mark() if draft else ""),
        (section.footer, number("right")),
        (section.even_page_footer, number("left")),
    )
    for part, paragraph in contents:
        _fill(part, paragraph or "<w:p/>")
    kinds = ("headerReference", "footerReference")
    return "".join(_text(child) for child in section._sectPr if child.tag.rpartition("}")[2] in kinds)


def _twips(mm: float) -> int:
    return round(mm * layout.MM * 20)


def _text(element) -> str:
    from lxml import etree

    return etree.tostring(element, encoding="unicode")


def _fill(part, paragraph: str) -> None:
    from docx.oxml import parse_xml

    part.is_linked_to_previous = False
    for old in list(part._element):
        part._element.remove(old)
    for new in parse_xml(f"<w:body {NAMESPACES}>{paragraph}</w:body>"):
        part._element.append(new)


def _number(side: str) -> str:
    """— 1 — in 四号 half-width 宋体, one character from the outer edge."""
    font = '<w:rFonts w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体" w:cs="宋体"/>'
    size = f'<w:sz w:val="{NUMBER_SIZE * 2}"/><w:szCs w:val="{NUMBER_SIZE * 2}"/>'
    look = f"<w:rPr>{font}{size}</w:rPr>"
    indent = f'<w:ind w:{side}="{NUMBER_SIZE * 20}"/>'
    spacing = f'<w:spacing w:before="0" w:after="0" w:line="{NUMBER_SIZE * 20}" w:lineRule="exact"/>'
    return (
        f'<w:p><w:pPr>{spacing}{indent}<w:jc w:val="{side}"/></w:pPr>'
        f'<w:r>{look}<w:t xml:space="preserve">— </w:t></w:r>'
        f'<w:r>{look}<w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r>{look}<w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
        f'<w:r>{look}<w:fldChar w:fldCharType="separate"/></w:r><w:r>{look}<w:t>1</w:t></w:r>'
        f'<w:r>{look}<w:fldChar w:fldCharType="end"/></w:r>'
        f'<w:r>{look}<w:t xml:space="preserve"> —</w:t></w:r></w:p>'
    )


def _sideways_number(side: str) -> str:
    """The page number at its place on the sheet: the foot of the upright page is the left edge of a sideways one."""
    thick = NUMBER_SIZE + 6
    x = round(((layout.BOTTOM - layout.PAGE_NUMBER_GAP) * layout.MM - thick / 2) * EMU)
    y = round(layout.LEFT * layout.MM * EMU)
    place = (
        f'<wp:positionH relativeFrom="page"><wp:posOffset>{x}</wp:posOffset></wp:positionH>'
        f'<wp:positionV relativeFrom="page"><wp:posOffset>{y}</wp:posOffset></wp:positionV>'
    )
    length = layout.BLOCK_WIDTH * layout.MM
    return f"<w:p>{_box('页码', place, thick, length, _number(side), SIDEWAYS, BESIDE)}</w:p>"


def foot_box(content: str, height: float) -> str:
    """A paragraph whose box, as wide as the 版心 and `height` points high, stands on the foot of the 版心."""
    place = (
        '<wp:positionH relativeFrom="margin"><wp:align>left</wp:align></wp:positionH>'
        '<wp:positionV relativeFrom="margin"><wp:align>bottom</wp:align></wp:positionV>'
    )
    box = _box("版记", place, layout.BLOCK_WIDTH * layout.MM, height, content, 'anchor="b"', "TopAndBottom")
    return f'<w:p><w:pPr><w:spacing w:line="20" w:lineRule="exact"/></w:pPr>{box}</w:p>'


def _box(name: str, place: str, width: float, height: float, content: str, body: str, wrap: str) -> str:
    """A run with an anchored text box, measures in points; `body` holds attributes of its text."""
    extent = f'cx="{round(width * EMU)}" cy="{round(height * EMU)}"'
    return (
        '<w:r><w:drawing><wp:anchor distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="1" '
        'behindDoc="0" locked="0" layoutInCell="1" allowOverlap="1"><wp:simplePos x="0" y="0"/>'
        f'{place}<wp:extent {extent}/><wp:effectExtent l="0" t="0" r="0" b="0"/><wp:wrap{wrap}/>'
        f'<wp:docPr id="1" name="{name}"/><wp:cNvGraphicFramePr/><a:graphic><a:graphicData '
        'uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp><wps:cNvSpPr txBox="1"/>'
        f'<wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {extent}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
        "</a:prstGeom><a:noFill/><a:ln><a:noFill/></a:ln></wps:spPr>"
        f"<wps:txbx><w:txbxContent>{content}</w:txbxContent></wps:txbx>"
        f'<wps:bodyPr {body} wrap="square" lIns="0" tIns="0" rIns="0" bIns="0"/>'
        "</wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></w:r>"
    )


def _draft_mark() -> str:
    """送审稿 in light grey across the page, as Word's own watermarks are made."""
    shape = (
        "position:absolute;margin-left:0;margin-top:0;width:360pt;height:120pt;rotation:315;z-index:-1;"
        "mso-position-horizontal:center;mso-position-horizontal-relative:margin;"
        "mso-position-vertical:center;mso-position-vertical-relative:margin"
    )
    return (
        '<w:p><w:r><w:pict><v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" '
        'path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/>'
        '<v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/><v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/>'
        '<v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/></v:formulas>'
        '<v:path textpathok="t" o:connecttype="rect"/><v:textpath on="t" fitshape="t"/></v:shapetype>'
        f'<v:shape id="draft" type="#_x0000_t136" style="{shape}" fillcolor="#e1e1e1" stroked="f">'
        f'<v:textpath style="font-family:黑体;font-size:1pt" string="{DRAFT_MARK}"/></v:shape></w:pict></w:r></w:p>'
    )
