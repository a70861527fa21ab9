"""The hooks a plugin may implement. Hooks contribute or observe; records never travel through them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pluggy

from csconnect.connectors.protocols import Connector
from csconnect.model.values import Plan, Receipt

hookspec = pluggy.HookspecMarker("csconnect")
hookimpl = pluggy.HookimplMarker("csconnect")


class Hooks:
    """Specifications of every hook, in the order in which a run meets them.

    Commands are not among them: they are entry points of the group ``csconnect.commands``, so that help can list them by name
    without importing anybody's code.
    """

    @hookspec
    def csconnect_register_connectors(self, register: Callable[[Connector], None]) -> None:
        """Offer connectors."""

    @hookspec
    def csconnect_register_mappings(self, register: Callable[[str, Path], None]) -> None:
        """Offer folders of mapping files: system name, folder."""

    @hookspec
    def csconnect_register_signals(self, register: Callable[[Path], None]) -> None:
        """Offer folders with ``signals/*.sql``, ``scorecards/*.yaml`` and ``phrases/*.yaml``."""

    @hookspec
    def csconnect_review_plan(self, plan: Plan) -> str | None:
        """Look at a plan before it is applied; a returned sentence is an objection that stops it. Plans are not edited."""

    @hookspec
    def csconnect_run_finished(self, run: dict[str, Any], receipts: Sequence[Receipt]) -> None:
        """A run ended, well or not: send the news somewhere. `run` holds `run_id`, `outcome` and the figures that there are."""
