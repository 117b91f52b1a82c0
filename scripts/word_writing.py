"""Word templates from the top down: paragraphs, tables and the marks that docxtpl fills in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import _Footer, _Header
from docx.shared import Cm, Pt, RGBColor
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from spatialplan.messages import Language, phrase

# Fonts that every Chinese Windows has; Word and LibreOffice substitute where they are missing.
BODY, HEAD, LATIN = "宋体", "黑体", "Times New Roman"
SMALL = 8
CENTRE = WD_ALIGN_PARAGRAPH.CENTER

# Columns of figures stand to the right.
NUMBERS = frozenset({"area_ha", "area_mu", "share", "net_ha", "distance_m"})


class WordWriter:
    """Writes one Word document, worded in one language, from the top down."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.document: WordDocument = Document()
        self._set_styles()

    def say(self, key: str) -> str:
        """Return a wording of the section ``[opinion]``."""
        return phrase(f"opinion.{key}", self.language)

    def write_unless(self, field: str, otherwise: str, write: Callable[[], object]) -> None:
        """Write a part that stands only where a field holds something, else a sentence."""
        self.add_mark(f"{{%p if {field} %}}")
        write()
        self.add_mark("{%p else %}")
        self.write_run(self.add_line(), self.say(otherwise))
        self.add_mark("{%p endif %}")

    def write_bullets(self, item: str, field: str) -> None:
        """Write a list with a point for each item of a field."""

        def write() -> None:
            self.add_mark(f"{{%p for {item} in {field} %}}")
            line = self.document.add_paragraph(style="List Bullet")
            self.write_run(line, f"{{{{ {item} }}}}")
            self.add_mark("{%p endfor %}")

        self.write_unless(field, "none", write)

    def write_table(self, columns: Sequence[tuple[str, str, float]], item: str, field: str) -> None:
        """Write a table with a heading that is repeated on every page, and a row that repeats."""
        table = self.add_grid(4, [width for _, _, width in columns])
        size = SMALL if len(columns) > 8 else 9
        head, start, repeated, end = table.rows
        for cell, (key, _, _) in zip(head.cells, columns, strict=True):
            self.fill_cell(cell, self.say(key), label=True, size=size)
        head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        self.fill_cell(self.merge_row(start), f"{{%tr for {item} in {field} %}}")
        for cell, (_, name, _) in zip(repeated.cells, columns, strict=True):
            align = WD_ALIGN_PARAGRAPH.RIGHT if name in NUMBERS else None
            self.fill_cell(cell, f"{{{{ {item}.{name} }}}}", align=align, size=size)
        repeated._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        self.fill_cell(self.merge_row(end), "{%tr endfor %}")

    def write_pairs(self, rows: Sequence[tuple[str, str]], widths: Sequence[float]) -> None:
        """Write a table of labels and texts."""
        table = self.add_grid(len(rows), widths)
        for row, (label, text) in zip(table.rows, rows, strict=True):
            self.fill_cell(row.cells[0], label, label=True, size=10.5)
            self.fill_cell(row.cells[1], text, size=10.5)

    def add_grid(self, rows: int, widths: Sequence[float]) -> Table:
        """Add a table with edges, its widths in cm."""
        table = self.document.add_table(rows, len(widths), style="Table Grid")
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        for column, width in zip(table.columns, widths, strict=True):
            for cell in (column, *column.cells):
                cell.width = Cm(width)
        return table

    def fill_cell(
        self,
        cell: _Cell,
        text: str,
        *,
        label: bool = False,
        size: float = 9,
        align: WD_ALIGN_PARAGRAPH | None = None,
    ) -> None:
        """Write into a cell; a label is bold and centred."""
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(0)
        self.write_run(paragraph, text, size=size, bold=label, align=CENTRE if label else align)

    def write_heading(self, text: str, *, level: int = 1, new_page: bool = False) -> None:
        """Write a heading."""
        paragraph = self.document.add_paragraph(style=f"Heading {level}")
        paragraph.paragraph_format.page_break_before = new_page
        paragraph.add_run(text)

    def add_line(self) -> Paragraph:
        """Add an empty paragraph."""
        return self.document.add_paragraph()

    def add_mark(self, text: str, part: WordDocument | _Header | _Footer | None = None) -> None:
        """Write a mark that takes the place of its paragraph when the template is filled."""
        (part or self.document).add_paragraph(text)

    def write_run(
        self,
        paragraph: Paragraph,
        text: str,
        *,
        size: float | None = None,
        bold: bool | None = None,
        align: WD_ALIGN_PARAGRAPH | None = None,
        colour: RGBColor | None = None,
    ) -> Run:
        """Add text to a paragraph."""
        run = paragraph.add_run(text)
        run.font.bold = bold
        run.font.size = None if size is None else Pt(size)
        if align is not None:
            paragraph.alignment = align
        if colour is not None:
            run.font.color.rgb = colour
        return run

    def add_field(self, paragraph: Paragraph, code: str) -> None:
        """Write a number that Word computes: the page, or how many pages there are."""
        for kind, text in (("begin", None), (None, code), ("separate", None), ("end", None)):
            run = self.write_run(paragraph, "", size=9)
            if kind:
                char = OxmlElement("w:fldChar")
                char.set(qn("w:fldCharType"), kind)
                run._r.append(char)
            else:
                instruction = OxmlElement("w:instrText")
                instruction.text = text
                run._r.append(instruction)

    def merge_row(self, row: _Row) -> _Cell:
        """Make one cell of a row."""
        return row.cells[0].merge(row.cells[-1])

    def _set_styles(self) -> None:
        styles = self.document.styles
        for name, font, size, bold in (
            ("Normal", BODY, 10.5, False),
            ("Title", HEAD, 26, True),
            ("Heading 1", HEAD, 15, True),
            ("Heading 2", HEAD, 12, True),
            ("List Bullet", BODY, 10.5, False),
        ):
            style = styles[name]
            style.font.name, style.font.size, style.font.bold = LATIN, Pt(size), bold
            style.font.color.rgb = RGBColor(0, 0, 0)
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(qn(f"w:{theme}"), None)
            fonts.set(qn("w:eastAsia"), font)
            style.paragraph_format.space_after = Pt(4)
        for border in styles["Title"].element.findall(f".//{qn('w:pBdr')}"):
            border.getparent().remove(border)
