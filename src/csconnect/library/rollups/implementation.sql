/*
about: "Every project that has begun: since when (where it does not say, since its contract was signed), planned and actual go-live, and whether it is live on the day; the newest of an account has place 1"
columns: {account_id: VARCHAR, project_id: VARCHAR, begun_on: DATE, planned_live_on: DATE, live_on: DATE, live: BOOLEAN, place: BIGINT}
entities: [project, contract]
*/
WITH dated AS (
    SELECT
        coalesce(project.account_id, contract.account_id) AS account_id,
        project.id AS project_id,
        coalesce(project.started_on, contract.signed_on, contract.start) AS begun_on,
        project.planned_live_on,
        project.live_on,
        -- what is accepted is live, though nobody noted the day; a date that is still to come has not happened
        coalesce(
            date_diff('day', coalesce(project.live_on, project.accepted_on), :as_of) >= 0,
            project.phase IN ('live', 'accepted'),
            FALSE
        ) AS live
    FROM project
    LEFT JOIN contract ON contract.id = project.contract_id
)
SELECT
    dated.account_id,
    dated.project_id,
    dated.begun_on,
    dated.planned_live_on,
    dated.live_on,
    dated.live,
    row_number() OVER (
        PARTITION BY dated.account_id
        ORDER BY CASE WHEN dated.begun_on IS NULL THEN 1 ELSE 0 END, dated.begun_on DESC, dated.project_id DESC
    ) AS place
FROM dated
WHERE dated.account_id IS NOT NULL AND (dated.begun_on IS NULL OR date_diff('day', dated.begun_on, :as_of) >= 0)
