"""Contradictions of everything else that is known of a customer: use, people, goals, projects, tickets, answers."""

from __future__ import annotations

from .rows import CATALOGUE, CHANGE, GOAL, PEOPLE, PROJECT, TICKET, A, answer, at, contract, day, module_day, term, used

BITES = {
    "seats_exceeded": [
        (
            {"contract": [contract(2)], "usage_day": used(2, 27) + used(3)},
            [("account", A, A, "seats", 3.0, 2.0)],
        ),
        ({"term": [term("t", 10, -1, seats=1)], "usage_day": used(2)}, [("account", A, A, "seats", 2.0, 1.0)]),
        (
            {
                "contract": [{"id": "sf:k", "account_id": A, "seats": 1}],
                "usage_day": used(2),
            },
            [("account", A, A, "seats", 2.0, 1.0)],
        ),
    ],
    "quota_exceeded": [
        (
            {"quota": [{"id": "sf:q", "account_id": A, "resource": "sms", "bought": 10.0, "used": 10.5}]},
            [("quota", "sf:q", A, "used", 10.5, 10.0)],
        )
    ],
    "unknown_module": [
        (
            {"module": CATALOGUE, "usage_module_day": [module_day("ghost"), module_day("ghost", 89)]},
            [("module", "ghost", None, "id", 1.0, None)],
        ),
        (
            {
                "module": CATALOGUE,
                "reading": [
                    {"id": "sf:r", "account_id": A, "metric": "records", "module": "spook", "day": day(1), "value": 1.0}
                ],
            },
            [("module", "spook", None, "id", 1.0, None)],
        ),
    ],
    "without_account": [
        (
            {"need": [{"id": "hs:n", "stated_on": day(1)}], "consumption": [{"id": "hs:u", "day": day(1)}]},
            [
                (entity, key, None, "account_id", None, None)
                for entity, key in (("consumption", "hs:u"), ("need", "hs:n"))
            ],
        ),
        (
            {"contact": [{"id": "hs:p"}], "ticket": [{"id": "hs:t", "opened_at": at(1)}]},
            [
                (entity, key, None, "account_id", None, None)
                for entity, key in (("contact", "hs:p"), ("ticket", "hs:t"))
            ],
        ),
        (
            {
                "contract": [{"id": "hs:k"}],
                "touchpoint": [{"id": "hs:m", "happened_at": at(1)}],
                "term": [term("t", 9, 1, account_id=None)],
                "survey": [answer(9.0, account_id=None)],
                "goal": [GOAL | {"account_id": None}],
                "quota": [{"id": "hs:q", "resource": "sms", "bought": 1.0}],
                "concern": [{"id": "hs:n", "cause": "price", "raised_on": day(1)}],
                "advocacy": [{"id": "hs:a", "kind": "speaker", "happened_on": day(1)}],
            },
            [
                (entity, key, None, "account_id", None, None)
                for entity, key in (
                    ("advocacy", "hs:a"),
                    ("concern", "hs:n"),
                    ("contract", "hs:k"),
                    ("goal", "sf:g"),
                    ("quota", "hs:q"),
                    ("survey", "sf:s"),
                    ("term", "sf:t"),
                    ("touchpoint", "hs:m"),
                )
            ],
        ),
    ],
    "nps_scale": [
        ({"survey": [answer(10.5)]}, [("survey", "sf:s", A, "score", 10.5, 10.0)]),
        ({"survey": [answer(-1.0)]}, [("survey", "sf:s", A, "score", -1.0, 10.0)]),
    ],
    "percent_scale": [
        (
            {"account": [{"id": A, "name": "x", "data_quality": 100.5, "business_health": -1.0}]},
            [("account", A, A, "business_health", -1.0, 100.0), ("account", A, A, "data_quality", 100.5, 100.0)],
        )
    ],
    "dated_ahead": [
        (
            {
                "need": [{"id": "sf:n", "account_id": A, "stated_on": day(-2)}],
                "consumption": [{"id": "sf:u", "account_id": A, "day": day(-3)}],
            },
            [("consumption", "sf:u", A, "day", 3.0, None), ("need", "sf:n", A, "stated_on", 2.0, None)],
        ),
        ({"survey": [answer(9.0, answered_on=day(-2))]}, [("survey", "sf:s", A, "answered_on", 2.0, None)]),
        (
            {
                "ticket": [TICKET | {"closed_at": at(-3)}],
                "term": [term("t", 9, 1, signed_on=day(-4))],
                "contract": [contract(1, signed_on=day(-4))],
                "payment": [{"id": "sf:y", "account_id": A, "due_on": day(-9), "paid_on": day(-5)}],
                "project": [PROJECT | {"live_on": day(-6), "accepted_on": day(-7)}],
                "goal": [GOAL | {"measured_on": day(-8)}],
                "commitment": [{"id": "sf:o", "account_id": A, "fulfilled_on": day(-9)}],
            },
            [
                ("commitment", "sf:o", A, "fulfilled_on", 9.0, None),
                ("contract", "sf:k", A, "signed_on", 4.0, None),
                ("goal", "sf:g", A, "measured_on", 8.0, None),
                ("payment", "sf:y", A, "paid_on", 5.0, None),
                ("project", "sf:j", A, "accepted_on", 7.0, None),
                ("project", "sf:j", A, "live_on", 6.0, None),
                ("term", "sf:t", A, "signed_on", 4.0, None),
                ("ticket", "sf:t", A, "closed_at", 3.0, None),
            ],
        ),
    ],
    "goal_without_distance": [
        ({"goal": [GOAL | {"baseline": 4.0, "target": 4.0}]}, [("goal", "sf:g", A, "target", 4.0, None)])
    ],
    "live_before_start": [
        ({"project": [PROJECT | {"live_on": day(51)}]}, [("project", "sf:j", A, "live_on", 1.0, None)])
    ],
    "closed_before_opened": [
        ({"ticket": [TICKET | {"closed_at": at(11)}]}, [("ticket", "sf:t", A, "closed_at", 2.0, None)])
    ],
    "left_before_created": [
        (
            {"contact": [{"id": "sf:p", "account_id": A, "left_on": day(6), "created_at": at(5)}]},
            [("contact", "sf:p", A, "left_on", 1.0, None)],
        )
    ],
    "unknown_contact": [
        (
            {"contact": PEOPLE, "role_change": [CHANGE | {"contact_id": "sf:nobody"}]},
            [("role_change", "sf:c", A, "contact_id", None, None)],
        ),
        (
            {"contact": PEOPLE, "survey": [answer(9.0, contact_id="hs:p")]},
            [("survey", "sf:s", A, "contact_id", None, None)],
        ),
    ],
}
"""Rule -> facts, and what it finds in them."""

