"""An official document as an HTML fragment for preview pages; static/css/document.css makes it look like paper.

Class names only, no inline style. A figure becomes a link where the caller's `link` knows a page for its slot.
"""

from collections.abc import Callable, Iterable
from html import escape

from lib.documents import (
    DRAFT_MARK,
    Annex,
    Block,
    Cell,
    Document,
    Heading,
    Paragraph,
    Placed,
    Run,
    Table,
    chinese_date,
    layout,
)

Link = Callable[[str], str | None]


def render(document: Document, link: Link = lambda slot: None) -> str:
    """The document as HTML; `link` gives the address behind a slot, or None."""
    sheet = [
        _mark(document),
        _head(document),
        _title(document.title, "h1"),
        _line("doc-addressees", document.addressee_line),
        _blocks(document.body, link),
        _attachments(document),
        _signature(document),
        _line("doc-footnote", document.footer_line),
    ]
    sheets = [_sheet(sheet)]
    for i, annex in enumerate(document.annexes):
        sheets.append(_annex(annex, document.annex_label(i), document, link))
    sheets[-1] = sheets[-1].removesuffix("</section>") + _imprint(document) + "</section>"
    return f'<article class="doc" lang="zh-CN">{"".join(sheets)}</article>'


def _sheet(parts: Iterable[str], kind: str = "doc-sheet") -> str:
    return f'<section class="{kind}">{"".join(parts)}</section>'


def _line(name: str, text: str) -> str:
    return f'<p class="{name}">{escape(text)}</p>' if text else ""


def _mark(document: Document) -> str:
    return f'<div class="doc-draft" role="img" aria-label="{DRAFT_MARK}"></div>' if document.draft else ""


def _head(document: Document) -> str:
    marks = "".join(_line("doc-mark", mark) for mark in document.marks)
    head = marks + _masthead(document.masthead) + _line("doc-number", document.number)
    name = "doc-head doc-head-red" if document.masthead else "doc-head"
    return f'<header class="{name}">{head}</header>' if head else ""


def _masthead(text: str) -> str:
    """The masthead as a picture of text, so that it keeps to one line at any width of the paper."""
    if not text:
        return ""
    fit = layout.fit_masthead(text)
    width, length = layout.BLOCK_WIDTH * layout.MM, layout.width_in_characters(text) * fit.size * fit.stretch
    box, name = f"0 0 {width:.0f} {fit.size * 1.1:.0f}", escape(text)
    return (
        f'<p class="doc-masthead"><svg viewBox="{box}" role="img" aria-label="{name}">'
        f'<text x="50%" y="{fit.size * 0.9:.1f}" text-anchor="middle" font-size="{fit.size}" '
        f'textLength="{length:.0f}" lengthAdjust="spacingAndGlyphs">{name}</text></svg></p>'
    )


def _title(lines: Iterable[str], tag: str) -> str:
    return f'<{tag} class="doc-title">{"<br>".join(escape(line) for line in lines)}</{tag}>'


def _blocks(blocks: Iterable[Block], link: Link) -> str:
    return "".join(_block(block, link) for block in blocks)


def _block(block: Block, link: Link) -> str:
    if isinstance(block, Table):
        return _table(block, link)
    text = "".join(_part(run, link) for run in block.runs)
    if isinstance(block, Paragraph):
        return f'<p class="doc-text">{text}</p>'
    return _heading(block, text)


def _heading(heading: Heading, text: str) -> str:
    words = escape(heading.text)
    if not text:
        tag = f"h{heading.level + 1}"
        return f'<{tag} class="doc-heading doc-{heading.style}">{words}</{tag}>'
    return f'<p class="doc-text"><span class="doc-{heading.style}">{words}</span>{text}</p>'


def _part(part: Run | Cell, link: Link) -> str:
    text = escape(part.text)
    if part.slot:
        slot, address = escape(part.slot), link(part.slot)
        if address:
            text = f'<a class="slot" href="{escape(address)}" data-slot="{slot}">{text}</a>'
        else:
            text = f'<span class="slot" data-slot="{slot}">{text}</span>'
    return text if part.style == "normal" else f'<span class="doc-{part.style}">{text}</span>'


def _table(table: Table, link: Link) -> str:
    header = "".join(_row(row, table, link, "th") for row in table.header_grid())
    body = "".join(_row(row, table, link, "td") for row in table.grid())
    caption = f"<caption>{escape(table.caption)}</caption>" if table.caption else ""
    name = "doc-table doc-table-small" if table.size < 12 else "doc-table"
    return (
        f'<div class="doc-scroll" tabindex="0"><table class="{name}">{caption}<thead>{header}</thead>'
        f"<tbody>{body}</tbody></table></div>{_line('doc-note', table.note)}"
    )


def _row(row: list[Placed], table: Table, link: Link, tag: str) -> str:
    return f"<tr>{''.join(_cell(p, table, link, tag) for p in row if not p.continued)}</tr>"


def _cell(placed: Placed, table: Table, link: Link, tag: str) -> str:
    cell = placed.cell
    spans = f' colspan="{cell.colspan}"' if cell.colspan > 1 else ""
    spans += f' rowspan="{cell.rowspan}"' if cell.rowspan > 1 else ""
    centred = tag == "th" or cell.colspan > 1
    side = "" if centred else f' class="doc-{table.columns[placed.column].align}"'
    scope = f' scope="{"colgroup" if cell.colspan > 1 else "col"}"' if tag == "th" else ""
    return f"<{tag}{scope}{spans}{side}>{_part(cell, link)}</{tag}>"


def _attachments(document: Document) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in document.note_lines)
    return f'<div class="doc-attachments"><span>附件：</span><ul>{items}</ul></div>' if items else ""


def _signature(document: Document) -> str:
    if not document.signatory:
        return ""
    kind = "doc-sealed" if document.sealed else "doc-unsealed"
    date = f'<time datetime="{document.date.isoformat()}">{chinese_date(document.date)}</time>'
    return f'<div class="doc-signature {kind}"><p>{escape(document.signatory)}</p><p>{date}</p></div>'


def _annex(annex: Annex, label: str, document: Document, link: Link) -> str:
    kind = "doc-sheet doc-sideways" if annex.landscape else "doc-sheet"
    parts = [_mark(document), _line("doc-annex-label", label), _title([annex.title], "h2")]
    return _sheet([*parts, _blocks(annex.blocks, link)], kind)


def _imprint(document: Document) -> str:
    copies = f'<p class="doc-copies">抄送：{escape(document.copies_text)}</p>' if document.copies else ""
    printed = ""
    if document.printer:
        printed = f"<span>{escape(document.printer)}</span><span>{escape(document.printed_line)}</span>"
        printed = f'<p class="doc-printed">{printed}</p>'
    return f'<footer class="doc-imprint">{copies}{printed}</footer>' if copies or printed else ""
