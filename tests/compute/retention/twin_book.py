"""The finance book said a second time in plain Python and Decimal, one adjustment at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from csconnect.compute.terms import RenewalRules

from .twin import Part, Twin
from .twin_lines import CENT, NOTHING, Cycle, Row, Sold, World

Place = tuple[str, str, date]


@dataclass(eq=False)
class Entry:
    """A due or renewed line of one cycle in the finance book."""

    side: str
    line: Sold
    place: Place
    arr: Decimal | None
    waived: bool = False
    delta: Decimal = NOTHING

    @property
    def told(self) -> Decimal | None:
        return None if self.arr is None else NOTHING if self.waived else self.arr + self.delta


class TwinBook(Twin):
    """Everything of a world on one day, with ``entries`` of the finance book and the ``fates`` of its adjustments."""

    def __init__(self, world: World, as_of: date, rules: RenewalRules) -> None:
        super().__init__(world, as_of, rules)
        self.entries: list[Entry] = []
        for place, cycle in self.cycles.items():
            self.entries += [Entry(side, line, place, arr) for side, line, arr in super().parts(cycle)]
        self.fates: dict[str, str] = {}
        self.own_terms = {line["id"]: line["term_id"] for line in world["contract_line"]}
        approved = [row for row in world["adjustment"] if row["status"] == "approved"]
        late = [row for row in approved if row["decided_on"] is not None and row["decided_on"] > as_of]
        counted = sorted(
            (row for row in approved if row not in late), key=lambda row: (row["decided_on"] or date.min, row["id"])
        )
        meant = {row["id"]: self._meant(row) for row in counted}
        self.fates = {row["id"]: "counts" if meant[row["id"]] else "unmatched" for row in counted}
        self._waive([row for row in counted if row["waived"]], meant)
        self._change([row for row in counted if not row["waived"]], meant)

    def parts(self, cycle: Cycle) -> list[Part]:
        place = next(key for key, other in self.cycles.items() if other is cycle)
        return [(entry.side, entry.line, entry.told) for entry in self.entries if entry.place == place]

    def _meant(self, row: Row) -> list[Entry]:
        """The entries that a row means, none where it fits one of them badly."""
        found = [entry for entry in self.entries if entry.side == row["side"] and self._is_meant(row, entry)]
        fits = row["decided_on"] is not None and all(self._fits(row, entry) for entry in found)
        return found if fits else []

    def _is_meant(self, row: Row, entry: Entry) -> bool:
        line = entry.line
        if row["line_id"]:
            return line.told_by == "contract_line" and line.id == row["line_id"]
        own = line.id if line.told_by == "term" else self.own_terms[line.id]
        contracts = entry.side == "due" and line.nature == "contraction" and line.term_id == row["term_id"]
        return row["term_id"] is not None and (own == row["term_id"] or contracts)

    @staticmethod
    def _fits(row: Row, entry: Entry) -> bool:
        if row["account_id"] not in (None, entry.place[0]):
            return False
        whole = entry.arr is not None and row["arr_delta"] is not None and row["currency"] is not None
        return bool(row["waived"]) or (whole and row["currency"] == entry.line.currency)

    def _beside(self, entry: Entry) -> list[Entry]:
        """What one sum is made of: one side of one cycle in one currency."""
        mine = (entry.side, entry.place, entry.line.currency)
        return [each for each in self.entries if (each.side, each.place, each.line.currency) == mine]

    def _waive(self, rows: list[Row], meant: dict[str, list[Entry]]) -> None:
        waived = {id(entry) for row in rows for entry in meant[row["id"]]}
        for row in rows:
            for entry in meant[row["id"]]:
                left = [each.arr or NOTHING for each in self._beside(entry) if id(each) not in waived]
                if entry.line.currency and sum(left, NOTHING) < 0:
                    self.fates[row["id"]] = "below_zero"
                else:
                    entry.waived = True

    def _change(self, rows: list[Row], meant: dict[str, list[Entry]]) -> None:
        pieces: list[tuple[Row, Entry, Decimal]] = []
        for row in rows:
            found = meant[row["id"]]
            for entry, piece in zip(found, split(row["arr_delta"], found), strict=True) if found else ():
                if not entry.waived:
                    pieces.append((row, entry, piece))
        for row in rows:
            so_far = [
                (other, entry, piece)
                for other, entry, piece in pieces
                if piece > 0 or rows.index(other) <= rows.index(row)
            ]
            for other, entry, piece in pieces:
                if other is row and piece < 0 and self._below(entry, so_far):
                    self.fates[row["id"]] = "below_zero"
        for row, entry, piece in pieces:
            if self.fates[row["id"]] == "counts":
                entry.delta += piece

    def _below(self, entry: Entry, pieces: list[tuple[Row, Entry, Decimal]]) -> bool:
        beside = {id(each): each for each in self._beside(entry)}
        mine = sum((piece for _, other, piece in pieces if other is entry), NOTHING)
        ours = sum((piece for _, other, piece in pieces if id(other) in beside), NOTHING)
        whole = sum((each.arr or NOTHING for each in beside.values() if not each.waived), NOTHING)
        assert entry.arr is not None
        return (entry.arr >= 0 and entry.arr + mine < 0) or whole + ours < 0


def split(delta: Decimal, entries: list[Entry]) -> list[Decimal]:
    """``delta`` over entries by what they are worth, to the cent, by largest remainder; evenly where none is worth anything."""
    worth = [max(entry.arr or NOTHING, NOTHING) for entry in entries]
    weights = [int(each * 100) for each in worth] if any(worth) else [1] * len(entries)
    cents = int(abs(delta).quantize(CENT, ROUND_HALF_UP) * 100)
    least = [cents * weight // sum(weights) for weight in weights]

    def order(n: int) -> tuple[Any, ...]:
        entry = entries[n]
        return -(cents * weights[n] % sum(weights)), entry.place[2], entry.place[1], entry.line.told_by, entry.line.id

    for n in sorted(range(len(entries)), key=order)[: cents - sum(least)]:
        least[n] += 1
    sign = -1 if delta < 0 else 1
    return [sign * part * CENT for part in least]
