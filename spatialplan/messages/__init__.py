"""What a person reads, in Chinese and English.

A judgement does not know the reader's language: it returns a `Message`, a key and its values. The
wording stands in ``zh.toml`` and ``en.toml`` beside this file, under the same keys.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Literal

__all__ = ["LANGUAGES", "Bilingual", "Language", "Message", "phrase", "say"]

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A text that a data file gives in both languages; Chinese stands in where English lacks."""

    zh: str
    en: str = ""

    def text(self, language: Language = "en") -> str:
        """Return the text in a language."""
        return self.en if language == "en" and self.en else self.zh

    def __str__(self) -> str:
        return self.text("en")


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence before it has a language.

    A value that is itself a `Message`, or `Bilingual`, is worded in the same language.
    """

    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, language: Language = "en") -> str:
        """Word the message in a language."""
        values = {
            name: value.text(language) if isinstance(value, Message | Bilingual) else value
            for name, value in self.values.items()
        }
        return phrase(self.key, language).format(**values)

    def __str__(self) -> str:
        return self.text("en")


def say(key: str, /, **values: object) -> Message:
    """Make the message that stands under `key` in the catalogues."""
    return Message(key, values)


def phrase(key: str, language: Language) -> str:
    """Return the wording under `key`, with its placeholders still open."""
    return catalogue(language)[key]


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """Return all wordings of a language, keyed ``section.name``."""
    text = resources.files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    sections = tomllib.loads(text)
    return {
        f"{section}.{name}": wording
        for section, wordings in sections.items()
        for name, wording in wordings.items()
    }
