"""Writing one batch: exactly what was asked for, a receipt for each row, and values that come back as they went."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from csconnect.connectors.protocols import Lookup
from csconnect.errors import CsconnectError
from csconnect.model.values import Action, Change, Outcome, Receipt
from csconnect.testing.bench import Bench
from csconnect.testing.desk import Desk, at_desk, closed, owned_fields
from csconnect.testing.picking import Kit, needs
from csconnect.testing.samples import AMOUNTS, DATES, TEXTS, longest
from csconnect.testing.verdict import demand
from csconnect.writeback import Writer

NO_IDS = ("../../../other", "1' OR '1'='1", "x?fields=all", "a b", "", "line\r\nX-Header: 1", "客户")
_RECEIPTS = "what a receipt does not say truly is written twice or reported as done"


class WriteTests(Kit):
    """`Target.push`, one batch at a time."""

    def test_an_update_writes_the_listed_fields_and_nothing_else(self, bench: Bench) -> None:
        account, other = bench.make("account", "written"), bench.make("account", "bystander")
        with at_desk(bench) as desk:
            before, beside = dict(bench.read("account", account) or {}), bench.read("account", other)
            change = desk.update(account, {"health_score": 54})
            (receipt,) = desk.target.push([change])
            after = dict(bench.read("account", account) or {})
        moved = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        demand(
            receipt.outcome is Outcome.WRITTEN and receipt.record_id == account and receipt.change_id == change.id,
            f"The receipt of a plain update is {receipt}",
            why=_RECEIPTS,
            do="Receipt(change_id, WRITTEN, record_id)",
        )
        demand(
            moved == set(change.values) and bench.read("account", other) == beside,
            f"An update of {set(change.values)} changed {moved or 'nothing'}, or another record",
            why="law 5: people gave us these fields and no others; every further one fires their automations",
            do="a body with the change's values only",
        )

    @needs("spoil")
    def test_receipts_keep_length_and_order_whatever_row_is_bad(self, bench: Bench) -> None:
        most = min(self.capabilities.write_batch, 6)
        with at_desk(bench) as desk:

            @self.tries()
            @given(st.data(), st.integers(1, most), st.booleans())
            def any_row(data: st.DataObject, size: int, gone: bool) -> None:
                bad = data.draw(st.integers(0, size - 1))
                ids = [bench.make("account", f"row {number}") for number in range(size)]
                batch = [desk.update(id, {"health_score": number + 10}) for number, id in enumerate(ids)]
                if gone and "delete" in bench.hands():
                    bench.delete("account", ids[bad])
                else:
                    batch[bad] = bench.spoil(batch[bad])
                _judge(desk, batch, desk.target.push(batch), bad)

            any_row()

    def test_a_full_batch_is_taken(self, bench: Bench) -> None:
        with at_desk(bench) as desk:
            ids = [bench.make("account", f"many {number}") for number in range(desk.target.capabilities.write_batch)]
            batch = [desk.update(id, {"health_score": number % 101}) for number, id in enumerate(ids)]
            _judge(desk, batch, desk.target.push(batch), -1)

    @needs("delete")
    def test_a_record_that_is_gone_is_a_receipt(self, bench: Bench) -> None:
        account = bench.make("account", "gone")
        with at_desk(bench) as desk:
            bench.delete("account", account)
            (receipt,) = desk.target.push([desk.update(account, {"health_score": 1})])
        demand(
            receipt.outcome in (Outcome.GONE, Outcome.REFUSED) and bench.read("account", account) is None,
            f"The receipt of an update of a deleted record says {receipt.outcome.value}",
            why=_RECEIPTS,
            do="Outcome.GONE; a record that people deleted is not made again",
        )

    def test_a_value_can_be_cleared(self, bench: Bench) -> None:
        account = bench.make("account", "cleared")
        with at_desk(bench) as desk:
            writer, want = desk.writer("account"), {"health_score": 54, "next_renewal": DATES[0]}
            change = desk.update(account, want)
            desk.target.push([change])
            desk.target.push([change.model_copy(update={"values": dict.fromkeys(change.values)})])
            left = bench.read("account", account) or {}
            (record,) = desk.look(writer.target_object, "id", [account], tuple(change.values))
        full = {
            name for name in change.values if not writer.same(name, record.values.get(name), None) or left.get(name)
        }
        demand(
            not full,
            f"After null was written {full} still have a value",
            why="an account that can no longer be scored must not keep its old score",
            do="whatever the system takes for 'empty': null, an empty text, a field named in a list",
        )

    def test_values_survive_the_round_trip(self, bench: Bench) -> None:
        account = bench.make("account", "round trip")
        with at_desk(bench) as desk:
            writer = desk.writer("account")
            for name, value in _trips(writer):
                change = desk.update(account, {name: value})
                (receipt,) = desk.target.push([change])
                (record,) = desk.look(writer.target_object, "id", [account], tuple(change.values))
                ((field, sent),) = change.values.items()
                demand(
                    receipt.outcome is Outcome.WRITTEN and writer.same(field, record.values.get(field), sent),
                    f"{field}: sent {sent!r}, {receipt.outcome.value} {receipt.message}, read {record.values.get(field)!r}",
                    why="what comes back otherwise than it went is written again every day",
                    do="values spelt as the system wants them, and the right `type` in the mapping's write section",
                )

    @needs("creates")
    def test_texts_of_what_we_create_survive(self, bench: Bench, made: str) -> None:
        account = bench.make("account", "texts")
        with at_desk(bench) as desk:
            writer = desk.writer(made)
            name = next(name for name, owned in owned_fields(writer) if owned.type == "long_text")
            text = "\n".join((*TEXTS, "", longest(writer.mapping.write[name])))
            change = desk.creation(made, account, **{name: text})
            (receipt,) = desk.target.push([change])
            field = writer.field_of(name) or ""
            found = desk.look(writer.target_object, "id", [receipt.record_id or "?"], tuple(change.values))
        off = [n for n, sent in change.values.items() if not found or not writer.same(n, found[0].values.get(n), sent)]
        demand(
            receipt.outcome is Outcome.WRITTEN and not off,
            f"A new {made} ({receipt.outcome.value} {receipt.message}) does not say what was sent in {off}; its text is {field}",
            why="the text tells a person why and what to do first; a create that reads back otherwise is reported as such",
            do="texts sent and read as they are: line ends, quotes, Chinese, emoji",
        )

    @needs("creates", "closes")
    def test_closing_withdraws_and_never_deletes(self, bench: Bench, made: str) -> None:
        account = bench.make("account", "closing")
        with at_desk(bench) as desk:
            change, writer = desk.creation(made, account), desk.writer(made)
            id = desk.target.push([change])[0].record_id or "?"
            update = {"action": Action.CLOSE, "record_id": id, "values": writer.mapping.close, "links": {}}
            close = change.model_copy(update=update)
            first, second = desk.target.push([close]), desk.target.push([close])
            kept = bench.read(made, id)
            found = desk.look(writer.target_object, "id", [id], tuple(writer.mapping.close))
        done = {first[0].outcome, second[0].outcome} <= {Outcome.WRITTEN, Outcome.UNCHANGED}
        demand(
            done and kept is not None and found and closed(writer, found[0].values),
            f"After closing a {made} twice ({first[0].outcome.value}, {second[0].outcome.value}) it says {kept}",
            why="decision 10: what we made is withdrawn in sight of everybody, never deleted",
            do="CLOSE as an update with the change's values",
        )

    def test_what_is_no_id_never_becomes_part_of_an_address(self, bench: Bench) -> None:
        account = bench.make("account", "unharmed")
        with at_desk(bench) as desk:
            good, object = desk.update(account, {"health_score": 54}), desk.writer("account").target_object
            for id in NO_IDS:
                before, heard = bench.state(), len(bench.heard())
                receipts = _tried(desk, good.model_copy(update={"record_id": id}))
                found = _looked(desk, Lookup(object, tuple(good.values), "id", (id,)))
                calls = list(bench.heard())[heard:]
                harmless = all(each.outcome in (Outcome.REFUSED, Outcome.GONE) for each in receipts) and not found
                demand(
                    harmless and bench.state() == before and not any(_names(call, id) for call in calls),
                    f"With {id!r} for an id: receipts {[each.outcome.value for each in receipts]}, found {found}, calls {calls}",
                    why="ids come from files and other systems; pasted into an address or a query they reach what is not ours",
                    do="a check of the id's form before any call, and ids in bodies or quoted",
                )


def _judge(desk: Desk, batch: list[Change], receipts: list[Receipt], bad: int) -> None:
    """Receipts of ``batch``, whose row ``bad`` (-1: none) could not be written."""
    demand(
        [receipt.change_id for receipt in receipts] == [change.id for change in batch],
        f"A batch of {len(batch)} changes with row {bad} bad came back as {len(receipts)} receipts, or in another order",
        why="receipts are booked by their place; " + _RECEIPTS,
        do="results joined to changes by id or place, one receipt for each",
    )
    for number, (change, receipt) in enumerate(zip(batch, receipts, strict=True)):
        ((field, sent),) = [
            pair for pair in change.values.items() if pair[0] == desk.writer("account").field_of("health_score")
        ]
        stored = (desk.bench.read("account", str(change.record_id)) or {}).get(field)
        written = desk.writer("account").same(field, stored, sent)  # type: ignore[arg-type]
        expected = (Outcome.REFUSED, Outcome.GONE) if number == bad else (Outcome.WRITTEN, Outcome.UNCHANGED)
        demand(
            receipt.outcome in expected and written == (number != bad),
            f"Row {number} of {len(batch)} (row {bad} is bad) says {receipt.outcome.value} {receipt.message!r}, "
            f"and the system has {stored!r} for {sent!r}",
            why="one bad record never stops the others; " + _RECEIPTS,
            do="REFUSED (or GONE) with the system's own words for the bad row, the others written",
        )
        told = receipt.outcome is not Outcome.REFUSED or receipt.message
        demand(told, "The refused row has no reason", why=_RECEIPTS, do="Receipt(code=, message=)")


def _trips(writer: Writer) -> list[tuple[str, object]]:
    """Values by the core's name for every owned field of an account."""
    trips: list[tuple[str, object]] = []
    for name, owned in owned_fields(writer):
        if owned.choices:
            trips += [(name, word) for word in owned.choices]
        elif owned.type in ("number", "money"):
            trips += [(name, amount) for amount in AMOUNTS]
        elif owned.type == "date":
            trips += [(name, day) for day in DATES]
        elif owned.type == "integer":
            trips += [(name, number) for number in (0, 7, 100)]
        elif owned.type in ("text", "long_text"):
            fitting = [text for text in TEXTS if len(text) <= (owned.length or 255)]
            trips += [(name, text) for text in (*fitting, longest(owned))]
        elif owned.type == "boolean":
            trips += [(name, truth) for truth in (True, False)]
    return trips


def _tried(desk: Desk, change: Change) -> list[Receipt]:
    try:
        receipts: list[Receipt] = desk.target.push([change])
    except CsconnectError:
        return []
    return receipts


def _looked(desk: Desk, lookup: Lookup) -> list[str]:
    try:
        return [record.id for record in desk.target.existing(replace(lookup))]
    except CsconnectError:
        return []


def _names(call: str, id: str) -> bool:
    return bool(id) and any(form in call for form in (id, quote(id), quote(id, safe="")))
