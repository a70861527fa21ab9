"""Plain words for numbers, in the reader's language: templates a CSM would write, filled in and cut to length."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from csconnect.errors import CardError


class DriverPhrase(BaseModel):
    """What to say of one signal: ``some`` with its value, ``none`` when the value is zero, ``first`` what to do about it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    some: str
    none: str
    first: str


class Phrases(BaseModel):
    """All templates of one language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str
    join: str
    stop: str
    drivers: dict[str, DriverPhrase]
    because: dict[str, str]
    tasks: dict[str, dict[str, str]]
    closed: str
    """What a task says that csconnect closes because its reason has gone."""
    renewal_name: str

    @property
    def locale(self) -> str:
        """The locale in which Babel spells numbers and dates."""
        return {"zh": "zh_Hans_CN"}.get(self.language, self.language)

    def number(self, value: float) -> str:
        return format_decimal(round(value, 1), locale=self.locale)

    def day(self, value: date) -> str:
        return format_date(value, "medium", locale=self.locale)

    def money(self, amount: Decimal | None, currency: str | None) -> str:
        if amount is None:
            return "–"
        if currency is None:
            return format_decimal(amount, locale=self.locale)
        return format_currency(amount, currency, locale=self.locale)

    def driver(self, signal: str, value: float | None) -> str:
        """One signal's value as a clause, or the signal's name where no words are known for it."""
        words = self.drivers.get(signal)
        if words is None or value is None:
            return signal.replace("_", " ")
        return words.some.format(value=self.number(value)) if value else words.none

    def sentence(self, clauses: list[str], limit: int = 255) -> str:
        """The clauses as one sentence of at most ``limit`` characters; whole clauses are dropped from the end, never cut."""
        while clauses:
            text = self.join.join(clauses) + self.stop
            if len(text) <= limit:
                return text[0].upper() + text[1:]
            clauses = clauses[:-1]
        return ""

    def task(self, rule: str, facts: Mapping[str, Any]) -> tuple[str, str]:
        """Subject and body of a task: why, what to do first, what closes it, each on its own line."""
        words = self.tasks[rule]
        body = "\n".join(words[part].format(**facts) for part in ("why", "first", "closes"))
        return words["subject"].format(**facts)[:255], body


def parse_phrases(text: str, where: str) -> Phrases:
    """Templates from YAML; `CardError` names the file and what is missing."""
    try:
        return Phrases.model_validate(YAML(typ="safe").load(text))
    except (YAMLError, ValidationError) as error:
        detail = (
            ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
            if isinstance(error, ValidationError)
            else str(getattr(error, "problem", ""))
        )
        raise CardError(f"phrases do not fit: {detail}", where=where) from None


def choose(languages: Mapping[str, Phrases], *wanted: str | None) -> Phrases:
    """The phrases of the first wanted language that there is (``zh-CN`` finds ``zh``), English otherwise."""
    for tag in wanted:
        found = languages.get((tag or "").split("-")[0].split("_")[0].lower())
        if found:
            return found
    return languages["en"]
