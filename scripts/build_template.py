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
from pathlib import Path

from docx.document import Document as WordDocument
from docx.shared import Cm, RGBColor

from spatialplan.messages import LANGUAGES, Language
from word_writing import CENTRE, SMALL, WordWriter

DATE = datetime.datetime(2026, 1, 1, 12)
WARNING = RGBColor(0xC0, 0x00, 0x00)

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


class TemplateBuilder(WordWriter):
    """Writes one template from the top down."""

    def build(self) -> WordDocument:
        """Write everything."""
        self._set_page()
        self._write_cover()
        self._write_summary()
        self._write_background()
        self.add_mark("{%p for site in sites %}")
        self._write_facts()
        self._write_result()
        self._write_tables()
        self._write_advice()
        self._write_picture()
        self._write_closing()
        self.add_mark("{%p endfor %}")
        return self.document

    def _set_page(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(21.0), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.2)
        section.top_margin, section.bottom_margin = Cm(2.4), Cm(2.0)
        header, footer = section.header, section.footer
        self.write_run(header.paragraphs[0], "{{ header }}", size=9, align=CENTRE)
        self.add_mark("{%p if demonstration %}", header)
        notice = header.add_paragraph()
        self.write_run(
            notice, "{{ demonstration }}", size=9, align=CENTRE, colour=WARNING, bold=True
        )
        self.add_mark("{%p endif %}", header)
        self.add_mark("{%p if notice %}", footer)
        self.write_run(footer.add_paragraph(), "{{ notice }}", size=SMALL, align=CENTRE)
        self.add_mark("{%p endif %}", footer)
        footer._element.remove(footer.paragraphs[0]._element)
        page = footer.add_paragraph()
        self.write_run(page, self.say("page"), size=9, align=CENTRE)
        self.add_field(page, "PAGE")
        self.write_run(page, self.say("page_of"), size=9)
        self.add_field(page, "NUMPAGES")
        self.write_run(page, self.say("page_end"), size=9)

    def _write_cover(self) -> None:
        self.write_run(self.add_line(), self.say("letterhead"), size=14, align=CENTRE)
        for _ in range(5):
            self.add_line()
        title = self.document.add_paragraph(style="Title")
        self.write_run(title, self.say("title"), align=CENTRE)
        self.write_run(
            self.add_line(), self.say("only_reference"), size=16, align=CENTRE, bold=True
        )
        self.add_mark("{%p if demonstration %}")
        notice = self.add_line()
        self.write_run(
            notice, "{{ demonstration }}", size=12, align=CENTRE, colour=WARNING, bold=True
        )
        self.add_mark("{%p endif %}")
        self.add_line()
        rows = [(self.say(key), f"{{{{ {key} }}}}") for key in COVER_ROWS]
        rows += [(self.say(key), self.say("blank")) for key in ("maker", "made")]
        self.write_pairs(rows, (4.0, 12.6))
        self.add_line()
        self.write_run(self.add_line(), self.say("statement"), bold=True)
        self.write_run(self.add_line(), "{{ disclaimer }}")
        self.add_mark("{%p if notice %}")
        self.write_run(self.add_line(), "{{ notice }}")
        self.add_mark("{%p endif %}")

    def _write_summary(self) -> None:
        self.write_heading(self.say("summary"), new_page=True)
        self.write_run(self.add_line(), "{{ summary_line }}")
        self.add_mark("{%p if summary_more %}")
        self.write_run(self.add_line(), "{{ summary_more }}", bold=True)
        self.add_mark("{%p endif %}")
        self.write_table(SUMMARY, "row", "summary")

    def _write_background(self) -> None:
        self.write_heading(self.say("reading_title"))
        self.write_bullets("line", "reading")
        self.write_heading(self.say("open_title"))
        self.write_bullets("line", "not_provided")
        self.write_heading(self.say("sources_title"))
        self.write_table(SOURCES, "row", "sources")
        self.write_heading(self.say("notes_title"))
        self.write_bullets("line", "notes")
        self._write_unplaced()

    def _write_unplaced(self) -> None:
        site = {"number": "{{ row.number }}", "site": "{{ row.id }} {{ row.name }}"}
        line = self.say("unplaced_line").format(why="{{ row.reasons }}", **site)
        self.add_mark("{%p if unplaced %}")
        self.write_heading(self.say("unplaced_title"))
        self.add_mark("{%p for row in unplaced %}")
        self.write_run(self.add_line(), line)
        self.add_mark("{%p endfor %}")
        self.add_mark("{%p endif %}")

    def _write_facts(self) -> None:
        fields = {"number": "{{ site.number }}", "heading": "{{ site.heading }}"}
        title = self.say("opinion_of").format(**fields)
        self.write_heading(title, new_page=True)
        rows = (
            ("site_id", "id", "site_name", "name"),
            ("facts_kind", "kind", "facts_judged", "judged_as"),
            ("facts_area", "area", "facts_stated", "stated"),
            ("facts_place", "place", "facts_file", "file_place"),
        )
        table = self.add_grid(len(rows) + 1, (2.2, 6.1, 2.2, 6.1))
        for row, (left, field, right, other) in zip(table.rows, rows, strict=False):
            texts = (self.say(left), f"{{{{ site.{field} }}}}")
            texts += (self.say(right), f"{{{{ site.{other} }}}}")
            for cell, text, label in zip(row.cells, texts, (True, False) * 2, strict=True):
                self.fill_cell(cell, text, label=label)
        last = table.rows[-1].cells
        self.fill_cell(last[0], self.say("facts_remark"), label=True)
        self.fill_cell(last[1].merge(last[3]), "{{ site.remark }}")

    def _write_result(self) -> None:
        self.write_heading(self.say("result_title"), level=2)
        line = self.add_line()
        self.write_run(line, self.say("verdict_line"), bold=True)
        self.write_run(line, "{{ site.verdict }}", bold=True)
        self.write_run(self.add_line(), "{{ site.result }}")

    def _write_tables(self) -> None:
        self.write_heading(self.say("layers_title"), level=2)
        self.write_unless(
            "site.layers", "none", lambda: self.write_table(LAYERS, "row", "site.layers")
        )
        self.write_heading(self.say("land_title"), level=2)
        self.write_unless(
            "site.land", "land_none", lambda: self.write_table(LAND, "row", "site.land")
        )
        self.write_heading(self.say("needs_title"), level=2)
        self.write_unless(
            "site.needs", "needs_none", lambda: self.write_table(NEEDS, "row", "site.needs")
        )

    def _write_advice(self) -> None:
        self.write_heading(self.say("doubts_title"), level=2)
        self.write_bullets("line", "site.doubts")
        self.write_heading(self.say("advice_title"), level=2)
        self.write_bullets("line", "site.advice")

    def _write_picture(self) -> None:
        self.write_heading(self.say("picture_title"), level=2)

        def draw() -> None:
            self.write_run(self.add_line(), "{{ site.picture }}", align=CENTRE)
            self._write_legend()
            self.write_run(self.add_line(), "{{ site.picture_note }}", size=9)

        self.write_unless("site.picture", "picture_none", draw)

    def _write_legend(self) -> None:
        table = self.add_grid(3, (0.8, 7.0, 0.8, 7.0))
        self.fill_cell(self.merge_row(table.rows[0]), "{%tr for row in site.legend %}")
        cells = table.rows[1].cells
        texts = ("{% cellbg row.colour %}", "{{ row.title }}")
        texts += ("{% cellbg row.colour_2 %}", "{{ row.title_2 }}")
        for cell, text in zip(cells, texts, strict=True):
            self.fill_cell(cell, text)
        self.fill_cell(self.merge_row(table.rows[2]), "{%tr endfor %}")

    def _write_closing(self) -> None:
        self.write_heading(self.say("not_provided_title"), level=2)
        self.write_bullets("line", "site.not_provided")
        self.write_run(self.add_line(), self.say("reading_site"), size=9)
        self.add_line()
        table = self.document.add_table(1, 3)
        for cell, key in zip(table.rows[0].cells, ("handled", "reviewed", "dated"), strict=True):
            self.write_run(cell.paragraphs[0], self.say(key))
        self.add_line()
        self.write_run(self.add_line(), "{{ disclaimer }}", size=9)


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
    here = Path(__file__).resolve().parent.parent / "spatialplan" / "reports" / "opinions"
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else here)
