"""From desired and existing to a plan, from a plan to receipts, and back."""

from csconnect.writeback.apply import ApplyResult, apply_plan
from csconnect.writeback.diff import diff
from csconnect.writeback.journal import Journal, undo_run_id
from csconnect.writeback.ownership import check_owned
from csconnect.writeback.plan import PLAN_TTL, check_plan, load_plan, make_plan, parse_plan, save_plan
from csconnect.writeback.safety import Guarded, guard, require_clear, stops
from csconnect.writeback.undo import Left, UndoResult, plan_undo, undo_run
from csconnect.writeback.values import Desired, Existing, Guards, History, Options, State
from csconnect.writeback.wire import Writer, Writers

__all__ = [
    "PLAN_TTL",
    "ApplyResult",
    "Desired",
    "Existing",
    "Guarded",
    "Guards",
    "History",
    "Journal",
    "Left",
    "Options",
    "State",
    "UndoResult",
    "Writer",
    "Writers",
    "apply_plan",
    "check_owned",
    "check_plan",
    "diff",
    "guard",
    "load_plan",
    "make_plan",
    "parse_plan",
    "plan_undo",
    "require_clear",
    "save_plan",
    "stops",
    "undo_run",
    "undo_run_id",
]
