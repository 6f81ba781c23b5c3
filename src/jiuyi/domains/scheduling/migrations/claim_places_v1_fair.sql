-- Claims places, one answer for each request; "position" is the request's place in the array, from 1.
--
-- requests: [{"key", "appointment_id", "voucher", "person_id", "session_id", "window_start", "pools": [the dearest first], "channel",
--   "actor_kind", "actor_id", "account_id"|null, "fee_fen", "fee_rule_id", "fee_rule_version"|null, "held_until"|null,
--   "pay_at_arrival", "now", and optionally "mode", "device_hash", "counts_to_limits", "drawn", "cooling"}]
-- code: claimed | session_stopped | not_yet_visible | window_passed | no_such_window | already_booked_that_day |
--   place_gone | key_conflict | busy (nothing wrong, ask again) | invalid. conflicts names every reason, code the first.
-- A key that was answered with "claimed" is answered with the same appointment again (repeated = true).
-- A reserved place is sold to the public too once it has flowed back. "cooling" (the waiting list) also takes places that
-- were given up and are not on sale yet; "drawn" (the draw) is served before everybody else at a release.
--
-- Three steps. Together: all simple requests in one statement. Explained: those that plainly cannot be served, in one
-- statement. One by one, each in a subtransaction of its own: what is left, so that a bad request leaves the others alone.
CREATE OR REPLACE FUNCTION claim_places_v1(requests jsonb)
RETURNS TABLE (
    "position" integer, code text, conflicts text[], repeated boolean, appointment_id uuid, place_id uuid, status text,
    voucher text, window_end timestamptz, held_until timestamptz, detail text
)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    r record;
    done integer[] := '{}';
    keys text[];
BEGIN
    IF jsonb_array_length(requests) > 1 THEN
        keys := ARRAY(SELECT e.value ->> 'key' FROM jsonb_array_elements(requests) WITH ORDINALITY AS e ORDER BY e.ordinality);
        BEGIN
            FOR r IN SELECT * FROM claim_places_together_v1(requests) LOOP
                "position" := array_position(keys, r.key); -- of several with one key only the first was served
                done := done || "position";
                code := 'claimed'; conflicts := '{}'; repeated := false; appointment_id := r.appointment_id;
                place_id := r.place_id; status := r.status; voucher := r.voucher; window_end := r.window_end;
                held_until := r.held_until; detail := NULL;
                RETURN NEXT;
            END LOOP;
        EXCEPTION WHEN OTHERS THEN
            -- One request spoilt it for all: nothing of this step stands, each is tried alone.
            done := '{}';
        END;
        IF cardinality(done) < jsonb_array_length(requests) THEN
            BEGIN
                FOR r IN SELECT * FROM explain_refusals_v1(requests, done) LOOP
                    done := done || r."position";
                    "position" := r."position"; code := r.conflicts[1]; conflicts := r.conflicts; repeated := false;
                    appointment_id := NULL; place_id := NULL; status := NULL; voucher := NULL; window_end := NULL;
                    held_until := NULL; detail := NULL;
                    RETURN NEXT;
                END LOOP;
            EXCEPTION WHEN OTHERS THEN
                NULL; -- a request that cannot be read: found below, alone
            END;
        END IF;
    END IF;
    FOR r IN
        SELECT e.ordinality::integer AS "position", c.*
        FROM jsonb_array_elements(requests) WITH ORDINALITY AS e
        CROSS JOIN LATERAL claim_one_place_v1(e.value) AS c
        WHERE e.ordinality <> ALL (done)
    LOOP
        "position" := r."position"; code := r.code; conflicts := r.conflicts; repeated := r.repeated;
        appointment_id := r.appointment_id; place_id := r.place_id; status := r.status; voucher := r.voucher;
        window_end := r.window_end; held_until := r.held_until; detail := r.detail;
        RETURN NEXT;
    END LOOP;
END $$;

