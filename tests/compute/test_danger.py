"""Danger: the book's causes by its own examples, a twin in plain Python, and what a bad file is told."""

from __future__ import annotations

import random
from datetime import date

import pyarrow as pa
import pytest

from csconnect.compute.danger import SAFE, Danger, find_dangers, parse_dangers
from csconnect.compute.measure import measure
from csconnect.compute.result import compute
from csconnect.errors import CardError
from csconnect.library.load import load_library
from csconnect.model.enums import DangerLevel

AS_OF = date(2026, 11, 22)
RANK = {"high": 0, "ordinary": 1, "light": 2}


@pytest.fixture
def book(library):
    return library.causes("book")


def found(connection, rules, signals, worlds, stale=()):
    """account -> (level, causes, savable), for accounts whose signals have the given values."""
    measure(connection, [], AS_OF)
    rows = [(account, name, value) for account, values in worlds.items() for name, value in values.items()]
    known = [row for row in rows if row[2] is not None]
    columns = dict(zip(("account_id", "signal", "value"), map(list, zip(*known, strict=True)), strict=True))
    connection.register("given", pa.table(columns))
    connection.execute("INSERT INTO measured SELECT account_id, signal, CAST(value AS DOUBLE) FROM given")
    silent = list(zip(*(stale or [("nobody", "none", 0)]), strict=True))
    connection.register("silent", pa.table(dict(zip(("account_id", "signal", "days"), silent, strict=True))))
    connection.execute("INSERT INTO stale SELECT * FROM silent")
    table = find_dangers(connection, rules, signals)
    assert table.column_names == ["account_id", "level", "causes", "savable"]
    return {row["account_id"]: (row["level"], row["causes"], row["savable"]) for row in table.to_pylist()}


@pytest.mark.parametrize(
    ("values", "level", "causes"),
    [
        ({"business_failing": 1}, "high", ["business_failing"]),
        ({"wrong_customer": 1}, "high", ["wrong_customer"]),
        ({"wrong_customer": 1, "activity": 19}, "high", ["wrong_customer", "activity_under_20"]),
        ({"wrong_customer": 1, "activity": 20}, None, []),
        ({"red_light": 1}, "high", ["red_light"]),
        ({"activity": 19.99}, "high", ["activity_under_20"]),
        ({"activity": 20}, None, []),
        ({"decision_maker_changed": 1}, "high", ["decision_maker_changed"]),
        ({"competitor": 1}, "high", ["competitor"]),
        ({"value_unclear": 1}, "high", ["value_unclear"]),
        ({"goals_agreed": 0, "tenure": 3}, "high", ["no_goals"]),
        ({"goals_agreed": 0, "tenure": 2.9}, None, []),
        ({"goals_agreed": 0}, None, []),
        ({"goals_agreed": 1, "tenure": 30}, None, []),
        ({"activity": 82, "process_depth": 1}, "high", ["active_but_shallow"]),
        ({"activity": 82, "process_depth": 3, "modules_in_use": 2}, "high", ["active_but_shallow"]),
        ({"activity": 82, "process_depth": 2, "modules_in_use": 3}, None, []),
        ({"activity": 49.9, "process_depth": 1}, None, []),
        ({"not_live_days": 91}, "ordinary", ["go_live_late"]),
        ({"not_live_days": 90}, None, []),
        ({"oldest_ticket": 31}, "ordinary", ["issues_unsolved"]),
        ({"activation_rate": 30, "tenure": 3}, "ordinary", ["low_activation"]),
        ({"activation_rate": 30, "tenure": 1}, None, []),
        ({"usage_change": -20}, "ordinary", ["usage_falling"]),
        ({"usage_change": -19}, None, []),
        ({"silence": 91}, "ordinary", ["silence"]),
        ({"silence": 90}, None, []),
        ({"meetings_declined": 2}, "ordinary", ["avoids_us"]),
        ({"meetings_declined": 1}, None, []),
        ({"decision_maker_contact": 181}, "ordinary", ["decision_maker_not_met"]),
        ({"overdue_commitments": 1}, "ordinary", ["promises_broken"]),
        ({"nps_detractors": 1}, "ordinary", ["detractor"]),
        ({"champion_left": 1, "decision_maker_changed": 0}, "light", ["champion_left"]),
        ({"champion_left": 1}, "light", ["champion_left"]),
        ({"champion_left": 1, "decision_maker_changed": 1}, "high", ["decision_maker_changed"]),
        ({"unmet_requirements": 1}, "light", ["unmet_requirement"]),
        ({"overdue_payments": 31}, "light", ["payment_overdue"]),
        ({"seat_growth": 400}, None, []),
        (
            {"unmet_requirements": 1, "silence": 91, "competitor": 1},
            "high",
            ["competitor", "silence", "unmet_requirement"],
        ),
    ],
    ids=lambda value: None if isinstance(value, (str, list)) else ",".join(value or ()),
)
def test_each_cause_of_the_book(facts, book, library, values, level, causes):
    connection = facts({"account": [{"id": "sf:1", "name": "Acme"}]})
    hopeless = {"business_failing", "wrong_customer"} & set(causes)
    expected = {"sf:1": (level, causes, not hopeless)} if level else {}
    assert found(connection, book, library.signals, {"sf:1": values}) == expected


def test_every_cause_is_in_the_table_above(book):
    (marks,) = [m for m in test_each_cause_of_the_book.pytestmark if m.name == "parametrize"]
    assert {cause.name for cause in book.causes} == {name for _, _, names in marks.args[1] for name in names}


