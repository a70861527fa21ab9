"""Where each call goes: HubSpot's dated paths, with the version as the one variable (vendor page "Versioning")."""

from __future__ import annotations

from dataclasses import dataclass

from csconnect.connectors.http import segment


@dataclass(frozen=True)
class Paths:
    """Paths under one dated version, such as ``2026-03``. Names and ids are escaped here and nowhere else."""

    version: str

    def objects(self, object: str, *rest: str) -> str:
        return self._join("/crm/objects", object, *rest)

    def associations(self, origin: str, to: str, *rest: str) -> str:
        return self._join("/crm/associations", origin, to, *rest)

    def properties(self, object: str, *rest: str) -> str:
        return self._join("/crm/properties", object, *rest)

    def pipelines(self, object: str) -> str:
        return self._join("/crm/pipelines", object)

    def owners(self) -> str:
        return self._join("/crm/owners")

    def account(self) -> str:
        return self._join("/account-info", "details")

    def daily_usage(self) -> str:
        return self._join("/account-info", "api-usage", "daily", "private-apps")

    def token(self) -> str:
        return self._join("/oauth", "token")

    def _join(self, root: str, *rest: str) -> str:
        return "/".join([root, self.version, *(segment(part) for part in rest)])
