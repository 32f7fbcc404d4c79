-- Monthly facts in one partition per month (PostgreSQL 13 or newer; operating.md, Several machines, says when that pays).
-- Stop web and workers, make a backup, run it once: psql -v ON_ERROR_STOP=1 -f docs/partitions.sql. Names of constraints,
-- indexes and guards stay, so that later migrations find them. Months beyond the two years made here go to record_rest.
BEGIN;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE ledgers_monthlyrecord RENAME TO record_before;
CREATE TEMPORARY TABLE made_again ON COMMIT DROP AS
  SELECT 1 AS step, format('ALTER TABLE ledgers_monthlyrecord ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)) AS sql
    FROM pg_constraint WHERE conrelid = 'record_before'::regclass AND contype IN ('f', 'u')
  UNION ALL SELECT 2, replace(pg_get_indexdef(indexrelid), 'record_before', 'ledgers_monthlyrecord')
    FROM pg_index WHERE indrelid = 'record_before'::regclass
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
  UNION ALL SELECT 3, replace(pg_get_triggerdef(oid), 'record_before', 'ledgers_monthlyrecord')
    FROM pg_trigger WHERE tgrelid = 'record_before'::regclass AND NOT tgisinternal;

CREATE TABLE ledgers_monthlyrecord (LIKE record_before INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING CONSTRAINTS)
  PARTITION BY LIST (month);
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
  FOR line IN SELECT sql FROM made_again ORDER BY step LOOP EXECUTE line; END LOOP;
END $$;
COMMIT;
ANALYZE ledgers_monthlyrecord;