-- All requests that can be served without waiting for anybody, in one statement. At most one of each key, and of each
-- person, department and day; whatever is not answered here is not refused, only left for the other steps.
CREATE OR REPLACE FUNCTION claim_places_together_v1(requests jsonb)
RETURNS TABLE (
    key text, appointment_id uuid, place_id uuid, status text, voucher text, window_end timestamptz, held_until timestamptz
)
LANGUAGE sql AS $$
    WITH asked AS MATERIALIZED (
        SELECT q.*, s.department_id, s.organization_id, s.practitioner_id, s.service_date,
            s.draws AND s.drawn_at IS NULL AND NOT coalesce(q.drawn, false) AS undrawn,
            row_number() OVER (PARTITION BY q.key ORDER BY q."position") AS of_key,
            row_number() OVER (PARTITION BY q.person_id, s.department_id, s.service_date ORDER BY q."position") AS of_day
        FROM ROWS FROM (
            jsonb_to_recordset(requests) AS (
                key text, appointment_id uuid, voucher text, person_id uuid, session_id uuid, window_start timestamptz, pools text[],
                channel text, actor_kind text, actor_id uuid, account_id uuid, fee_fen bigint, fee_rule_id text,
                fee_rule_version integer, held_until timestamptz, pay_at_arrival boolean, now timestamptz, mode text,
                device_hash text, counts_to_limits boolean, drawn boolean, cooling boolean
            )
        ) WITH ORDINALITY AS q (
            key, appointment_id, voucher, person_id, session_id, window_start, pools, channel, actor_kind, actor_id, account_id, fee_fen,
            fee_rule_id, fee_rule_version, held_until, pay_at_arrival, now, mode, device_hash, counts_to_limits, drawn, cooling, "position"
        )
        JOIN scheduling_clinicsession s ON s.id = q.session_id AND s.status = 'open'
    ), hopeful AS MATERIALIZED (
        SELECT w.session_id, w.window_start FROM (SELECT DISTINCT session_id, window_start FROM asked) AS w
        WHERE EXISTS (
            SELECT FROM scheduling_place p WHERE p.session_id = w.session_id AND p.window_start = w.window_start AND p.state = 'free'
        )
    ), ranked AS MATERIALIZED (
        SELECT a.*, row_number() OVER (PARTITION BY a.session_id, a.window_start, a.pools ORDER BY a."position") AS n
        FROM asked a JOIN hopeful USING (session_id, window_start)
        WHERE a.of_key = 1 AND a.of_day = 1 AND NOT coalesce(a.cooling, false)
            AND NOT EXISTS (SELECT FROM scheduling_appointment x WHERE x.idempotency_key = a.key)
            AND NOT EXISTS (
                SELECT FROM scheduling_appointment x
                WHERE x.person_id = a.person_id AND x.department_id = a.department_id AND x.service_date = a.service_date
                    AND x.status IN ('held', 'booked', 'arrived')
            )
    ), wanted AS (
        SELECT session_id, window_start, pools, count(*) AS n, min(now) AS now, bool_or(undrawn) AS undrawn
        FROM ranked GROUP BY session_id, window_start, pools
    ), locked AS MATERIALIZED (
        SELECT w.session_id, w.window_start, w.pools, p.id, p.window_end,
            row_number() OVER (PARTITION BY w.session_id, w.window_start, w.pools) AS n,
            row_number() OVER (PARTITION BY p.id) AS of_place
        FROM wanted w
        CROSS JOIN LATERAL (
            SELECT p.id, p.window_end FROM scheduling_place p
            WHERE p.session_id = w.session_id AND p.window_start = w.window_start AND p.state = 'free'
                AND p.window_end > w.now
                AND p.visible_at + CASE WHEN w.undrawn AND p.pool = 'public' THEN interval '20 seconds' ELSE interval '0' END <= w.now
                AND (p.pool = ANY (w.pools) OR (p.flows_back_at <= w.now AND 'public' = ANY (w.pools)))
            ORDER BY array_position(w.pools, p.pool::text), p.ordinal LIMIT w.n FOR NO KEY UPDATE SKIP LOCKED
        ) AS p
    ), booked AS (
        INSERT INTO scheduling_appointment (
            id, place_id, session_id, department_id, organization_id, practitioner_id, person_id, service_date,
            window_start, window_end, status, channel, booked_by_kind, booked_by_id, account_id, voucher, fee_fen,
            fee_rule_id, fee_rule_version, held_until, idempotency_key, pay_at_arrival, cancelled_by, cancel_reason,
            cancelled_late, booked_at, confirmed_at, mode, device_hash, counts_to_limits
        )
        SELECT r.appointment_id, l.id, r.session_id, r.department_id, r.organization_id, r.practitioner_id, r.person_id,
            r.service_date, r.window_start, l.window_end, CASE WHEN r.held_until IS NULL THEN 'booked' ELSE 'held' END, r.channel,
            r.actor_kind, r.actor_id, r.account_id, r.voucher, r.fee_fen, r.fee_rule_id, r.fee_rule_version, r.held_until, r.key,
            r.pay_at_arrival, '', '', false, r.now, CASE WHEN r.held_until IS NULL THEN r.now END, coalesce(r.mode, 'self'),
            coalesce(r.device_hash, ''), coalesce(r.counts_to_limits, true)
        FROM ranked r JOIN locked l USING (session_id, window_start, pools, n)
        WHERE l.of_place = 1
        ORDER BY r.person_id -- always in one order, so that two batches do not wait for each other crosswise
        ON CONFLICT DO NOTHING
        RETURNING *
    ), taken AS (
        UPDATE scheduling_place p SET state = 'taken', cooling_since = NULL FROM booked b WHERE p.id = b.place_id
    ), journalled AS (
        INSERT INTO foundation_journalentry (recorded_at, name, actor_kind, actor_id, scope_id, person_id, payload)
        SELECT b.booked_at, 'scheduling.PlaceClaimed', b.booked_by_kind, b.booked_by_id, b.organization_id, b.person_id,
            jsonb_build_object(
                'appointment_id', b.id, 'session_id', b.session_id, 'place_id', b.place_id,
                'department_id', b.department_id, 'service_date', b.service_date,
                'window_start', to_char(b.window_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
                'channel', b.channel, 'held', b.status = 'held'
            )
        FROM booked b
    )
    SELECT b.idempotency_key::text, b.id, b.place_id, b.status::text, b.voucher::text, b.window_end, b.held_until FROM booked b
$$;

-- Of the requests that are not done: those that nobody else's transaction could still make possible, with every reason.
-- Whoever has a key that is known, or a place that is free (perhaps locked by somebody who gives it up), is not answered here.
CREATE OR REPLACE FUNCTION explain_refusals_v1(requests jsonb, done integer[])
RETURNS TABLE ("position" integer, conflicts text[])
LANGUAGE sql AS $$
    WITH asked AS MATERIALIZED (
        SELECT q.*
        FROM ROWS FROM (
            jsonb_to_recordset(requests) AS (
                key text, person_id uuid, session_id uuid, window_start timestamptz, pools text[], now timestamptz, drawn boolean,
                cooling boolean
            )
        ) WITH ORDINALITY AS q (key, person_id, session_id, window_start, pools, now, drawn, cooling, "position")
        WHERE q."position" <> ALL (done)
    ), windows AS MATERIALIZED (
        -- Once for each session, not for each window: in a sell-out many windows of few sessions are asked for.
        -- A place that rests after it was given up is nobody's business but the waiting list's: to others it is taken.
        SELECT w.session_id, p.window_start, w.pools, count(*) AS places,
            count(*) FILTER (WHERE p.state = 'free' AND (p.cooling_since IS NULL OR p.visible_at <= w.now)) AS free,
            min(p.visible_at) FILTER (WHERE p.cooling_since IS NULL) AS visible_at, max(p.window_end) AS window_end
        FROM (
            SELECT session_id, pools, max(now) AS now, array_agg(DISTINCT window_start) AS starts FROM asked GROUP BY session_id, pools
        ) AS w
        JOIN scheduling_place p ON p.session_id = w.session_id AND p.window_start = ANY (w.starts)
            AND (p.pool = ANY (w.pools) OR (p.flows_back_at <= w.now AND 'public' = ANY (w.pools)))
        GROUP BY w.session_id, p.window_start, w.pools
    ), reasons AS (
        SELECT a."position",
            array_remove(ARRAY[
                CASE WHEN s.status = 'stopped' THEN 'session_stopped' END,
                CASE WHEN w.places IS NULL THEN 'no_such_window' END,
                CASE WHEN w.visible_at > a.now THEN 'not_yet_visible' END,
                CASE WHEN w.window_end <= a.now THEN 'window_passed' END,
                CASE WHEN EXISTS (
                    SELECT FROM scheduling_appointment x
                    WHERE x.person_id = a.person_id AND x.department_id = s.department_id AND x.service_date = s.service_date
                        AND x.status IN ('held', 'booked', 'arrived')
                ) THEN 'already_booked_that_day' END
            ], NULL) AS conflicts,
            coalesce(w.free, 0) AS free
        FROM asked a
        LEFT JOIN windows w USING (session_id, window_start, pools)
        LEFT JOIN scheduling_clinicsession s ON s.id = a.session_id
        WHERE NOT coalesce(a.cooling, false) AND NOT coalesce(a.drawn, false)
            AND NOT EXISTS (SELECT FROM scheduling_appointment x WHERE x.idempotency_key = a.key)
    )
    SELECT "position"::integer,
        CASE WHEN conflicts && ARRAY['session_stopped', 'no_such_window', 'not_yet_visible', 'window_passed'] THEN conflicts
            ELSE conflicts || 'place_gone'::text END
    FROM reasons
    WHERE free = 0
$$;

CREATE OR REPLACE FUNCTION claim_one_place_v1(request jsonb)
RETURNS TABLE (
    code text, conflicts text[], repeated boolean, appointment_id uuid, place_id uuid, status text, voucher text,
    window_end timestamptz, held_until timestamptz, detail text
)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz;
    v_key text;
    v_person uuid;
    v_window timestamptz;
    v_pools text[];
    v_undrawn interval;
    v_cooling boolean;
    v_session scheduling_clinicsession%ROWTYPE;
    v_place scheduling_place%ROWTYPE;
    v_known scheduling_appointment%ROWTYPE;
    v_status text;
    v_violated text;
    v_offered record;
BEGIN
    conflicts := '{}'; repeated := false;
    BEGIN
        v_key := request ->> 'key';
        v_now := (request ->> 'now')::timestamptz;
        v_person := (request ->> 'person_id')::uuid;
        v_window := (request ->> 'window_start')::timestamptz;
        v_pools := ARRAY(SELECT jsonb_array_elements_text(request -> 'pools'));
        v_cooling := coalesce((request ->> 'cooling')::boolean, false);

        SELECT * INTO v_known FROM scheduling_appointment a WHERE a.idempotency_key = v_key;
        IF v_known.id IS NULL THEN
            SELECT * INTO v_session FROM scheduling_clinicsession s WHERE s.id = (request ->> 'session_id')::uuid;
            v_undrawn := CASE
                WHEN v_session.draws AND v_session.drawn_at IS NULL AND NOT coalesce((request ->> 'drawn')::boolean, false)
                THEN interval '20 seconds' ELSE interval '0' END;
            IF v_session.status = 'open' THEN
                -- First whatever nobody else is holding …
                SELECT * INTO v_place FROM scheduling_place p
                WHERE p.session_id = v_session.id AND p.window_start = v_window AND p.state = 'free' AND p.window_end > v_now
                    AND (p.visible_at + CASE WHEN p.pool = 'public' THEN v_undrawn ELSE interval '0' END <= v_now
                        OR (v_cooling AND p.cooling_since IS NOT NULL))
                    AND (p.pool = ANY (v_pools) OR (p.flows_back_at <= v_now AND 'public' = ANY (v_pools)))
                ORDER BY array_position(v_pools, p.pool::text), p.ordinal LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
                IF v_place.id IS NULL THEN
                    -- … then wait for those who are: one of them may yet give its place up.
                    SELECT * INTO v_place FROM scheduling_place p
                    WHERE p.session_id = v_session.id AND p.window_start = v_window AND p.state = 'free' AND p.window_end > v_now
                        AND (p.visible_at + CASE WHEN p.pool = 'public' THEN v_undrawn ELSE interval '0' END <= v_now
                            OR (v_cooling AND p.cooling_since IS NOT NULL))
                        AND (p.pool = ANY (v_pools) OR (p.flows_back_at <= v_now AND 'public' = ANY (v_pools)))
                    ORDER BY array_position(v_pools, p.pool::text), p.ordinal LIMIT 1 FOR NO KEY UPDATE;
                END IF;
            END IF;

            IF v_place.id IS NOT NULL THEN
                -- Whoever changes a session locks its places first: with one of them in hand its row stands still. The doctor may
                -- have been substituted while we waited. (The batch reads it a moment earlier; the sweep of changes follows.)
                SELECT * INTO v_session FROM scheduling_clinicsession s WHERE s.id = v_session.id;
                v_status := CASE WHEN request ->> 'held_until' IS NULL THEN 'booked' ELSE 'held' END;
                UPDATE scheduling_place p SET state = 'taken', cooling_since = NULL WHERE p.id = v_place.id;
                INSERT INTO scheduling_appointment (
                    id, place_id, session_id, department_id, organization_id, practitioner_id, person_id, service_date,
                    window_start, window_end, status, channel, booked_by_kind, booked_by_id, account_id, voucher, fee_fen,
                    fee_rule_id, fee_rule_version, held_until, idempotency_key, pay_at_arrival, cancelled_by, cancel_reason,
                    cancelled_late, booked_at, confirmed_at, mode, device_hash, counts_to_limits
                ) VALUES (
                    (request ->> 'appointment_id')::uuid, v_place.id, v_session.id, v_session.department_id,
                    v_session.organization_id, v_session.practitioner_id, v_person, v_session.service_date,
                    v_place.window_start, v_place.window_end, v_status, request ->> 'channel', request ->> 'actor_kind',
                    (request ->> 'actor_id')::uuid, (request ->> 'account_id')::uuid, request ->> 'voucher',
                    (request ->> 'fee_fen')::bigint, request ->> 'fee_rule_id', (request ->> 'fee_rule_version')::integer,
                    (request ->> 'held_until')::timestamptz, v_key, (request ->> 'pay_at_arrival')::boolean, '', '', false,
                    v_now, CASE WHEN v_status = 'booked' THEN v_now END, coalesce(request ->> 'mode', 'self'),
                    coalesce(request ->> 'device_hash', ''), coalesce((request ->> 'counts_to_limits')::boolean, true)
                ) RETURNING * INTO v_known;
                INSERT INTO foundation_journalentry (recorded_at, name, actor_kind, actor_id, scope_id, person_id, payload)
                VALUES (
                    v_now, 'scheduling.PlaceClaimed', request ->> 'actor_kind', (request ->> 'actor_id')::uuid,
                    v_session.organization_id, v_person,
                    jsonb_build_object(
                        'appointment_id', v_known.id, 'session_id', v_session.id, 'place_id', v_place.id,
                        'department_id', v_session.department_id, 'service_date', v_session.service_date,
                        'window_start', to_char(v_place.window_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
                        'channel', request ->> 'channel', 'held', v_status = 'held'
                    )
                );
                code := 'claimed';
            END IF;
        END IF;
    EXCEPTION
        WHEN unique_violation THEN
            GET STACKED DIAGNOSTICS v_violated = CONSTRAINT_NAME;
            v_known := NULL;
            IF v_violated = 'one_booking_per_department_day' THEN
                code := 'already_booked_that_day';
            ELSE
                -- The same key committed meanwhile, or a voucher fell twice.
                SELECT * INTO v_known FROM scheduling_appointment a WHERE a.idempotency_key = v_key;
                IF v_known.id IS NULL THEN
                    code := 'busy';
                END IF;
            END IF;
        WHEN deadlock_detected OR lock_not_available OR serialization_failure THEN
            v_known := NULL;
            code := 'busy';
        WHEN OTHERS THEN
            v_known := NULL;
            code := 'invalid';
            detail := SQLSTATE;
    END;

    IF v_known.id IS NOT NULL AND code IS NULL THEN
        repeated := true;
        code := CASE
            WHEN v_known.person_id = v_person AND (
                v_known.session_id = (request ->> 'session_id')::uuid AND v_known.window_start = v_window
                -- What was booked with this request may have been delayed or moved since: it is still its answer.
                OR EXISTS (
                    SELECT FROM scheduling_appointmentmove m JOIN scheduling_place p ON p.id = m.from_place_id
                    WHERE m.appointment_id = v_known.id AND m.from_window_start = v_window
                        AND p.session_id = (request ->> 'session_id')::uuid
                )
            ) THEN 'claimed'
            ELSE 'key_conflict'
        END;
    END IF;

    IF code = 'claimed' THEN
        appointment_id := v_known.id; place_id := v_known.place_id; status := v_known.status; voucher := v_known.voucher;
        window_end := v_known.window_end; held_until := v_known.held_until;
    ELSIF code IS NULL THEN
        -- Nothing free: say every reason. The session is read again, it may have been stopped while we waited.
        SELECT * INTO v_session FROM scheduling_clinicsession s WHERE s.id = (request ->> 'session_id')::uuid;
        SELECT count(*) AS places, min(p.visible_at) FILTER (WHERE p.cooling_since IS NULL) AS visible_at, max(p.window_end) AS window_end
        INTO v_offered
        FROM scheduling_place p
        WHERE p.session_id = v_session.id AND p.window_start = v_window
            AND (p.pool = ANY (v_pools) OR (p.flows_back_at <= v_now AND 'public' = ANY (v_pools)));
        IF v_session.status = 'stopped' THEN conflicts := conflicts || 'session_stopped'::text; END IF;
        IF coalesce(v_offered.places, 0) = 0 THEN
            conflicts := conflicts || 'no_such_window'::text;
        ELSE
            IF v_offered.visible_at + v_undrawn > v_now THEN conflicts := conflicts || 'not_yet_visible'::text; END IF;
            IF v_offered.window_end <= v_now THEN conflicts := conflicts || 'window_passed'::text; END IF;
        END IF;
        IF EXISTS (
            SELECT FROM scheduling_appointment a
            WHERE a.person_id = v_person AND a.department_id = v_session.department_id
                AND a.service_date = v_session.service_date AND a.status IN ('held', 'booked', 'arrived')
        ) THEN
            conflicts := conflicts || 'already_booked_that_day'::text;
        END IF;
        IF NOT conflicts && ARRAY['session_stopped', 'no_such_window', 'not_yet_visible', 'window_passed'] THEN
            conflicts := conflicts || 'place_gone'::text;
        END IF;
        code := conflicts[1];
    END IF;
    IF code <> 'claimed' AND conflicts = '{}' THEN
        conflicts := ARRAY[code];
    END IF;
    RETURN NEXT;
END $$;
