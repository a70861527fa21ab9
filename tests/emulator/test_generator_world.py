"""The world and its truth: repeatable, coherent, and a null control that gives nothing away."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csconnect_emulator.generator import Causes, TermTruth, World, generate
from csconnect_emulator.generator.cast import CAST
from csconnect_emulator.generator.causes import DEADLY, NULL_LOSS, PATIENCE, RATES
from csconnect_emulator.generator.customer import Customer
from csconnect_emulator.generator.dice import Dice, mix32
from csconnect_emulator.generator.life import draw_ending
from csconnect_emulator.generator.money import month_shift
from csconnect_emulator.generator.projects import Project

AS_OF = date(2026, 11, 22)
LOST = ("churned", "won_back")

PRINT_DIGEST = """
import hashlib, json, sys
from datetime import date
from csconnect_emulator.generator import generate, render_hubspot, render_salesforce, hubspot_associations
world = generate(45, 200, int(sys.argv[1]), date(2026, 11, 22))
digest = hashlib.sha256()
for render in (render_salesforce, render_hubspot):
    for name, rows in render(world):
        for row in rows:
            digest.update(json.dumps([name, row], ensure_ascii=False).encode())
for thing in (*world.truth, *hubspot_associations(world)):
    digest.update(repr(thing).encode())
