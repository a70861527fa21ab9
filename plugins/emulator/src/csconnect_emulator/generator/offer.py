"""What the vendor sells: products on the price list, and the modules that usage names."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache


@dataclass(frozen=True)
class ProductSpec:
    """``price`` is in US dollars: a seat and month when recurring, a unit when one-off."""

    code: str
    line: str
    billing: str
    price: Decimal
    name: str
    name_zh: str


CRM, SERVICE, PARTNER, SERVICES = "CRM", "Service", "Partner", "Services"

PRODUCTS = (
    ProductSpec("CRM-PRO", CRM, "recurring", Decimal(38), "Northwind CRM Professional", "澜图CRM专业版"),
    ProductSpec("CRM-BI", CRM, "recurring", Decimal(9), "Northwind Analytics", "澜图BI"),
    ProductSpec("SVC-PRO", SERVICE, "recurring", Decimal(27), "Northwind Service", "澜图服务云"),
    ProductSpec("PRM-PRO", PARTNER, "recurring", Decimal(21), "Northwind Partner", "澜图伙伴云"),
    ProductSpec("PS-IMPL", SERVICES, "one_off", Decimal(950), "Implementation day", "实施人天"),
    ProductSpec("PS-TRAIN", SERVICES, "one_off", Decimal(700), "Training day", "培训"),
)
PRODUCT_NUMBER = {product.code: number for number, product in enumerate(PRODUCTS)}
LEAD = {CRM: "CRM-PRO", SERVICE: "SVC-PRO", PARTNER: "PRM-PRO"}
"""The product that every term of a line carries."""


@dataclass(frozen=True)
class ModuleSpec:
    id: str
    name: str
    core: bool
    process: str | None
    line: str
    kind: str
    rare: bool = False


MODULES = (
    ModuleSpec("account", "Accounts", False, None, CRM, "recording"),
    ModuleSpec("contact", "Contacts", False, None, CRM, "recording"),
    ModuleSpec("visit", "Visits and check-in", False, None, CRM, "recording"),
    ModuleSpec("dashboard", "Dashboards", False, None, CRM, "analytics"),
    ModuleSpec("opportunity", "Opportunities", False, "lead_to_cash", CRM, "process"),
    ModuleSpec("quote", "Quotes", False, "lead_to_cash", CRM, "process"),
    ModuleSpec("contract", "Contracts", True, "lead_to_cash", CRM, "process"),
    ModuleSpec("order", "Orders", True, "lead_to_cash", CRM, "process"),
    ModuleSpec("payment", "Payments", True, None, CRM, "process"),
    ModuleSpec("invoice", "Invoices", True, None, CRM, "process"),
    ModuleSpec("case", "Cases", False, "service", SERVICE, "process"),
    ModuleSpec("work_order", "Work orders", True, "service", SERVICE, "process"),
    ModuleSpec("knowledge", "Knowledge base", False, "service", SERVICE, "recording"),
    ModuleSpec("partner_portal", "Partner portal", False, "partner", PARTNER, "process"),
    ModuleSpec("deal_registration", "Deal registration", True, "partner", PARTNER, "process"),
    ModuleSpec("partner_settlement", "Partner settlement", True, "partner", PARTNER, "process"),
    ModuleSpec("api_integration", "API integration", False, None, CRM, "integration"),
    ModuleSpec("custom_app", "Custom apps", False, None, CRM, "customisation"),
)

_ROLES: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (0, CRM, ("account", "visit")),
    (1, CRM, ("account", "contact", "visit")),
    (1, CRM, ("account", "visit")),
    (1, CRM, ("contact", "dashboard")),
    (2, CRM, ("account", "opportunity")),
    (2, CRM, ("opportunity", "contact", "dashboard")),
    (2, CRM, ("contract", "payment", "invoice")),
    (3, CRM, ("opportunity", "quote", "contract")),
    (3, CRM, ("contract", "order")),
    (3, CRM, ("quote", "order", "payment", "invoice")),
    (4, SERVICE, ("case", "knowledge")),
    (4, SERVICE, ("case", "work_order")),
    (5, PARTNER, ("partner_portal", "deal_registration")),
    (5, PARTNER, ("deal_registration", "partner_settlement")),
)
"""What people of a role use on a day, by the depth (L0 to L5) at which an account has such people."""

_DEEP = {("contract", "order"): "api_integration", ("quote", "order", "payment", "invoice"): "custom_app"}
"""What people of a role use besides where the account is deep enough to have integrated the product or built on it."""
DEEP = 4

DEPTHS, LINE_SETS = 6, ((CRM,), (CRM, SERVICE), (CRM, SERVICE, PARTNER))


def menu_number(depth: int, lines: int) -> int:
    """The number of the menu of an account at ``depth`` that has the first ``lines`` product lines."""
    return (lines - 1) * DEPTHS + depth


@cache
def menus() -> list[list[list[str]]]:
    """By menu number: the module lists that users take turns with. No list mixes in what was not bought."""
    out = []
    for bought in LINE_SETS:
        for depth in range(DEPTHS):
            roles = [_used(modules, depth) for at, line, modules in _ROLES if at <= depth and line in bought]
            out.append(roles if depth == 0 else roles[1:])
    return out


def _used(modules: tuple[str, ...], depth: int) -> list[str]:
    return [*modules, _DEEP[modules]] if depth >= DEEP and modules in _DEEP else list(modules)
