"""Every shipped rule bites on a fact made for it, and leaves alone what lies one step on this side of it."""

from __future__ import annotations

import pytest

from csconnect.compute.contradiction import contradictions, parse_rule
from csconnect.errors import CardError
from csconnect.library.load import load_library

from . import of_customers, of_money, of_terms
from .rows import AS_OF

BITES = of_terms.BITES | of_money.BITES | of_customers.BITES
SILENT = of_terms.SILENT | of_money.SILENT | of_customers.SILENT


def cases(table):
    return [pytest.param(name, case, id=f"{name}-{n}") for name in table for n, case in enumerate(table[name])]


@pytest.mark.parametrize(("name", "case"), cases(BITES))
def test_a_rule_bites(name, case, facts, library):
    rows, expected = case
    found = contradictions(facts(rows), [library.quality[name]], AS_OF).to_pylist()
    keys = ("entity", "id", "account_id", "field", "number", "bound")
    assert [tuple(row[key] for key in keys) for row in found] == expected
    assert {row["rule"] for row in found} == {name}
    assert all(
        row["connection"] == (None if row["entity"] in ("module", "fx_rate") else row["id"].split(":")[0])
        for row in found
    )


@pytest.mark.parametrize(("name", "rows"), cases(SILENT))
def test_and_leaves_alone_what_is_fine(name, rows, facts, library):
    assert contradictions(facts(rows), [library.quality[name]], AS_OF).num_rows == 0


def test_every_shipped_rule_has_examples_of_both_and_speaks_both_languages(library):
    assert library.quality.keys() == BITES.keys() == SILENT.keys()
    for rule in library.quality.values():
        for words in (rule.header.title, rule.header.says, rule.header.remedy):
            assert words.keys() == {"en", "zh"}, rule.name
            assert all(words.values())


def test_what_is_said_of_a_record(library):
    says = library.quality["seats_exceeded"].says
    assert says(1234.0, 50.0) == "1,234 people active in 28 days, 50 seats bought"
    assert says(12.5, None, "zh") == "28 天内活跃 12.5 人，购买 – 个账号"
    assert says(100.0, 1.0, "fr") == "100 people active in 28 days, 1 seats bought"


HEAD = "/*\ntitle: {en: T}\nlevel: note\nsays: {en: S}\nremedy: {en: R}\n*/\n"
BODY = "SELECT 'goal' AS entity, goal.id, goal.account_id, 'x' AS field, goal.target AS number, goal.actual AS bound FROM goal"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD + BODY.replace("goal.target", "goal.targett"), ("quality/r.sql:7:", "targett", "E-CARD")),
        (HEAD + BODY.replace("FROM goal", "FROM gaol"), ("quality/r.sql:7:", "no table 'gaol'")),
        (
            HEAD + "SELECT goal.id FROM goal",
            ("quality/r.sql:7:1", "exactly entity, id, account_id, field, number and bound"),
        ),
        (HEAD + BODY + " WHERE goal.due_on < current_date", ("quality/r.sql:7:", "current_date")),
        (
            HEAD.replace("en: S", 'en: "{name}"') + BODY,
            ("quality/r.sql:1:1", "'says'", "{name}", "{number} and {bound}"),
        ),
        (HEAD.replace("remedy: {en: R}", "remedy: {zh: R}") + BODY, ("'remedy'", "'en'")),
        (HEAD.replace("level: note", "level: fatal") + BODY, ("'level'",)),
        (BODY, ("quality/r.sql:1:1", "header")),
    ],
)
def test_a_broken_rule_is_one_sentence_with_its_place(text, says):
    with pytest.raises(CardError) as caught:
        parse_rule("r", text, "quality/r.sql")
    assert all(word in str(caught.value) for word in says), str(caught.value)


def test_a_folder_of_ones_own_adds_rules_and_replaces_them(tmp_path):
    (tmp_path / "quality").mkdir()
    for name in ("mine", "nps_scale"):
        (tmp_path / "quality" / f"{name}.sql").write_text(HEAD + BODY, "utf-8")
    rules = load_library([tmp_path]).quality
    assert rules.keys() == BITES.keys() | {"mine"}
    assert rules["nps_scale"].header.title == {"en": "T"}
