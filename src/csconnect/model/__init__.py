"""The canonical customer-success model: the vocabulary every other package speaks.

Importing this package imports no data engine. Arrow schemas are derived on demand by `csconnect.model.arrow`.
"""

from csconnect.model.activity import (
    Advocacy,
    Concern,
    Goal,
    Reading,
    Survey,
    Ticket,
    Touchpoint,
    UsageDay,
    UsageModuleDay,
)
from csconnect.model.base import Entity, KeyOf
from csconnect.model.commerce import (
    Adjustment,
    Commitment,
    Contract,
    ContractLine,
    FxRate,
    Module,
    Payment,
    Product,
    Project,
    Quota,
    Term,
)
from csconnect.model.customer import Account, Contact, Owner, RoleChange
from csconnect.model.demand import Consumption, Need
from csconnect.model.work import Opportunity, Task

ENTITIES: dict[str, type[Entity]] = {
    cls.entity: cls
    for cls in (
        Account,
        Contact,
        RoleChange,
        Owner,
        Product,
        Module,
        Contract,
        Term,
        ContractLine,
        Adjustment,
        FxRate,
        Payment,
        Quota,
        Consumption,
        Commitment,
        Project,
        UsageDay,
        UsageModuleDay,
        Reading,
        Ticket,
        Touchpoint,
        Survey,
        Goal,
        Advocacy,
        Concern,
        Need,
        Opportunity,
        Task,
    )
}
"""Every canonical entity by name, in the order in which they are pulled."""

__all__ = [
    "ENTITIES",
    "Account",
    "Adjustment",
    "Advocacy",
    "Commitment",
    "Concern",
    "Consumption",
    "Contact",
    "Contract",
    "ContractLine",
    "Entity",
    "FxRate",
    "Goal",
    "KeyOf",
    "Module",
    "Need",
    "Opportunity",
    "Owner",
    "Payment",
    "Product",
    "Project",
    "Quota",
    "Reading",
    "RoleChange",
    "Survey",
    "Task",
    "Term",
    "Ticket",
    "Touchpoint",
    "UsageDay",
    "UsageModuleDay",
]
