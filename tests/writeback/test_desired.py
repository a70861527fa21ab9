"""From computed tables to what the CRM should say."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from csconnect.compute.assign import Cards
from csconnect.compute.result import Computed
from csconnect.compute.score import Scores
from csconnect.compute.scorecard import Bands
from csconnect.library.load import load_library
from csconnect.writeback.desired import AccountCard, Roster, build_desired

AS_OF = date(2026, 11, 22)
LIBRARY = load_library()
NO_OVERRIDES = pa.schema([("account_id", pa.string()), ("name", pa.string())]).empty_table()


def computed(score=54, band="red", terms=(), arr="84000", level=2):
    card = LIBRARY.card("weekly_health")
    drivers = [
        {
            "account_id": "sf:1",
            "dimension": d,
            "signal": name,
            "value": 0.0,
            "share": 0.0,
            "weight": s.weight,
            "card_weight": s.weight,
            "contribution": None if score is None else 0,
        }
        for d, name, s in card.signals()
    ]
    accounts = [
        {
            "account_id": "sf:1",
            "card": "weekly_health",
            "score": score,
            "band": band,
            "coverage": 100 if score else 30,
            "points": 1.0,
        }
    ]
    blank = {
        "product_line": "CRM",
        "currency": "USD",
        "seats": None,
        "segment": None,
        "next_start": None,
        "renewal_opportunity_id": None,
    }
    rows = [{"account_id": "sf:1", "days_to_end": (term["end"] - AS_OF).days, **blank, **term} for term in terms]
    return Computed(
        AS_OF,
        Cards(card),
        Scores(pa.Table.from_pylist(accounts), pa.Table.from_pylist(drivers), NO_OVERRIDES),
        pa.Table.from_pylist([{"account_id": "sf:1", "level": level}] if level is not None else []),
        pa.Table.from_pylist(rows),
        pa.Table.from_pylist([{"account_id": "sf:1", "arr": Decimal(arr), "currency": "USD"}]),
    )


def term(state, end, contract="sf:c1", name="t1", amount="84000", **rest):
    base = {"term_id": f"sf:{name}", "contract_id": contract, "start": date(2026, 2, 14), "end": end, "state": state}
    worth = {"amount": Decimal(amount)} | rest
    return base | {"renewal_amount": worth["amount"]} | worth


def roster(language=None, owner="sf:o1", active=("sf:o1",), fallback=None):
    card = AccountCard("sf:1", "sf", "Acme Robotics", owner, language)
    return Roster(
        {"sf:1": card},
        frozenset(active),
        LIBRARY.phrases,
        {"sf": "en"},
        {"sf": fallback},
        {"sf": {"stage": "Prospecting"}},
    )


def wanted(entity, *arguments, **rest):
    return [item for item in build_desired(*arguments, **rest) if item.entity == entity]


def test_account_fields():
    (found,) = wanted("account", computed(terms=[term("not_due", date(2027, 9, 1))]), {"sf:1": -9}, roster())
    assert found.record_id == "1"
    assert found.values["health_score"] == 54
    assert found.values["health_trend"] == -9
    assert found.values["stickiness"] == "L2"
    assert found.values["next_renewal"] == date(2027, 9, 1)
    assert found.values["arr"] == Decimal("84000")
    assert len(found.values["because"]) <= 255


def endangered(*causes, band="red", level="high", savable=True):
    row = {"account_id": "sf:1", "level": level, "causes": list(causes), "savable": savable}
    return dataclasses.replace(
        computed(band=band), endangered=pa.Table.from_pylist([row]), dangers=LIBRARY.causes("book")
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The decision maker changed; no question or issue for three months."),
        ("zh", "决策人变更；三个月没有任何提问或反馈。"),
    ],
)
def test_danger_is_said_in_the_accounts_language(language, said):
    (found,) = wanted("account", endangered("decision_maker_changed", "silence"), {}, roster(language))
    assert (found.values["danger_level"], found.values["danger_causes"]) == ("high", said)


def test_no_danger_clears_both_fields():
    (found,) = wanted("account", computed(), {}, roster())
    assert [found.values[name] for name in ("danger_level", "danger_causes")] == [None, None]


def test_nobody_is_sent_to_a_red_account_that_no_effort_saves():
    assert len(wanted("task", endangered("competitor"), {}, roster())) == 1
    lost = endangered("business_failing", "competitor", savable=False)
    assert wanted("task", lost, {}, roster()) == []
    due = computed(band="red", terms=[term("due", date(2026, 12, 20))])
    still = dataclasses.replace(due, endangered=lost.endangered, dangers=lost.dangers)
    assert [item.rule for item in wanted("task", still, {}, roster())] == ["renewal"]


def test_what_is_not_known_any_more_is_cleared():
    (found,) = wanted("account", computed(score=None, band=None, level=None), {}, roster())
    assert {
        name: found.values[name] for name in ("health_score", "health_band", "because", "stickiness")
    } == dict.fromkeys(("health_score", "health_band", "because", "stickiness"))


@pytest.mark.parametrize(
    ("language", "starts"), [(None, "No core module"), ("zh-CN", "核心模块"), ("fr", "No core module")]
)
def test_words_are_in_the_accounts_language(language, starts):
    (found,) = wanted("account", computed(), {}, roster(language))
    assert found.values["because"].startswith(starts)


@pytest.mark.parametrize(
    ("state", "count"), [("not_due", 0), ("due", 1), ("deferred", 1), ("churned", 0), ("renewed", 0), ("won_back", 0)]
)
def test_a_renewal_for_each_term_that_is_due(state, count):
    found = wanted("opportunity", computed(terms=[term(state, date(2027, 1, 10))]), {}, roster())
    assert len(found) == count
    for item in found:
        assert item.values["stage"] == "Prospecting"
        assert item.values["close_on"] == date(2027, 1, 9), "the last day covered; the end is the day after"
        assert item.values["name"] == "Acme Robotics renewal 2027-01-09"
        assert item.links == {"account_id": "1", "owner_id": "o1", "contract_id": "c1"}


def test_lines_of_one_contract_that_fall_due_together_are_one_renewal():
    terms = [
        term("due", date(2027, 1, 10)),
        term("due", date(2027, 1, 10), name="t2", amount="16000", product_line="BI"),
    ]
    (found,) = wanted("opportunity", computed(terms=terms), {}, roster())
    assert found.values["amount"] == Decimal("100000")
    mixed = [terms[0], terms[1] | {"currency": "EUR"}]
    (found,) = wanted("opportunity", computed(terms=mixed), {}, roster())
    assert found.values["amount"] is None, "currencies are never just added up"


def test_a_contract_of_another_system_is_not_linked():
    (found,) = wanted("opportunity", computed(terms=[term("due", date(2027, 1, 10), contract="hs:9")]), {}, roster())
    assert "contract_id" not in found.links


def test_a_red_account_and_a_due_term_make_one_task_each():
    found = wanted("task", computed(terms=[term("due", date(2026, 12, 10))]), {}, roster())
    assert {item.rule for item in found} == {"account_red", "renewal"}
    assert len({item.key for item in found}) == 2
    renewal = next(item for item in found if item.rule == "renewal")
    assert renewal.values["stage"] == "renewal_due_30"
    assert renewal.values["subject"] == "Acme Robotics: renewal due Dec 9, 2026, the last 30 days"
    assert "$84,000.00" in renewal.values["body"]
    assert renewal.values["due_on"].weekday() < 5


def test_no_task_for_a_yellow_account():
    assert wanted("task", computed(score=70, band="yellow"), {}, roster()) == []


@pytest.mark.parametrize(
    ("owner", "active", "fallback", "expected"),
    [
        ("sf:o1", ["sf:o1"], "boss", "o1"),
        ("sf:o1", [], "boss", "boss"),
        (None, [], "boss", "boss"),
        ("sf:o1", [], None, None),
    ],
)
def test_work_goes_to_an_active_owner_or_to_whom_the_policy_names(owner, active, fallback, expected):
    (found,) = wanted("task", computed(), {}, roster(owner=owner, active=active, fallback=fallback))
    assert found.links.get("owner_id") == expected


EN = """Why: the CRM term ends on Jan 9, 2027 ($84,000.00) and nothing is signed yet.
First: check goals, decision chain and open promises, then book the renewal meeting.
Closes by itself when the next term is signed."""
EN_BARE = EN.replace("the CRM term", "the term").replace("$84,000.00", "amount unknown")
ZH = """原因：CRM 合同将于 2027年1月9日 到期（US$84,000.00），续约合同尚未签署。
先做：核对目标达成情况、决策链变化和未兑现的承诺，然后预约续约会议。
下一期合同签署后自动关闭。"""
ZH_BARE = ZH.replace("CRM 合同", "合同").replace("US$84,000.00", "金额未知")


@pytest.mark.parametrize(
    ("language", "rest", "subject", "body"),
    [
        ("en", {}, "Acme Robotics: renewal due Jan 9, 2027", EN),
        ("en", {"product_line": None, "amount": None}, "Acme Robotics: renewal due Jan 9, 2027", EN_BARE),
        ("zh", {}, "Acme Robotics：合同 2027年1月9日 到期，请启动续约", ZH),
        ("zh", {"product_line": None, "amount": None}, "Acme Robotics：合同 2027年1月9日 到期，请启动续约", ZH_BARE),
    ],
)
def test_a_renewal_task_word_by_word(language, rest, subject, body):
    """The day is the last one covered, as the contract in the CRM has it; what is not known is said, not left as a hole."""
    due = term("due", date(2027, 1, 10)) | rest
    (found,) = wanted("task", computed(score=90, band="green", terms=[due]), {}, roster(language))
    assert (found.values["subject"], found.values["body"]) == (subject, body)
    assert found.values["due_on"] == date(2026, 11, 24), "two weeks into the 90 days is past, so the second working day"


def test_a_red_account_task_word_by_word():
    (found,) = wanted("task", computed(), {}, roster())
    assert found.values["body"].splitlines() == [
        "Why: No core module in use; no progress towards the agreed goals; no record complete.",
        "First: Show one core process end to end with the customer's own data.",
        "Closes by itself when health is yellow (60) or better.",
    ]


def test_a_task_names_the_edge_of_the_card_in_force_and_leaves_out_what_nobody_knows():
    """A card of one's own has its own edges, and signals for which there are no words yet."""
    found = computed()
    card = found.cards.default.model_copy(update={"bands": Bands(green=70, yellow=45)})
    drivers = found.scores.drivers.set_column(2, "signal", pa.array(["own_signal"] * found.scores.drivers.num_rows))
    own = dataclasses.replace(found, cards=Cards(card), scores=Scores(found.scores.accounts, drivers, NO_OVERRIDES))
    (task,) = wanted("task", own, {}, roster())
    assert task.values["body"].splitlines() == [
        "Why: Own signal 0; own signal 0; own signal 0.",
        "Closes by itself when health is yellow (45) or better.",
    ]


