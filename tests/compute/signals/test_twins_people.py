"""The signals of relationship, support and sentiment said a second time in plain Python, held to the same random little worlds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from statistics import mean, median
from typing import Any

import pytest
from people_worlds import AS_OF, FIVE, Row, World, ago, many

from csconnect.compute.measure import measure


class Twin:
    """The signals about one account, the way one would count them on paper. ``world`` is what concerns it, ``company`` all
    that anybody says."""

    def __init__(self, world: World, key: str, company: World) -> None:
        self.world, self.key, self.company = world, key, company
        self.contacts = {row["id"]: row for row in world["contact"]}

    def delivered(self, entity: str) -> bool:
        return {"account_id": self.key, "entity": entity} in self.world["delivery"]

    def of(self, entity: str, on: str | None = None, window: float = float("inf")) -> list[Row]:
        mine = [row for row in self.world[entity] if row["account_id"] == self.key]
        return mine if on is None else [row for row in mine if 0 <= ago(row[on]) < window]

    def counted(self, entity: str, rows: Iterable[Any], column: str | None = None) -> float | None:
        """How many; unknown where nobody delivers them, or there are some and none of them anywhere has the column."""
        everybody = self.company[entity]
        silent = column is not None and everybody and all(row[column] is None for row in everybody)
        return None if silent or not self.delivered(entity) else float(len(list(rows)))

    # who has which part

    def known(self, key: str | None = None) -> list[Row]:
        """The contacts that existed on the day."""
        rows = self.company["contact"] if key is None else self.of("contact")
        return [row for row in rows if row["created_at"] is None or ago(row["created_at"]) >= 0]

    def present(self, key: str | None = None) -> list[Row]:
        return [row for row in self.known(key) if row["left_on"] is None or ago(row["left_on"]) < 0]

    def of_part(self, count: Callable[[list[Row]], float], told: Callable[[Row], bool]) -> float | None:
        anybody = [row for row in self.present() if row["account_id"] and told(row)]
        silent = self.company["contact"] and not anybody
        return None if silent or not self.delivered("contact") else float(count(self.present(self.key)))

    def role_coverage(self) -> float | None:
        return self.of_part(
            lambda rows: len(FIVE & {role for row in rows for role in row["roles"]}), lambda r: r["roles"]
        )

    def champions(self) -> float | None:
        return self.of_part(lambda rows: sum("champion" in row["roles"] for row in rows), lambda r: r["roles"])

    def opponents(self) -> float | None:
        return self.of_part(
            lambda rows: sum("opponent" in row["roles"] or row["supportive"] is False for row in rows),
            lambda r: r["roles"] or r["supportive"] is not None,
        )

    def events(self, role: str) -> list[tuple[bool, int, str | None]]:
        """``(ended, days ago, contact)`` of each event of a part."""
        told = {
            (row["change"], ago(row["changed_on"]), row["contact_id"])
            for row in self.of("role_change", "changed_on")
            if row["role"] == role
        }
        found = [(what != "gained", on, who) for what, on, who in sorted(told, key=str)]
        holders = [row for row in self.known(self.key) if role in row["roles"]]
        for row in holders:
            left, since = ago(row["left_on"]), ago(row["created_at"])
            was = [ago(other["created_at"]) for other in holders]
            seen = [(True, left)] if left is not None and left >= 0 else []
            if since is not None and any(before is not None and before > since for before in was):
                seen.append((False, since))
            for ended, on in seen:
                same = [e for e in told if (e[0] != "gained") == ended and e[2] in (None, row["id"])]
                if not any(abs(e[1] - on) <= 30 for e in same):
                    found.append((ended, on, row["id"]))
        return found

    def watched(self, role: str) -> bool:
        holders = any(role in row["roles"] for row in self.known(self.key))
        return holders or bool(self.events(role)) or self.delivered("role_change")

    def lost(self, role: str) -> set[Any]:
        return {who or on for ended, on, who in self.events(role) if ended and 0 <= on < 90}

    def followed(self, role: str) -> set[Any]:
        events, heirs = self.events(role), set()
        holders = [row for row in self.known(self.key) if role in row["roles"]]
        for ended, on, who in events:
            if ended or not 0 <= on < 90:
                continue
            after = any(e and then >= on and (other is None or other != who) for e, then, other in events)
            older = [r for r in holders if r["created_at"] is None or ago(r["created_at"]) > on]
            beside = who is not None and any(row["id"] != who for row in older)
            if after or (beside and role != "department_head"):
                heirs.add(who or on)
        return heirs

    def changed(self, role: str) -> float | None:
        return max(len(self.lost(role)), len(self.followed(role))) if self.watched(role) else None

    def administrator_changed(self) -> float | None:
        return self.changed("administrator")

    def decision_maker_changed(self) -> float | None:
        return self.changed("decision_maker")

    def department_head_changed(self) -> float | None:
        return self.changed("department_head")

    def champion_left(self) -> float | None:
        return len(self.lost("champion")) if self.watched("champion") else None

    # whom we met

    def held(self, window: float = float("inf")) -> list[Row]:
        rows = self.of("touchpoint", "happened_at", window)
        return [row for row in rows if row["outcome"] in (None, "held") and row["kind"] != "note"]

    def who(self, row: Row) -> list[Row]:
        return [c for c in self.of("contact") if {c["name"], c["id"].split(":")[1]} & set(row["attendees"])]

    def executive_met(self) -> float | None:
        rows = self.of("touchpoint", "happened_at", 120)
        return self.counted("touchpoint", [r for r in rows if r["executive"] and r["outcome"] in (None, "held")])

    def quiet(self, days: list[int], window: int) -> float:
        if days and min(days) <= window:
            return min(days)
        first = [row["start"] for row in self.of("term")]
        first += [on for row in self.of("contract") if (on := row["start"] or row["signed_on"])]
        (account,) = (row for row in self.world["account"] if row["id"] == self.key)
        tenure = ago(min(first)) if first else ago(account["created_at"])
        return window + 1 if tenure is None else max(0, min(window + 1, tenure))

    def contact_gap(self) -> float | None:
        days = [ago(row["happened_at"]) for row in self.held()]
        return self.quiet(days, 180) if self.delivered("touchpoint") else None

    def decision_maker_contact(self) -> float | None:
        chain = any(row["roles"] for row in self.known(self.key))
        bosses = [row["id"] for row in self.known() if "decision_maker" in row["roles"]]
        days = [
            ago(row["happened_at"])
            for row in self.held()
            if row["decision_maker"] or any(c["id"] in bosses for c in self.who(row))
        ]
        recent = self.held(181)
        tells = any(row["decision_maker"] is not None or (row["attendees"] and chain) for row in recent)
        met = bool(days) and min(days) <= 180
        return self.quiet(days, 180) if self.delivered("touchpoint") and (met or tells or not recent) else None

    def contacts_met(self) -> float | None:
        recent = self.held(180)
        if not self.delivered("contact") or (recent and not any(row["attendees"] for row in recent)):
            return None
        return self.counted("touchpoint", {contact["id"] for row in recent for contact in self.who(row)})

    def meetings_declined(self) -> float | None:
        rows = self.of("touchpoint", "happened_at", 90)
        return self.counted("touchpoint", [r for r in rows if r["outcome"] in ("declined", "no_show")], "outcome")

    def next_meeting(self) -> float | None:
        rows = [r for r in self.of("touchpoint", "happened_at", 365) if r["next_on"] and r["next_on"] > AS_OF]
        return self.counted("touchpoint", rows[:1], "next_on")

    # what they ask of support

    def waiting(self) -> list[Row]:
        rows = self.of("ticket", "opened_at")
        return [row for row in rows if row["closed_at"] is None or ago(row["closed_at"]) < 0]

    def open_tickets(self) -> float | None:
        return self.counted("ticket", self.waiting())

    def urgent_tickets(self) -> float | None:
        return self.counted("ticket", [r for r in self.waiting() if r["priority"] in ("p0", "p1")], "priority")

    def oldest_ticket(self) -> float | None:
        days = [ago(row["opened_at"]) for row in self.waiting() if row["category"] != "requirement"]
        return max(days, default=0) if self.delivered("ticket") else None

    def unmet_requirements(self) -> float | None:
        old = [row for row in self.waiting() if row["category"] == "requirement" and ago(row["opened_at"]) >= 90]
        return self.counted("ticket", old, "category")

    def complaints(self) -> float | None:
        rows = self.of("ticket", "opened_at", 90)
        return self.counted("ticket", [row for row in rows if row["category"] == "complaint"], "category")

    def first_response(self) -> float | None:
        rows = self.of("ticket", "opened_at", 90)
        hours = [row["first_response_hours"] for row in rows if row["first_response_hours"] is not None]
        return median(hours) if hours else None

    def how_to_share(self) -> float | None:
        kinds = [row["category"] for row in self.of("ticket", "opened_at", 90) if row["category"]]
        return 100 * mean(kind == "how_to" for kind in kinds) if kinds else None

    def silence(self) -> float | None:
        days = [ago(row["opened_at"]) for row in self.of("ticket", "opened_at")]
        return self.quiet(days, 90) if self.delivered("ticket") else None

    def ticket_load(self) -> float | None:
        runs = [row["seats"] for row in self.of("term", "start") if ago(row["end"]) < 0 and row["seats"] is not None]
        if not runs:
            rows = [row for row in self.of("contract") if row["start"] and row["seats"] is not None]
            runs = [r["seats"] for r in rows if ago(r["start"]) >= 0 and (r["end"] is None or ago(r["end"]) < 0)]
        tickets = self.counted("ticket", self.of("ticket", "opened_at", 90))
        return 100 * tickets / sum(runs) if tickets is not None and sum(runs) else None

    # what they answer

    def answers(self, kind: str, window: int, *roles: str) -> list[Row]:
        """Oldest first; with ``roles`` only of those who have one of them and have not left."""
        rows = [row for row in self.of("survey", "answered_on", window) if row["kind"] == kind]
        heard = []
        for row in sorted(rows, key=lambda row: (row["answered_on"], row["id"])):
            contact = self.contacts.get(row["contact_id"], {"roles": [], "left_on": None})
            stays = contact["left_on"] is None or ago(contact["left_on"]) < 0
            if not roles or (stays and set(roles) & {row["respondent_role"], *contact["roles"]}):
                heard.append(row)
        return heard

    def nps_decision_maker(self) -> float | None:
        heard = self.answers("nps", 365, "decision_maker", "department_head")
        return heard[-1]["score"] if heard else None

    def nps_detractors(self) -> float | None:
        heard = self.answers("nps", 180, "key_user", "administrator", "department_head")
        newest = {row["contact_id"] or row["id"]: row["score"] for row in heard}
        return sum(score <= 6 for score in newest.values()) if newest else None

    def csat(self) -> float | None:
        heard = self.answers("csat", 180)
        return mean(row["score"] for row in heard) if heard else None


SIGNALS = [name for name in vars(Twin) if name not in {
    "delivered", "of", "counted", "known", "present", "of_part", "events", "watched", "lost", "followed", "changed",
    "held", "who", "quiet", "waiting", "answers",
} and not name.startswith("_")]  # fmt: skip


@pytest.mark.parametrize("seed", range(16))
def test_every_signal_counts_as_one_would_on_paper(facts, library, seed):
    """Of 2,400 accounts in all, a hundred and fifty at once."""
    worlds = many(seed, 50)
    company = {name: [row for world in worlds for row in world[name]] for name in worlds[0]}
    connection = facts(company)
    measure(connection, [library.signals[name] for name in SIGNALS], AS_OF)
    found = {(key, name): value for key, name, value in connection.sql("FROM measured").fetchall()}
    for world in worlds:
        for key in (row["id"] for row in world["account"]):
            twin = Twin(world, key, company)
            for name in SIGNALS:
                expected, value = getattr(twin, name)(), found.get((key, name))
                assert value == (None if expected is None else pytest.approx(expected, abs=0.006)), (name, key)


def test_the_twin_knows_every_signal_of_its_families(library):
    families = ("relationship", "support", "sentiment")
    shipped = {name for name, signal in library.signals.items() if signal.family in families}
    assert shipped - {"nps", "reply_within_a_day"} == set(SIGNALS)  # these two stand in the weekly card's twin
