"""What the name of a table says about its kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from spatialplan.messages import Message, say
from spatialplan.recognition.knowledge import Knowledge, TableKind
from spatialplan.recognition.spelling import split_name

__all__ = ["Grade", "NameFit", "find_doubt", "fit_names"]

# A county's name before the words: 某某县生态保护红线.
PLACE = re.compile(r"^(?:.{1,8}?(?:自治州|自治县|自治旗|省|州|市|县|区|旗))+")
PLACE_ENDS = "省州市县区旗乡镇村"


class Grade(IntEnum):
    """How much evidence weighs: fields alone, a name with more in it, a name that says just that.

    A hint is named to the reader and decides nothing.
    """

    HINT = 0
    FIELDS = 1
    PART = 2
    NAME = 3


@dataclass(frozen=True, slots=True)
class NameFit:
    """A kind that a name fits."""

    kind: TableKind
    grade: Grade
    reason: Message


def fit_names(table: str, known: Knowledge) -> list[NameFit]:
    """Return every kind that a table's name fits, in the order of the knowledge."""
    latin, chinese = split_name(table)
    meant = [part for part in latin if part not in known.neutral]
    rest = {run: _without(run, known) for run in chinese}
    words = [(run, word) for run in chinese for word in _longest_words(run, known)]
    fits = []
    for kind in known.kinds:
        said = [part for part in meant if part in kind.names]
        if said:
            others = len(meant) > 1 or any(word not in kind.words for _, word in words)
            more = any(rest.values()) and not words
            fits.append(_name_fit(kind, said[0], alone=not others and not more))
            continue
        spoken = [(run, word) for run, word in words if word in kind.words]
        if spoken:
            run, word = spoken[0]
            others = any(rest[other] for other in chinese if other != run)
            exact = _is_just(run, word, known) and not others and not meant
            grade = Grade.NAME if exact else Grade.PART
            fits.append(NameFit(kind, grade, say("recognition.by_word", word=word)))
    return fits


def find_doubt(table: str, known: Knowledge) -> str | None:
    """Return the word that says a table is about the lines rather than the lines; None without.

    A word that is part of a kind's own words (历史文化) raises no doubt.
    """
    latin, chinese = split_name(table)
    for part in latin:
        if part in known.doubtful and len(latin) > 1:
            return part
    for run in chinese:
        bare = run
        for word in _longest_words(run, known):
            bare = bare.replace(word, "\0")
        for word in known.doubtful_words:
            if word in bare:
                return word
    return None


def _name_fit(kind: TableKind, name: str, *, alone: bool) -> NameFit:
    key = "recognition.by_name" if kind.names[name] else "recognition.by_unverified_name"
    grade = Grade.NAME if alone else Grade.PART
    return NameFit(kind, grade, say(key, name=name.upper()))


def _longest_words(run: str, known: Knowledge) -> Iterator[str]:
    """Yield the words in a run of Chinese that lie in no longer one."""
    found = [
        (match.start(), match.end(), word)
        for kind in known.kinds
        for word in kind.words
        for match in re.finditer(re.escape(word), run)
    ]
    for start, end, word in dict.fromkeys(found):
        if not any(
            other[0] <= start and end <= other[1] and other[:2] != (start, end) for other in found
        ):
            yield word


def _without(run: str, known: Knowledge, *, place: bool = True) -> str:
    """Return what a run says beyond the name of a place and words that add nothing."""
    bare = PLACE.sub("", run) if place else run
    for word in known.neutral_words:
        bare = bare.replace(word, "")
    return bare


def _is_just(run: str, word: str, known: Knowledge) -> bool:
    before, _, after = run.partition(word)
    if word[0] in PLACE_ENDS and before:
        before += word[0]  # the place's own last character: 某某县界
    return not _without(before, known) and not _without(after, known, place=False)
