"""The HubSpot dialect: a small CRM over the store, under the date-based paths and under v3 and v4.

What it does as the vendor, and what that rests on, is in `fidelity_hubspot.md`.
"""

from csconnect_emulator.hubspot.routes import routes
from csconnect_emulator.hubspot.schema import install

__all__ = ["install", "routes"]
