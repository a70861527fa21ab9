"""Live reads of few records: what stands between a plan and a second copy of everything."""

from __future__ import annotations

from csconnect.testing.bench import Bench
from csconnect.testing.desk import at_desk
from csconnect.testing.picking import needs
from csconnect.testing.verdict import demand

_WHY = "each record is read right before it is written; one that is not found is made a second time"


class LookupTests:
    """`Target.existing` by id, by our key and by parent."""

    def test_records_are_found_by_id_and_those_that_are_not_there_are_left_out(self, bench: Bench) -> None:
        made = {bench.make("account", f"found {number}"): f"found {number}" for number in range(4)}
        never = bench.make("account", "spare")
        if "delete" in bench.hands():
            bench.delete("account", never)
        else:
            made[never] = "spare"
        with at_desk(bench) as desk:
            writer, label = desk.writer("account"), bench.label_field("account")
            fields = (label, *sorted(writer.fields))
            found = desk.look(writer.target_object, "id", [*made, never], fields)
        demand(
            {record.id: record.values.get(label) for record in found} == made,
            f"Of {len(made)} records and one deleted, existing() found {[record.id for record in found]}",
            why=_WHY,
            do="one Record for each id that exists, with its bare id and the fields as they stand now",
        )
        lacking = [sorted(set(fields) - set(record.values)) for record in found if set(fields) - set(record.values)]
        demand(
            not lacking, f"Records lack asked fields {lacking[:1]}", why=_WHY, do="every asked field, None when empty"
        )

    @needs("creates")
    def test_records_are_found_by_our_key_at_once(self, bench: Bench, made: str) -> None:
        account = bench.make("account", "keyed")
        with at_desk(bench) as desk:
            writer, field = desk.writer(made), desk.writer(made).key_field or ""
            changes = [desk.creation(made, account, f'O\'Brien \\ "{number}" 客户 100%') for number in range(2)]
            ids = {change.key: desk.target.push([change])[0].record_id for change in changes}
            keys = [*(str(key) for key in ids), "no such key"]
            found = {
                record.values.get(field): record.id for record in desk.look(writer.target_object, field, keys, (field,))
            }
        demand(
            found == ids,
            f"By the keys {keys} existing() found {found}, but push() had made {ids}",
            why=_WHY + ", and keys hold ids and words of other people's systems",
            do="a look-up by the key field that reads the database, not a search index that lags, and quotes values",
        )

    @needs("creates")
    def test_records_are_found_by_their_parent_whoever_made_them(self, bench: Bench, made: str) -> None:
        one, two, lonely = (bench.make("account", name) for name in ("one", "two", "lonely"))
        by_hand = {bench.make(made, "by hand", one)} if made in _made_by_hand(self) else set()
        with at_desk(bench) as desk:
            ours = {desk.target.push([desk.creation(made, id)])[0].record_id for id in (one, two)}
            writer, field = desk.writer(made), bench.parent_field(made)
            records = desk.look(writer.target_object, field, [one, two, lonely], (field, writer.key_field or field))
            parents = {record.id: record.values.get(field) for record in records}
        demand(
            set(parents) == ours | by_hand and set(parents.values()) == {one, two},
            f"By parent existing() found {parents}; there are {ours} of ours and {by_hand} made by hand",
            why="'there is a renewal already' counts the ones that people made, or they get a second one",
            do="a look-up by the path that the mapping reads account_id from",
        )


def _made_by_hand(kit: object) -> tuple[str, ...]:
    entities: tuple[str, ...] = getattr(kit, "entities", ())
    return entities
