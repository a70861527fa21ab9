"""Law 6: same lake, same configuration, same day: equal outputs, whatever the number of threads or the order of delivery."""

from __future__ import annotations

from datetime import date, timedelta

from csconnect.compute.result import compute

AS_OF = date(2026, 11, 22)


def world(order: int):
    accounts = [{"id": f"sf:{n}", "name": f"A{n}", "data_quality": 50.0 + n % 50} for n in range(300)]
    usage = [
        {
            "account_id": f"sf:{n}",
            "user": f"u{user}",
            "day": AS_OF - timedelta(days=(n * 7 + user * 3 + k) % 120),
            "modules": ["quote", "order"][: 1 + (n + user) % 2],
            "logins": 1 + k % 2,
            "events": k,
        }
        for n in range(300)
        for user in range(1 + n % 5)
        for k in range(0, 40, 3)
    ]
    surveys = [
        {
            "id": f"sf:s{n}{k}",
            "account_id": f"sf:{n}",
            "kind": "nps",
            "score": float((n + k) % 11),
            "answered_on": AS_OF,
        }
        for n in range(0, 300, 2)
        for k in range(3)
    ]
    modules = [
        {"id": m, "name": m, "core": True, "process": "lead_to_cash", "product_line": "CRM"} for m in ("quote", "order")
    ]
    rows = {
        "account": accounts,
        "usage_day": usage,
        "survey": surveys,
        "module": modules,
        "touchpoint": [],
        "advocacy": [],
    }
    return {entity: each[::order] for entity, each in rows.items()}


def test_threads_and_order_of_delivery_do_not_matter(tmp_path, library, make_feed):
    results = []
    for threads, order in ((1, 1), (2, -1), (4, 1)):
        feed = make_feed(tmp_path / f"lake{threads}", threads)
        feed.deliver(AS_OF, world(order))
        with feed.lake.snapshot(until=AS_OF, homes=["sf"], match={}) as snapshot:
            found = compute(snapshot.connection, library.card("weekly_health"), library.signals, AS_OF)
        results.append(
            [found.scores.accounts.to_pylist(), found.scores.drivers.to_pylist(), found.stickiness.to_pylist()]
        )
    assert results[0] == results[1] == results[2]
    assert len({row["score"] for row in results[0][0]}) > 10, "the world is too dull to prove anything"
