"""Accounts with children: their score as the mean of the family's, where the card says so.

Children are the accounts whose ``parent_id`` it is, that have a score under the same card. They count with their own scores, not with
those of their own children. A parent without such children keeps its own score.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from csconnect.compute.scorecard import Scorecard

if TYPE_CHECKING:
    import duckdb

_MEMBERS = """
CREATE OR REPLACE TEMP TABLE member AS
WITH related AS (
    SELECT child.parent_id AS account_id, child.id AS member FROM account AS child
    WHERE child.parent_id IS NOT NULL AND child.parent_id <> child.id
),
counting AS (
    SELECT related.account_id, related.member FROM related
    INNER JOIN scored AS parent ON parent.account_id = related.account_id AND parent.card = $1 AND parent.served
    INNER JOIN scored ON scored.account_id = related.member AND scored.card = $1 AND scored.score IS NOT NULL
),
everyone AS (
    SELECT account_id, member FROM counting
    UNION ALL
    SELECT DISTINCT counting.account_id, counting.account_id FROM counting
    INNER JOIN scored ON scored.account_id = counting.account_id AND scored.score IS NOT NULL
    WHERE $2
)
SELECT *, 1.0 / count(*) OVER (PARTITION BY account_id) AS part FROM everyone
"""

_DRIVERS = """
CREATE OR REPLACE TEMP TABLE joint AS
SELECT member.account_id, min(driver.place) AS place, driver.dimension, driver.signal, avg(driver.value) AS value,
    avg(driver.share) AS share, max(driver.card_weight) AS card_weight, sum(driver.weight * member.part) AS weight,
    sum(driver.cover * member.part) AS cover, sum(driver.raw * member.part) AS raw,
    sum(driver.room_up * member.part) AS room_up, sum(driver.room_down * member.part) AS room_down,
    coalesce(bool_or(driver.partly), false) AS partly
FROM member INNER JOIN driver ON driver.account_id = member.member
GROUP BY member.account_id, driver.dimension, driver.signal
"""

_SCORES = """
CREATE OR REPLACE TEMP TABLE joint_score AS
SELECT member.account_id, avg(scored.score) AS points, CAST(floor(avg(scored.coverage)) AS BIGINT) AS coverage
FROM member INNER JOIN scored ON scored.account_id = member.member GROUP BY member.account_id
"""


def join_families(facts: duckdb.DuckDBPyConnection, card: Scorecard) -> None:
    """Replace scores and drivers of parents judged by ``card``; does nothing when it lets everyone keep their own."""
    if card.parents == "own":
        return
    facts.execute(_MEMBERS, [card.scorecard, card.parents == "family"])
    facts.execute(_DRIVERS)
    facts.execute(_SCORES)
    facts.execute("DELETE FROM driver WHERE account_id IN (SELECT account_id FROM member)")
    facts.execute("INSERT INTO driver SELECT * FROM joint")
    facts.execute(
        f"""UPDATE scored SET points = joint_score.points, coverage = joint_score.coverage,
            score = {card.scale.rounding("joint_score.points")}
        FROM joint_score WHERE joint_score.account_id = scored.account_id"""  # noqa: S608
    )
    for table in ("member", "joint", "joint_score"):
        facts.execute(f"DROP TABLE {table}")
