"""Build every `Desired` of a run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from csconnect.compute.danger import SAFE, Danger
from csconnect.compute.explain import Driver, because, drivers_of, weakest
from csconnect.compute.phrases import Phrases
from csconnect.compute.playbooks import TaskIntent, red_account, renewal_task
from csconnect.compute.result import Computed
from csconnect.compute.scorecard import Override, Scorecard
from csconnect.compute.terms import RenewalRules
from csconnect.model.enums import Band, TermState
from csconnect.writeback.desired.expansion import desired_expansions
from csconnect.writeback.desired.renewal_fields import DueList
from csconnect.writeback.desired.roster import AccountCard, Roster
from csconnect.writeback.keys import renewal_stem, task_stem
from csconnect.writeback.values import Desired

if TYPE_CHECKING:
    import pyarrow as pa

UNRENEWED = (TermState.NOT_DUE, TermState.DUE, TermState.DEFERRED)
WORK = (TermState.DUE, TermState.DEFERRED)


def build_desired(
    computed: Computed, trend: Mapping[str, int], roster: Roster, due_list: DueList | None = None
) -> Iterator[Desired]:
    """Desired account fields, renewal and expansion opportunities and tasks of every account of ``roster``.

    ``trend`` is the change of the score in points over the card's window, by account; accounts without one are left out of it.
    ``due_list`` is given where its fields are written.
    """
    scores = {row["account_id"]: row for row in computed.scores.accounts.to_pylist()}
    cards = computed.cards.by_name
    rules = computed.overrides()
    levels = {row["account_id"]: row["level"] for row in computed.stickiness.to_pylist()}
    money = {row["account_id"]: row for row in computed.revenue.to_pylist()}
    dangers = computed.dangers_of()
    terms: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for term in computed.terms.to_pylist():
        terms[term["account_id"]].append(term)
    for account_id, drivers in _drivers(computed.scores.drivers):
        card = roster.accounts.get(account_id)
        if card is None:
            continue
        judge = cards[scores[account_id]["card"]]
        facts = _Facts(
            scores[account_id],
            judge,
            rules.get(account_id, []),
            drivers,
            levels.get(account_id),
            money.get(account_id),
            terms.get(account_id, []),
            dangers.get(account_id, SAFE),
            due_list,
        )
        yield _account(card, facts, computed, trend.get(account_id), roster)
        yield from _renewals(card, facts, roster, computed.renewals)
        yield from _tasks(card, facts, computed, roster)
    if due_list:
        yield from due_list.on_opportunities(roster)
    yield from desired_expansions(computed, roster)


class _Facts:
    """What was computed about one account."""

    def __init__(
        self,
        score: dict[str, Any],
        card: Scorecard,
        overrides: list[Override],
        drivers: list[Driver],
        level: int | None,
        money: dict[str, Any] | None,
        terms: list[dict[str, Any]],
        danger: Danger,
        due_list: DueList | None,
    ) -> None:
        self.score: int | None = score["score"]
        self.band: str | None = score["band"]
        self.coverage: int = score["coverage"]
        self.card = card
        self.overrides = overrides
        self.drivers = drivers
        self.level = level
        self.arr = money["arr"] if money else None
        self.terms = terms
        self.danger = danger
        self.due_list = due_list

    def because(self, words: Phrases) -> str:
        """Why the account has its colour, in the reader's language."""
        return because(self.drivers, self.band, words, self.overrides)

    def due(self) -> list[dict[str, Any]]:
        """Terms that somebody should be working on."""
        return [term for term in self.terms if term["state"] in WORK]


def _drivers(table: pa.Table) -> Iterator[tuple[str, list[Driver]]]:
    """Account by account; the table is sorted by account, so that 100,000 of them are never held as Python objects at once."""
    rows = (row for batch in table.to_batches(max_chunksize=10_000) for row in batch.to_pylist())
    for account_id, group in groupby(rows, key=lambda row: row["account_id"]):
        yield account_id, drivers_of(group)


