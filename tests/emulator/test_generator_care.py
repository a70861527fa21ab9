"""Delivery, money and care: what the new facts promise of themselves, and what each cause leaves in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from statistics import fmean

import pytest

from csconnect.model.enums import Cause
from csconnect_emulator.generator import Causes, World, generate
from csconnect_emulator.generator.causes import PATIENCE
from csconnect_emulator.generator.concerns import HEARD, RUMOURS
from csconnect_emulator.generator.customer import Customer
from csconnect_emulator.generator.export_care import readings
from csconnect_emulator.generator.export_rows import PER_ACCOUNT
from csconnect_emulator.generator.offer import MODULES
from csconnect_emulator.generator.orders import Trouble
from csconnect_emulator.generator.payments import UNWILLING
from csconnect_emulator.generator.projects import Project

AS_OF = date(2026, 11, 22)
NEW = (
    "role_changes",
    "adjustments",
    "payments",
    "quotas",
    "commitments",
    "projects",
    "concerns",
    "needs",
    "consumption",
    "readings",
)


@pytest.fixture(scope="module")
def world() -> World:
    return generate(1500, 365, 11, AS_OF)


def _troubled(world: World, *causes: str) -> list[tuple[Customer, Trouble]]:
    """The troubles with one of some causes that had set in at least 100 days before the end of the world."""
    return [
        (customer, trouble)
        for customer in world.customers()
        for trouble in customer.life.troubles
        if not set(causes).isdisjoint(trouble.causes) and trouble.onset < AS_OF - timedelta(days=100)
    ]


@pytest.mark.parametrize("days", [200, 1096])
def test_equal_worlds_tell_equal_facts_and_every_account_only_its_own(days: int) -> None:
    worlds = [generate(120, days, 7, AS_OF) for _ in range(2)]
    for name in NEW:
        told = [[row for customer in world.customers() for row in PER_ACCOUNT[name](customer)] for world in worlds]
        assert told[0] == told[1]
        assert len({row["id"] for row in told[0]}) == len(told[0]) > 0
    assert {metric["metric"] for metric in (r for c in worlds[0].customers() for r in readings(c))} == {
        "opened_seats", "records", "api_calls", "online_minutes",
    }  # fmt: skip


def test_a_longer_window_only_adds() -> None:
    short, long = generate(200, 120, 7, AS_OF), generate(200, 1096, 7, AS_OF)
    for n in range(200):
        for name in NEW:
            few = list(PER_ACCOUNT[name](short.customer(n)))
            many = list(PER_ACCOUNT[name](long.customer(n)))
            assert all(row in many for row in few)


def test_a_hundred_thousand_have_few_readings_each() -> None:
    world = generate(100_000, 365, 7, AS_OF)
    counts = [sum(1 for _ in readings(world.customer(n))) for n in range(40_000, 40_200)]
    assert 30 < fmean(counts) < 60
    assert max(counts) < 140


def test_stocks_never_shrink_and_seats_are_never_opened_beyond_what_was_bought(world: World) -> None:
    for n in range(300):
        customer = world.customer(n)
        stocks: dict[str, int] = {}
        for row in readings(customer):
            if row["metric"] == "records":
                assert row["value"] >= stocks.get(row["module"], 0)
                stocks[row["module"]] = row["value"]
            if row["metric"] == "opened_seats":
                assert 1 <= row["value"] <= max(count for _, count in customer.life.seats)


def test_only_deep_accounts_call_the_api(world: World) -> None:
    callers = {n for n in range(600) for row in readings(world.customer(n)) if row["metric"] == "api_calls"}
    assert len(callers) > 60
    assert {world.customer(n).profile.depth for n in callers} == {4, 5}


def test_modules_have_kinds_and_the_new_ones_belong_to_no_process() -> None:
    kinds = {module.id: module.kind for module in MODULES}
    assert kinds["dashboard"] == "analytics"
    assert {name for name, kind in kinds.items() if kind == "recording"} == {"account", "contact", "visit", "knowledge"}
    deep = [module for module in MODULES if module.kind in ("integration", "customisation")]
    assert [module.id for module in deep] == ["api_integration", "custom_app"]
    assert not any(module.core or module.process for module in deep)


def test_instalments_add_up_to_what_was_signed() -> None:
    world = generate(200, 1461, 7, AS_OF)
    for customer in world.customers():
        signed: Counter[int] = Counter()
        paid: Counter[int] = Counter()
        for order in customer.life.orders:
            signed[order.contract] += max(order.total, Decimal(0))  # type: ignore[assignment]
        for payment in customer.payments:
            paid[payment.contract] += payment.amount  # type: ignore[assignment]
            assert payment.paid_on is None or payment.paid_on < AS_OF
        assert +signed == +paid


def test_who_is_unwilling_pays_late(world: World) -> None:
    late: dict[bool, list[bool]] = {True: [], False: []}
    for customer in world.customers():
        for payment in customer.payments:
            if payment.due_on < AS_OF - timedelta(days=10):
                days = ((payment.paid_on or AS_OF) - payment.due_on).days
                late[any(customer.life.suffers(payment.due_on, cause) for cause in UNWILLING)].append(days > 5)
    assert fmean(late[True]) > 0.4
    assert fmean(late[False]) < 0.1
    assert any(p.paid_on is None and p.due_on < AS_OF for customer in world.customers() for p in customer.payments)


def _is_slow(project: Project, trouble: Trouble) -> bool:
    began = project.started_on == trouble.onset - timedelta(days=PATIENCE)
    return (
        began
        and project.planned_live_on < trouble.onset
        and (project.live_on is None or project.live_on >= trouble.onset)
    )


def test_slow_delivery_is_an_implementation_not_live_after_three_months(world: World) -> None:
    found = _troubled(world, "slow_delivery")
    assert len(found) > 20
    firsts = 0
    for customer, trouble in found:
        slow = [project for project in customer.projects if _is_slow(project, trouble)]
        assert len(slow) == 1
        firsts += slow[0].started_on == customer.life.orders[0].start
    assert 0 < firsts < len(found)
    others = [
        project
        for customer in world.customers()
        if not any("slow_delivery" in trouble.causes for trouble in customer.life.troubles)
        for project in customer.projects
        if project.started_on < AS_OF - timedelta(days=150)
    ]
    late = [p for p in others if p.live_on is None or (p.live_on - p.started_on).days >= PATIENCE]
    assert 0 < len(late) < 0.12 * len(others)


def test_projects_of_newcomers_go_through_their_phases(world: World) -> None:
    phases = {project.phase for customer in world.customers() for project in customer.projects}
    assert phases >= {"requirements", "configuration", "training", "live", "accepted"}
    for customer in world.customers():
        for project in customer.projects:
            assert project.started_on < project.planned_live_on
            assert (project.phase in ("live", "accepted")) == (project.live_on is not None)
            assert (project.phase == "accepted") == (project.accepted_on is not None)
        if customer.life.orders and customer.life.orders[0].start < AS_OF - timedelta(days=7):
            assert customer.projects


@pytest.mark.parametrize(
    ("cause", "role"), [("champion_left", "champion"), ("decision_maker_changed", "decision_maker")]
)
def test_who_leaves_leaves_a_role_change_on_the_day_of_the_onset(world: World, cause: str, role: str) -> None:
    found = [(customer, trouble) for customer, trouble in _troubled(world, cause) if customer.people]
    assert len(found) > 15
    for customer, trouble in found:
        assert any((c.role, c.change, c.on) == (role, "left", trouble.onset) for c in customer.changes)
        if role == "decision_maker":
            heirs = [c for c in customer.changes if (c.role, c.change) == (role, "gained") and c.on > trouble.onset]
            assert 7 <= (min(c.on for c in heirs) - trouble.onset).days <= 30


def test_role_changes_agree_with_the_contacts_as_they_are_known(world: World) -> None:
    seen: Counter[tuple[str, str]] = Counter()
    for customer in world.customers():
        people = {who.slot: who for who in customer.people}
        for change in customer.changes:
            who = people[change.person]
            seen[change.role, change.change] += 1
            assert change.on < AS_OF
            assert (change.role in who.roles) == (change.change != "lost")
            assert change.change != "left" or who.left_on == change.on
            assert change.change == "left" or who.present(change.on)
    assert {("administrator", "lost"), ("administrator", "gained"), ("administrator", "left")} <= seen.keys()
    assert {("department_head", "lost"), ("department_head", "gained")} <= seen.keys()


def test_doubted_promises_are_not_kept(world: World) -> None:
    kept: dict[bool, list[bool]] = {True: [], False: []}
    for customer in world.customers():
        for promise in customer.promises:
            assert promise.made_on < promise.due_on
            if promise.side == "ours" and promise.due_on < AS_OF:
                doubted = any(
                    customer.life.suffers(promise.due_on, cause) for cause in ("unmet_goals", "slow_delivery")
                )
                in_time = promise.fulfilled_on is not None and promise.fulfilled_on <= promise.due_on
                kept[doubted].append(in_time)
    assert fmean(kept[True]) < 0.5 < 0.8 < fmean(kept[False])
    assert {promise.side for customer in world.customers() for promise in customer.promises} == {"ours", "theirs"}


def test_concerns_and_red_lights_have_words_that_the_model_knows(world: World) -> None:
    words = {word for said in HEARD.values() for word, _ in said} | set(RUMOURS)
    assert words <= {cause.value for cause in Cause}
    assert set(HEARD) == set(Causes().active)


def test_concerns_are_raised_under_causes_and_now_and_then_without(world: World) -> None:
    raised: Counter[bool] = Counter()
    for customer in world.customers():
        for concern in customer.concerns:
            raised[customer.life.trouble(concern.raised_on) is not None] += 1
            assert concern.resolved_on is None or concern.raised_on < concern.resolved_on < AS_OF
    assert raised[True] > 2 * raised[False] > 20
    money = [
        any(concern.cause in ("price", "budget_cut") and t.onset <= concern.raised_on for concern in customer.concerns)
        for customer, t in _troubled(world, "price")
        if t.onset > world.first_day
    ]
    assert fmean(money) > 0.6
    assert any(concern.resolved_on for customer in world.customers() for concern in customer.concerns)


def test_red_lights_burn_expire_and_are_put_out(world: World) -> None:
    lights = [customer.red_light for customer in world.customers() if customer.red_light]
    customers = sum(customer.profile.is_customer for customer in world.customers())
    assert 0.01 * customers < sum(light.lit for light in lights) < 0.12 * customers
    assert any(not light.lit for light in lights)
    assert any(light.lit and light.until and light.until < AS_OF for light in lights)
    assert any(light.lit and light.until and light.until > AS_OF for light in lights)
    assert any(light.lit and light.until is None for light in lights)
    for customer in world.customers():
        if customer.red_light:
            assert customer.red_light.on < AS_OF
            chinese = any("一" <= letter <= "鿿" for letter in customer.red_light.reason)
            assert chinese == (customer.profile.place.language == "zh")


def test_decision_makers_stay_away_and_meetings_are_refused_under_the_causes_that_say_so(world: World) -> None:
    met: dict[bool, list[bool]] = {True: [], False: []}
    refused: dict[bool, int] = {True: 0, False: 0}
    held: dict[bool, int] = {True: 0, False: 0}
    for customer in world.customers():
        deciders = {who.slot for who in customer.people if "decision_maker" in who.roles}
        for touch in customer.touches:
            day = touch.at.date()
            shunned = customer.life.suffers(day, "silence") or customer.life.suffers(day, "decision_maker_changed")
            if touch.decision_maker is not None:
                assert touch.decision_maker == bool(deciders & set(touch.attendees))
                met[shunned].append(touch.decision_maker)
            refused[shunned] += touch.outcome in ("declined", "no_show")
            held[shunned] += touch.outcome == "held"
            if touch.outcome in ("declined", "no_show"):
                assert (touch.attendees, touch.executive, touch.replied_hours, touch.next_on) == ((), None, None, None)
            assert touch.next_on is None or touch.next_on > day
    assert not any(met[True])
    assert fmean(met[False]) > 0.4
    assert refused[True] / held[True] > 10 * refused[False] / held[False]


def test_complaints_are_tickets_of_those_who_have_reason_to_complain(world: World) -> None:
    found: Counter[bool] = Counter()
    for customer in world.customers():
        for ticket in customer.tickets:
            day = ticket.opened_at.date().replace(day=1)
            reason = [customer.life.trouble(day), customer.life.trouble(ticket.opened_at.date())]
            found[any(reason)] += ticket.category == "complaint"
    assert found[True] > found[False] > 0


def test_quotas_hold_what_was_bought_and_some_are_nearly_full(world: World) -> None:
    shares = [quota.used / quota.bought for customer in world.customers() for quota in customer.quotas]
    assert 0 < min(shares) < 0.3
    assert max(shares) == 1
    assert 0.01 < fmean(share > 0.9 for share in shares) < 0.15
    assert {len(customer.quotas) for customer in world.customers() if customer.life.orders} >= {1, 2, 3}


def test_a_few_goals_are_returns_on_the_investment(world: World) -> None:
    kinds = Counter(goal.kind for customer in world.customers() for goal in customer.goals)
    assert set(kinds) == {"performance", "cost", "satisfaction", "roi"}
    assert 0.02 < kinds["roi"] / kinds.total() < 0.25


def test_standing_says_nothing_about_fate(world: World) -> None:
    profiles = [customer.profile for customer in world.customers()]
    assert {profile.is_target for profile in profiles} == {True, False, None}
    assert 0.3 < fmean(profile.business_health is not None for profile in profiles) < 0.5
    assert all(0 <= profile.business_health <= 100 for profile in profiles if profile.business_health is not None)


def test_in_the_null_control_only_chance_leaves_marks() -> None:
    world = generate(900, 400, 5, AS_OF, Causes.none())
    customers = list(world.customers())
    assert {concern.cause for customer in customers for concern in customer.concerns} <= set(RUMOURS)
    assert {customer.red_light.cause for customer in customers if customer.red_light} <= set(RUMOURS)
    begun = [p for customer in customers for p in customer.projects if p.started_on < AS_OF - timedelta(days=150)]
    late = [p.live_on is None or (p.live_on - p.started_on).days >= PATIENCE for p in begun]
    assert 0 < fmean(late) < 0.1


def test_switching_slow_delivery_off_leaves_the_others_alone() -> None:
    told, untold = generate(300, 200, 11, AS_OF), generate(300, 200, 11, AS_OF, replace(Causes(), slow_delivery=False))
    same = [n for n in range(300) if not any("slow_delivery" in t.causes for t in told.customer(n).life.troubles)]
    assert 250 < len(same) < 300
    for n in same:
        for name, rows_of in PER_ACCOUNT.items():
            if name != "readings":
                assert list(rows_of(told.customer(n))) == list(rows_of(untold.customer(n)))


def test_most_lost_renewals_say_why_and_some_do_not(world: World) -> None:
    deals = [deal for customer in world.customers() for deal in customer.deals]
    lost = [deal.reason for deal in deals if deal.stage == "lost"]
    told = [reason for reason in lost if reason]
    assert 0.7 < len(told) / len(lost) < 0.9
    assert 0.7 < sum(reason.cause is not None for reason in told) / len(told) < 0.9
    assert {reason.cause for reason in told} - {None} <= {cause.value for cause in Cause}
    assert (
        {reason.manageable for reason in told} == {reason.voluntary for reason in told} | {None} == {True, False, None}
    )
    assert all(deal.reason is None for deal in deals if deal.stage != "lost")


def test_adjustments_are_decided_before_today_and_of_what_was_sold(world: World) -> None:
    made = [(customer, each) for customer in world.customers() for each in customer.adjustments]
    assert {each.status for _, each in made} == {"requested", "approved", "refused"}
    for customer, each in made:
        order = customer.life.orders[each.term]
        assert order.is_term
        assert each.line is None or each.line in {line.slot for line in order.lines}
        assert (each.decided_on is None) == (each.status == "requested")
        assert each.decided_on is None or each.requested_on < each.decided_on < AS_OF
        assert (each.delta is None) == each.waived
