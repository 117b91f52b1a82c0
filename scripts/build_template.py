"""Build the Word templates of pre-check opinions, one a language.

    python scripts/build_template.py [FOLDER]

The headings come from the message catalogues; everything else is a field. An office that wants its
own letterhead or order edits a copy in Word and passes it on. The same catalogues give the same
bytes.
"""

from __future__ import annotations

import datetime
import io
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

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

from spatialplan.messages import LANGUAGES, Language, phrase

# Fonts that every Chinese Windows has; Word and LibreOffice substitute where they are missing.
BODY, HEAD, LATIN = "宋体", "黑体", "Times New Roman"
DATE = datetime.datetime(2026, 1, 1, 12)
SMALL = 8
WARNING = RGBColor(0xC0, 0x00, 0x00)
CENTRE = WD_ALIGN_PARAGRAPH.CENTER

COVER_ROWS = (
    *("plan", "standing", "kind", "day", "rulebook"),
    *("count", "crs", "area_method", "tolerance"),
)
# Columns of tables that repeat: heading, field, width in cm. All tables are 16.6 cm wide.
SUMMARY = (
    ("number", "number", 1.0),
    ("site_id", "id", 2.0),
    ("site_name", "name", 3.2),
    ("area_ha", "area_ha", 2.2),
    ("verdict", "verdict", 4.0),
    ("reasons", "reasons", 4.2),
)
SOURCES = (
    ("source_layer", "layer", 3.0),
    ("source_date", "date", 2.0),
    ("source_approval", "approval", 3.0),
    ("source_provider", "provider", 2.6),
    ("source_file", "file", 3.0),
    ("source_hash", "sha256", 3.0),
)
LAYERS = (
    ("layer", "layer", 2.7),
    ("edition", "edition", 2.3),
    ("relation", "relation", 1.5),
    ("area_ha", "area_ha", 1.7),
    ("area_mu", "area_mu", 1.7),
    ("share", "share", 1.5),
    ("net_ha", "net_ha", 1.6),
    ("distance_m", "distance_m", 1.5),
    ("verdict", "verdict", 2.1),
)
LAND = (
    ("land_class", "land", 6.1),
    ("area_ha", "area_ha", 3.5),
    ("area_mu", "area_mu", 3.5),
    ("share", "share", 3.5),
)
NEEDS = (
    ("need", "need", 5.4),
    ("authority", "authority", 2.8),
    ("need_layer", "layers", 2.2),
    ("basis", "basis", 4.5),
    ("checked", "checked", 1.7),
)
NUMBERS = frozenset({"area_ha", "area_mu", "share", "net_ha", "distance_m"})


