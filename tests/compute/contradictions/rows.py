"""Facts in a few words, of which a rule finds something or nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

AS_OF = date(2026, 11, 22)
A = "sf:1"


def day(ago):
    return AS_OF - timedelta(days=ago)


def at(ago):
    return datetime.combine(day(ago), datetime.min.time(), UTC)


def used(people, ago=0, logins=1):
    return [{"account_id": A, "user": f"u{n}", "day": day(ago), "logins": logins} for n in range(people)]


def contract(seats, start=100, end=-100, **rest):
    return {"id": "sf:k", "account_id": A, "seats": seats, "start": day(start), "end": day(end)} | rest


def term(name, start, end, **rest):
    return {"id": f"sf:{name}", "account_id": A, "start": day(start), "end": day(end), "nature": "renewal"} | rest


def line(amount, **rest):
    return {"id": "sf:l", "account_id": A, "amount": Decimal(amount)} | rest


def answer(score, **rest):
    return {"id": "sf:s", "account_id": A, "kind": "nps", "score": score, "answered_on": day(3)} | rest


def module_day(module, ago=0):
    return {"account_id": A, "module": module, "day": day(ago), "users": 2}


def rate(name, value, on=5, **rest):
    pair = {"id": f"sf:{name}", "currency": "EUR", "base": "USD", "on": day(on), "rate": Decimal(value)}
    return pair | rest


def dated(name, amount, **rest):
    """A recurring line of its own, of 12 months that run."""
    return line(amount, id=f"sf:{name}", start=day(100), end=day(-265), months=Decimal(12), currency="EUR") | rest


def renewal(name, amount=None, **rest):
    """An open renewal."""
    money = {"amount": None if amount is None else Decimal(amount), "currency": "EUR"}
    base = {"id": f"sf:{name}", "account_id": A, "contract_id": "sf:k", "kind": "renewal", "close_on": day(-264)}
    return base | money | rest


def year(name="t", amount="100", **rest):
    """A term of 12 months that runs, and ends on the day on which `dated` does."""
    return term(name, 100, -265, months=Decimal(12), amount=Decimal(amount), currency="EUR", contract_id="sf:k") | rest


def capped(percent):
    return [contract(1, price_increase_cap=percent)]


def adjusted(name, delta=None, **rest):
    """An approved adjustment of the term ``t``."""
    money = {"arr_delta": None if delta is None else Decimal(delta), "currency": "EUR"}
    base = {"id": f"sf:{name}", "account_id": A, "term_id": "sf:t", "status": "approved", "decided_on": day(9)}
    return base | money | rest


CATALOGUE = [{"id": "quote", "name": "Quote"}]
PEOPLE = [{"id": "sf:p", "account_id": A}]
CHANGE = {"id": "sf:c", "account_id": A, "role": "champion", "change": "left", "changed_on": day(9)}
GOAL = {"id": "sf:g", "account_id": A, "metric": "m"}
PROJECT = {"id": "sf:j", "account_id": A, "started_on": day(50)}
TICKET = {"id": "sf:t", "account_id": A, "opened_at": at(9)}
