"""Our people: the CSMs and the salespeople of one system, some of whom have left."""

from __future__ import annotations

from dataclasses import dataclass

from csconnect_emulator.generator.dice import Dice
from csconnect_emulator.generator.vocabulary import person

ACCOUNTS_PER_CSM, ACCOUNTS_PER_SELLER = 30, 90


@dataclass(frozen=True)
class Colleague:
    """A user of the CRM. ``number`` counts within the system; ``language`` is what the person reads."""

    number: int
    name: str
    given: str
    family: str
    email: str
    active: bool
    language: str
    role: str


@dataclass(frozen=True)
class Staff:
    """Everyone who works in one system; derived one at a time, so a large company costs no memory."""

    seed: int
    system: str
    accounts: int

    @property
    def csms(self) -> int:
        return max(4, self.accounts // ACCOUNTS_PER_CSM)

    @property
    def sellers(self) -> int:
        return max(2, self.accounts // ACCOUNTS_PER_SELLER)

    def __len__(self) -> int:
        return self.csms + self.sellers

    def colleague(self, number: int) -> Colleague:
        """Number 3 and every tenth after it have left; two of three in HubSpot and one of five elsewhere read Chinese."""
        chinese = number % 3 != 2 if self.system == "hubspot" else number % 5 == 4
        language = "zh" if chinese else "en"
        who = person(Dice(self.seed, "staff", self.system, number), language)
        host = "lantu.example" if self.system == "hubspot" else "northwind.example"
        mailbox = f"{who.mailbox}.{number}@{host}"
        role = "csm" if number < self.csms else "sales"
        return Colleague(number, who.full, who.given, who.family, mailbox, number % 10 != 3, language, role)

    def csm_for(self, dice: Dice, language: str) -> int:
        """Mostly an active CSM who reads the language; now and then one who has left."""
        number = dice.between(0, self.csms - 1)
        for _ in range(4):
            someone = self.colleague_brief(number)
            if someone[1] == language and (someone[0] or dice.chance(0.25)):
                return number
            number = (number + 1) % self.csms
        return number

    def colleague_brief(self, number: int) -> tuple[bool, str]:
        """Whether somebody is active, and the language; without the cost of a name."""
        chinese = number % 3 != 2 if self.system == "hubspot" else number % 5 == 4
        return number % 10 != 3, "zh" if chinese else "en"

    def seller_for(self, dice: Dice) -> int:
        return self.csms + dice.between(0, self.sellers - 1)
