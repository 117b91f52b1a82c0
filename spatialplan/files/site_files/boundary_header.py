"""The header of a boundary-point TXT: in which CRS its coordinates are.

The datum has to be stated; what a zone number implies (3 or 6 degrees wide) and what the eastings
carry (the zone number) may be missing, and is then said. Header and coordinates that disagree are
refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.crs import crs_label, parse_crs, require_known_datum
from spatialplan.errors import CrsError, Fault, SpatialplanError
from spatialplan.findings import Severity
from spatialplan.layers import same_plane, zone_number
from spatialplan.messages import Message, say
from spatialplan.plan import PlaneFourParameter, Way
from spatialplan.sites import WHOLE_FILE, Doubt

__all__ = ["KEYS", "Frame", "settle_frame", "tell_meaning"]

# What a header states about its coordinates, and the keys under which it does.
KEYS: Mapping[str, tuple[str, ...]] = {
    "坐标系": ("坐标系", "坐标系统", "空间参考"),
    "几度分带": ("几度分带", "分带", "分带方式"),
    "投影类型": ("投影类型", "投影方式"),
    "计量单位": ("计量单位", "单位"),
    "带号": ("带号", "投影带号"),
    "转换参数": ("转换参数",),
}
METRES = frozenset({"", "米", "m", "metre", "meter", "metres", "meters", "公尺"})
GAUSS_KRUGER = ("高斯", "gauss", "横轴墨卡托", "transversemercator")
# Zone numbers of the two widths do not meet, so that a number tells its width.
ZONES: Mapping[int, range] = {3: range(25, 46), 6: range(13, 24)}
FIRST_CODE = {3: 4513, 6: 4491}
# Datums without a public way to CGCS2000, as CRSs whose refusal says so, and their first zones.
OLD_DATUMS = {"80": 4610, "54": 4214}
OLD_FIRST_CODES = {4610: {3: 2349, 6: 2327}, 4214: {3: 2401, 6: 21413}}
# Another datum or a local grid named beside CGCS2000 or WGS 84: which one holds is anyone's guess.
OTHER_DATUM = re.compile(
    r"(?<!\d)(?:19)?(?:54|80)(?!\d)|西安|北京|xi'?an|beijing|wgs[\s_\-]*72|itrf|jgd|kgd|korea"
    r"|pulkovo|克拉索夫斯基|krass?ovsk[iy]|独立|地方|城市|城建|local"
)
# 2000 alone is a year; it is the datum beside one of these words, or on its own.
CGCS2000 = re.compile(
    r"(?=.*(?:cgcs|国家|大地|china|geodetic)).*(?<!\d)2000(?!\d)|2000(?:坐标系统?|系)?$"
)
PREFIX_M = 1e6
FIRST_PREFIXED_M = 1e7


@dataclass(frozen=True, slots=True)
class Frame:
    """The CRS under a header.

    `missing_zone` is the zone number that `lifted` of its eastings lack (0 where they have it).

    The CRS is None for a local plane from which a transformation leads on.
    """

    crs: CRS | None
    missing_zone: int = 0
    lifted: int = 0
    doubts: tuple[Doubt, ...] = ()
    crs_assumed: bool = False

    @property
    def is_geographic(self) -> bool:
        """Whether coordinates are longitude and latitude."""
        return self.crs is not None and self.crs.is_geographic

    def lift(self, easting: float) -> float:
        """Put the zone number before an easting that lacks it."""
        if self.missing_zone and 0 < easting < PREFIX_M:
            return easting + self.missing_zone * PREFIX_M
        return easting


def settle_frame(
    header: Mapping[str, str],
    eastings: NDArray[np.float64],
    northings: NDArray[np.float64],
    wanted: str | None,
    way: Way,
    *,
    where: str,
) -> Frame:
    """Find the CRS from the header, the zone numbers of eastings, and what the user states.

    Raises
    ------
    CrsError
        With every fault of the header.
    """
    if isinstance(way.transformation, PlaneFourParameter) and not wanted:
        return Frame(None)
    reader = _HeaderReader(header, where, way)
    datum, width, zone = reader.datum(), reader.width(), reader.zone()
    reader.check_unit_and_projection()
    prefixes = eastings[(eastings >= FIRST_PREFIXED_M) & (eastings < 46e6)] // PREFIX_M
    is_stated = zone is not None or wanted is not None
    zone = reader.settle_zone(zone, prefixes)
    width = reader.settle_width(width, zone)
    stated = parse_crs(wanted, where=where) if wanted else None
    if reader.faults:
        raise CrsError(reader.faults)
    crs = datum
    if datum is not None and not datum.is_projected and zone and width:
        first = OLD_FIRST_CODES.get(datum.to_epsg() or 0, FIRST_CODE)[width]
        crs = CRS.from_epsg(first + zone - ZONES[width].start)
    if crs is not None and not crs.is_projected:
        crs = None
    assumed = crs is None
    crs = _agree(crs, stated, eastings, northings, where)
    # A zone that only other plots' eastings tell is not put before those that lack one.
    lacking = (zone_number(crs) or 0) if is_stated else 0
    lifted = int(((eastings > 0) & (eastings < PREFIX_M)).sum()) if lacking else 0
    return Frame(crs, lacking if lifted else 0, lifted, tuple(reader.doubts), assumed)


def tell_meaning(subject: str, text: str) -> str | float | tuple[str, ...]:
    """Tell what a header states, alike for texts that mean the same; blank where it is silent.

    Examples
    --------
    >>> tell_meaning("几度分带", "三度带") == tell_meaning("几度分带", "3")
    True
    >>> tell_meaning("转换参数", ",,,") == tell_meaning("转换参数", "0,0,0")
    True
    """
    plain = re.sub(r"[\s_\-—·]", "", text).lower()
    if subject == "坐标系" and CGCS2000.match(text.lower()):
        return plain if OTHER_DATUM.search(text.lower()) else "cgcs2000"
    number = _first_number(text)
    if subject in ("几度分带", "带号") and not math.isnan(number):
        return number
    if subject == "投影类型" and any(word in plain for word in GAUSS_KRUGER):
        return "gauss"
    if subject == "计量单位" and plain and plain in METRES:
        return "m"
    if subject == "转换参数":
        values = [value.strip() for value in re.split(r"[,，;；]", text)]
        return tuple(values) if any(_first_number(value) > 0 for value in values) else ()
    return plain


class _HeaderReader:
    """Reads one header; gathers faults and doubts."""

    def __init__(self, header: Mapping[str, str], where: str, way: Way) -> None:
        self._header = header
        self._where, self._way = where, way
        self.faults: list[Fault] = []
        self.doubts: list[Doubt] = []

    def note(self, fault: str, message: Message, severity: Severity = Severity.INFO) -> None:
        """Note a doubt about the whole file."""
        self.doubts.append(Doubt(WHOLE_FILE, fault, severity, message))

    def _fault(self, key: str, message: Message) -> None:
        self.faults.append(Fault(f"{self._where} [{key}]", message))

    def _value(self, subject: str) -> str:
        return next((self._header[key] for key in KEYS[subject] if self._header.get(key)), "")

    def datum(self) -> CRS | None:
        """Return the datum's CRS: CGCS2000 in degrees, or a projected one given as a code."""
        text = self._value("坐标系")
        plain = re.sub(r"[\s_\-]", "", text).lower()
        if not plain:
            return None
        try:
            if plain.startswith("epsg:"):
                return self._old_datum(parse_crs(text, where=self._where))
            is_new, is_wgs = CGCS2000.match(text.lower()) is not None, "wgs84" in plain
            other = OTHER_DATUM.search(text.lower())
            if other and (is_new or is_wgs):
                self._fault("坐标系", say("site.datum_mixed", found=text, other=other[0]))
                return None
            if is_wgs:
                self.note("datum_taken", say("site.datum_taken", found=text))
            if is_new or is_wgs:
                return CRS.from_epsg(4490)
            for word, code in OLD_DATUMS.items():
                if word in plain:
                    return self._old_datum(CRS.from_epsg(code))
        except SpatialplanError as error:
            self.faults += error.faults
            return None
        self._fault("坐标系", say("site.datum_unknown", found=text))
        return None

    def _old_datum(self, crs: CRS) -> CRS:
        """Return another datum if it is stated how it comes to CGCS2000; else refuse it."""
        if self._way.transformation or self._way.accept_error_m:
            return crs
        return require_known_datum(crs, where=f"{self._where} [坐标系]")

    def width(self) -> int | None:
        """Return the width of the zones, degrees."""
        text = self._value("几度分带")
        if not text:
            return None
        width = _first_number(text)
        if width not in ZONES:
            self._fault("几度分带", say("site.width_unknown", found=text))
            return None
        return int(width)

    def zone(self) -> int | None:
        """Return the zone number."""
        text = self._value("带号")
        if not text:
            return None
        zone = _first_number(text)
        if not any(zone in zones for zones in ZONES.values()):
            self._fault("带号", say("site.zone_unknown", found=text))
            return None
        return int(zone)

    def check_unit_and_projection(self) -> None:
        """Refuse another unit or projection; warn of parameters, which are not applied."""
        unit = self._value("计量单位").lower()
        if unit not in METRES:
            self._fault("计量单位", say("site.unit_unknown", found=unit))
        projection = self._value("投影类型")
        plain = re.sub(r"[\s_\-—·]", "", projection).lower()
        if plain and not any(word in plain for word in GAUSS_KRUGER):
            self._fault("投影类型", say("site.projection_unknown", found=projection))
        absent = [key for key, found in (("计量单位", unit), ("投影类型", projection)) if not found]
        if absent:
            self.note("header_missing", say("site.header_missing", keys=", ".join(absent)))
        values = re.split(r"[,，;\s]+", self._value("转换参数"))
        if any(re.fullmatch(r"[-+]?\d*\.?\d+", value) and float(value) for value in values):
            message = say("site.parameters_ignored", found=self._value("转换参数")[:80])
            self.note("parameters_ignored", message, Severity.WARNING)

    def settle_zone(self, zone: int | None, prefixes: NDArray[np.float64]) -> int | None:
        """Return the zone on which header and eastings agree."""
        found = sorted({int(prefix) for prefix in prefixes})
        if zone is None and len(found) == 1:
            self.note("zone_from_coordinates", say("site.zone_from_coordinates", zone=found[0]))
            return found[0]
        if zone is None and found:
            message = say("site.zones_several", found=", ".join(map(str, found)))
            self._fault("带号", message)
        if zone is not None and found and zone not in found:
            listed = ", ".join(map(str, found))
            self._fault("带号", say("site.zone_contradicted", zone=zone, found=listed))
        return zone

    def settle_width(self, width: int | None, zone: int | None) -> int | None:
        """Return the width on which the header and the zone number agree."""
        if zone is None:
            return width
        implied = next((size for size, zones in ZONES.items() if zone in zones), None)
        if width is None and implied is not None:
            self.note("width_from_zone", say("site.width_from_zone", zone=zone, width=implied))
            return implied
        if width != implied:
            self._fault("带号", say("site.width_contradicted", zone=zone, width=width))
            return None
        return width


