"""The signals of activity, depth and activation said a second time in plain Python, on the same random little worlds."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from functools import cached_property
from itertools import product
from statistics import mean, median
from typing import Any

import pytest
from usage_worlds import AS_OF, Dice, Row, World, rolled_up

from csconnect.compute.measure import measure


def ago(moment: date | datetime) -> int:
    return (AS_OF - (moment.date() if isinstance(moment, datetime) else moment)).days


class Market:
    """What each week was worth: the weeks of all accounts, each by its own mean."""

    def __init__(self, world: World) -> None:
        self.present = [row for row in world["usage_day"] if row["logins"] or row["events"] or row["modules"]]
        self.countries = {row["id"]: row["country"] for row in world["account"]}
        self.first: dict[str, int] = {}
        for row in self.present:
            if ago(row["day"]) >= 0:
                self.first[row["account_id"]] = max(self.first.get(row["account_id"], 0), ago(row["day"]))
        self.weekly: dict[tuple[str, int], list[Row]] = defaultdict(list)
        for row in self.present:
            self.weekly[row["account_id"], ago(row["day"]) // 7].append(row)

    def weeks(self, key: str) -> list[int]:
        """The whole weeks since its first use, of the last sixteen."""
        return [week for week in range(16) if self.first.get(key, -1) >= 7 * week + 6]

    def place(self, key: str) -> str:
        country = self.countries[key]
        return country if country and sum(self.countries[each] == country for each in self.first) >= 20 else ""

    def figure(self, key: str, week: int, users: bool) -> int:
        rows = self.weekly[key, week]
        return len({row["user"] for row in rows}) if users else len(rows)

    def worth(self, place: str, users: bool) -> dict[int, float]:
        told = defaultdict(list)
        for key in self.first:
            if place and self.place(key) != place:
                continue
            own = {week: self.figure(key, week, users) for week in self.weeks(key)}
            for week, figure in own.items():
                if sum(own.values()):
                    told[week].append(figure / mean(own.values()))
        levels = {week: median(parts) for week, parts in told.items() if len(parts) >= 20}
        usual = median(levels.values()) if levels else 0
        return {week: level / usual for week, level in levels.items()} if usual else {}


class Twin:
    """Each signal about one account, the way one would count it on paper."""

    def __init__(self, world: World, market: Market, key: str, grace: int) -> None:
        self.world, self.market, self.key, self.grace = world, market, key, grace
        self.modules = {row["id"]: row for row in world["module"]}

    def delivered(self, entity: str) -> bool:
        return {"account_id": self.key, "entity": entity} in self.world["delivery"]

    def of(self, entity: str) -> list[Row]:
        return [row for row in self.world[entity] if row["account_id"] == self.key]

    @cached_property
    def here(self) -> list[Row]:
        return [row for row in self.market.present if row["account_id"] == self.key and ago(row["day"]) >= 0]

    def users(self, window: int) -> set[str]:
        return {row["user"] for row in self.here if ago(row["day"]) < window}

    def readings(self, metric: str, window: int) -> list[Row]:
        """Oldest first; of one day the smaller first."""
        rows = [row for row in self.of("reading") if row["metric"] == metric and 0 <= ago(row["day"]) < window]
        return sorted(rows, key=lambda row: (row["day"], row["value"]))

    @property
    def told(self) -> float | None:
        rows = [row for row in self.readings("opened_seats", 365) if row["module"] is None]
        return rows[-1]["value"] if rows else None

    @property
    def seen(self) -> int | None:
        return len(self.users(10**6)) if self.delivered("usage_day") else None

    @property
    def opened(self) -> float | None:
        return self.seen if self.told is None else self.told

    def seats(self, back: int) -> int | None:
        for entity in ("term", "contract"):
            lines: dict[str, list[tuple[int, int]]] = defaultdict(list)
            for row in self.of(entity):
                start, end = row["start"] or row.get("signed_on"), row["end"]
                if row["seats"] is None or (start and ago(start) < back):
                    continue
                over = 0 if end is None else max(0, ago(end) - back + 1)
                if over <= self.grace + 1:
                    lines[row.get("product_line") or ""].append((over, row["seats"]))
            if lines:
                best = max(sum(n for over, n in line if over == min(line)[0]) for line in lines.values())
                return best if best > 0 else None
        return None

    def percent(self, part: float | None, whole: float | None) -> float | None:
        return None if part is None or not whole else 100 * part / whole

    # activity

    def login_rate(self) -> float | None:
        return self.percent(len(self.users(7)), self.opened) if self.delivered("usage_day") else None

    def active_user_rate(self) -> float | None:
        return self.percent(len(self.users(28)), self.opened) if self.delivered("usage_day") else None

    def activity(self) -> float | None:
        weeks = [week for week in self.market.weeks(self.key) if week < 4]
        if not self.delivered("usage_day") or not self.opened or (self.here and not weeks):
            return None
        worth = self.market.worth(self.market.place(self.key), users=False) if weeks else {}
        days = sum(5 * min(1.0, worth.get(week, 1.0)) for week in weeks) if weeks else 20
        worked = [row for row in self.here if ago(row["day"]) // 7 in weeks and row["day"].weekday() < 5]
        return min(100.0, 100 * len(worked) / (days * self.opened)) if days else None

    def change(self, recent: int, weeks: int, users: bool) -> float | None:
        if not self.delivered("usage_day") or not self.here:
            return None
        worth = self.market.worth(self.market.place(self.key), users)

        def level(span: range) -> float | None:
            told = [
                (self.market.figure(self.key, week, users), worth.get(week, 1.0), week)
                for week in self.market.weeks(self.key)
                if week in span
            ]
            kept = sorted(told, key=lambda each: (each[0] / each[1] if each[1] else 0.0, each[2]))[len(told) // 4 :]
            total = sum(each[1] for each in kept)
            return sum(each[0] for each in kept) / total if total else None

        before = range(recent, weeks)
        enough = len([week for week in self.market.weeks(self.key) if week in before]) >= 4
        now, then = level(range(recent)), level(before)
        return 100 * (now / then - 1) if enough and then and now is not None else None

    def usage_change(self) -> float | None:
        return self.change(4, 16, users=False)

    def active_users_change(self) -> float | None:
        return self.change(2, 10, users=True)

    def idle_days(self) -> float | None:
        if not self.delivered("usage_day") or not self.world["usage_day"]:
            return None
        if self.here:
            return min(ago(row["day"]) for row in self.here)
        (account,) = (row for row in self.world["account"] if row["id"] == self.key)
        began = [ago(row["start"]) for row in self.of("term")]
        began = began or ([ago(account["created_at"])] if account["created_at"] else [])
        days = min(max(began), max(ago(row["day"]) for row in self.world["usage_day"])) if began else -1
        return days if days >= 0 else None

    def online_time(self) -> float | None:
        minutes = [row["value"] for row in self.readings("online_minutes", 28) if row["module"] is None]
        return mean(minutes) if minutes else None

    # depth

    @cached_property
    def in_use(self) -> dict[str, list[Row]]:
        found = defaultdict(list)
        for row in self.world["usage_module_day"]:
            if row["account_id"] == self.key and 0 <= ago(row["day"]) < 28:
                found[row["module"]].append(row)
        return found

    def kinds(self, name: str) -> list[Any]:
        return [row.get(name) for row in self.modules.values() if row.get(name)]

    def module_points(self) -> float | None:
        if not self.delivered("usage_module_day") or not self.kinds("core"):
            return None
        told = [self.modules.get(name, {}) for name in self.in_use]
        return min(45.0, sum(5.0 if row.get("core") else 0.5 if row.get("rare") else 1.0 for row in told))

    def modules_in_use(self) -> float | None:
        return len(self.in_use) if self.delivered("usage_module_day") else None

    def instance_ratio(self) -> float | None:
        newest = {row["module"]: row["value"] for row in self.readings("records", 365)}
        of_modules = [value for module, value in newest.items() if module]
        total = sum(of_modules) if of_modules else newest.get(None)
        return total / self.opened if total is not None and self.opened else None

    def working_in(self, chosen: Any) -> set[str]:
        names = {name for name, row in self.modules.items() if chosen(row)}
        return {row["user"] for row in self.here if ago(row["day"]) < 28 and names & set(row["modules"])}

    def bi_use_rate(self) -> float | None:
        if not self.delivered("usage_module_day") or "analytics" not in self.kinds("kind"):
            return None
        return self.percent(len(self.working_in(lambda row: row["kind"] == "analytics")), self.opened)

    def core_feature_rate(self) -> float | None:
        if not self.delivered("usage_module_day") or not self.kinds("core"):
            return None
        return self.percent(len(self.working_in(lambda row: row.get("core"))), len(self.users(28)))

    @property
    def calls(self) -> float | None:
        values = [row["value"] for row in self.readings("api_calls", 28)]
        return sum(values) if values else None

    def api_calls(self) -> float | None:
        return self.calls / self.opened if self.calls is not None and self.opened else None

    def integration_use(self) -> float | None:
        known = self.delivered("usage_module_day") and "integration" in self.kinds("kind")
        if not known and self.calls is None:
            return None
        used = any(self.modules.get(name, {}).get("kind") == "integration" for name in self.in_use)
        return float(used or bool(self.calls))

    def process_depth(self) -> float | None:
        if not self.delivered("usage_module_day") or not self.kinds("kind"):
            return None
        best = {name: max(row["users"] for row in rows) for name, rows in self.in_use.items()}
        levels = {"process": 2, "integration": 3, "customisation": 4}
        steady = [
            levels.get(self.modules.get(name, {}).get("kind") or "", 1)
            for name, rows in self.in_use.items()
            if len(rows) >= 8 and best[name] >= min(2, max(best.values()))
        ]
        return max([*steady, 3 if self.calls else 0]) if steady else 0

    # activation

    def open_rate(self) -> float | None:
        return self.percent(self.opened, self.seats(0))

    def activation_rate(self) -> float | None:
        return self.percent(self.seen, self.seats(0))

    def activation_of_imported(self) -> float | None:
        return self.percent(self.seen, self.told)

    def seat_saturation(self) -> float | None:
        return self.percent(len(self.users(28)), self.seats(0)) if self.delivered("usage_day") else None

    def seat_growth(self) -> float | None:
        now, then = self.seats(0), self.seats(180)
        return 100 * (now / then - 1) if now and then else None

    def quota_saturation(self) -> float | None:
        shares = [
            100 * row["used"] / row["bought"]
            for row in self.of("quota")
            if row["used"] is not None and row["bought"]
            if row["measured_on"] is None or 0 <= ago(row["measured_on"]) < 365
        ]
        return max(shares, default=None)


IN_THE_WEEKLY_CARD = {"login_frequency", "new_users", "core_module_use", "data_quality"}
"""Their twins stand in `test_twins`."""


@pytest.fixture(scope="module")
def names(library) -> list[str]:
    families = ("activity", "depth", "activation")
    return sorted({name for name, signal in library.signals.items() if signal.family in families} - IN_THE_WEEKLY_CARD)


def differences(facts, library, names, seed) -> list[Any]:
    """(signal, account, what SQL found, what is expected) where they differ, and how many values were known."""
    dice = Dice(seed)
    world, grace = dice.world(), dice.one(0, 89, 90)
    world["usage_module_day"] = rolled_up(world["usage_day"])
    connection = facts(world)
    measure(connection, [library.signals[name] for name in names], AS_OF, grace_days=grace)
    found = {(name, key): value for key, name, value in connection.sql("FROM measured").fetchall()}
    market, wrong = Market(world), []
    for key, name in product(dice.accounts, names):
        expected = getattr(Twin(world, market, key, grace), name)()
        value = found.get((name, key))
        if value != (None if expected is None else pytest.approx(expected, abs=0.0051)):
            wrong.append((name, key, value, expected))
    return wrong


@pytest.mark.parametrize("seed", range(40))
def test_every_signal_of_usage_counts_as_one_would_on_paper(facts, library, names, seed):
    assert differences(facts, library, names, seed) == []
