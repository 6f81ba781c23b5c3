"""The clock function, and the journal and the audit: partitioned by month, append-only."""

from django.db import migrations

CLOCK = """
CREATE FUNCTION jiuyi_now() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT clock_timestamp() + coalesce((SELECT "offset" FROM foundation_clockoffset), interval '0')
$$;
"""

APPEND_ONLY = """
CREATE FUNCTION foundation_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TABLE foundation_era (
  era      integer PRIMARY KEY,
  cluster  bigint NOT NULL,
  began_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO foundation_era (era, cluster) SELECT 1, system_identifier FROM pg_control_system();

CREATE SEQUENCE foundation_journalentry_id_seq AS bigint;
CREATE TABLE foundation_journalentry (
  id          bigint NOT NULL DEFAULT nextval('foundation_journalentry_id_seq'),
  recorded_at timestamptz NOT NULL DEFAULT jiuyi_now(),
  era         integer NOT NULL DEFAULT 1,
  xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
  name        varchar(80) NOT NULL,
  actor_kind  varchar(10) NOT NULL,
  actor_id    uuid NOT NULL,
  scope_id    uuid,
  person_id   uuid,
  payload     jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (id, recorded_at)
) PARTITION BY RANGE (recorded_at);
ALTER SEQUENCE foundation_journalentry_id_seq OWNED BY foundation_journalentry.id;
CREATE TABLE foundation_journalentry_default PARTITION OF foundation_journalentry DEFAULT;
CREATE INDEX journal_tail ON foundation_journalentry (era, xid, id);
CREATE INDEX journal_person ON foundation_journalentry (person_id, recorded_at) WHERE person_id IS NOT NULL;

CREATE TABLE foundation_journalcursor (
  consumer varchar(80) PRIMARY KEY,
  era      integer NOT NULL,
  xid      xid8 NOT NULL,
  entry_id bigint NOT NULL
);

CREATE SEQUENCE foundation_auditentry_id_seq AS bigint;
CREATE TABLE foundation_auditentry (
  id          bigint NOT NULL DEFAULT nextval('foundation_auditentry_id_seq'),
  recorded_at timestamptz NOT NULL DEFAULT jiuyi_now(),
  era         integer NOT NULL DEFAULT 1,
  xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
  kind        varchar(12) NOT NULL CHECK (kind IN ('opened', 'refused', 'privileged')),
  act         varchar(80) NOT NULL,
  actor_kind  varchar(10) NOT NULL,
  actor_id    uuid,
  request_id  uuid,
  person_id   uuid,
  object_id   varchar(80) NOT NULL DEFAULT '',
  code        varchar(80) NOT NULL DEFAULT '',
  reason      varchar(500) NOT NULL DEFAULT '',
  PRIMARY KEY (id, recorded_at)
) PARTITION BY RANGE (recorded_at);
ALTER SEQUENCE foundation_auditentry_id_seq OWNED BY foundation_auditentry.id;
CREATE TABLE foundation_auditentry_default PARTITION OF foundation_auditentry DEFAULT;
CREATE INDEX audit_person ON foundation_auditentry (person_id, recorded_at) WHERE person_id IS NOT NULL;
CREATE INDEX audit_actor ON foundation_auditentry (actor_id, recorded_at);
CREATE INDEX audit_request ON foundation_auditentry (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX audit_time ON foundation_auditentry (recorded_at);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON foundation_journalentry
  FOR EACH ROW EXECUTE FUNCTION foundation_refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON foundation_journalentry
  FOR EACH STATEMENT EXECUTE FUNCTION foundation_refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON foundation_journalentry_default
  FOR EACH STATEMENT EXECUTE FUNCTION foundation_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON foundation_auditentry
  FOR EACH ROW EXECUTE FUNCTION foundation_refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON foundation_auditentry
  FOR EACH STATEMENT EXECUTE FUNCTION foundation_refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON foundation_auditentry_default
  FOR EACH STATEMENT EXECUTE FUNCTION foundation_refuse_change();
"""

PARTITIONS = """
CREATE FUNCTION foundation_ensure_partitions(months_ahead integer) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  parent text;
  month timestamp;
  this_month timestamp := date_trunc('month', jiuyi_now() AT TIME ZONE 'Asia/Shanghai');
  part text;
BEGIN
  IF months_ahead NOT BETWEEN 0 AND 24 THEN
    RAISE EXCEPTION 'months_ahead is between 0 and 24';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('foundation_ensure_partitions', 0));
  FOREACH parent IN ARRAY ARRAY['foundation_journalentry', 'foundation_auditentry'] LOOP
    FOR step IN -1..months_ahead LOOP
      month := this_month + make_interval(months => step);
      part := parent || to_char(month, '"_y"YYYY"m"MM');
      CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
      BEGIN
        EXECUTE format('CREATE TABLE public.%I PARTITION OF public.%I FOR VALUES FROM (%L) TO (%L)', part, parent,
                       month AT TIME ZONE 'Asia/Shanghai', (month + interval '1 month') AT TIME ZONE 'Asia/Shanghai');
      EXCEPTION WHEN check_violation THEN
        -- The month already has rows in the default partition; they stay where they are.
        CONTINUE;
      END;
      EXECUTE format('CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON public.%I'
                     ' FOR EACH STATEMENT EXECUTE FUNCTION foundation_refuse_change()', part);
      RETURN NEXT part;
    END LOOP;
  END LOOP;
END $$;
SELECT foundation_ensure_partitions(3);
"""


class Migration(migrations.Migration):
    """Tables that Django does not manage, so that emptying the test database leaves them alone."""

    dependencies = [("foundation", "0001_initial")]

    operations = [
        migrations.RunSQL(CLOCK, "DROP FUNCTION jiuyi_now()"),
        migrations.RunSQL(
            APPEND_ONLY,
            "DROP TABLE foundation_auditentry, foundation_journalcursor, foundation_journalentry, foundation_era;"
            "DROP FUNCTION foundation_refuse_change()",
        ),
        migrations.RunSQL(PARTITIONS, "DROP FUNCTION foundation_ensure_partitions(integer)"),
    ]
