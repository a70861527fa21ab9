"""Why customers leave, in this world: switches, how often each befalls a term, and how deadly it is."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Causes:
    """Which causes of churn exist. With all of them off, outcomes are pure chance, independent of all one can see."""

    usage_decay: bool = True
    """Users, logins and modules fall over the three to six months before the end."""
    champion_left: bool = True
    """The internal supporter leaves: fewer meetings, late replies."""
    decision_maker_changed: bool = True
    """A new decision maker arrives and executives stop coming."""
    unmet_goals: bool = True
    """The agreed success standards are missed."""
    slow_support: bool = True
    """More tickets, answered late, left open; poorer marks."""
    silence: bool = True
    """No tickets, few touchpoints, late replies."""
    price: bool = True
    """The customer talks about price; nothing else shows."""
    shallow_use: bool = True
    """Only peripheral modules are in use from the first day; easily replaced."""
    slow_delivery: bool = True
    """An implementation is not live three months after it began."""

    @classmethod
    def none(cls) -> Causes:
        """The null control."""
        return cls(**{field.name: False for field in fields(cls)})

    @property
    def active(self) -> tuple[str, ...]:
        return tuple(field.name for field in fields(self) if getattr(self, field.name))


RATES = {
    "usage_decay": 0.09,
    "champion_left": 0.04,
    "decision_maker_changed": 0.035,
    "unmet_goals": 0.035,
    "slow_support": 0.035,
    "silence": 0.035,
    "price": 0.03,
    "slow_delivery": 0.025,
}
"""Share of terms that each cause befalls in the months before the end. The order is part of every world: a new cause comes last,
so that those it does not befall stay as they were."""

PATIENCE = 91
"""Days after the start of an implementation by which the customer wants it live (book §7.2.1: three months)."""

SHALLOW_RATE = 0.45
"""Share of the terms of shallow accounts (L0, L1) that suffer from it."""

DEADLY = {
    "usage_decay": 0.75,
    "champion_left": 0.5,
    "decision_maker_changed": 0.6,
    "unmet_goals": 0.55,
    "slow_support": 0.5,
    "silence": 0.6,
    "price": 0.5,
    "shallow_use": 0.55,
    "slow_delivery": 0.5,
}
"""Probability that a term with this cause is not renewed."""

QUIET_LOSS = 0.04
"""Probability of a loss without any cause, in a world that has causes."""

NULL_LOSS = 0.2
"""Probability of a loss in the null control, for everyone alike."""