@pytest.mark.parametrize("seed", range(3))
def test_danger_twin(facts, book, library, seed):
    """A thousand accounts with values at, above and below every limit, unknown and stale ones among them."""
    dice = random.Random(seed)
    edges = [*dict.fromkeys(limit + step for limit in LIMITS for step in (-0.01, 0, 0.01)), None, None]
    accounts = [f"sf:{number:04}" for number in range(1000)]
    worlds = {a: {name: dice.choice(edges) for name in book.needs() if dice.random() < 0.4} for a in accounts}
    stale = [(a, name, dice.choice([8, 9, 35, 36])) for a in accounts for name in book.needs() if dice.random() < 0.3]
    old = {(a, name) for a, name, days in stale if days > (library.signals[name].header.freshness or 10**6)}
    connection = facts({"account": [{"id": account, "name": account} for account in accounts]})
    expected = {}
    for account, values in worlds.items():
        fresh = {name: value for name, value in values.items() if (account, name) not in old}
        hold = [cause for cause in book.causes if cause.when.holds(fresh) is True]
        if hold:
            hold.sort(key=lambda cause: RANK[cause.level])
            names, savable = [cause.name for cause in hold], all(cause.savable for cause in hold)
            expected[account] = (hold[0].level, names, savable)
    assert len({tuple(names) for _, names, _ in expected.values()}) > 100
    assert len(expected) < len(accounts)
    assert found(connection, book, library.signals, worlds, stale) == expected


LIMITS = (-20, 0, 1, 2, 3, 20, 30, 50, 90, 180)


def test_only_customers_of_the_day_are_in_danger(facts, book, library):
    """Whose terms are over gets no danger, like no score; who is no customer neither; both measured once for score and danger."""
    accounts = [{"id": "sf:1"}, {"id": "sf:2"}, {"id": "sf:3", "is_customer": False}]
    start, over = date(2026, 1, 1), date(2026, 3, 1)
    ends = {"sf:1": date(2027, 1, 1), "sf:2": over}
    concern = {"cause": "competitor", "raised_on": date(2026, 11, 1)}
    connection = facts(
        {
            "account": [{"name": "Acme", **account} for account in accounts],
            "term": [{"id": a, "account_id": a, "start": start, "end": end} for a, end in ends.items()],
            "concern": [{"id": a["id"], "account_id": a["id"], **concern} for a in accounts],
            "delivery": [{"account_id": a["id"], "entity": "concern"} for a in accounts],
        }
    )
    card = library.card("weekly_health")
    computed = compute(connection, card, library.signals, AS_OF, dangers=book)
    assert computed.dangers_of() == {"sf:1": Danger(DangerLevel.HIGH, [book.cause("competitor")], True)}
    without = compute(connection, card, library.signals, AS_OF)
    assert (without.endangered, without.dangers_of()) == (None, {})
    assert computed.scores.accounts == without.scores.accounts


def test_what_a_csm_reads(book, library):
    causes = [book.cause(name) for name in ("business_failing", "silence")]
    danger = Danger(DangerLevel.HIGH, causes, False)
    assert (
        danger.said(library.phrases["en"])
        == "The customer's business is failing; no question or issue for three months."
    )
    assert danger.said(library.phrases["zh"]) == "客户自身经营出现危机；三个月没有任何提问或反馈。"
    everything = Danger(DangerLevel.HIGH, book.by_severity(), False)
    assert len(everything.said(library.phrases["en"])) <= 255
    assert SAFE.said(library.phrases["en"]) == ""


FILE = """\
dangers: ours
version: 1
title: {en: Ours, zh: 我们的}
causes:
  - name: quiet
    level: light
    title: {en: quiet, zh: 安静}
    when: {signal: silence, above: 30}
    source: ours
"""


@pytest.mark.parametrize(
    ("old", "new", "where", "what", "remedy"),
    [
        ("silence", "silense", "8:5", "quiet: unknown signal 'silense'", "Did you mean 'silence'?"),
        ("{en: quiet, zh: 安静}", "{en: quiet}", "7:5", "quiet is not said in 'zh'", "Add zh:"),
        ("{en: Ours, zh: 我们的}", "{zh: 我们的}", "3:1", "the title is not said in 'en'", "Add en:"),
        ("level: light", "level: grave", "6:5", "causes.0.level", ""),
        ("above: 30", "over: 30", "8:29", "causes.0.when.over", ""),
        ("version: 1", "version: 1\nverson: 2", "3:1", "verson: Extra inputs", "Did you mean 'version'?"),
        ("    source: ours\n", "", "5:5", "causes.0.source: Field required", ""),
    ],
)
def test_a_bad_file_is_told_where(library, old, new, where, what, remedy):
    parse_dangers(FILE, "dangers/ours.yaml", library.signals)
    with pytest.raises(CardError) as raised:
        parse_dangers(FILE.replace(old, new), "dangers/ours.yaml", library.signals)
    said = str(raised.value)
    assert f"dangers/ours.yaml:{where}: {what}" in said, said
    assert remedy in said


def test_two_causes_of_one_name_are_refused(library):
    twice = FILE + FILE.split("causes:\n")[1]
    with pytest.raises(CardError, match="two causes have the name quiet"):
        parse_dangers(twice, "ours.yaml", library.signals)


def test_dangers_that_nobody_wrote(library):
    with pytest.raises(CardError, match="no dangers 'bok'"):
        library.causes("bok")


def test_a_file_of_ones_own_stands_beside_the_books_and_may_replace_it(tmp_path):
    (tmp_path / "dangers").mkdir()
    for name, text in {"ours": FILE, "book": FILE.replace("dangers: ours", "dangers: book")}.items():
        (tmp_path / "dangers" / f"{name}.yaml").write_text(text, "utf-8")
    found = load_library([tmp_path])
    assert found.dangers.keys() == {"ours", "book"}
    assert [cause.name for cause in found.causes("book").causes] == ["quiet"]
