"""Damage met while a layer flows by: named with the features concerned, the rest judged."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from streamed_county import QUOTAS, RULES, mosaic, named, write_plan

from spatialplan import check_plan
from spatialplan.findings import Status
from spatialplan.messages import Message
from spatialplan.review import Review


def test_batches_that_are_damaged_are_named_and_the_rest_is_judged(tmp_path: Path) -> None:
    plan = write_plan(tmp_path, mosaic(), suffix="parquet", quotas=QUOTAS, line_rules=RULES)
    whole = check_plan(plan)
    damage_row_group(tmp_path / "parcels.parquet", 5)
    review = check_plan(plan, stream=["parcels"], batch_size=25)
    (gap,) = gaps_of(review, "batched.unread")
    assert "251 to 300" in gap.text("en")
    assert all(quota.message == gap for quota in review.quotas)
    assert review.layers["parcels"].count == 350
    before, after = whole.rules[0], review.rules[0]
    assert after.status is Status.NOT_MET, "what was found stands"
    assert set(map(named, after.pieces)) < set(map(named, before.pieces))
    assert review.rules[2].message == gap, "what was not found may lie in the gap"


@pytest.mark.parametrize("suffix", ["gpkg", "gdb"])
def test_features_that_gdal_leaves_out_without_a_word_are_missed(
    tmp_path: Path, suffix: str
) -> None:
    parcels = mosaic().segmentize(5)
    plan = write_plan(tmp_path, mosaic().set_geometry(parcels), suffix=suffix, quotas=QUOTAS)
    path = tmp_path / f"parcels.{suffix}"
    file = path if path.is_file() else max(path.iterdir(), key=lambda part: part.stat().st_size)
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 20_000] = b"\xff" * 20_000
    file.write_bytes(bytes(content))
    review = check_plan(plan, stream=["parcels"], batch_size=50)
    (gap,) = gaps_of(review, "batched.lost")
    assert "states 400 features" in gap.text("en")
    assert all(quota.status is Status.NOT_EVALUATED for quota in review.quotas)


def gaps_of(review: Review, key: str) -> list[Message]:
    points = [point for point in review.not_evaluated if point.rule_id == "parcels"]
    return [point.why for point in points if point.why.key == key]


def damage_row_group(path: Path, group: int) -> None:
    """Overwrite the geometry pages of one row group."""
    from pyarrow import parquet

    metadata = parquet.read_metadata(path).row_group(group)
    column = metadata.column(metadata.num_columns - 1)
    start = column.dictionary_page_offset or column.data_page_offset
    content = bytearray(path.read_bytes())
    content[start : start + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    path.write_bytes(bytes(content))


def test_a_batch_of_another_zone_is_refused_and_named(tmp_path: Path) -> None:
    parcels = mosaic()
    moved = parcels.geometry.to_numpy().copy()
    moved[300:] = parcels.geometry[300:].translate(1_000_000, 0)
    plan = write_plan(tmp_path, parcels.set_geometry(gpd.GeoSeries(moved, crs=4530)), quotas=QUOTAS)
    review = check_plan(plan, stream=["parcels"], batch_size=100)
    (gap,) = gaps_of(review, "batched.refused")
    assert "301 to 400" in gap.text("en")
    assert all(quota.status is Status.NOT_EVALUATED for quota in review.quotas)


def test_text_in_gbk_and_text_that_is_broken_reads_as_in_the_whole(tmp_path: Path) -> None:
    parcels = mosaic().assign(TBBH=lambda table: "图斑" + table["TBBH"])
    plan = write_plan(tmp_path, parcels, line_rules=RULES)
    path = tmp_path / "parcels.shp"
    pyogrio.write_dataframe(parcels, path, encoding="GBK")
    spec = plan.layers["parcels"].model_copy(update={"path": "parcels.shp"})
    plan = plan.model_copy(update={"layers": {**plan.layers, "parcels": spec}})
    for content in (path.with_suffix(".dbf").read_bytes(), break_text(path.with_suffix(".dbf"))):
        path.with_suffix(".dbf").write_bytes(content)
        whole, streamed = check_plan(plan), check_plan(plan, stream=["parcels"], batch_size=60)
        names = [Counter(p.a_name for p in one.rules[0].pieces) for one in (whole, streamed)]
        assert names[0] == names[1]
        assert any(name.startswith("图斑") for name in names[0])
        sources = [one.layers["parcels"].source for one in (whole, streamed)]
        assert sources[0] == sources[1]


def break_text(file: Path) -> bytes:
    """Cut a character of the first name in half."""
    content = file.read_bytes()
    place = content.index("图斑".encode("gbk"))
    return content[:place] + b"\xff" + content[place + 1 :]