def _account(card: AccountCard, facts: _Facts, computed: Computed, trend: int | None, roster: Roster) -> Desired:
    ends = [term["end"] for term in facts.terms if term["state"] in UNRENEWED]
    # What is not known any more is said as None: yesterday's colour must not outlive the data it stood on.
    values: dict[str, object] = {
        "health_score": facts.score,
        "health_band": facts.band,
        "health_trend": trend,
        "because": facts.because(roster.words(card)) or None,
        "coverage": facts.coverage,
        "stickiness": None if facts.level is None else f"L{facts.level}",
        "danger_level": facts.danger.level,
        "danger_causes": facts.danger.said(roster.words(card)) or None,
        "next_renewal": min(ends, default=None),
        "arr": facts.arr,
        "scored_on": computed.as_of,
        "scorecard": facts.card.stamp,
        **(facts.due_list.on_account(card) if facts.due_list else {}),
    }
    return Desired(
        entity="account",
        account=card.id,
        connection=card.connection,
        record_id=card.bare,
        values=values,
        rule="health",
        label=card.name,
        why=_why(facts),
    )


def _why(facts: _Facts) -> str:
    """The drivers in one line for the person who reviews the plan: what is lost (or, when green, held) and how much."""
    if facts.overrides and facts.band != Band.GREEN:
        return " · ".join(rule.name.replace("_", " ") for rule in facts.overrides)
    if facts.score is None and facts.coverage >= facts.card.coverage:
        return "no term runs on this day"
    if facts.score is None:
        return f"only {facts.coverage} % of the score's weight has data"
    if facts.band == Band.GREEN:
        best = sorted((d for d in facts.drivers if d.known), key=lambda d: (-d.hundredths, d.signal))[:3]
        return " · ".join(f"{d.signal.replace('_', ' ')} +{d.hundredths / 100:.0f}" for d in best)
    return " · ".join(f"{d.signal.replace('_', ' ')} −{d.lost:.0f}" for d in weakest(facts.drivers)[:3])


def _links(card: AccountCard, roster: Roster, **more: str | None) -> dict[str, str]:
    links = {"account_id": card.bare, "owner_id": roster.owner(card), **more}
    return {name: bare for name, bare in links.items() if bare}


def _renewals(card: AccountCard, facts: _Facts, roster: Roster, rules: RenewalRules) -> Iterator[Desired]:
    """One opportunity for what is renewed together, named by the contract and the first start."""
    words = roster.words(card)
    for subject, start, terms in _together(facts.due()):
        last = _last_day(min(term["end"] for term in terms))
        amount, currency = _sum(terms)
        opening = roster.openings.get(card.connection, {})
        said = facts.due_list.when_made(card, terms, first="stage" in opening, words=words) if facts.due_list else {}
        linked = next((term["renewal_opportunity_id"] for term in terms if term["renewal_opportunity_id"]), None)
        yield Desired(
            entity="opportunity",
            account=card.id,
            connection=card.connection,
            record_id=roster.local(linked, card),
            rule="renewal",
            key=renewal_stem(subject, start),
            values={
                **opening,
                **said,
                "name": words.opportunity(card.name, last),
                "kind": "renewal",
                "amount": amount,
                "currency": currency,
                "close_on": last,
                "why": facts.because(words),
            },
            links=_links(card, roster, contract_id=roster.local(terms[0]["contract_id"], card)),
            label=card.name,
            why=f"term ends {last.isoformat()} and no renewal is open",
            since=start,
            ended_on=max(term["end"] for term in terms),
            window=_closing(terms, rules),
        )


def _together(terms: list[dict[str, Any]]) -> list[tuple[str, date, list[dict[str, Any]]]]:
    """Terms of one contract that begin together or end together: its product lines, and what was added to them later; each with the
    contract (or, without one, the term) and the first start."""
    groups: list[tuple[str, list[dict[str, Any]]]] = []
    for term in sorted(terms, key=lambda term: (term["start"], term["term_id"])):
        subject = term["contract_id"] or term["term_id"]
        known = (
            mine
            for name, mine in groups
            if name == subject and any(term["start"] == one["start"] or term["end"] == one["end"] for one in mine)
        )
        if (mine := next(known, None)) is not None:
            mine.append(term)
        else:
            groups.append((subject, [term]))
    return sorted(((subject, mine[0]["start"], mine) for subject, mine in groups), key=lambda each: each[:2])


