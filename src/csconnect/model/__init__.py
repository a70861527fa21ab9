"""The canonical customer-success model: the vocabulary every other package speaks.

Importing this package imports no data engine. Arrow schemas are derived on demand by `csconnect.model.arrow`.
"""

from csconnect.model.activity import Advocacy, Goal, Survey, Ticket, Touchpoint, UsageDay, UsageModuleDay
from csconnect.model.base import Entity, KeyOf
from csconnect.model.commerce import Contract, ContractLine, FxRate, Module, Product, Term
from csconnect.model.customer import Account, Contact, Owner
from csconnect.model.work import Opportunity, Task

ENTITIES: dict[str, type[Entity]] = {
    cls.entity: cls
    for cls in (
        Account,
        Contact,
        Owner,
        Product,
        Module,
        Contract,
        Term,
        ContractLine,
        FxRate,
        UsageDay,
        UsageModuleDay,
        Ticket,
        Touchpoint,
        Survey,
        Goal,
        Advocacy,
        Opportunity,
        Task,
    )
}
"""Every canonical entity by name, in the order in which they are pulled."""

__all__ = [
    "ENTITIES",
    "Account",
    "Advocacy",
    "Contact",
    "Contract",
    "ContractLine",
    "Entity",
    "FxRate",
    "Goal",
    "KeyOf",
    "Module",
    "Opportunity",
    "Owner",
    "Product",
    "Survey",
    "Task",
    "Term",
    "Ticket",
    "Touchpoint",
    "UsageDay",
    "UsageModuleDay",
]