SILENT = {
    "seats_exceeded": [
        {"contract": [contract(2)], "usage_day": used(2) + used(5, 28) + used(5, logins=0)},
        {"contract": [contract(1, end=0)], "usage_day": used(2)},
        {"contract": [contract(1)], "term": [term("t", 9, -9, seats=2)], "usage_day": used(2)},
        {"contract": [contract(None)], "usage_day": used(2)},
    ],
    "quota_exceeded": [
        {
            "quota": [
                {"id": "sf:q", "account_id": A, "resource": "sms", "bought": 10.0, "used": used}
                for used in (10.0, None)
            ]
        }
    ],
    "unknown_module": [
        {"module": CATALOGUE, "usage_module_day": [module_day("quote"), module_day("ghost", 90)]},
        {"usage_module_day": [module_day("ghost")]},
    ],
    "without_account": [{"contact": PEOPLE, "ticket": [TICKET], "commitment": [{"id": "sf:o"}]}],
    "nps_scale": [{"survey": [answer(0.0), answer(10.0), answer(95.0, kind="csat")]}],
    "percent_scale": [
        {
            "account": [
                {"id": A, "name": "x", "data_quality": 100.0, "business_health": 0.0},
                {"id": "sf:2", "name": "y"},
            ]
        }
    ],
    "dated_ahead": [
        {
            "survey": [answer(9.0, answered_on=day(-1))],
            "project": [PROJECT | {"planned_live_on": day(-90)}],
            "touchpoint": [{"id": "sf:m", "account_id": A, "happened_at": at(-30)}],
            "ticket": [TICKET],
        }
    ],
    "goal_without_distance": [{"goal": [GOAL, GOAL | {"baseline": 4.0, "target": 5.0}, GOAL | {"target": 0.0}]}],
    "live_before_start": [{"project": [PROJECT, PROJECT | {"live_on": day(50)}]}],
    "closed_before_opened": [{"ticket": [TICKET, TICKET | {"closed_at": at(9)}]}],
    "left_before_created": [
        {"contact": [{"id": "sf:p", "left_on": day(5), "created_at": at(5)}, {"id": "sf:q", "left_on": day(5)}]}
    ],
    "unknown_contact": [
        {"contact": PEOPLE, "role_change": [CHANGE, CHANGE | {"contact_id": "sf:p"}], "survey": [answer(9.0)]},
        {"role_change": [CHANGE | {"contact_id": "sf:nobody"}]},
    ],
}
"""Rule -> facts in which it finds nothing."""
