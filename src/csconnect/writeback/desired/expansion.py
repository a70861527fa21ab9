"""An opportunity for each account that may be asked to buy more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from csconnect.compute.phrases import Phrases
from csconnect.compute.result import Computed
from csconnect.writeback.desired.roster import AccountCard, Roster
from csconnect.writeback.keys import expansion_stem
from csconnect.writeback.values import Desired

CLOSES_IN = timedelta(days=90)
"""When a new expansion is expected to close (ours); the salesperson knows better, and it is theirs from then on."""


def desired_expansions(computed: Computed, roster: Roster) -> Iterator[Desired]:
    """What nothing holds back; nothing where the configuration does not ask for expansions."""
    for row in computed.expansions.to_pylist() if computed.expansions is not None else ():
        card = roster.accounts.get(row["account_id"])
        if card is not None and not row["held_by"]:
            yield _expansion(card, row, computed, roster)


def _expansion(card: AccountCard, row: dict[str, Any], computed: Computed, roster: Roster) -> Desired:
    words, owner = roster.words(card), roster.owner(card)
    return Desired(
        entity="opportunity",
        account=card.id,
        connection=card.connection,
        rule="expansion",
        key=expansion_stem(card.id, row["product_line"]),
        values={
            **roster.openings.get(card.connection, {}),
            "name": words.expansion(card.name, row["product_line"]),
            "kind": "expansion",
            "amount": row["amount"],
            "currency": row["currency"],
            "close_on": computed.as_of + CLOSES_IN,
            "why": said(row, words),
        },
        links={"account_id": card.bare, **({"owner_id": owner} if owner else {})},
        label=card.name,
        why=said(row, roster.phrases["en"]),
    )


def said(row: dict[str, Any], words: Phrases) -> str:
    """Why the account may want more, as one sentence; ``row`` is one of `csconnect.compute.expansion.expansions`."""
    measured = {name: row[name] for name in ("seat_saturation", "quota_saturation") if row[name] is not None}
    clauses = [words.driver(name, value) for name, value in measured.items()]
    clauses += [words.needs[kind] for kind in row["needs"].split()]
    text = words.sentence(clauses)
    return text[:1].upper() + text[1:]
