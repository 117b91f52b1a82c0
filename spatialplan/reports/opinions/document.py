"""Pre-check opinions (项目选址预检意见) as a Word document: cover, summary, one site after another.

The document is a template filled in (see `spatialplan.reports.opinions.template`), so that an
office can put in its letterhead, leave things out or change their order. The same screening gives
the same bytes: the document is dated with the day whose rules were applied.
"""

from __future__ import annotations

import io
import zipfile
from importlib import resources
from pathlib import Path

from spatialplan.errors import Fault, SourceError
from spatialplan.files import replace_atomically
from spatialplan.messages import Language, say
from spatialplan.siting import Screening

__all__ = ["write_opinions"]

# The earliest date that a zip file can hold.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def write_opinions(
    screening: Screening,
    path: Path,
    *,
    language: Language | None = None,
    template: Path | None = None,
    most: int = 200,
) -> None:
    """Write the opinions about all sites into one Word document.

    Parameters
    ----------
    screening
        From `spatialplan.screen_sites`.
    path
        The document (.docx); an earlier one is replaced when the new one is complete.
    language
        Of everything printed; default: the plan's.
    template
        An office's own template (.docx); default: the built-in one of the language.
    most
        With more sites than that, opinions are written about those with the worst verdicts; the
        summary lists all and says so. Sites without geometry have a line each and do not count.

    Raises
    ------
    SourceError
        If the template is missing, no Word document, or cannot be filled in.
    OutputError
        If the document cannot be written.
    """
    # The Word and picture libraries take half a second to load; other reports do without.
    from spatialplan.reports.opinions.fields import gather_fields
    from spatialplan.reports.opinions.template import OpinionTemplate

    spoken = language or screening.plan.header.language
    content, where = _read_template(template, spoken)
    opened = OpinionTemplate(content, where=where)
    gathered = gather_fields(screening, spoken, most=most, embed=opened.embed)
    document = opened.fill(gathered, day=screening.day)
    with replace_atomically(path) as temporary:
        temporary.write_bytes(_without_dates(document))


def _read_template(template: Path | None, language: Language) -> tuple[bytes, str]:
    if template is None:
        name = f"opinion.{language}.docx"
        return resources.files(__package__).joinpath(name).read_bytes(), name
    try:
        return template.read_bytes(), str(template)
    except FileNotFoundError:
        raise SourceError(Fault(str(template), say("opinion.template_missing"))) from None
    except OSError as error:
        reason = error.strerror or str(error)
        why = say("opinion.template_unreadable", reason=reason)
        raise SourceError(Fault(str(template), why)) from None


def _without_dates(document: bytes) -> bytes:
    """Pack a document again with one date for all its parts, in the same order."""
    held = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(document)) as given,
        zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for part in given.infolist():
            entry = zipfile.ZipInfo(part.filename, ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # the same on every system
            packed.writestr(entry, given.read(part))
    return held.getvalue()
