"""Which edition of a source was delivered."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from spatialplan.plan.tables import Table

__all__ = ["Edition"]


class Edition(Table):
    """Which edition of a layer was delivered (数据时点、批准文号、提供单位)."""

    data_date: str | None = None
    approval: str | None = None
    provider: str | None = None
    integration: Literal["before", "after"] | None = Field(
        None, description="Protected areas: before or after 整合优化"
    )