def test_a_long_name_leaves_the_day_in_the_name_of_an_opportunity():
    long = Roster({"sf:1": AccountCard("sf:1", "sf", "A" * 255)}, frozenset(), LIBRARY.phrases)
    (found,) = wanted("opportunity", computed(terms=[term("due", date(2027, 1, 10))]), {}, long)
    assert found.values["name"].endswith("A renewal 2027-01-09")
    assert len(found.values["name"]) == 120
    for task in wanted("task", computed(terms=[term("due", date(2027, 1, 10))]), {}, long):
        assert task.values["subject"].endswith(("health is red", "renewal due Jan 9, 2027"))
        assert len(task.values["subject"]) <= 255


@pytest.mark.parametrize("line", ["CRM", "ERP"], ids=["an-expansion-of-it", "another-line"])
def test_what_was_added_to_a_contract_and_ends_with_it_is_renewed_with_it(line):
    """Co-termed: one opportunity, under the key of the first order, so that nothing is doubled that was made before."""
    end = date(2027, 1, 10)
    terms = [
        term("due", end, renewal_amount=Decimal(1800) if line == "CRM" else Decimal(1200)),
        term(
            "due",
            end,
            name="t2",
            start=date(2026, 7, 1),
            product_line=line,
            renewal_amount=Decimal(0) if line == "CRM" else Decimal(600),
        ),
    ]
    found = computed(score=90, band="green", terms=terms)
    (opportunity,) = wanted("opportunity", found, {}, roster())
    assert (opportunity.key, opportunity.values["amount"]) == ("renewal|sf:c1|2026-02-14", Decimal(1800))
    assert len(wanted("task", found, {}, roster())) == (1 if line == "CRM" else 2), "one for each line that falls due"


def test_terms_of_two_contracts_are_two_renewals():
    terms = [term("due", date(2027, 1, 10)), term("due", date(2027, 1, 10), contract="sf:c2", name="t2")]
    assert len(wanted("opportunity", computed(score=90, band="green", terms=terms), {}, roster())) == 2
