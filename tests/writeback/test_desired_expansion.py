"""What an expansion opportunity says, in the reader's language."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from csconnect.compute.assign import Cards
from csconnect.compute.result import Computed
from csconnect.compute.score import Scores
from csconnect.library.load import load_library
from csconnect.model.enums import NeedKind
from csconnect.writeback.desired import AccountCard, Roster
from csconnect.writeback.desired.expansion import desired_expansions

AS_OF = date(2026, 11, 22)
LIBRARY = load_library()
ROW = {
    "account_id": "sf:1",
    "product_line": None,
    "needs": "",
    "seat_saturation": 104.0,
    "quota_saturation": None,
    "held_by": "",
    "amount": Decimal("480.00"),
    "currency": "USD",
}


def desired(language="en", name="Acme Robotics", owner="sf:o1", expansions=(ROW,)):
    none = pa.table({"account_id": pa.array([], pa.string())})
    table = None if expansions is None else pa.Table.from_pylist(list(expansions))
    computed = Computed(
        AS_OF, Cards(LIBRARY.card("weekly_health")), Scores(none, none, none), none, none, none, expansions=table
    )
    roster = Roster(
        {"sf:1": AccountCard("sf:1", "sf", name, owner, language)},
        frozenset({"sf:o1"}),
        LIBRARY.phrases,
        openings={"sf": {"stage": "Proposal"}},
    )
    return list(desired_expansions(computed, roster))


def test_it_says_whose_what_and_why():
    (want,) = desired()
    assert (want.entity, want.rule, want.key) == ("opportunity", "expansion", "expansion|sf:1|")
    assert want.values == {
        "stage": "Proposal",
        "name": "Acme Robotics expansion",
        "kind": "expansion",
        "amount": Decimal("480.00"),
        "currency": "USD",
        "close_on": date(2027, 2, 20),
        "why": "104% of the seats bought are in use.",
    }
    assert want.links == {"account_id": "1", "owner_id": "o1"}
    assert (want.label, want.why) == ("Acme Robotics", "104% of the seats bought are in use.")


def test_in_chinese_with_a_product_line_and_a_need():
    row = ROW | {"product_line": "服务云", "needs": "upgrade other", "seat_saturation": None, "amount": None}
    (want,) = desired("zh-CN", expansions=[row | {"quota_saturation": 95.0}])
    assert want.values["name"] == "Acme Robotics 增购：服务云"
    assert want.values["why"] == "资源使用率已达 95%；提出升级版本；提出新的需求。"
    assert want.why == "95% of a quota used; asked for a larger edition; said that it needs more."
    assert want.key == "expansion|sf:1|服务云"


def test_a_long_name_gives_way():
    (want,) = desired(name="A" * 300)
    assert len(str(want.values["name"])) == 120
    assert str(want.values["name"]).endswith(" expansion")


@pytest.mark.parametrize(
    "rows",
    [None, [], [ROW | {"held_by": "stage"}], [ROW | {"account_id": "sf:9"}]],
    ids=["off", "none", "held", "other"],
)
def test_what_is_held_back_is_not_wanted(rows):
    assert desired(expansions=rows) == []


def test_nobody_is_named_where_the_owner_is_not_there_any_more():
    (want,) = desired(owner="sf:o9")
    assert want.links == {"account_id": "1"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_of_need_has_words(language):
    assert LIBRARY.phrases[language].needs.keys() == {*map(str, NeedKind), "other"}
