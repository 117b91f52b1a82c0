"""A file of sites as a flow of batches: only the batches asked for are in memory.

Before the first batch the attributes are looked through: which column says what, and which ids
stand more than once, is settled for the whole file. Each batch then goes on as a submission of its
own. What only the whole file could show (sites submitted twice, sites that overlap) is not looked
for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from threading import get_ident

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.errors import CrsError, Fault, SourceError
from spatialplan.files.damage import Heard, hear_warnings, naming_damage
from spatialplan.files.encodings import find_encoding
from spatialplan.files.opening.archive_limits import list_entries
from spatialplan.files.opening.paths import require_local
from spatialplan.files.site_files.site_tables import TABLES
from spatialplan.files.sources import data_sets, find_place, hash_files, plain_reason
from spatialplan.files.streaming.pieces import Piece
from spatialplan.files.streaming.tables import StreamedTable, open_table
from spatialplan.findings import Severity
from spatialplan.layers import Settled, Source, settle_shapes
from spatialplan.messages import Message, say
from spatialplan.plan import Way
from spatialplan.sites import (
    WHOLE_FILE,
    Doubt,
    FieldChoice,
    Numbering,
    SiteBatch,
    Submission,
    choose_columns,
    describe_sites,
    find_candidates,
    is_demonstration,
    number_sites,
    read_texts,
    says_something,
    settle_crs,
)

__all__ = ["Origin", "SiteFlow", "SiteRange", "open_site_flow"]

# Held as a whole when they are read, and no list of millions of sites.
UNSPLIT = (".txt", ".xls", *TABLES)

# Attributes are looked through so many rows at a time.
SURVEY_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Origin:
    """What all batches of a file have in common.

    `row_column` says which row of the file delivered each row was, where a copy is read. `warnings`
    is what the reader of the format had to say when it was opened.
    """

    table: StreamedTable
    source: Source
    crs: CRS | None
    crs_assumed: bool
    way: Way
    columns: tuple[str, ...]
    choice: FieldChoice
    size: int
    row_column: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteRange:
    """Batches of a file that can be read apart from the others, on whatever machine; picklable.

    Attributes
    ----------
    first_number, first_row, count
        Number of the first batch, row of the first site, and how many sites there are.
    numbering
        The ids of these sites where those stated are not unique.
    """

    origin: Origin
    spans: tuple[tuple[int, ...], ...]
    first_number: int
    first_row: int
    count: int
    numbering: Numbering

    def batches(self, heard: Heard | None = None) -> Iterator[SiteBatch]:
        """Read the batches in their order; `heard` are the warnings of the reader, by thread."""
        origin, number = self.origin, self.first_number
        for piece in origin.table.read(
            origin.columns, size=origin.size, spans=self.spans, first_row=self.first_row
        ):
            yield self._batch(number, piece, heard)
            number += 1

    def read_ids(self) -> NDArray[np.object_]:
        """Read nothing but the ids of the sites; one that cannot be read is its row's number."""
        origin, found = self.origin, [np.zeros(0, dtype=object)]
        wanted = [name for name in (origin.choice.id, origin.row_column) if name]
        for piece in _look_through(
            origin.table, wanted, spans=self.spans, first_row=self.first_row
        ):
            texts = np.full(piece.count, "", dtype=object)
            if piece.frame is not None:
                texts = read_texts(piece.frame, origin.choice.id)
            rows = _rows_of(piece, origin)
            found.append(self.numbering.settle(texts, piece.first_row, rows=rows)[0])
        return np.concatenate(found)

    def _batch(self, number: int, piece: Piece, heard: Heard | None) -> SiteBatch:
        unread = SiteBatch(number, piece.first_row, piece.count, None, piece.why)
        if piece.frame is None:
            return unread
        origin = self.origin
        shapes = np.asarray(piece.frame.geometry.to_numpy(), dtype=object)
        table = pd.DataFrame(piece.frame.drop(columns=piece.frame.geometry.name))
        rows = _rows_of(piece, origin)
        if origin.row_column:
            table = table.drop(columns=origin.row_column)
        attributes = describe_sites(table, origin.choice, where=origin.source.path)
        ids, doubts = self.numbering.settle(attributes.ids, piece.first_row, rows=rows)
        curved = [
            Doubt(row, "linearised", Severity.INFO, say("site.linearised"))
            for row in piece.straightened
        ]
        submission = Submission(
            attributes=replace(attributes, ids=ids),
            shapes=shapes,
            places=np.array([say("site.row", row=row + 1) for row in rows], dtype=object),
            crs=origin.crs,
            crs_assumed=origin.crs_assumed,
            source=origin.source,
            doubts=(*doubts, *curved, *_doubt_warnings([*_news(origin, heard), *piece.warnings])),
            way=origin.way,
        )
        return SiteBatch(number, piece.first_row, piece.count, submission)