def _first_number(text: str) -> float:
    """Return the first number of a text such as ``3度带`` or ``三度``; NaN where it holds none."""
    match = re.search(r"\d+(?:\.\d+)?", text.replace("三", "3").replace("六", "6"))
    return float(match[0]) if match else math.nan


def _agree(
    found: CRS | None,
    stated: CRS | None,
    eastings: NDArray[np.float64],
    northings: NDArray[np.float64],
    where: str,
) -> CRS:
    crs = found or stated
    if crs is None:
        raise CrsError(Fault(where, say("site.crs_missing", hint=_hint(eastings, northings))))
    if found and stated and not (same_plane(found, stated) or _same_meridian(found, stated)):
        message = say("site.crs_contradicted", found=crs_label(found), wanted=crs_label(stated))
        raise CrsError(Fault(where, message))
    return crs


def _same_meridian(first: CRS, second: CRS) -> bool:
    """Tell whether two CRSs differ only in the zone number before the easting."""
    meridians = []
    for crs in (first, second):
        operation = crs.coordinate_operation
        found = {p.name: p.value for p in operation.params} if operation else {}
        meridians.append((found.get("Longitude of natural origin"), crs.is_projected))
    return meridians[0] == meridians[1] and meridians[0][0] is not None


def _hint(eastings: NDArray[np.float64], northings: NDArray[np.float64]) -> Message:
    """Say what is missing so that the CRS can be told; a hint, never acted upon."""
    known = np.isfinite(eastings) & np.isfinite(northings)
    if not known.any():
        return say("crs.hint_none")
    east, north = float(np.median(eastings[known])), float(np.median(northings[known]))
    if abs(east) <= 180 and abs(north) <= 180:
        return say("crs.hint_degrees")
    zone = int(east // PREFIX_M)
    for width, zones in ZONES.items():
        if zone in zones:
            return say("crs.hint_zone", zone=zone, code=FIRST_CODE[width] + zone - zones.start)
    return say("crs.hint_metres")
