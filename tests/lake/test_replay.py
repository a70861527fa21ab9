"""The lake against a model in plain Python: whatever happened, every past view can be had again."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

DAY = date(2026, 1, 1)
ACCOUNTS = st.sampled_from(["1", "2", "3"])
TICKETS = st.sampled_from(["a", "b", "c"])
VERSION = st.sampled_from([None, "1", "2"])
KEY = st.sampled_from([None, "K", "L"])

ACCOUNT_ROW = st.tuples(st.just("account"), ACCOUNTS, VERSION, KEY)
TICKET_ROW = st.tuples(st.just("ticket"), TICKETS, VERSION, st.none() | ACCOUNTS, st.integers(0, 6))
ACCOUNT_GONE = st.tuples(st.just("gone"), st.just("account"), ACCOUNTS, st.none() | ACCOUNTS)
TICKET_GONE = st.tuples(st.just("gone"), st.just("ticket"), TICKETS, st.none())
COMPLETE = st.tuples(st.just("complete"), st.sampled_from(["account", "ticket"]))
USAGE = st.tuples(st.just("usage"), st.sampled_from(["K", "L"]), st.integers(0, 3), st.sampled_from(["u", "v"]))
STEPS = st.lists(st.one_of(ACCOUNT_ROW, TICKET_ROW, ACCOUNT_GONE, TICKET_GONE, COMPLETE, USAGE), max_size=6)
HISTORY = st.lists(STEPS, min_size=1, max_size=5)


def day(number: int) -> date:
    return DAY + timedelta(days=number)


def as_steps(steps, make):
    """The model's steps in the feed's words."""
    for what, *rest in steps:
        if what == "account":
            bare, version, key = rest
            row = {"id": f"sf:{bare}", "name": f"n{key}", "match_key": key, "_version": version}
            yield "rows", "sf", "account", [row]
        elif what == "ticket":
            bare, version, account, opened = rest
            at = make.start + timedelta(days=opened)
            to = account and f"sf:{account}"
            row = {"id": f"sf:{bare}", "account_id": to, "opened_at": at, "subject": f"s{opened}", "_version": version}
            yield "rows", "sf", "ticket", [row]
        elif what == "gone":
            yield "gone", "sf", rest[0], [(rest[1], rest[2])]
        elif what == "complete":
            yield "complete", "sf", rest[0]
        else:
            yield "rows", "usage", "usage_day", [make.usage(f"usage:{rest[0]}", day(rest[1]), rest[2])]


class Model:
    """The law in the plainest words: one dict per entity, replayed run by run."""

    def __init__(self) -> None:
        self.rows = {"account": {}, "ticket": {}}
        self.dead = {"account": {}, "ticket": {}}
        self.merged = {}
        self.usage = {}

    def replay(self, steps) -> None:
        best = {"account": {}, "ticket": {}}
        came, gone, complete, usage = {}, {}, set(), {}
        for place, (what, *rest) in enumerate(steps):
            if what in best:
                bare, version, *values = rest
                if bare not in best[what] or (version or "") >= best[what][bare][0]:
                    best[what][bare] = (version or "", tuple(values))
                came[what, bare] = place
            elif what == "gone":
                gone[rest[0], rest[1]] = place
                if rest[2]:
                    self.merged[rest[1]] = rest[2]
            elif what == "complete":
                complete.add(rest[0])
            else:
                usage.setdefault(rest[1], {}).setdefault((rest[0], rest[2]), 0)
                usage[rest[1]][rest[0], rest[2]] += 1
        for entity, rows in best.items():
            self._settle(entity, rows, came, gone, entity in complete)
        self.usage.update(usage)

    def _settle(self, entity, rows, came, gone, complete) -> None:
        live, dead = self.rows[entity], self.dead[entity]
        named = {bare for kind, bare in (*came, *gone) if kind == entity}
        for bare, (_, values) in rows.items():
            if gone.get((entity, bare), -1) < came[entity, bare]:
                live[bare] = values
                dead.pop(bare, None)
            elif bare in live:
                dead[bare] = values
                del live[bare]
            elif bare in dead and dead[bare] != values:
                dead[bare] = values
        lost = {bare for bare in named if bare not in rows} | (live.keys() - named if complete else set())
        for bare in lost & live.keys():
            dead[bare] = live.pop(bare)

    def survivor(self, bare):
        seen = set()
        while bare in self.merged and bare not in self.rows["account"] and bare not in seen:
            seen.add(bare)
            bare = self.merged[bare]
        return bare if bare in self.rows["account"] else None

    def keys(self):
        """Match key -> home. Former keys of merged accounts lead to their survivors unless somebody carries them."""
        carriers = {}
        for bare, (key,) in self.rows["account"].items():
            carriers.setdefault(key, set()).add(bare)
        current = set(carriers)
        for bare, (key,) in self.dead["account"].items():
            if key not in current and self.survivor(bare):
                carriers.setdefault(key, set()).add(self.survivor(bare))
        return {key: min(owners) for key, owners in carriers.items() if key and len(owners) == 1}

    def accounts(self):
        return sorted((f"sf:{bare}", key) for bare, (key,) in self.rows["account"].items())

    def tickets(self, until):
        out = []
        for bare, (account, opened) in self.rows["ticket"].items():
            home = self.survivor(account) if account else None
            if day(opened) <= until and (home or not account):
                out.append((f"sf:{bare}", home and f"sf:{home}", f"s{opened}"))
        return sorted(out, key=str)

    def usage_rows(self, until):
        keys = self.keys()
        return sorted(
            (f"sf:{keys[key]}", day(number), user, logins)
            for number, rows in self.usage.items()
            for (key, user), logins in rows.items()
            if key in keys and day(number) <= until
        )


def check(feed, model, until, known) -> None:
    view = feed.view("account", "ticket", "usage_day", until=until, known=known)
    assert sorted((row["id"], row.get("match_key")) for row in view["account"]) == model.accounts()
    tickets = [(row["id"], row.get("account_id"), row["subject"]) for row in view["ticket"]]
    assert sorted(tickets, key=str) == model.tickets(until)
    days = [(row["account_id"], row["day"], row["user"], row["logins"]) for row in view["usage_day"]]
    assert sorted(days) == _merged(model.usage_rows(until))


def _merged(rows):
    """Two names of one home on one day are one row per user."""
    total = {}
    for *who, logins in rows:
        total[tuple(who)] = total.get(tuple(who), 0) + logins
    return sorted((*who, logins) for who, logins in total.items())


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=HISTORY, fold_after=st.integers(0, 4), until=st.integers(-1, 7), data=st.data())
def test_every_moment_can_be_had_again(history, fold_after, until, data, feed_of, make) -> None:
    with tempfile.TemporaryDirectory() as folder:
        feed = feed_of(Path(folder) / "lake")
        for number, steps in enumerate(history):
            feed.run(*as_steps(steps, make))
            if number == fold_after:
                feed.lake.fold(keep_history=True)
        past = data.draw(st.integers(0, len(history)))
        for number in {past, len(history)}:
            model = Model()
            for steps in history[:number]:
                model.replay(steps)
            known = feed.moment(number) if number < len(history) else None
            check(feed, model, day(until), known)


@settings(max_examples=3, deadline=None)
@given(
    tickets=st.lists(st.tuples(st.integers(1, 4), ACCOUNTS), max_size=8),
    usage=st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["K", "L"])), max_size=8),
    until=st.integers(0, 5),
)
def test_reconstructed_is_known_where_facts_came_on_time(tickets, usage, until, feed_of, make) -> None:
    with tempfile.TemporaryDirectory() as folder:
        feed = feed_of(Path(folder) / "lake")
        accounts = [("account", "1", None, "K"), ("account", "2", None, "L"), ("account", "3", None, None)]
        feed.lake.fold()
        for number in range(1, 5):
            steps = [*accounts] if number == 1 else []
            steps += [("ticket", f"t{n}", None, who, on) for n, (on, who) in enumerate(tickets) if on == number]
            steps += [("usage", who, on, "u") for on, who in usage if on == number]
            feed.run(*as_steps(steps, make))
        tables = ("ticket", "usage_day", "usage_module_day")
        then = feed.view(*tables, until=day(until), known=feed.moment(until))
        assert feed.view(*tables, until=day(until)) == then
