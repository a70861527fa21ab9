"""One batch of changes of one object and one action, from the live read to the verified receipts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from csconnect.connectors.protocols import Target
from csconnect.errors import (
    AuthError,
    CsconnectError,
    DataError,
    ScopeError,
    TransientError,
    WrongOrgError,
)
from csconnect.model.values import Action, Change, Outcome, Receipt, Record
from csconnect.writeback.journal import Journal
from csconnect.writeback.live import Standing, got_through, read_live, standing, unlike
from csconnect.writeback.wire import Writers

_HOPELESS = (AuthError, ScopeError, WrongOrgError, TransientError)
"""The next batch would fare no better, and what did not get through was never begun."""
_THROUGH = (Outcome.WRITTEN, Outcome.UNCHANGED)

Pairs = list[tuple[Change, Receipt]]


class Batch:
    """Runs one batch. ``receipts`` (by change id) and ``windows`` grow as it goes and hold good if it raises."""

    def __init__(
        self,
        target: Target,
        journal: Journal,
        run_id: str,
        writers: Writers,
        verify_all: bool,
        timer: Callable[[], float],
    ) -> None:
        self.target, self.journal, self.run_id, self.writers = target, journal, run_id, writers
        self.verify_all, self.timer = verify_all, timer
        self.receipts: dict[str, Receipt] = {}
        self.windows: list[float] = []

    def run(self, changes: Sequence[Change], pending: Collection[str]) -> None:
        """Write ``changes``; those in ``pending`` may already have got through.

        Raises what stops the whole connection, after recording all that is known.
        """
        began = self.timer()
        live = read_live(self.target, changes)
        early = {change.id: self._before_push(change, live.get(change.id), change.id in pending) for change in changes}
        known = [(change, receipt) for change in changes if (receipt := early[change.id])]
        self._record(self._linked(known, pending))
        todo = [change for change in changes if early[change.id] is None]
        if todo:
            self.journal.intend(self.run_id, todo)
            self.windows.append(self.timer() - began)
            self._push(todo)

    def _before_push(self, change: Change, record: Record | None, pending: bool) -> Receipt | None:
        """The receipt of a change that needs no push, or must not have one."""
        where = standing(change, record, self.writers)
        record_id = record.id if record else change.record_id
        if pending and got_through(change, record, self.writers):
            return _receipt(change, Outcome.WRITTEN, record_id, "RESUMED", "got through before an interruption")
        if where is Standing.WANTED:
            return _receipt(change, Outcome.UNCHANGED, record_id)
        if where is Standing.OTHER:
            return _receipt(
                change, Outcome.CONFLICT, record_id, "CHANGED", "somebody changed it since the plan was made"
            )
        if where is Standing.FOREIGN:
            return _receipt(change, Outcome.CONFLICT, record_id, "NOT-OURS", "it does not carry our key")
        if where is Standing.MISSING and change.action is not Action.CREATE:
            return _receipt(change, Outcome.GONE, record_id, "GONE", "the record does not exist any more")
        return self._incapable(change)

    def _incapable(self, change: Change) -> Receipt | None:
        able = self.target.capabilities
        if change.action is Action.CREATE and change.entity not in able.creates:
            return _receipt(change, Outcome.REFUSED, None, "CANNOT-CREATE", f"the connector creates no {change.entity}")
        if change.action is Action.CLOSE and not able.closes:
            return _receipt(change, Outcome.REFUSED, change.record_id, "CANNOT-CLOSE", "the connector closes nothing")
        return None

    def _push(self, todo: list[Change]) -> None:
        try:
            receipts = self._answers(todo)
        except Exception as error:
            self._record(self._resolve(todo, error))
            if isinstance(error, _HOPELESS):
                raise
            return
        done = list(zip(todo, receipts, strict=True))
        self._record(done)
        checked = self._verified(done)
        self._record([pair for pair, old in zip(checked, done, strict=True) if pair != old])

    def _answers(self, changes: Sequence[Change]) -> list[Receipt]:
        receipts = list(self.target.push(changes))
        if [receipt.change_id for receipt in receipts] != [change.id for change in changes]:
            raise DataError("The connector's receipts do not match the batch", remedy="Report this to its author")
        return receipts

    def _resolve(self, todo: list[Change], error: Exception) -> Pairs:
        """Nothing is known about the whole batch: look what got through."""
        code = error.error_code if isinstance(error, CsconnectError) else type(error).__name__
        try:
            live = read_live(self.target, todo)
        except Exception:
            # Not even that can be seen now. Everything stays in doubt; applying the plan again will look.
            lost = "sent, but no answer came and it cannot be read"
            self._record([(change, _receipt(change, Outcome.UNKNOWN, change.record_id, code, lost)) for change in todo])
            raise
        done = [(change, self._resolved(change, live.get(change.id), error, code)) for change in todo]
        return self._linked(done, {change.id for change in todo})

    def _resolved(self, change: Change, record: Record | None, error: Exception, code: str) -> Receipt:
        where = standing(change, record, self.writers)
        record_id = record.id if record else change.record_id
        if got_through(change, record, self.writers):
            return _receipt(change, Outcome.WRITTEN, record_id, "READ-BACK", "no answer came, but it was written")
        if where in (Standing.OTHER, Standing.FOREIGN):
            return _receipt(
                change, Outcome.CONFLICT, record_id, "CHANGED", "no answer came, and it says something else"
            )
        if where is Standing.MISSING and change.action is not Action.CREATE:
            return _receipt(change, Outcome.GONE, record_id, "GONE", "the record does not exist any more")
        if isinstance(error, _HOPELESS):
            return _receipt(change, Outcome.REFUSED, record_id, code, "the system turned the batch away")
        return _receipt(change, Outcome.UNKNOWN, record_id, code, "no answer came, and it is not written so far")

    def _linked(self, done: Pairs, doubtful: Collection[str]) -> Pairs:
        """Of ``doubtful`` creates that got through, make sure of the links too: the cut may have come before them.

        Linking twice is harmless; a record that cannot be linked stays in doubt.
        """
        loose = [
            change.model_copy(update={"action": Action.UPDATE, "record_id": receipt.record_id, "values": {}})
            for change, receipt in done
            if change.links and change.id in doubtful and receipt.outcome is Outcome.WRITTEN
        ]
        answers = self._answers(loose) if loose else []
        failed = {answer.change_id: answer.code for answer in answers if answer.outcome not in _THROUGH}
        return [(change, _unlinked(receipt, failed.get(_update_id(change, receipt)))) for change, receipt in done]

    def _verified(self, done: Pairs) -> Pairs:
        doubtful = (Outcome.UNKNOWN, Outcome.WRITTEN) if self.verify_all else (Outcome.UNKNOWN,)
        asked = [change for change, receipt in done if receipt.outcome in doubtful]
        if not asked:
            return done
        ids: Mapping[str, str] = {receipt.change_id: receipt.record_id for _, receipt in done if receipt.record_id}
        live = read_live(self.target, asked, ids)
        seen = [
            (change, self._verify(change, receipt, live.get(change.id)) if receipt.outcome in doubtful else receipt)
            for change, receipt in done
        ]
        return self._linked(seen, {change.id for change, receipt in done if receipt.outcome is Outcome.UNKNOWN})

    def _verify(self, change: Change, receipt: Receipt, record: Record | None) -> Receipt:
        if record is None:
            note = (
                "answered as written, but it cannot be found" if receipt.outcome is Outcome.WRITTEN else receipt.message
            )
            return receipt.model_copy(update={"outcome": Outcome.UNKNOWN, "code": "NOT-FOUND", "message": note})
        differ = unlike(change, record, self.writers)
        update: dict[str, object] = {"record_id": record.id}
        if not differ:
            return receipt.model_copy(update=update | {"outcome": Outcome.WRITTEN})
        if receipt.outcome is Outcome.UNKNOWN and change.action is not Action.CREATE:
            return receipt.model_copy(update=update)
        if standing(change, record, self.writers) is Standing.BEFORE and len(differ) == len(change.values):
            note = "the system said yes and changed nothing"
            return receipt.model_copy(
                update=update | {"outcome": Outcome.REFUSED, "code": "NO-EFFECT", "message": note}
            )
        note = f"the system keeps something else in {', '.join(differ)}"
        return receipt.model_copy(update=update | {"outcome": Outcome.WRITTEN, "code": "NOT-KEPT", "message": note})

    def _record(self, done: Pairs) -> None:
        if done:
            self.journal.record(self.run_id, done)
            self.receipts |= {change.id: receipt for change, receipt in done}


def _receipt(change: Change, outcome: Outcome, record_id: str | None, code: str = "", message: str = "") -> Receipt:
    return Receipt(change_id=change.id, outcome=outcome, record_id=record_id, code=code, message=message)


def _update_id(change: Change, receipt: Receipt) -> str:
    return change.model_copy(update={"action": Action.UPDATE, "record_id": receipt.record_id}).id


def _unlinked(receipt: Receipt, code: str | None) -> Receipt:
    if code is None:
        return receipt
    return receipt.model_copy(update={"outcome": Outcome.UNKNOWN, "code": code, "message": "made, but not linked"})
