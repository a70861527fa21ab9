"""What must be known of accounts and people to write about them: names, languages, who gets the task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from csconnect.compute.phrases import Phrases, choose


@dataclass(frozen=True)
class AccountCard:
    """An account as write-back sees it; ``id`` is its home key, ``connection`` its home."""

    id: str
    connection: str
    name: str
    owner_id: str | None = None
    language: str | None = None
    currency: str | None = None

    @property
    def bare(self) -> str:
        """The id in its own system."""
        return self.id.split(":", 1)[1]


@dataclass(frozen=True)
class Roster:
    """Accounts by home key, active owners, and what the configuration says about languages and fallbacks."""

    accounts: Mapping[str, AccountCard]
    active_owners: frozenset[str]
    """Keys of owners who can be given work; a CRM refuses inactive ones."""
    phrases: Mapping[str, Phrases]
    languages: Mapping[str, str | None] = field(default_factory=dict)
    """Connection -> language of its readers."""
    fallbacks: Mapping[str, str | None] = field(default_factory=dict)
    """Connection -> bare id of the owner who stands in."""

    openings: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Connection -> where a new renewal opportunity begins: stage, pipeline, record_type, as far as they are set."""

    def words(self, account: AccountCard) -> Phrases:
        """The account's language, else its connection's, else English."""
        return choose(self.phrases, account.language, self.languages.get(account.connection))

    def owner(self, account: AccountCard) -> str | None:
        """Bare id of the person who gets the account's work, or None to leave it to the CRM's default."""
        key = account.owner_id
        if key and key in self.active_owners and key.startswith(account.connection + ":"):
            return key.split(":", 1)[1]
        return self.fallbacks.get(account.connection)

    def local(self, key: str | None, account: AccountCard) -> str | None:
        """The bare id of ``key`` if it lives in the account's home; records of other systems cannot be linked."""
        if key and key.startswith(account.connection + ":"):
            return key.split(":", 1)[1]
        return None
