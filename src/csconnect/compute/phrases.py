"""Plain words for numbers, in the reader's language: templates a CSM would write, filled in and cut to length."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from csconnect.compute.words import SignalWords
from csconnect.errors import CardError


class Phrases(BaseModel):
    """All templates of one language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str
    join: str
    stop: str
    drivers: dict[str, SignalWords] = {}
    """What to say of each signal; a signal brings words of its own, a file of phrases replaces them."""
    titles: dict[str, str] = {}
    """What signals are called that have no words of their own."""
    because: dict[str, str]
    term: str
    """What a term without a product line is called."""
    term_of: str
    """What the term of a product line (``{line}``) is called."""
    no_amount: str
    """What stands where an amount is not known."""
    tasks: dict[str, dict[str, str]]
    closed: str
    """What a task says that csconnect closes because its reason has gone."""
    renewal_name: str
    flags: dict[str, str] = {}
    """What does not fit about a renewal (`csconnect.compute.renewals.FLAGS`), each as a clause."""
    expansion_name: str
    expansion_name_of: str
    """What the expansion of a product line (``{line}``) is called."""
    needs: dict[str, str]
    """What is said of a need of each kind; ``other`` where nobody knows the kind."""

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
            return self.no_amount
        if currency is None:
            return format_decimal(amount, locale=self.locale)
        return format_currency(amount, currency, locale=self.locale)

    def driver(self, signal: str, value: float | None) -> str:
        """One signal's value as a clause; its title and value where no words are known for it."""
        words, name = self.drivers.get(signal), self.titles.get(signal, signal.replace("_", " "))
        if words is None or value is None:
            return name if value is None else f"{name} {self.number(value)}"
        if not value:
            return words.none
        said = self.number(value)
        return words.one if words.one and said == self.number(1) else words.some.format(value=said)

    def term_named(self, line: str | None) -> str:
        """The term of a product line in a sentence."""
        return self.term_of.format(line=line) if line else self.term

    def sentence(self, clauses: list[str], limit: int = 255) -> str:
        """The clauses as one sentence of at most ``limit`` characters; whole clauses are dropped from the end, never cut."""
        while clauses:
            text = self.join.join(clauses) + self.stop
            if len(text) <= limit:
                return text
            clauses = clauses[:-1]
        return ""

    def task(self, rule: str, facts: Mapping[str, Any]) -> tuple[str, str]:
        """Subject and body of a task: why, what to do first, what closes it, each on its own line.

        A line whose fact is empty (nothing is known to do first) is left out.
        """
        words = self.tasks[rule]
        empty = [f"{{{name}}}" for name, value in facts.items() if value == ""]
        lines = [words[part] for part in ("why", "first", "closes")]
        body = "\n".join(line.format(**facts) for line in lines if not any(name in line for name in empty))
        return words["subject"].format(**facts)[:255], body

    def opportunity(self, account: str, last: date, limit: int = 120) -> str:
        """The name of a renewal opportunity; a long account name gives way to the day."""
        room = limit - len(self.renewal_name.format(account="", last=last.isoformat()))
        return self.renewal_name.format(account=account[:room].rstrip(), last=last.isoformat())

    def expansion(self, account: str, line: str | None, limit: int = 120) -> str:
        """The name of an expansion opportunity; a long account name gives way."""
        words = self.expansion_name_of if line else self.expansion_name
        room = limit - len(words.format(account="", line=line))
        return words.format(account=account[: max(room, 1)].rstrip(), line=line)[:limit]


def parse_phrases(text: str, where: str, onto: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The templates of a file laid over those of ``onto``: what the file names is replaced, the rest stays. `CardError` names the
    file and what is wrong or missing in the whole."""
    try:
        whole: dict[str, Any] = _laid(onto or {}, _loaded(text))
        Phrases.model_validate(whole)
    except YAMLError as error:
        raise CardError(f"phrases do not fit: {getattr(error, 'problem', '')}", where=where) from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        remedy = (
            "" if "because" in (onto or {}) else "A language that is not shipped needs all that phrases/en.yaml has"
        )
        raise CardError(f"phrases do not fit: {place}: {first['msg'].lower()}", where=where, remedy=remedy) from None
    return whole


@lru_cache(maxsize=100)
def _loaded(text: str) -> Any:
    return YAML(typ="safe").load(text)


def _laid(under: Any, over: Any) -> Any:
    if not isinstance(under, Mapping) or not isinstance(over, Mapping):
        return over
    return {**under, **{name: _laid(under.get(name), value) for name, value in over.items()}}


def spoken_as(tag: str | None) -> str:
    """The language of a tag, without its region: ``zh`` of ``zh-CN``."""
    return (tag or "").split("-")[0].split("_")[0].lower()


def choose(languages: Mapping[str, Phrases], *wanted: str | None) -> Phrases:
    """The phrases of the first wanted language that there is (``zh-CN`` finds ``zh``), English otherwise."""
    for tag in wanted:
        found = languages.get(spoken_as(tag))
        if found:
            return found
    return languages["en"]
