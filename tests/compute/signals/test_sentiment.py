"""What customers answer when they are asked, and whose answer it is (decks 001:1525-1537)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest

AS_OF = date(2026, 11, 22)
numbers = count()


def answer(
    score: float, ago: int, role: str | None = None, who: str | None = None, kind: str = "nps"
) -> dict[str, Any]:
    return {
        "id": f"sf:{next(numbers):06}",
        "account_id": "sf:1",
        "kind": kind,
        "score": score,
        "answered_on": AS_OF - timedelta(days=ago),
        "respondent_role": role,
        "contact_id": who and f"sf:{who}",
    }


def person(name: str, *roles: str, left: int | None = None) -> dict[str, Any]:
    gone = None if left is None else AS_OF - timedelta(days=left)
    return {"id": f"sf:{name}", "account_id": "sf:1", "roles": list(roles), "left_on": gone}


@pytest.mark.parametrize("role", ["decision_maker", "department_head"])
def test_the_newest_answer_of_those_who_decide(judge, role):
    told = [answer(3, 200, role), answer(8, 20, role), answer(10, 1, "user"), answer(1, 5), answer(2, -1, role)]
    assert judge("nps_decision_maker", "survey", survey=told) == 8
    by_contact = [answer(8, 20, None, "boss"), answer(10, 1, None, "clerk"), answer(9, 3, "user", "nobody")]
    people = [person("boss", "it", role), person("clerk", "user")]
    assert judge("nps_decision_maker", "survey", survey=by_contact, contact=people) == 8


@pytest.mark.parametrize(("ago", "known"), [(364, True), (365, False)])
def test_an_answer_speaks_for_a_year(judge, ago, known):
    found = judge("nps_decision_maker", "survey", survey=[answer(7, ago, "decision_maker")])
    assert found == (7 if known else None)


def test_who_left_speaks_no_more(judge):
    answers = [answer(9, 30, "decision_maker", "old"), answer(4, 60, "decision_maker", "new")]
    assert judge("nps_decision_maker", "survey", survey=answers, contact=[person("old", left=0)]) == 4
    assert judge("nps_decision_maker", "survey", survey=answers, contact=[person("old", left=-1)]) == 9
    upset = [answer(2, 30, "key_user", "old"), answer(9, 30, "key_user")]
    assert judge("nps_detractors", "survey", survey=upset, contact=[person("old", left=3)]) == 0


@pytest.mark.parametrize("role", ["key_user", "administrator", "department_head"])
@pytest.mark.parametrize(("score", "detractors"), [(0, 1), (6, 1), (6.5, 0), (7, 0), (10, 0)])
def test_a_detractor_answers_six_or_less(judge, role, score, detractors):
    assert judge("nps_detractors", "survey", survey=[answer(score, 10, role)]) == detractors


def test_a_detractor_who_was_won_back_is_none(judge):
    answers = [answer(2, 90, "key_user", "li"), answer(9, 10, "key_user", "li"), answer(5, 170, "administrator", "wu")]
    assert judge("nps_detractors", "survey", survey=answers) == 1
    assert judge("nps_detractors", "survey", survey=[*answers, answer(3, 5, None, "li")]) == 1
    people = [person("li", "key_user")]
    assert judge("nps_detractors", "survey", survey=[*answers, answer(3, 5, None, "li")], contact=people) == 2


def test_answers_without_a_name_stand_for_themselves(judge):
    answers = [answer(2, 90, "key_user"), answer(9, 10, "key_user"), answer(5, 60, "key_user")]
    assert judge("nps_detractors", "survey", survey=answers) == 2


def test_no_answer_of_a_key_user_is_unknown_and_not_none(judge):
    assert judge("nps_detractors", "survey") is None
    assert judge("nps_detractors", "survey", survey=[answer(2, 10, "user"), answer(2, 180, "key_user")]) is None
    assert judge("nps_detractors", "survey", survey=[answer(2, 10, "key_user", kind="csat")]) is None


def test_satisfaction_is_the_mean_of_half_a_year(judge):
    answers = [answer(5, 0, kind="csat"), answer(2, 179, kind="csat"), answer(1, 180, kind="csat"), answer(9, 3)]
    assert judge("csat", "survey", survey=answers) == 3.5
    assert judge("csat", "survey", survey=answers[2:]) is None
    assert judge("csat", "survey") is None
