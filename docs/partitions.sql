-- Monthly facts in one partition per month (PostgreSQL 13 or newer; operating.md, Several machines, says when that pays).
-- Stop web and workers, make a backup, run it once: psql -v ON_ERROR_STOP=1 -f docs/partitions.sql. Names of constraints,
-- indexes and guards stay, so that later migrations find them; rights and row-level policies are brought over. Months beyond the two years made here go to record_rest.
BEGIN;
SET LOCAL ledger.reach = '*';  -- every record, whatever its village (decision 0008): what is not seen would not be copied
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE ledgers_monthlyrecord RENAME TO record_before;
CREATE TABLE ledgers_monthlyrecord (LIKE record_before INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING CONSTRAINTS)
  PARTITION BY LIST (month);
CREATE TEMPORARY TABLE made_again ON COMMIT DROP AS
  WITH before AS (SELECT * FROM pg_class WHERE oid = 'record_before'::regclass),
  granted AS (
    SELECT 'ledgers_monthlyrecord' AS what, (aclexplode(relacl)).* FROM before
    UNION ALL SELECT 'SEQUENCE ' || pg_get_serial_sequence('ledgers_monthlyrecord', 'id'), (aclexplode(relacl)).*
      FROM pg_class WHERE oid = pg_get_serial_sequence('record_before', 'id')::regclass)
  SELECT 1 AS step, format('ALTER TABLE ledgers_monthlyrecord ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)) AS sql
    FROM pg_constraint WHERE conrelid = 'record_before'::regclass AND contype IN ('f', 'u')
  UNION ALL SELECT 2, pg_get_indexdef(indexrelid)
    FROM pg_index WHERE indrelid = 'record_before'::regclass
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
  UNION ALL SELECT 3, pg_get_triggerdef(oid)
    FROM pg_trigger WHERE tgrelid = 'record_before'::regclass AND NOT tgisinternal
  UNION ALL SELECT 4, format('GRANT %s ON %s TO %s', privilege_type, what,
      CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END) FROM granted
  UNION ALL SELECT 5, format('CREATE POLICY %I ON ledgers_monthlyrecord AS %s FOR %s TO %s', policyname, permissive, cmd,
      array_to_string(roles, ', ')) || coalesce(' USING (' || qual || ')', '') || coalesce(' WITH CHECK (' || with_check || ')', '')
    FROM pg_policies WHERE schemaname = current_schema() AND tablename = 'record_before'
  UNION ALL SELECT 6, 'ALTER TABLE ledgers_monthlyrecord ENABLE ROW LEVEL SECURITY' FROM before WHERE relrowsecurity
  UNION ALL SELECT 6, 'ALTER TABLE ledgers_monthlyrecord FORCE ROW LEVEL SECURITY' FROM before WHERE relforcerowsecurity;

CREATE TABLE record_rest PARTITION OF ledgers_monthlyrecord DEFAULT;
DO $$ DECLARE m text; BEGIN
  FOR m IN SELECT DISTINCT month FROM record_before
           UNION SELECT to_char(current_date + n * interval '1 month', 'YYYY-MM') FROM generate_series(0, 24) n LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF ledgers_monthlyrecord FOR VALUES IN (%L)', 'record_' || replace(m, '-', '_'), m);
  END LOOP;
END $$;
INSERT INTO ledgers_monthlyrecord OVERRIDING SYSTEM VALUE SELECT * FROM record_before;
SELECT setval(pg_get_serial_sequence('ledgers_monthlyrecord', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM record_before), false);
DROP TABLE record_before;
ALTER TABLE ledgers_monthlyrecord ADD CONSTRAINT ledgers_monthlyrecord_pkey PRIMARY KEY (id, month);
DO $$ DECLARE line text; BEGIN
  FOR line IN SELECT sql FROM made_again ORDER BY step LOOP
    EXECUTE replace(line, 'record_before', 'ledgers_monthlyrecord');
  END LOOP;
END $$;
COMMIT;
ANALYZE ledgers_monthlyrecord;