@dataclass(frozen=True, slots=True)
class SiteFlow:
    """A file of sites that is read batch by batch.

    Attributes
    ----------
    source
        Where the sites come from; its place is settled with the first batch.
    total
        How many sites there are.
    doubts
        What is unclear about the file as a whole.
    ranges
        Parts that can be read apart: the row groups of GeoParquet; of other formats, all at once.
    demonstration
        Whether the file says that its sites are made up.
    """

    source: Source
    total: int
    doubts: tuple[Doubt, ...]
    ranges: tuple[SiteRange, ...]
    demonstration: bool

    def batches(self, heard: Heard | None = None) -> Iterator[SiteBatch]:
        """Read all batches in the order of the file."""
        for part in self.ranges:
            yield from part.batches(heard)


def open_site_flow(
    path: Path,
    *,
    size: int,
    crs: str | None = None,
    encoding: str | None = None,
    table: str | None = None,
    choice: FieldChoice | None = None,
    way: Way | None = None,
) -> SiteFlow:
    """Open a file of sites that may be larger than memory.

    Parameters
    ----------
    path
        Shapefile, FileGDB, GeoPackage, FlatGeobuf or another vector format, or GeoParquet.
    size
        Sites a batch at most.
    crs, encoding, table, choice, way
        As `read_sites` takes them.

    Raises
    ------
    SourceError
        If the file cannot be read batch by batch, or holds no site.
    CrsError
        If its CRS is missing or contradicted.
    """
    where = path.name
    _require_splittable(path)
    with naming_damage(where, path), hear_warnings() as heard:
        place = find_place(where, directory=path.parent, table=table, title=path.stem)
        found = find_encoding(place, stated=encoding, where=where)
        opened = open_table(place, found, where)
        settled, assumed = settle_crs(opened.crs, crs, where=where)
        position = _settle_position(settled, assumed, way or Way(), where)
        columns, fixed, doubts = _choose(opened, choice or FieldChoice(), where)
        numbering, demonstration = _survey(opened, columns)
        sha256 = hash_files(place.file)
    if not numbering.count:
        raise SourceError(Fault(where, say("site.none")))
    if not numbering.has_ids:
        doubts.append(Doubt(WHOLE_FILE, "no_id_field", Severity.INFO, say("site.no_id_field")))
    source = Source(
        path=where,
        driver=opened.driver,
        table=place.table,
        encoding=str(found),
        sha256=sha256,
        features=numbering.count,
        crs=position.label,
        placement=position.placement,
    )
    if opened.count != numbering.count:
        opened = replace(opened, groups=(numbering.count,))
    origin = Origin(
        table=opened,
        source=source,
        crs=settled,
        crs_assumed=assumed,
        way=way or Way(),
        columns=tuple(name for name in columns.values() if name),
        choice=fixed,
        size=size,
        warnings=_told(heard, path),
    )
    doubts += _doubt_warnings(origin.warnings)
    ranges = tuple(_ranges(origin, numbering))
    return SiteFlow(source, numbering.count, tuple(doubts), ranges, demonstration)


def _settle_position(crs: CRS | None, assumed: bool, way: Way, where: str) -> Settled:
    """Find out how coordinates will come to CGCS2000, before there are any."""
    if crs is None and way.transformation is None:
        raise CrsError(Fault(where, say("site.crs_missing", hint="")))
    nothing = np.zeros(0, dtype=object)
    return settle_shapes(nothing, crs, way=way, where=where, assumed=assumed)


def _require_splittable(path: Path) -> None:
    where = path.name
    require_local(str(path), where)
    if not path.exists():
        raise SourceError(Fault(where, say("site.missing")))
    suffix = path.suffix.lower()
    inside: list[str] = []
    if suffix == ".zip" and path.is_file():
        names = [entry.filename for entry in list_entries(path, where)]
        inside = [] if data_sets(names) else [name for name in names if _is_unsplit(name)]
    if _is_unsplit(where) or inside:
        raise SourceError(Fault(where, say("stream.unsplit", found=suffix)))


