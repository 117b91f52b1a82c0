"""The words that all reports of an inspection share."""

from __future__ import annotations

from spatialplan.findings import Severity, Status
from spatialplan.inspection import InspectedLayer, Inspection
from spatialplan.messages import Language, phrase
from spatialplan.reports.wording import plain_text

__all__ = [
    "MOST_IDS",
    "candidate_list",
    "crs_text",
    "fault_name",
    "id_list",
    "inspect_word",
    "kind_text",
    "layer_name",
    "result_text",
    "role_text",
    "source_path",
]

# A cell ends at 32,767 characters; so many ids are as many as anyone reads in one.
MOST_IDS = 400


def inspect_word(key: str, language: Language, /, **values: object) -> str:
    """Return a wording of the section ``[inspection]`` with its placeholders filled."""
    return phrase(f"inspection.{key}", language).format(**values)


def fault_name(rule_id: str, language: Language) -> str:
    """Return the short name of a class of fault."""
    return phrase(f"fault.{rule_id}", language)


def layer_name(layer: InspectedLayer) -> str:
    """Return the name of a table, without what could steer a terminal or a cell."""
    return plain_text(layer.key)


def source_path(layer: InspectedLayer) -> str:
    """Return the file of a table, and its place in a zip file."""
    return plain_text(f"{layer.path}/{layer.inside}" if layer.inside else layer.path)


def role_text(layer: InspectedLayer, language: Language) -> str:
    """Say what a table was recognised as; "open" where it was not."""
    role = layer.role
    if role is None or role.role is None:
        return inspect_word("role_open" if layer.is_read else "role_unread", language)
    if role.title is not None:
        return plain_text(role.title.text(language))
    return inspect_word("role_from_plan", language, role=role.role)


def candidate_list(layer: InspectedLayer, language: Language) -> str:
    """List the kinds that a table may be of, where that was left open."""
    role = layer.role
    if role is None or role.role is not None:
        return ""
    titles = dict.fromkeys(plain_text(title.text(language)) for title in role.candidates)
    return ", ".join(titles)


def crs_text(layer: InspectedLayer, language: Language) -> str:
    """Name the CRS of a table as stated, or as it was assumed, or say that there is none."""
    if layer.stated_crs:
        return plain_text(layer.stated_crs)
    if layer.assumed_crs:
        return inspect_word("crs_assumed", language, crs=plain_text(layer.assumed_crs))
    return inspect_word("crs_none", language) if layer.is_read else ""


def kind_text(layer: InspectedLayer, language: Language) -> str:
    """List the kinds of geometry with their counts."""
    return ", ".join(
        f"{phrase(f'diagnosis.kind_{kind}', language)} {count:,}"
        for kind, count in (layer.kinds or {}).items()
    )


def id_list(ids: tuple[str, ...], language: Language, most: int = MOST_IDS) -> str:
    """List ids, at most so many, and say how many there are."""
    listed = ", ".join(plain_text(name) for name in ids[:most])
    if len(ids) > most:
        listed += inspect_word("ids_cut", language, count=len(ids))
    return listed


def result_text(inspection: Inspection, language: Language) -> str:
    """Say how the inspection went, in one sentence."""
    if not inspection.is_read:
        return inspect_word("result_unread", language)
    counts = {
        severity.value: sum(layer.count(severity) for layer in inspection.layers)
        for severity in Severity
    }
    faulty = sum(bool(layer.count(Severity.ERROR)) for layer in inspection.layers)
    key = {
        Status.NOT_MET: "result_faulty",
        Status.NOT_EVALUATED: "result_open",
        Status.MET: "result_sound",
    }[inspection.status]
    return inspect_word(key, language, layers=len(inspection.layers), faulty=faulty, **counts)
