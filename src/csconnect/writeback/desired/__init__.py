"""From what was computed to what the CRM should say: account fields, renewal opportunities, tasks.

The only part of write-back that knows `csconnect.compute`; everything after it deals in `Desired` values alone.
"""

from csconnect.writeback.desired.build import build_desired
from csconnect.writeback.desired.roster import AccountCard, Roster

__all__ = ["AccountCard", "Roster", "build_desired"]