def _is_unsplit(name: str) -> bool:
    return Path(name).suffix.lower() in UNSPLIT


def _choose(
    table: StreamedTable, choice: FieldChoice, where: str
) -> tuple[dict[str, str | None], FieldChoice, list[Doubt]]:
    """Choose which column says what, looking on until each candidate was seen to say something."""
    cut_names = table.driver == "ESRI Shapefile"
    candidates = find_candidates(table.columns, choice, where=where, cut_names=cut_names)
    wanted = {name for names in candidates.values() for name in names}
    telling = set[str]()
    for piece in _look_through(table, sorted(wanted)):
        if piece.frame is not None:
            silent = wanted - telling
            telling |= {name for name in silent if says_something(piece.frame[name])}
        if telling == wanted:
            break
    chosen, doubts = choose_columns(candidates, telling, choice)
    fixed = FieldChoice(chosen["id"], chosen["name"], chosen["kind"], chosen["area"])
    return chosen, fixed, doubts


def _survey(table: StreamedTable, columns: dict[str, str | None]) -> tuple[Numbering, bool]:
    """Give the sites numbers, and tell whether all are marked as made up."""
    marks = [name for role in ("demonstration", "remark") if (name := columns[role])]
    made_up = [bool(marks)]

    def read_ids() -> Iterator[NDArray[np.object_]]:
        wanted = [name for name in (columns["id"], *marks) if name]
        for piece in _look_through(table, wanted):
            if piece.frame is None:
                yield np.full(piece.count, "", dtype=object)
                continue
            flags, remarks = (
                read_texts(piece.frame, columns[role]) for role in ("demonstration", "remark")
            )
            made_up.append(is_demonstration(flags, remarks))
            yield read_texts(piece.frame, columns["id"])

    numbering = number_sites(read_ids)
    return numbering, all(made_up)


def _rows_of(piece: Piece, origin: Origin) -> Sequence[int]:
    """Return which rows of the file delivered the rows of a piece were."""
    if origin.row_column and piece.frame is not None:
        rows: list[int] = piece.frame[origin.row_column].tolist()
        return rows
    return range(piece.first_row, piece.first_row + piece.count)


def _look_through(
    table: StreamedTable,
    columns: list[str],
    *,
    spans: Sequence[tuple[int, ...]] | None = None,
    first_row: int = 0,
) -> Iterator[Piece]:
    """Read attributes alone."""
    return table.read(columns, size=SURVEY_ROWS, spans=spans, first_row=first_row, geometry=False)


def _ranges(origin: Origin, numbering: Numbering) -> Iterator[SiteRange]:
    """Cut a file into ranges of about a batch: small row groups together, others by themselves."""
    table, size = origin.table, origin.size
    starts, rows = [0], 0
    for number, span in enumerate(table.spans):
        more = table.span_rows(span)
        if rows and rows + more > size:
            starts.append(number)
            rows = 0
        rows += more
    number = row = 0
    unclear = sorted(numbering.given)
    for start, stop in pairwise([*starts, len(table.spans)]):
        spans = table.spans[start:stop]
        count = sum(table.span_rows(span) for span in spans)
        own = unclear[bisect_left(unclear, row) : bisect_left(unclear, row + count)]
        given = {unique: numbering.given[unique] for unique in own}
        yield SiteRange(origin, spans, number, row, count, replace(numbering, given=given))
        number += sum(-(-table.span_rows(span) // size) for span in spans)
        row += count


def _told(heard: Heard, file: Path) -> tuple[str, ...]:
    """Return what this thread was warned of, and forget it."""
    said = [plain_reason(text, file) for text in heard.pop(get_ident(), [])]
    return tuple(dict.fromkeys(said))


def _news(origin: Origin, heard: Heard | None) -> list[str]:
    """Return what the reader of the format had to say since the last batch."""
    told = () if heard is None else _told(heard, origin.table.file)
    return [text for text in told if text not in origin.warnings]


def _doubt_warnings(texts: Sequence[str | Message]) -> list[Doubt]:
    return [
        Doubt(WHOLE_FILE, "file_warning", Severity.WARNING, say("quality.file_warning", text=text))
        for text in texts
    ]