class TemplateBuilder:
    """Writes one template from the top down."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self.document: WordDocument = Document()
        self._set_styles()
        self._set_page()

    def build(self) -> WordDocument:
        """Write everything."""
        self._write_cover()
        self._write_summary()
        self._write_background()
        self._mark("{%p for site in sites %}")
        self._write_facts()
        self._write_result()
        self._write_tables()
        self._write_advice()
        self._write_picture()
        self._write_closing()
        self._mark("{%p endfor %}")
        return self.document

    def _say(self, key: str) -> str:
        return phrase(f"opinion.{key}", self._language)

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

    def _set_page(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(21.0), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.2)
        section.top_margin, section.bottom_margin = Cm(2.4), Cm(2.0)
        header, footer = section.header, section.footer
        self._write(header.paragraphs[0], "{{ header }}", size=9, align=CENTRE)
        self._mark("{%p if demonstration %}", header)
        notice = header.add_paragraph()
        self._write(notice, "{{ demonstration }}", size=9, align=CENTRE, colour=WARNING, bold=True)
        self._mark("{%p endif %}", header)
        self._mark("{%p if notice %}", footer)
        self._write(footer.add_paragraph(), "{{ notice }}", size=SMALL, align=CENTRE)
        self._mark("{%p endif %}", footer)
        footer._element.remove(footer.paragraphs[0]._element)
        page = footer.add_paragraph()
        self._write(page, self._say("page"), size=9, align=CENTRE)
        self._field(page, "PAGE")
        self._write(page, self._say("page_of"), size=9)
        self._field(page, "NUMPAGES")
        self._write(page, self._say("page_end"), size=9)

    def _write_cover(self) -> None:
        self._write(self._line(), self._say("letterhead"), size=14, align=CENTRE)
        for _ in range(5):
            self._line()
        title = self.document.add_paragraph(style="Title")
        self._write(title, self._say("title"), align=CENTRE)
        self._write(self._line(), self._say("only_reference"), size=16, align=CENTRE, bold=True)
        self._mark("{%p if demonstration %}")
        notice = self._line()
        self._write(notice, "{{ demonstration }}", size=12, align=CENTRE, colour=WARNING, bold=True)
        self._mark("{%p endif %}")
        self._line()
        rows = [(self._say(key), f"{{{{ {key} }}}}") for key in COVER_ROWS]
        rows += [(self._say(key), self._say("blank")) for key in ("maker", "made")]
        self._pairs(rows, (4.0, 12.6))
        self._line()
        self._write(self._line(), self._say("statement"), bold=True)
        self._write(self._line(), "{{ disclaimer }}")
        self._mark("{%p if notice %}")
        self._write(self._line(), "{{ notice }}")
        self._mark("{%p endif %}")

    def _write_summary(self) -> None:
        self._heading(self._say("summary"), new_page=True)
        self._write(self._line(), "{{ summary_line }}")
        self._mark("{%p if summary_more %}")
        self._write(self._line(), "{{ summary_more }}", bold=True)
        self._mark("{%p endif %}")
        self._table(SUMMARY, "row", "summary")

    def _write_background(self) -> None:
        self._heading(self._say("reading_title"))
        self._bullets("line", "reading")
        self._heading(self._say("open_title"))
        self._bullets("line", "not_provided")
        self._heading(self._say("sources_title"))
        self._table(SOURCES, "row", "sources")
        self._heading(self._say("notes_title"))
        self._bullets("line", "notes")

    def _write_facts(self) -> None:
        fields = {"number": "{{ site.number }}", "heading": "{{ site.heading }}"}
        title = self._say("opinion_of").format(**fields)
        self._heading(title, new_page=True)
        rows = (
            ("site_id", "id", "site_name", "name"),
            ("facts_kind", "kind", "facts_judged", "judged_as"),
            ("facts_area", "area", "facts_stated", "stated"),
            ("facts_place", "place", "facts_file", "file_place"),
        )
        table = self._grid(len(rows) + 1, (2.2, 6.1, 2.2, 6.1))
        for row, (left, field, right, other) in zip(table.rows, rows, strict=False):
            texts = (self._say(left), f"{{{{ site.{field} }}}}")
            texts += (self._say(right), f"{{{{ site.{other} }}}}")
            for cell, text, label in zip(row.cells, texts, (True, False) * 2, strict=True):
                self._fill(cell, text, label=label)
        last = table.rows[-1].cells
        self._fill(last[0], self._say("facts_remark"), label=True)
        self._fill(last[1].merge(last[3]), "{{ site.remark }}")

    def _write_result(self) -> None:
        self._heading(self._say("result_title"), level=2)
        line = self._line()
        self._write(line, self._say("verdict_line"), bold=True)
        self._write(line, "{{ site.verdict }}", bold=True)
        self._write(self._line(), "{{ site.result }}")

    def _write_tables(self) -> None:
        self._heading(self._say("layers_title"), level=2)
        self._unless("site.layers", "none", lambda: self._table(LAYERS, "row", "site.layers"))
        self._heading(self._say("land_title"), level=2)
        self._unless("site.land", "land_none", lambda: self._table(LAND, "row", "site.land"))
        self._heading(self._say("needs_title"), level=2)
        self._unless("site.needs", "needs_none", lambda: self._table(NEEDS, "row", "site.needs"))

    def _write_advice(self) -> None:
        self._heading(self._say("doubts_title"), level=2)
        self._bullets("line", "site.doubts")
        self._heading(self._say("advice_title"), level=2)
        self._bullets("line", "site.advice")

    def _write_picture(self) -> None:
        self._heading(self._say("picture_title"), level=2)

        def draw() -> None:
            self._write(self._line(), "{{ site.picture }}", align=CENTRE)
            self._write_legend()
            self._write(self._line(), "{{ site.picture_note }}", size=9)

        self._unless("site.picture", "picture_none", draw)

    def _write_legend(self) -> None:
        table = self._grid(3, (0.8, 7.0, 0.8, 7.0))
        self._fill(self._whole(table.rows[0]), "{%tr for row in site.legend %}")
        cells = table.rows[1].cells
        texts = ("{% cellbg row.colour %}", "{{ row.title }}")
        texts += ("{% cellbg row.colour_2 %}", "{{ row.title_2 }}")
        for cell, text in zip(cells, texts, strict=True):
            self._fill(cell, text)
        self._fill(self._whole(table.rows[2]), "{%tr endfor %}")

    def _write_closing(self) -> None:
        self._heading(self._say("not_provided_title"), level=2)
        self._bullets("line", "site.not_provided")
        self._write(self._line(), self._say("reading_site"), size=9)
        self._line()
        table = self.document.add_table(1, 3)
        for cell, key in zip(table.rows[0].cells, ("handled", "reviewed", "dated"), strict=True):
            self._write(cell.paragraphs[0], self._say(key))
        self._line()
        self._write(self._line(), "{{ disclaimer }}", size=9)

    def _unless(self, field: str, otherwise: str, write: Callable[[], object]) -> None:
        """Write a part that stands only where a field holds something, else a sentence."""
        self._mark(f"{{%p if {field} %}}")
        write()
        self._mark("{%p else %}")
        self._write(self._line(), self._say(otherwise))
        self._mark("{%p endif %}")

    def _bullets(self, item: str, field: str) -> None:
        def write() -> None:
            self._mark(f"{{%p for {item} in {field} %}}")
            line = self.document.add_paragraph(style="List Bullet")
            self._write(line, f"{{{{ {item} }}}}")
            self._mark("{%p endfor %}")

        self._unless(field, "none", write)

    def _table(self, columns: Sequence[tuple[str, str, float]], item: str, field: str) -> None:
        """Write a table with a heading that is repeated on every page, and a row that repeats."""
        table = self._grid(4, [width for _, _, width in columns])
        size = SMALL if len(columns) > 8 else 9
        head, start, repeated, end = table.rows
        for cell, (key, _, _) in zip(head.cells, columns, strict=True):
            self._fill(cell, self._say(key), label=True, size=size)
        head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        self._fill(self._whole(start), f"{{%tr for {item} in {field} %}}")
        for cell, (_, name, _) in zip(repeated.cells, columns, strict=True):
            align = WD_ALIGN_PARAGRAPH.RIGHT if name in NUMBERS else None
            self._fill(cell, f"{{{{ {item}.{name} }}}}", align=align, size=size)
        repeated._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        self._fill(self._whole(end), "{%tr endfor %}")

    def _whole(self, row: _Row) -> _Cell:
        return row.cells[0].merge(row.cells[-1])

    def _pairs(self, rows: Sequence[tuple[str, str]], widths: Sequence[float]) -> None:
        table = self._grid(len(rows), widths)
        for row, (label, text) in zip(table.rows, rows, strict=True):
            self._fill(row.cells[0], label, label=True, size=10.5)
            self._fill(row.cells[1], text, size=10.5)

    def _grid(self, rows: int, widths: Sequence[float]) -> Table:
        table = self.document.add_table(rows, len(widths), style="Table Grid")
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        for column, width in zip(table.columns, widths, strict=True):
            for cell in (column, *column.cells):
                cell.width = Cm(width)
        return table

    def _fill(
        self,
        cell: _Cell,
        text: str,
        *,
        label: bool = False,
        size: float = 9,
        align: WD_ALIGN_PARAGRAPH | None = None,
    ) -> None:
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(0)
        self._write(paragraph, text, size=size, bold=label, align=CENTRE if label else align)

    def _heading(self, text: str, *, level: int = 1, new_page: bool = False) -> None:
        paragraph = self.document.add_paragraph(style=f"Heading {level}")
        paragraph.paragraph_format.page_break_before = new_page
        paragraph.add_run(text)

    def _line(self) -> Paragraph:
        return self.document.add_paragraph()

    def _mark(self, text: str, part: WordDocument | _Header | _Footer | None = None) -> None:
        """Write a mark that takes the place of its paragraph when the template is filled."""
        (part or self.document).add_paragraph(text)

    def _write(
        self,
        paragraph: Paragraph,
        text: str,
        *,
        size: float | None = None,
        bold: bool | None = None,
        align: WD_ALIGN_PARAGRAPH | None = None,
        colour: RGBColor | None = None,
    ) -> Run:
        run = paragraph.add_run(text)
        run.font.bold = bold
        run.font.size = None if size is None else Pt(size)
        if align is not None:
            paragraph.alignment = align
        if colour is not None:
            run.font.color.rgb = colour
        return run

    def _field(self, paragraph: Paragraph, code: str) -> None:
        """Write a number that Word computes: the page, or how many pages there are."""
        for kind, text in (("begin", None), (None, code), ("separate", None), ("end", None)):
            run = self._write(paragraph, "", size=9)
            if kind:
                char = OxmlElement("w:fldChar")
                char.set(qn("w:fldCharType"), kind)
                run._r.append(char)
            else:
                instruction = OxmlElement("w:instrText")
                instruction.text = text
                run._r.append(instruction)


def build_template(language: Language) -> bytes:
    """Return the template of a language as the bytes of a .docx file."""
    document = TemplateBuilder(language).build()
    properties = document.core_properties
    properties.title = properties.comments = properties.author = ""
    properties.last_modified_by = ""
    properties.created = properties.modified = DATE
    held, packed = io.BytesIO(), io.BytesIO()
    document.save(held)
    with zipfile.ZipFile(held) as given, zipfile.ZipFile(packed, "w") as kept:
        for part in given.infolist():
            entry = zipfile.ZipInfo(part.filename, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
            kept.writestr(entry, given.read(part))
    return packed.getvalue()


def main(folder: Path) -> None:
    """Write the templates of all languages into a folder."""
    for language in LANGUAGES:
        (folder / f"opinion.{language}.docx").write_bytes(build_template(language))


if __name__ == "__main__":
    here = Path(__file__).resolve().parent.parent / "spatialplan" / "reports"
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else here)