print(digest.hexdigest())
"""


@pytest.fixture(scope="module")
def world() -> World:
    return generate(1500, 365, 11, AS_OF)


@pytest.fixture(scope="module")
def truth(world: World) -> list[TermTruth]:
    return list(world.truth)


def _digest(seed: int, hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-c", PRINT_DIGEST, str(seed)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def test_equal_arguments_give_equal_output_in_every_process() -> None:
    assert _digest(7, "1") == _digest(7, "2") != _digest(8, "1")


def test_draws_are_the_same_for_all_time() -> None:
    dice = Dice(7, "x", 1)
    drawn = [
        dice.between(1, 1000),
        dice.pick("abcdef"),
        dice.weighted({"a": 1, "b": 3}),
        dice.chance(0.5),
        dice.skewed(1, 99),
    ]
    assert drawn == [978, "b", "b", True, 42]
    assert mix32(1) == 0x514E28B7  # the published finaliser of MurmurHash3


def test_the_cast_plays_in_every_world(world: World) -> None:
    for n, script in CAST.items():
        profile = world.customer(n).profile
        assert (profile.name, profile.kind, profile.traits) == (script.name, script.kind, script.traits)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("as_of", [AS_OF, date(2024, 2, 29), date(2025, 12, 31)])
def test_the_showcase_accounts_are_what_the_demo_tells(seed: int, as_of: date) -> None:
    world = generate(30, 400, seed, as_of)
    acme, school, lakeside = (world.customer(n) for n in range(3))
    assert acme.profile.joined
    assert acme.profile.system == "salesforce"
    assert 0 < _next_end(acme, as_of) <= 90
    assert acme.life.suffers(as_of, "usage_decay")
    assert any(who.left_on and "champion" in who.roles for who in acme.people)
    assert school.profile.system == "hubspot"
    assert school.life.trouble(as_of) is None
    assert 28 <= _next_end(lakeside, as_of) <= 32
    assert not any(deal.stage not in ("won", "lost") and deal.kind == "renewal" for deal in lakeside.deals)


def _next_end(customer, as_of: date) -> int:  # type: ignore[no-untyped-def]
    return min((order.end - as_of).days for order in customer.life.orders if order.is_term and order.end > as_of)


def test_two_thirds_live_in_salesforce_and_a_handful_in_both(world: World) -> None:
    profiles = [customer.profile for customer in world.customers()]
    homes = Counter(profile.system for profile in profiles)
    assert homes == {"salesforce": 1000, "hubspot": 500}
    joined = [profile for profile in profiles if profile.joined]
    assert len(joined) == 25
    assert {(profile.system, profile.kind) for profile in joined} == {("salesforce", "customer")}


def test_kinds_segments_and_oddities_have_their_shares(world: World) -> None:
    profiles = [customer.profile for customer in world.customers()]
    kinds = Counter(profile.kind for profile in profiles)
    assert 0.84 < kinds["customer"] / 1500 < 0.92
    assert set(kinds) == {"customer", "prospect", "partner", "test"}
    segments = Counter(profile.segment for profile in profiles)
    assert segments["micro"] > segments["enterprise"] > segments["strategic"] > 20
    odd = Counter(trait for profile in profiles for trait in profile.traits)
    assert min(odd[name] for name in ("no_usage", "no_contacts", "no_contracts", "survivor", "shadow")) >= 2
    assert {profile.currency for profile in profiles} == {"USD", "EUR", "CNY", "GBP", "JPY", "XXQ"}
    inactive = {
        who.number
        for staff in world.staffs.values()
        for who in map(staff.colleague, range(len(staff)))
        if not who.active
    }
    assert inactive & {profile.csm for profile in profiles}


def test_terms_of_a_line_follow_one_another(world: World) -> None:
    for customer in world.customers():
        by_line = defaultdict(list)
        for order in customer.life.orders:
            if order.is_term and not order.broken:
                assert order.start < order.end
                assert month_shift(order.start, order.months) == order.end or order.start.day > 28 or order.end.day > 28
                assert order.signed_on < AS_OF
                by_line[order.line].append(order)
        for terms in by_line.values():
            assert [term.nature for term in terms[:1]] == ["new"]
            for before, after in pairwise(terms):
                assert before.end <= after.start


def test_orders_add_up_and_changes_end_with_their_term(world: World) -> None:
    natures = Counter()
    for customer in world.customers():
        for order in customer.life.orders:
            natures[order.nature] += 1
            term = customer.life.orders[order.of]
            assert order.broken or (term.is_term and (order.end, order.line) == (term.end, term.line))
            assert order.total == sum(line.quantity * line.unit for line in order.lines)
            assert (order.recurring < 0) == (order.nature == "contraction")
    assert min(natures[name] for name in ("new", "renewal", "expansion", "contraction")) > 20


def test_outcomes_say_what_the_records_show(world: World, truth: list[TermTruth]) -> None:
    assert Counter(t.outcome for t in truth).keys() == {"renewed", "churned", "deferred", "won_back", "open"}
    for t in truth:
        orders = world.customer(t.account_number).life.orders
        after = [o for o in orders if o.is_term and not o.broken and o.line == t.product_line and o.start >= t.end]
        if t.outcome in ("open", "churned"):
            assert not after
            assert t.outcome == "open" or t.end <= AS_OF
        else:
            following = min(after, key=lambda order: order.start)
            gap, late = (following.start - t.end).days, (following.signed_on - t.end).days
            assert (gap > 0) == (t.outcome == "won_back")
            assert (gap == 0 and late > 0) == (t.outcome == "deferred")
            assert t.settled_on == following.signed_on


def test_causes_set_in_before_the_end_and_kill_as_often_as_they_say(truth: list[TermTruth]) -> None:
    for t in truth:
        assert (t.onset is None) == (t.cause in ("", "chance"))
        if t.onset is not None and t.account_number not in CAST:
            lead = (t.end - t.onset).days
            early = t.cause == "shallow_use" or t.onset <= t.start + timedelta(days=14)
            first = t.cause == "slow_delivery" and t.onset <= t.start + timedelta(days=PATIENCE)
            assert 90 <= lead <= 185 or early or first
    chained = [t for t in truth if t.cause not in ("", "chance")]
    lost = sum(t.fate in LOST for t in chained) / len(chained)
    assert min(DEADLY.values()) - 0.08 < lost < max(DEADLY.values()) + 0.05
    free = [t for t in truth if t.cause in ("", "chance")]
    assert sum(t.fate in LOST for t in free) / len(free) < 0.1


def test_a_cause_that_is_switched_off_never_occurs() -> None:
    world = generate(600, 200, 11, AS_OF, Causes(usage_decay=False, silence=False))
    seen = {t.cause for t in world.truth}
    assert seen.isdisjoint({"usage_decay", "silence"})
    assert seen >= {"champion_left", "price", "slow_support"}


@given(
    seed=st.integers(0, 10_000), depth=st.integers(0, 5), length=st.integers(60, 1200), start=st.dates(date(2020, 1, 1))
)
@settings(max_examples=60, deadline=None)
def test_without_causes_fate_looks_at_nothing(seed: int, depth: int, length: int, start: date) -> None:
    start = min(start, date(2030, 1, 1))
    plain = draw_ending(Dice(seed), Causes.none(), 3, AS_OF, AS_OF + timedelta(days=365))
    other = draw_ending(Dice(seed), Causes.none(), depth, start, start + timedelta(days=length))
    assert plain == other
    assert plain.causes == ()


def test_in_the_null_control_nothing_before_the_end_tells_losers_apart() -> None:
    world = generate(2400, 800, 5, AS_OF, Causes.none())
    facts: dict[str, list[tuple[bool, float]]] = defaultdict(list)
    periods = {(t.account_number, t.end): t for t in world.truth}  # lines of one period share their fate: count it once
    for t in periods.values():
        if not (AS_OF - timedelta(days=700) <= t.end <= AS_OF) or t.cause not in ("", "chance"):
            continue
        customer, lost = world.customer(t.account_number), t.fate in LOST
        window = range((t.end - timedelta(days=90)).toordinal(), t.end.toordinal())
        facts["tickets"].append((lost, sum(k.opened_at.date().toordinal() in window for k in customer.tickets)))
        facts["touches"].append((lost, sum(k.at.date().toordinal() in window for k in customer.touches)))
        marks = [a.score for a in customer.answers if a.kind == "nps" and a.on < t.end]
        facts["nps"] += [(lost, marks[-1])] if marks else []
        facts["left"].append(
            (lost, sum(p.left_on is not None and p.left_on.toordinal() in window for p in customer.people))
        )
        for name, days in _care(customer).items():
            facts[name].append((lost, sum(day.toordinal() in window for day in days)))
        facts["depth"].append((lost, customer.profile.depth))
        facts["seats"].append((lost, customer.profile.seats))
    assert abs(sum(lost for lost, _ in facts["depth"]) / len(facts["depth"]) - NULL_LOSS) < 0.04
    for name, rows in facts.items():
        assert _t(rows) < 3.3, name


def _care(customer: Customer) -> dict[str, list[date]]:
    """The days on which what one can see of delivery, money and care happened, each as it stood then."""
    return {
        "late payments": [
            p.due_on for p in customer.payments if p.paid_on is None or p.paid_on > p.due_on + timedelta(5)
        ],
        "broken promises": [p.due_on for p in customer.promises if p.fulfilled_on is None or p.fulfilled_on > p.due_on],
        "role changes": [change.on for change in customer.changes],
        "concerns": [concern.raised_on for concern in customer.concerns],
        "red light": [customer.red_light.on] if customer.red_light else [],
        "late projects": [p.started_on + timedelta(PATIENCE) for p in customer.projects if _late(p)],
        "complaints": [k.opened_at.date() for k in customer.tickets if k.category == "complaint"],
        "refused": [touch.at.date() for touch in customer.touches if touch.outcome in ("declined", "no_show")],
        "decision makers": [touch.at.date() for touch in customer.touches if touch.decision_maker],
        "agreed": [touch.at.date() for touch in customer.touches if touch.next_on],
    }


def _late(project: Project) -> bool:
    """Not live three months after it began."""
    return project.live_on is None or (project.live_on - project.started_on).days >= PATIENCE


def _t(rows: list[tuple[bool, float]]) -> float:
    """Welch's t between losers and the others."""
    groups = [[value for lost, value in rows if lost is side] for side in (True, False)]
    means = [sum(g) / len(g) for g in groups]
    errors = [sum((v - m) ** 2 for v in g) / len(g) ** 2 for g, m in zip(groups, means, strict=True)]
    return abs(means[0] - means[1]) / max(sum(errors), 1e-12) ** 0.5


