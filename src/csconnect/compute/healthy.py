"""Healthy ARR: how much of what customers pay comes from those whose health is green, and how that moves from month to month.

By amount, never by count (健康率; decks 001:1182). A deferred customer is never healthy, whatever its band (001:1457); one whose
health nobody knows stays in the whole and is shown beside it (ours).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from csconnect.compute.rate import Rate
from csconnect.model.enums import Band

if TYPE_CHECKING:
    import pyarrow as pa

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Standing:
    """How one account stood in a month.

    ``arr`` is in one currency for all accounts and both months, converted at one rate; None where it cannot be told. ``healthy`` is
    None where the health is unknown. ``known_before`` says whether the account had been a customer in any earlier month.
    """

    arr: Decimal | None
    is_customer: bool
    healthy: bool | None
    deferred: bool = False
    known_before: bool = False

    @property
    def there(self) -> bool:
        """Whether the account is a customer with ARR, or one whose renewal is deferred: not gone yet, though nothing runs."""
        return self.is_customer and (self.deferred or self.arr != 0)

    @property
    def pays(self) -> Decimal:
        """The ARR that counts."""
        return self.arr if self.is_customer and self.arr is not None else NOTHING

    @property
    def healthy_arr(self) -> Decimal:
        """The ARR that counts as healthy."""
        return self.pays if self.healthy else NOTHING


ABSENT = Standing(NOTHING, is_customer=False, healthy=None)
"""An account that a month does not know."""


def standings(month: pa.Table) -> dict[str, Standing]:
    """Account -> how it stood. ``month`` has a row an account: account_id, arr (decimal; null where it cannot be told, 0 where
    nothing runs), is_customer, band (null where unknown), deferred, known_before; what else it has is not read."""
    names = ["account_id", "arr", "is_customer", "band", "deferred", "known_before"]
    return {row["account_id"]: _standing(row) for row in month.select(names).to_pylist()}


def _standing(row: Mapping[str, Any]) -> Standing:
    known = None if row["band"] is None else row["band"] == Band.GREEN
    deferred = bool(row["deferred"])
    return Standing(
        row["arr"],
        is_customer=bool(row["is_customer"]),
        healthy=False if deferred else known,
        deferred=deferred,
        known_before=bool(row["known_before"]),
    )


@dataclass(frozen=True)
class HealthyArr:
    """ARR of one month: ``healthy`` of ``whole``, and of the rest what is ``unknown``. ``untold`` accounts have an ARR that cannot
    be told; they are in none of the three."""

    healthy: Decimal
    whole: Decimal
    unknown: Decimal
    untold: int

    @property
    def rate(self) -> Rate:
        """Healthy ARR out of all ARR (健康率). What is unknown is in the base and not in the part."""
        return Rate(self.healthy, self.whole)


def healthy_arr(month: Iterable[Standing]) -> HealthyArr:
    """Add up one month."""
    customers = [one for one in month if one.is_customer]
    return HealthyArr(
        healthy=sum((one.healthy_arr for one in customers), NOTHING),
        whole=sum((one.pays for one in customers), NOTHING),
        unknown=sum((one.pays for one in customers if one.healthy is None), NOTHING),
        untold=sum(one.arr is None for one in customers),
    )


def healthy_arr_mom(then: HealthyArr, now: HealthyArr) -> Rate:
    """Healthy ARR of this month out of last month's (健康率环比; 001:1514-1517). INC-05: the growth of an amount, though its name
    speaks of a rate; a book that grows raises it."""
    return Rate(now.healthy, then.healthy)


def healthy_arr_rate_mom(then: HealthyArr, now: HealthyArr) -> Decimal | None:
    """The rate of this month out of last month's rate (INC-05: what the name promises); None where either month has none."""
    before, after = then.rate.value, now.rate.value
    return after / before if before and after is not None else None
