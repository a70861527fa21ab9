"""What is said about renewals in score fields, where the configuration asks for it: on the account, and on every open renewal, whoever
made it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from csconnect.compute.phrases import Phrases
from csconnect.compute.renewals import FLAGS, LAST_DAYS
from csconnect.model.enums import TermState
from csconnect.writeback.desired.roster import AccountCard, Roster
from csconnect.writeback.values import Desired

ACCOUNT_FIELDS = ("renewal_state", "renewal_due_arr")
OPPORTUNITY_FIELDS = ("renewal_state", "due_on", "due_arr", "flags", "outlook")

Row = Mapping[str, Any]
_WORK = (TermState.DUE, TermState.DEFERRED)
_WORST = (
    TermState.DEFERRED,
    TermState.DUE,
    TermState.NOT_DUE,
    TermState.CHURNED,
    TermState.WON_BACK,
    TermState.RENEWED,
)


@dataclass(frozen=True)
class DueList:
    """The rows of `csconnect.compute.renewals.renewal_list` on ``as_of`` with every open renewal, and the outlook (0 to 100) of each
    account that has one."""

    as_of: date
    rows: Sequence[Row]
    outlook: Mapping[str, int | None] = field(default_factory=dict)

    @cached_property
    def by_account(self) -> dict[str, list[Row]]:
        """The cycles of each account, each once, however many renewals are open for it."""
        found: dict[str, dict[object, Row]] = defaultdict(dict)
        for row in self.rows:
            found[row["account_id"]].setdefault((row["product_line"], row["last_day"]), row)
        return {account: list(rows.values()) for account, rows in found.items()}

    def on_account(self, card: AccountCard) -> dict[str, object]:
        """The worst state of what is not renewed, and the ARR that is due; empty where nothing is, or where it is in another currency
        than the account."""
        rows = self.by_account.get(card.id, [])
        open_ones = [row for row in rows if row["state"] not in (TermState.RENEWED, TermState.WON_BACK)]
        due = [row for row in open_ones if row["state"] in _WORK]
        return {"renewal_state": _worst(open_ones), "renewal_due_arr": _added(due, card.currency)}

    def when_made(self, card: AccountCard, terms: Sequence[Row], *, first: bool, words: Phrases) -> dict[str, object]:
        """What is said of a renewal of ``terms`` that is about to be made, in the ``first`` stage where one is set: what the next run
        would say of it, so that there is nothing to change then."""
        due_on = min(term["end"] for term in terms)
        lines = {term["product_line"] or "" for term in terms if term["end"] == due_on}
        last = due_on - timedelta(days=1)
        rows = [
            row
            for row in self.by_account.get(card.id, [])
            if row["last_day"] == last and (row["product_line"] or "") in lines
        ]
        late = (last - self.as_of).days < LAST_DAYS
        flags = [name for name, holds in (("still_first", first and late), ("past_close", last < self.as_of)) if holds]
        return self._said(rows, card, terms[0]["currency"], flags, words)

    def on_opportunities(self, roster: Roster) -> Iterator[Desired]:
        """What every open renewal of a known account should say."""
        served: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            if row["opportunity_id"] and row["status"] == "open" and row["account_id"] in roster.accounts:
                served[row["opportunity_id"]].append(row)
        for opportunity_id, rows in sorted(served.items()):
            card = roster.accounts[rows[0]["account_id"]]
            connection, _, bare = opportunity_id.partition(":")
            flags = {flag for row in rows for flag in row["flags"].split()}
            told = [flag for flag in FLAGS if flag in flags]
            yield Desired(
                entity="opportunity",
                account=card.id,
                connection=connection,
                record_id=bare,
                rule="renewal",
                values=self._said(rows, card, rows[0]["amount_currency"], told, roster.words(card)),
                label=card.name,
                why=", ".join(flag.replace("_", " ") for flag in told) or str(_worst(rows)).replace("_", " "),
            )

    def _said(
        self, rows: Sequence[Row], card: AccountCard, currency: str | None, flags: Iterable[str], words: Phrases
    ) -> dict[str, object]:
        last = min((row["last_day"] for row in rows), default=None)
        return {
            "renewal_state": _worst(rows),
            "due_on": last,
            "due_arr": _added(rows, currency or card.currency),
            "flags": words.sentence([words.flags[flag] for flag in flags if flag in words.flags]) or None,
            "outlook": self.outlook.get(card.id),
        }


def _worst(rows: Iterable[Row]) -> str | None:
    states = {row["state"] for row in rows}
    return next((str(state) for state in _WORST if state in states), None)


def _added(rows: Sequence[Row], currency: str | None) -> Decimal | None:
    """Their due ARR, where all of it can be told and is in ``currency``, or in one currency where that says nothing."""
    told = {row["currency"] for row in rows}
    if len(told) != 1 or (currency is not None and told != {currency}) or any(row["due_arr"] is None for row in rows):
        return None
    return sum((row["due_arr"] for row in rows), Decimal(0))
