"""Word templates of opinions: opened, filled in, and refused with what is wrong in them.

Fields and loops stand in an ordinary Word file in the marks of Jinja, as docxtpl reads them:
``{{ plan }}``, and in paragraphs or table rows of their own ``{%p for site in sites %}``, ``{%tr
endfor %}``. The fields are those of `spatialplan.reports.opinions.fields`. A template may come from
elsewhere, so it runs in Jinja's sandbox, reaches nothing but texts and pictures, and whatever it
prints is escaped.
"""

from __future__ import annotations

import datetime
import difflib
import io
import re
import zipfile
from dataclasses import fields
from typing import Any
from xml.parsers import expat

from docx.shared import Cm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from spatialplan.errors import Fault, SourceError
from spatialplan.messages import Message
from spatialplan.reports.opinions.fields import FIELD_NAMES, Fields

__all__ = ["PICTURE_WIDTH_CM", "OpinionTemplate"]

PICTURE_WIDTH_CM = 13.5

# A template with letterhead and seals stays far below; a zip bomb does not.
MOST_MEGABYTES = 64


class OpinionTemplate:
    """A template, opened.

    Parameters
    ----------
    content
        The bytes of a .docx file.
    where
        Its path or name, for messages.

    Raises
    ------
    SourceError
        If it is no Word document.
    """

    def __init__(self, content: bytes, *, where: str) -> None:
        self._where = where
        self._require_modest(content)
        self._document = _Document(io.BytesIO(content))
        try:
            self._document.init_docx()
        # python-docx has no one error for a damaged file: zip, XML, keys and values all occur.
        except Exception as error:
            raise self._fault("unreadable", reason=_reason(error)) from error

    def embed(self, png: bytes) -> object:
        """Return what a template prints as a picture."""
        return _Picture(self._document, png)

    def fill(self, content: Fields, *, day: datetime.date) -> bytes:
        """Return the document with its fields filled in, dated with a day.

        Raises
        ------
        SourceError
            If the template's marks are wrong, name a field that does not exist, or leave no whole
            document.
        """
        context = {field.name: getattr(content, field.name) for field in fields(content)}
        try:
            self._document.render(context, _sandbox(), autoescape=True)
        except UndefinedError as error:
            raise self._unknown_field(error) from error
        except TemplateSyntaxError as error:
            raise self._fault("syntax", reason=_reason(error)) from error
        except expat.ExpatError as error:
            raise self._fault("broken", reason=_reason(error)) from error
        # Marks are expressions of any kind, and each can go wrong in its own way.
        except Exception as error:
            raise self._fault("failed", reason=_reason(error)) from error
        return self._save(content.plan, day)

    def _save(self, title: str, day: datetime.date) -> bytes:
        properties = self._document.docx.core_properties
        properties.title = properties.title or title[:255]
        noon = datetime.datetime(day.year, day.month, day.day, 12)
        properties.created = properties.modified = noon
        held = io.BytesIO()
        self._document.save(held)
        return held.getvalue()

    def _require_modest(self, content: bytes) -> None:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                size = sum(part.file_size for part in packed.infolist())
        except zipfile.BadZipFile as error:
            raise self._fault("unreadable", reason=_reason(error)) from error
        if size > MOST_MEGABYTES * 1_000_000:
            raise self._fault("too_big", limit=MOST_MEGABYTES)

    def _unknown_field(self, error: UndefinedError) -> SourceError:
        """Name the field, and the nearest that its owner has."""
        words = re.findall(r"[^\s'.]+", str(error))
        owner = next((word for word in words if word in FIELD_NAMES), "Fields")
        quoted = re.findall(r"'([^']*)'", str(error))
        found = quoted[-1] if quoted else str(error)
        near = difflib.get_close_matches(found, FIELD_NAMES[owner], n=3, cutoff=0.0)
        return self._fault("field", found=found, nearest=", ".join(near))

    def _fault(self, key: str, **values: object) -> SourceError:
        return SourceError(Fault(self._where, Message(f"opinion.template_{key}", values)))


class _Document(DocxTemplate):  # type: ignore[misc]
    """A template that refuses to be damaged by its own marks."""

    def fix_tables(self, xml: str) -> Any:
        """Check that a filled document is well-formed, instead of dropping what is not."""
        expat.ParserCreate().Parse(xml.encode(), True)
        return super().fix_tables(xml)


class _Picture:
    """A picture that a template can print but not look into."""

    def __init__(self, document: _Document, png: bytes) -> None:
        self._document = document
        self._png = png

    def __html__(self) -> str:
        """Return the picture's markup, having put the picture into the document."""
        picture = InlineImage(self._document, io.BytesIO(self._png), width=Cm(PICTURE_WIDTH_CM))
        return str(picture)

    __str__ = __html__


def _sandbox() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=True, finalize=_escaped
    )
    # What is left of the ways to print text from a file as markup, once all output is escaped.
    del environment.filters["safe"]
    return environment


def _escaped(value: object) -> object:
    """Escape whatever is printed, also where a template turns escaping off."""
    return value if isinstance(value, _Picture | Markup) else escape(str(value))


def _reason(error: Exception) -> str:
    """Return the first line of an error, or its kind where it has no words."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
