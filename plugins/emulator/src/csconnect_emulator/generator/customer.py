"""One account with everything about it, each part derived from its own seed when it is first asked for."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from csconnect_emulator.generator.adjustments import Adjustment, make_adjustments
from csconnect_emulator.generator.changes import RoleChange, make_changes
from csconnect_emulator.generator.concerns import Concern, RedLight, make_concerns, make_red_light
from csconnect_emulator.generator.contacts import Person, make_people
from csconnect_emulator.generator.demand import Consumed, Need, make_consumption, make_needs
from csconnect_emulator.generator.life import LifeMaker
from csconnect_emulator.generator.meetings import noted, refused
from csconnect_emulator.generator.orders import Life
from csconnect_emulator.generator.outcomes import Answer, Goal, make_answers, make_goals
from csconnect_emulator.generator.payments import Payment, make_payments
from csconnect_emulator.generator.profile import Profile, make_profile
from csconnect_emulator.generator.projects import Project, ProjectMaker
from csconnect_emulator.generator.promises import Promise, PromiseMaker
from csconnect_emulator.generator.quotas import Quota, make_quotas
from csconnect_emulator.generator.relations import Praise, Touch, TouchMaker, make_praise
from csconnect_emulator.generator.sales import Deal, DealMaker, Todo, make_todos
from csconnect_emulator.generator.service import Ticket, make_complaints, make_tickets

if TYPE_CHECKING:
    from csconnect_emulator.generator.world import World


RARE_DAYS = 400
"""Surveys, advocacy, payments, promises and concerns are told for at least so many days."""


class Customer:
    """Account ``n`` of a world; also the prospects, partners and test accounts, who have little of this."""

    def __init__(self, world: World, n: int) -> None:
        self.world = world
        self.n = n
        self.seed = world.seed

    @property
    def _window(self) -> tuple[date, date]:
        return self.world.first_day, self.world.as_of

    @property
    def _long_window(self) -> tuple[date, date]:
        """For what happens too rarely to show in a short window."""
        return min(self.world.first_day, self.world.as_of - timedelta(days=RARE_DAYS)), self.world.as_of

    @cached_property
    def profile(self) -> Profile:
        world = self.world
        return make_profile(world.seed, self.n, world.as_of, world.staff_of(self.n))

    @cached_property
    def life(self) -> Life:
        """Contracts and orders; those without any may still use the product."""
        world, profile = self.world, self.profile
        if profile.kind == "test" or "no_contracts" in profile.traits:
            lines = max(1, profile.depth - 2)
            until = world.as_of + timedelta(days=365)
            return Life(
                spans=[(profile.since, until)], seats=[(profile.since, profile.seats)], lines=[(profile.since, lines)]
            )
        if not profile.is_customer:
            return Life()
        return LifeMaker(world.seed, profile, world.as_of, world.causes).make()

    @cached_property
    def people(self) -> list[Person]:
        return make_people(self.world.seed, self.profile, self.life, self.world.as_of)

    @cached_property
    def _requests(self) -> list[Ticket]:
        if self.profile.kind == "test":
            return []
        return make_tickets(self.world.seed, self.profile, self.life, *self._window)

    @cached_property
    def tickets(self) -> list[Ticket]:
        """Requests and complaints."""
        if not self.profile.is_customer:
            return self._requests
        asked = self._requests
        return asked + make_complaints(self.seed, self.profile, self.life, len(asked), *self._window)

    @cached_property
    def touches(self) -> list[Touch]:
        if not self.profile.is_customer:
            return []
        profile, life, people = self.profile, self.life, self.people
        held = TouchMaker(self.seed, profile, life, people, *self._window).make()
        return noted(self.seed, profile, life, people, held) + refused(
            self.seed, profile, life, len(held), *self._window
        )

    @cached_property
    def answers(self) -> list[Answer]:
        if not self.profile.is_customer:
            return []
        return make_answers(self.world.seed, self.profile, self.life, self.people, self._requests, *self._long_window)

    @cached_property
    def goals(self) -> list[Goal]:
        return make_goals(self.world.seed, self.profile, self.life, self.world.as_of)

    @cached_property
    def praise(self) -> list[Praise]:
        if not self.profile.is_customer:
            return []
        return make_praise(self.world.seed, self.profile, self.life, *self._long_window)

    @cached_property
    def projects(self) -> list[Project]:
        return ProjectMaker(self.seed, self.profile, self.life, self.world.as_of).make()

    @cached_property
    def payments(self) -> list[Payment]:
        return make_payments(self.seed, self.profile, self.life, *self._long_window)

    @cached_property
    def adjustments(self) -> list[Adjustment]:
        return make_adjustments(self.seed, self.profile, self.life, self.world.as_of)

    @cached_property
    def quotas(self) -> list[Quota]:
        if not self.profile.is_customer:
            return []
        return make_quotas(self.seed, self.profile, self.life, self.world.as_of)

    @cached_property
    def promises(self) -> list[Promise]:
        if not self.profile.is_customer:
            return []
        return PromiseMaker(self.seed, self.profile, self.life, *self._long_window).make()

    @cached_property
    def changes(self) -> list[RoleChange]:
        return make_changes(self.seed, self.profile, self.life, self.people, self.world.as_of)

    @cached_property
    def concerns(self) -> list[Concern]:
        if not self.profile.is_customer:
            return []
        return make_concerns(self.seed, self.profile, self.life, *self._long_window)

    @cached_property
    def red_light(self) -> RedLight | None:
        if not self.profile.is_customer:
            return None
        return make_red_light(self.seed, self.profile, self.life, self.world.as_of)

    @cached_property
    def needs(self) -> list[Need]:
        if not self.profile.is_customer:
            return []
        return make_needs(self.seed, self.profile, self.life, *self._long_window)

    @cached_property
    def consumption(self) -> list[Consumed]:
        if not self.profile.is_customer:
            return []
        return make_consumption(self.seed, self.profile, self.life, *self._long_window)

    @cached_property
    def deals(self) -> list[Deal]:
        return DealMaker(self.world.seed, self.profile, self.life, self.world.as_of).make()

    @cached_property
    def todos(self) -> list[Todo]:
        if not self.profile.is_customer:
            return []
        return make_todos(self.world.seed, self.profile, self.life, self.world.as_of)
