-- Claims places, one answer for each request, in the order of the requests.
--
-- requests: [{"key", "appointment_id", "voucher", "person_id", "session_id", "window_start", "pools": […], "channel",
--   "actor_kind", "actor_id", "account_id"|null, "fee_fen", "fee_rule_id", "fee_rule_version"|null, "held_until"|null,
--   "pay_at_arrival", "now"}]
-- code: claimed | session_stopped | not_yet_visible | window_passed | no_such_window | already_booked_that_day |
--   place_gone | key_conflict | busy (nothing wrong, ask again) | invalid. conflicts names every reason, code the first.
-- A key that was answered with "claimed" is answered with the same appointment again (repeated = true).
-- Each request runs in a subtransaction of its own: a bad one is answered "invalid" and leaves the others alone.
CREATE FUNCTION claim_places_v1(requests jsonb)
RETURNS TABLE (
    "position" integer, code text, conflicts text[], repeated boolean, appointment_id uuid, place_id uuid, status text,
    voucher text, window_end timestamptz, held_until timestamptz, detail text
)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    r record;
    request jsonb;
    v_now timestamptz;
    v_key text;
    v_person uuid;
    v_window timestamptz;
    v_pools text[];
    v_session scheduling_clinicsession%ROWTYPE;
    v_place scheduling_place%ROWTYPE;
    v_known scheduling_appointment%ROWTYPE;
    v_status text;
    v_violated text;
    v_offered record;
BEGIN
    FOR r IN SELECT e.ordinality, e.value FROM jsonb_array_elements(requests) WITH ORDINALITY AS e LOOP
        request := r.value;
        "position" := r.ordinality;
        code := NULL; conflicts := '{}'; repeated := false; appointment_id := NULL; place_id := NULL; status := NULL;
        voucher := NULL; window_end := NULL; held_until := NULL; detail := NULL;
        v_known := NULL; v_session := NULL; v_place := NULL;
        BEGIN
            v_key := request ->> 'key';
            v_now := (request ->> 'now')::timestamptz;
            v_person := (request ->> 'person_id')::uuid;
            v_window := (request ->> 'window_start')::timestamptz;
            v_pools := ARRAY(SELECT jsonb_array_elements_text(request -> 'pools'));

            SELECT * INTO v_known FROM scheduling_appointment a WHERE a.idempotency_key = v_key;
            IF v_known.id IS NULL THEN
                SELECT * INTO v_session FROM scheduling_clinicsession s WHERE s.id = (request ->> 'session_id')::uuid;
                IF v_session.status = 'open' AND v_session.visible_at <= v_now THEN
                    -- First whatever nobody else is holding …
                    SELECT * INTO v_place FROM scheduling_place p
                    WHERE p.session_id = v_session.id AND p.window_start = v_window AND p.state = 'free'
                        AND p.visible_at <= v_now AND p.window_end > v_now AND p.pool = ANY (v_pools)
                    ORDER BY p.ordinal LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
                    IF v_place.id IS NULL THEN
                        -- … then wait for those who are: one of them may yet give its place up.
                        SELECT * INTO v_place FROM scheduling_place p
                        WHERE p.session_id = v_session.id AND p.window_start = v_window AND p.state = 'free'
                            AND p.visible_at <= v_now AND p.window_end > v_now AND p.pool = ANY (v_pools)
                        ORDER BY p.ordinal LIMIT 1 FOR NO KEY UPDATE;
                    END IF;
                END IF;

                IF v_place.id IS NOT NULL THEN
                    v_status := CASE WHEN request ->> 'held_until' IS NULL THEN 'booked' ELSE 'held' END;
                    UPDATE scheduling_place p SET state = 'taken' WHERE p.id = v_place.id;
                    INSERT INTO scheduling_appointment (
                        id, place_id, session_id, department_id, organization_id, practitioner_id, person_id, service_date,
                        window_start, window_end, status, channel, booked_by_kind, booked_by_id, account_id, voucher, fee_fen,
                        fee_rule_id, fee_rule_version, held_until, idempotency_key, pay_at_arrival, cancelled_by, cancel_reason,
                        cancelled_late, booked_at, confirmed_at
                    ) VALUES (
                        (request ->> 'appointment_id')::uuid, v_place.id, v_session.id, v_session.department_id,
                        v_session.organization_id, v_session.practitioner_id, v_person, v_session.service_date,
                        v_place.window_start, v_place.window_end, v_status, request ->> 'channel', request ->> 'actor_kind',
                        (request ->> 'actor_id')::uuid, (request ->> 'account_id')::uuid, request ->> 'voucher',
                        (request ->> 'fee_fen')::bigint, request ->> 'fee_rule_id', (request ->> 'fee_rule_version')::integer,
                        (request ->> 'held_until')::timestamptz, v_key, (request ->> 'pay_at_arrival')::boolean, '', '', false,
                        v_now, CASE WHEN v_status = 'booked' THEN v_now END
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
                WHEN v_known.person_id = v_person AND v_known.session_id = (request ->> 'session_id')::uuid
                    AND v_known.window_start = v_window THEN 'claimed'
                ELSE 'key_conflict'
            END;
        END IF;

        IF code = 'claimed' THEN
            appointment_id := v_known.id; place_id := v_known.place_id; status := v_known.status; voucher := v_known.voucher;
            window_end := v_known.window_end; held_until := v_known.held_until;
        ELSIF code IS NULL THEN
            -- Nothing free: say every reason. The session is read again, it may have been stopped while we waited.
            SELECT * INTO v_session FROM scheduling_clinicsession s WHERE s.id = (request ->> 'session_id')::uuid;
            SELECT count(*) AS places, min(p.visible_at) AS visible_at, max(p.window_end) AS window_end INTO v_offered
            FROM scheduling_place p
            WHERE p.session_id = v_session.id AND p.window_start = v_window AND p.pool = ANY (v_pools);
            IF v_session.status = 'stopped' THEN conflicts := conflicts || 'session_stopped'::text; END IF;
            IF coalesce(v_offered.places, 0) = 0 THEN
                conflicts := conflicts || 'no_such_window'::text;
            ELSE
                IF greatest(v_session.visible_at, v_offered.visible_at) > v_now THEN
                    conflicts := conflicts || 'not_yet_visible'::text;
                END IF;
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
    END LOOP;
END $$;
