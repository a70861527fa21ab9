"""What is limited besides seats: how much of it was bought and how much is in use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from csconnect_emulator.generator.dice import Dice
from csconnect_emulator.generator.orders import Life
from csconnect_emulator.generator.profile import Profile


@dataclass(frozen=True)
class Quota:
    slot: int
    resource: str
    bought: float
    used: float
    measured_on: date


def make_quotas(seed: int, profile: Profile, life: Life, as_of: date) -> list[Quota]:
    """One to three resources of an account that has ever been served, as last measured. Use grows with the years and with
    the depth of use, so that about one in ten is close to its limit."""
    last = max((end for start, end in life.spans if start < as_of), default=None)
    if last is None:
        return []
    dice, measured = Dice(seed, "quotas", profile.n), min(as_of, last) - timedelta(days=1)
    years = (as_of - profile.since).days / 365
    wasting = life.suffers(measured, "usage_decay")
    seats = next((count for since, count in reversed(life.seats) if since < as_of), profile.seats)
    limits = {"storage_gb": 10 * (1 + seats // 10), "sms": 1000 * (1 + seats // 20), "custom_objects": 20}
    has = {"storage_gb": True, "sms": dice.chance(0.35), "custom_objects": dice.chance(0.75) and profile.depth >= 3}
    out: list[Quota] = []
    for resource, limit in limits.items():
        share = dice.bell(0.42, 0.14) + 0.06 * years + 0.03 * profile.depth
        share *= 0.75 if wasting else 1
        if has[resource]:
            used = float(round(limit * min(1.0, max(0.02, share))))
            out.append(Quota(len(out), resource, float(limit), used, measured))
    return out
