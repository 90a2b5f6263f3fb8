"""What the database itself sees to: case numbers, the order of owing, and a timeline nobody can change."""

from django.db import migrations

SEQUENCES = """
CREATE SEQUENCE exceptions_app_case_numbers START 1001;
CREATE SEQUENCE exceptions_app_delivery_positions;
"""

# One digest per entry over the one before, so that a changed, removed or inserted row shows. The data
# enter the chain as a digest of their own: a later erasure can blank them and leave the chain whole.
CHAIN = """
CREATE FUNCTION flagstand_entry_digest(e exceptions_app_entry) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(
        e.previous || e.data_digest || convert_to(
            jsonb_build_array(e.case_id, e.seq, floor(extract(epoch FROM e.at) * 1000000)::bigint,
                              floor(extract(epoch FROM e.recorded_at) * 1000000)::bigint,
                              e.verb, e.actor_kind, e.actor_id, e.actor_name)::text, 'UTF8'))
$$;

CREATE FUNCTION flagstand_chain_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last record;
BEGIN
    SELECT seq, digest INTO last FROM exceptions_app_entry
        WHERE case_id = NEW.case_id ORDER BY seq DESC LIMIT 1;
    NEW.seq := coalesce(last.seq, 0) + 1;
    NEW.previous := coalesce(last.digest, ''::bytea);
    NEW.recorded_at := clock_timestamp();
    NEW.xact := pg_current_xact_id()::text::bigint;
    NEW.data_digest := sha256(convert_to(NEW.data::text, 'UTF8'));
    NEW.digest := flagstand_entry_digest(NEW);
    RETURN NEW;
END $$;

CREATE TRIGGER entry_chained BEFORE INSERT ON exceptions_app_entry
    FOR EACH ROW EXECUTE FUNCTION flagstand_chain_entry();
"""

GUARD = """
CREATE FUNCTION flagstand_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The timeline is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER entry_kept BEFORE UPDATE OR DELETE ON exceptions_app_entry
    FOR EACH ROW EXECUTE FUNCTION flagstand_refuse_change();
CREATE TRIGGER entries_kept BEFORE TRUNCATE ON exceptions_app_entry
    FOR EACH STATEMENT EXECUTE FUNCTION flagstand_refuse_change();
"""

# Told in the transaction, heard on commit, once per statement and in pieces that NOTIFY can carry. ``x`` is
# older than every transaction still running: who has heard this has heard all before ``x``.
ANNOUNCE = """
CREATE FUNCTION flagstand_announce() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    seen text := pg_snapshot_xmin(pg_current_snapshot())::text;
    piece text;
BEGIN
    FOR piece IN
        SELECT string_agg(format('[%s,%s,%s]', id, site_id, coalesce(team_id::text, 'null')), ',')
        FROM (SELECT c.id, c.site_id, c.team_id, (row_number() OVER (ORDER BY c.id) - 1) / 150 AS part
              FROM exceptions_app_case c WHERE c.id IN (SELECT case_id FROM fresh)) numbered
        GROUP BY part
    LOOP
        PERFORM pg_notify('desk', format('{"x":%s,"c":[%s]}', seen, piece));
    END LOOP;
    RETURN NULL;
END $$;

CREATE TRIGGER entries_announced AFTER INSERT ON exceptions_app_entry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION flagstand_announce();
"""

# A version that could be changed would say of yesterday what did not hold.
POLICY = """
CREATE FUNCTION flagstand_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Versions of the policy stay as they are: % refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER policy_kept BEFORE UPDATE OR DELETE ON exceptions_app_policyversion
    FOR EACH ROW EXECUTE FUNCTION flagstand_refuse_rewriting();
"""

# Orders are found by the number of their parcel.
PARCELS = """
CREATE INDEX subject_parcel ON exceptions_app_subject ((attributes ->> 'tracking_number'))
WHERE (attributes ->> 'tracking_number') IS NOT NULL;
"""

UNDO = """
DROP INDEX subject_parcel;
DROP TRIGGER policy_kept ON exceptions_app_policyversion;
DROP FUNCTION flagstand_refuse_rewriting();
DROP TRIGGER entries_announced ON exceptions_app_entry;
DROP TRIGGER entries_kept ON exceptions_app_entry;
DROP TRIGGER entry_kept ON exceptions_app_entry;
DROP TRIGGER entry_chained ON exceptions_app_entry;
DROP FUNCTION flagstand_announce();
DROP FUNCTION flagstand_refuse_change();
DROP FUNCTION flagstand_chain_entry();
DROP FUNCTION flagstand_entry_digest(exceptions_app_entry);
DROP SEQUENCE exceptions_app_delivery_positions;
DROP SEQUENCE exceptions_app_case_numbers;
"""


class Migration(migrations.Migration):
    dependencies = [("exceptions_app", "0001_tables")]
    operations = [migrations.RunSQL(SEQUENCES + CHAIN + GUARD + ANNOUNCE + POLICY + PARCELS, UNDO)]
