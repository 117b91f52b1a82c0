"""Quality of a layer, as far as the check depends on it; whole or in batches."""

from spatialplan.quality.judging import (
    QualityPartial,
    judge_quality,
    judge_quality_batch,
    merge_quality,
    near_ground,
)

__all__ = [
    "QualityPartial",
    "judge_quality",
    "judge_quality_batch",
    "merge_quality",
    "near_ground",
]
