"""Which card judges whom: a list of cards with conditions on the account, the first that fits wins, else the default."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from csconnect.compute.rollup import Rollup
from csconnect.compute.scorecard import Scorecard

if TYPE_CHECKING:
    import duckdb

ATTRIBUTES = ("segment", "stage", "industry", "region", "country")
"""What a rule may ask of an account; ``stage`` is the lifecycle stage, as stated or as reckoned."""


@dataclass(frozen=True)
class CardRule:
    """``card`` judges the accounts that have one of the named values in every named attribute."""

    card: Scorecard
    when: Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Cards:
    """The cards in force: ``rules`` in order of precedence, then ``default`` for everyone else."""

    default: Scorecard
    rules: tuple[CardRule, ...] = ()
    stage: Rollup | None = None
    """The roll-up that reckons lifecycle stages; without it only accounts that state one have it."""

    def __iter__(self) -> Iterator[Scorecard]:
        """Every card once, the default last."""
        return iter(self.by_name.values())

    @property
    def by_name(self) -> dict[str, Scorecard]:
        return {card.scorecard: card for card in (*(rule.card for rule in self.rules), self.default)}

    def needs(self) -> list[str]:
        """Every signal that any of the cards needs."""
        return list(dict.fromkeys(name for card in self for name in card.needs()))

    @property
    def stamp(self) -> str:
        """The stamps of all cards and the order in which they are tried."""
        rules = (
            f"{dict(sorted((k, sorted(v)) for k, v in rule.when.items()))}={rule.card.stamp}" for rule in self.rules
        )
        return "; ".join((*rules, self.default.stamp))

    @property
    def reckons_stage(self) -> Rollup | None:
        """The roll-up of stages, if any rule asks for them."""
        return self.stage if any("stage" in rule.when for rule in self.rules) else None


def assign(facts: duckdb.DuckDBPyConnection, cards: Cards) -> None:
    """Make ``judged_by`` (account_id, card): every customer account and the card that judges it. The table of
    ``cards.reckons_stage`` must stand."""
    reckoned = cards.reckons_stage
    stage = "reckoned.stage" if reckoned else "account.stage"
    join = f"LEFT JOIN {reckoned.name} AS reckoned ON reckoned.account_id = account.id" if reckoned else ""
    facts.execute(
        f"""CREATE OR REPLACE TEMP TABLE judged_by AS
        SELECT id AS account_id, {_case(cards)} AS card FROM (
            SELECT account.id, account.segment, {stage} AS stage, account.industry, account.region, account.country
            FROM account {join} WHERE account.is_customer
        ) AS customer"""  # noqa: S608
    )


def _case(cards: Cards) -> str:
    case = exp.Case()
    for rule in cards.rules:
        tests = [exp.column(name).isin(*sorted(values)) for name, values in sorted(rule.when.items())]
        case = case.when(exp.and_(*tests) if tests else exp.true(), exp.Literal.string(rule.card.scorecard))
    default = exp.Literal.string(cards.default.scorecard)
    return (case.else_(default) if case.args.get("ifs") else default).sql(dialect="duckdb")
