"""A week of one department as one versioned function: what the gate shows while a rush goes on."""

from django.db import migrations

AVAILABILITY = """
CREATE FUNCTION department_availability_v1(department uuid, first_day date, days integer, at timestamptz)
RETURNS TABLE (
    service_date date, session_id uuid, practitioner_id uuid, number_class text, window_start timestamptz, window_end timestamptz,
    free integer, total integer
)
LANGUAGE sql STABLE AS $$
    SELECT s.service_date, s.id, s.practitioner_id, s.number_class::text, w.window_start, w.window_end, w.free, w.total
    FROM scheduling_clinicsession s
    CROSS JOIN LATERAL (
        SELECT p.window_start, max(p.window_end) AS window_end,
            count(*) FILTER (WHERE p.state = 'free' AND p.visible_at <= at AND p.window_end > at)::int AS free,
            count(*)::int AS total
        FROM scheduling_place p
        WHERE p.session_id = s.id AND p.state <> 'withdrawn' AND (p.pool = 'public' OR p.flows_back_at <= at)
        GROUP BY p.window_start
    ) AS w
    WHERE s.department_id = department AND s.service_date >= first_day AND s.service_date < first_day + days
        AND s.status = 'open' AND s.ends_at > at AND s.visible_at <= at
    ORDER BY s.starts_at, s.id, w.window_start
$$
"""


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0011_stored_words")]

    operations = [
        migrations.RunSQL(AVAILABILITY, "DROP FUNCTION department_availability_v1(uuid, date, integer, timestamptz)"),
    ]
