"""Numbers as a document prints them: decimal text, whose last digit says how far they hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

__all__ = ["OPEN_DECIMALS", "Direction", "OpenNumber", "PrintedNumber"]

Direction = Literal["at_least", "at_most"]


def _require_text(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("printed_number")
    return value


PrintedNumber = Annotated[
    Decimal,
    BeforeValidator(_require_text),
    Field(ge=0, allow_inf_nan=False),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?$"}),
]


def _none_if_blank(value: Any) -> Any:
    return None if value == "" else value


# A demand whose figure nobody has filled in yet; it is never evaluated.
OpenNumber = Annotated[
    PrintedNumber | None,
    BeforeValidator(_none_if_blank),
    WithJsonSchema({"type": "string", "pattern": r"^(\d+(\.\d+)?)?$"}),
]

# Places that an open demand's measured area is shown with.
OPEN_DECIMALS = 2