def _added(term: dict[str, Any], terms: list[dict[str, Any]]) -> bool:
    """Whether it runs beside an earlier term of the same contract and line to the same day, which speaks for both."""
    return any(
        other["contract_id"] is not None
        and (other["contract_id"], other["product_line"], other["end"])
        == (term["contract_id"], term["product_line"], term["end"])
        and (other["start"], other["term_id"]) < (term["start"], term["term_id"])
        for other in terms
    )


def _closing(terms: list[dict[str, Any]], rules: RenewalRules) -> tuple[date, date]:
    """When a renewal of these terms is expected to close: from a month before work on it begins, in the second half of the term, so
    that a short term's own sale is not taken for its renewal, until the grace is over."""
    start, end = terms[0]["start"], min(term["end"] for term in terms)
    begins = end - timedelta(days=rules.days_before(terms[0]["segment"]) + 30)
    return max(begins, start + (end - start) / 2), max(term["end"] for term in terms) + timedelta(days=rules.grace_days)


def _last_day(end: date) -> date:
    """What people and CRMs call the end of a term: the last day that it covers; ours is the first that it does not."""
    return end - timedelta(days=1)


def _sum(terms: list[dict[str, Any]]) -> tuple[Any, str | None]:
    """What the terms' renewals are worth together; nothing where one is unknown or currencies differ, since they are never just
    added up."""
    currencies = {term["currency"] for term in terms}
    if len(currencies) != 1 or any(term["renewal_amount"] is None for term in terms):
        return None, None
    return sum(term["renewal_amount"] for term in terms), currencies.pop()


def _tasks(card: AccountCard, facts: _Facts, computed: Computed, roster: Roster) -> Iterator[Desired]:
    if facts.band == Band.RED and facts.danger.savable:  # nobody is sent where no effort helps (book L7)
        yield _task(card, red_account(card.id, computed.as_of), facts, computed, roster, None)
    for term in facts.due():
        if _added(term, facts.due()):
            continue
        intent = renewal_task(
            card.id,
            term["term_id"],
            term["state"],
            term["end"],
            computed.as_of,
            due_days=computed.renewals.days_before(term["segment"]),
        )
        if intent is not None:
            yield _task(card, intent, facts, computed, roster, term)


def _reason(facts: _Facts, computed: Computed, term: dict[str, Any] | None) -> str:
    """What made the task, for the person who reviews the plan."""
    if term is None:
        return _why(facts)
    return (
        f"term {'ended' if term['end'] <= computed.as_of else 'ends'} {_last_day(term['end']).isoformat()}, not renewed"
    )


def _task(
    card: AccountCard,
    intent: TaskIntent,
    facts: _Facts,
    computed: Computed,
    roster: Roster,
    term: dict[str, Any] | None,
) -> Desired:
    words = roster.words(card)
    worst = next((d for d in weakest(facts.drivers) if d.signal in words.drivers), None)
    said: dict[str, str] = {
        "account": card.name[:150],
        "yellow": f"{facts.card.bands.yellow:g}",
        "because": facts.because(words),
        "first": words.drivers[worst.signal].first if worst else "",
    }
    if term is not None:
        said |= {
            "last": words.day(_last_day(term["end"])),
            "amount": words.money(term["amount"], term["currency"]),
            "term": words.term_named(term["product_line"]),
        }
    subject, body = words.task(intent.stage, said)
    return Desired(
        entity="task",
        account=card.id,
        connection=card.connection,
        rule=intent.rule,
        key=task_stem(card.id, intent.rule, intent.subject_key),
        values={
            "subject": subject,
            "body": body,
            "urgency": str(intent.urgency),
            "due_on": intent.due_on,
            "stage": intent.stage,
            "status": "open",
        },
        links=_links(card, roster),
        label=card.name,
        why=f"{_reason(facts, computed, term)} · due {intent.due_on.isoformat()}",
        ended_on=term["end"] if term else None,
    )
