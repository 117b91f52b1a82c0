"""How a judgement is driven over batches of data: in this process, or on workers.

A judgement that can run on part of the data is a pair: `judge(batch) -> partial`, and a merge of
what the partials add up to. What it judges, the drivers do not know.
"""

from spatialplan.runs.here import run_here

__all__ = ["run_here"]