def test_with_causes_the_same_measure_does_tell_them_apart(world: World, truth: list[TermTruth]) -> None:
    silent = [(t.fate in LOST, _tickets_before(world, t)) for t in truth if AS_OF - timedelta(300) <= t.end <= AS_OF]
    assert _t(silent) > 0
    quiet = [
        _tickets_before(world, t) for t in truth if t.cause == "silence" and AS_OF - timedelta(250) <= t.end <= AS_OF
    ]
    normal = [_tickets_before(world, t) for t in truth if t.cause == "" and AS_OF - timedelta(250) <= t.end <= AS_OF]
    assert sum(quiet) / len(quiet) < 0.5 * sum(normal) / len(normal)


def _tickets_before(world: World, t: TermTruth) -> int:
    first = t.end - timedelta(days=80)
    return sum(first <= ticket.opened_at.date() < t.end for ticket in world.customer(t.account_number).tickets)


def test_causes_leave_their_marks(world: World) -> None:
    """Each cause that is at work shows in the facts that the signals read."""
    answered: dict[bool, list[float]] = {True: [], False: []}
    progress: dict[bool, list[float]] = {True: [], False: []}
    for customer in world.customers():
        for ticket in customer.tickets:
            if ticket.first_response_hours is not None:
                slow = customer.life.suffers(ticket.opened_at.date(), "slow_support")
                answered[slow].append(ticket.first_response_hours)
        for goal in customer.goals:
            if goal.actual is not None and goal.measured_on is not None:
                missed = customer.life.suffers(goal.measured_on, "unmet_goals")
                progress[missed].append((goal.actual - goal.baseline) / (goal.target - goal.baseline))
        for trouble in customer.life.troubles:
            if "champion_left" in trouble.causes and trouble.onset < AS_OF and customer.people:
                assert any(who.left_on == trouble.onset for who in customer.people)
    assert min(answered[True]) > max(answered[False])
    assert sum(progress[True]) / len(progress[True]) < 0.3 < 0.6 < sum(progress[False]) / len(progress[False])


def test_rates_name_every_cause_but_the_shallow_one() -> None:
    assert set(RATES) | {"shallow_use"} == set(Causes().active) == set(DEADLY)
    assert Causes.none().active == ()


@pytest.mark.parametrize(("accounts", "days"), [(0, 10), (10_000_000, 10), (10, 0), (10, 5000)])
def test_sizes_out_of_range_are_refused(accounts: int, days: int) -> None:
    with pytest.raises(ValueError, match="must be from 1 to"):
        generate(accounts, days, 1, AS_OF)
