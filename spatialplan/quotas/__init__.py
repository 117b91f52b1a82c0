"""Quotas (指标): areas measured whole or in batches, and compared with what the plan demands."""

from spatialplan.quotas.areas import (
    AreaFigures,
    AreaPartial,
    measure_area,
    measure_batch,
    merge_areas,
)
from spatialplan.quotas.judging import (
    QuotaFinding,
    compare_area,
    compare_multiple,
    judge_area_quota,
    judge_multiple,
    not_evaluated_quota,
)

__all__ = [
    "AreaFigures",
    "AreaPartial",
    "QuotaFinding",
    "compare_area",
    "compare_multiple",
    "judge_area_quota",
    "judge_multiple",
    "measure_area",
    "measure_batch",
    "merge_areas",
    "not_evaluated_quota",
]
