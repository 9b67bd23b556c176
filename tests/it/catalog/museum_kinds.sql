-- What stands beside tables: aggregates, ranges, materialized views, rules, statistics, publications, typed tables.
CREATE SCHEMA kinds AUTHORIZATION museum_owner;
GRANT USAGE, CREATE ON SCHEMA kinds TO museum_api;

-- Aggregates of all sorts.
CREATE AGGREGATE kinds.how_many(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0');
CREATE FUNCTION kinds.add(state text, value text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT state || value';
CREATE AGGREGATE kinds.joined(value text) (SFUNC = kinds.add, STYPE = text, SSPACE = 64, INITCOND = 'it''s \', PARALLEL = RESTRICTED);
CREATE AGGREGATE kinds.smallest(integer) (SFUNC = int4smaller, STYPE = integer, COMBINEFUNC = int4smaller, SORTOP = <, PARALLEL = SAFE);
CREATE AGGREGATE kinds.average(numeric) (
  SFUNC = numeric_avg_accum, STYPE = internal, SSPACE = 128, FINALFUNC = numeric_avg, COMBINEFUNC = numeric_avg_combine,
  SERIALFUNC = numeric_avg_serialize, DESERIALFUNC = numeric_avg_deserialize, MSFUNC = numeric_avg_accum,
  MINVFUNC = numeric_accum_inv, MSTYPE = internal, MSSPACE = 256, MFINALFUNC = numeric_avg, MFINALFUNC_MODIFY = SHAREABLE,
  PARALLEL = SAFE);
CREATE AGGREGATE kinds.middle(double precision ORDER BY double precision) (
  SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_cont_float8_final, FINALFUNC_MODIFY = SHAREABLE);
CREATE AGGREGATE kinds.place(VARIADIC "any" ORDER BY VARIADIC "any") (
  SFUNC = ordered_set_transition_multi, STYPE = internal, FINALFUNC = rank_final, FINALFUNC_EXTRA, HYPOTHETICAL);
COMMENT ON AGGREGATE kinds.how_many(*) IS 'like count';
COMMENT ON AGGREGATE kinds.middle(double precision ORDER BY double precision) IS 'like percentile_cont';
ALTER AGGREGATE kinds.joined(text) OWNER TO museum_owner;
REVOKE EXECUTE ON FUNCTION kinds.middle(double precision, double precision) FROM PUBLIC, museum_default;
GRANT EXECUTE ON FUNCTION kinds.middle(double precision, double precision) TO museum_api WITH GRANT OPTION;
GRANT EXECUTE ON FUNCTION kinds.how_many(), kinds.smallest(integer) TO "museum Reader", museum_owner;

-- Ranges.
CREATE FUNCTION kinds.apart(a time, b time) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
  'SELECT extract(epoch FROM a - b)::double precision';
CREATE TYPE kinds.hours AS RANGE (SUBTYPE = time, SUBTYPE_DIFF = kinds.apart);
CREATE TYPE kinds.words AS RANGE (SUBTYPE = varchar, SUBTYPE_OPCLASS = text_pattern_ops, COLLATION = "C");
COMMENT ON TYPE kinds.hours IS 'of a day';
ALTER TYPE kinds.words OWNER TO museum_owner;
REVOKE USAGE ON TYPE kinds.words FROM PUBLIC;
GRANT USAGE ON TYPE kinds.words TO museum_api;
REVOKE EXECUTE ON FUNCTION kinds.hours(time, time) FROM PUBLIC, museum_default;
GRANT EXECUTE ON FUNCTION kinds.hours(time, time, text) TO museum_api WITH GRANT OPTION;

-- Tables: typed, without columns, wide, with names as the server gives them.
CREATE TYPE kinds.shape AS (a integer, b text COLLATE "C", c kinds.hours);
CREATE TABLE kinds.shaped OF kinds.shape (a WITH OPTIONS PRIMARY KEY, b DEFAULT 'x' NOT NULL);
COMMENT ON COLUMN kinds.shaped.b IS 'has a default';
CREATE TABLE kinds.bare ();
CREATE TABLE kinds.entry (
  id integer PRIMARY KEY,
  gone integer,
  word varchar(20) UNIQUE DEFERRABLE,
  kind varchar CHECK (kind IN ('a', 'b', 'it''s')),
  other varchar CHECK (other NOT IN ('x', 'y''"$$ -- \')),
  net cidr CHECK (net IN ('10.0.0.0/8', '10.1.0.0/16')),
  shift kinds.hours,
  span kinds.words,
  amount numeric(9, 2),
  CHECK (id <> 77),
  EXCLUDE USING gist (shift WITH &&)
);
ALTER TABLE kinds.entry DROP COLUMN gone;
CREATE TABLE kinds.child (id integer PRIMARY KEY, entry_id integer REFERENCES kinds.entry, word varchar(20));
CREATE TABLE kinds.audit (what text, n integer);
DO $$ BEGIN EXECUTE 'CREATE TABLE kinds.wide (' || (SELECT string_agg('c' || i || ' integer', ', ') FROM generate_series(1, 1000) i) || ')'; END $$;
CREATE INDEX entry_kind ON kinds.entry (word) WHERE kind IN ('a', 'b') OR other <> ALL (ARRAY['p', 'q']::varchar[]);
CREATE INDEX entry_form ON kinds.entry ((CASE WHEN kind IN ('a', 'b') THEN 'one' ELSE 'two' END), (kinds.add(word, 'x')));
ALTER TABLE kinds.entry ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_kind ON kinds.entry FOR UPDATE USING (kind IN ('a', 'b') AND kind NOT IN ('c', 'd')) WITH CHECK (word IN ('a', 'b', 'c'));
CREATE DOMAIN kinds.letter AS varchar(1) DEFAULT 'a' CHECK (VALUE IN ('a', 'b'));
CREATE TRIGGER seldom BEFORE UPDATE ON kinds.entry FOR EACH ROW WHEN (NEW.kind IN ('a', 'b') AND OLD.word IN ('c', 'd'))
  EXECUTE FUNCTION suppress_redundant_updates_trigger();

-- Views whose text is not read back as it is printed.
CREATE VIEW kinds.spelled AS
  SELECT id, kind IN ('a', 'b') AS is_known, NULL::integer AS nothing FROM kinds.entry WHERE kind IN ('a', 'b') AND other NOT IN ('c', 'd')
  UNION ALL SELECT id, false, id FROM kinds.child WHERE word = ANY (ARRAY['a', 'b']);
CREATE VIEW kinds.writable AS SELECT id, word FROM kinds.entry;

-- Statistics.
CREATE STATISTICS kinds.together (ndistinct, dependencies) ON word, kind FROM kinds.entry;
CREATE STATISTICS shop.elsewhere (mcv) ON kind, other FROM kinds.entry;
ALTER STATISTICS kinds.together SET STATISTICS 77;
ALTER STATISTICS shop.elsewhere OWNER TO museum_owner;
COMMENT ON STATISTICS kinds.together IS 'they go together';

-- Materialized views: on each other, stale, empty, clustered.
CREATE MATERIALIZED VIEW kinds.by_kind (kind, how_many, smallest) WITH (fillfactor = 70, toast.autovacuum_enabled = false) AS
  SELECT kind, kinds.how_many(*), kinds.smallest(id) FROM kinds.entry WHERE kind IN ('a', 'b') OR kind IS NULL GROUP BY kind;
CREATE UNIQUE INDEX by_kind_kind ON kinds.by_kind (kind);
CREATE INDEX by_kind_first ON kinds.by_kind (lower(kind)) WHERE kind IN ('a', 'b');
COMMENT ON INDEX kinds.by_kind_kind IS 'for concurrent refreshes';
ALTER MATERIALIZED VIEW kinds.by_kind CLUSTER ON by_kind_kind;
ALTER MATERIALIZED VIEW kinds.by_kind ALTER COLUMN kind SET STATISTICS 33, ALTER COLUMN kind SET STORAGE MAIN, ALTER COLUMN how_many SET (n_distinct = 5);
ALTER MATERIALIZED VIEW kinds.by_kind OWNER TO museum_owner;
COMMENT ON MATERIALIZED VIEW kinds.by_kind IS 'counted';
COMMENT ON COLUMN kinds.by_kind.how_many IS 'at least one';
GRANT SELECT ON kinds.entry, kinds.child TO museum_owner;
GRANT SELECT ON kinds.by_kind TO museum_api WITH GRANT OPTION;
GRANT SELECT (kind) ON kinds.by_kind TO "museum Reader";
CREATE VIEW kinds.over_kinds AS SELECT kind, how_many * 2 AS twice FROM kinds.by_kind;
CREATE MATERIALIZED VIEW kinds.on_top AS SELECT twice, (SELECT count(*) FROM museum.piece) AS pieces FROM kinds.over_kinds;
CREATE MATERIALIZED VIEW kinds.empty AS SELECT id FROM kinds.entry WITH NO DATA;
CREATE MATERIALIZED VIEW kinds.over_empty AS SELECT id FROM kinds.empty WITH NO DATA;
CREATE STATISTICS kinds.of_view ON kind, how_many FROM kinds.by_kind;

-- Rows, and then the rules that would be in their way.
INSERT INTO kinds.entry (id, word, kind, other, net, shift, span, amount)
  SELECT i, 'w' || i, CASE i % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'b' END, 'o' || i, '10.0.0.0/8',
         kinds.hours(time '00:00' + i * interval '10 min', time '00:00' + i * interval '10 min' + interval '5 min'),
         kinds.words('a', 'b' || i), i * 1.5
  FROM generate_series(1, 30) i;
INSERT INTO kinds.child SELECT i, i, 'c' || i FROM generate_series(1, 20) i;
INSERT INTO kinds.shaped SELECT i, 'b' || i, NULL FROM generate_series(1, 3) i;
INSERT INTO kinds.bare SELECT FROM generate_series(1, 3);
INSERT INTO kinds.wide (c1, c500, c1000) VALUES (1, 2, 3);
SET CONSTRAINTS ALL IMMEDIATE;
REFRESH MATERIALIZED VIEW kinds.by_kind;
REFRESH MATERIALIZED VIEW kinds.on_top;
CREATE MATERIALIZED VIEW kinds.stale AS SELECT id, word FROM kinds.entry WHERE id < 10;
UPDATE kinds.entry SET word = 'new' || id WHERE id < 3;
SET CONSTRAINTS ALL IMMEDIATE;
CREATE RULE also AS ON INSERT TO kinds.entry DO ALSO INSERT INTO kinds.audit VALUES (NEW.word, NEW.id);
CREATE RULE kept AS ON DELETE TO kinds.entry WHERE OLD.kind IN ('x', 'y') DO INSTEAD NOTHING;
CREATE RULE off AS ON UPDATE TO kinds.entry DO ALSO NOTIFY entry;
CREATE RULE always AS ON INSERT TO kinds.child DO ALSO INSERT INTO kinds.audit VALUES ('child', NEW.id);
CREATE RULE "re$$pli'ca" AS ON INSERT TO kinds.child DO ALSO INSERT INTO kinds.audit VALUES ('replica', NEW.id);
ALTER TABLE kinds.entry DISABLE RULE off;
ALTER TABLE kinds.child ENABLE ALWAYS RULE always;
ALTER TABLE kinds.child ENABLE REPLICA RULE "re$$pli'ca";
CREATE RULE into_entry AS ON INSERT TO kinds.writable DO INSTEAD INSERT INTO kinds.entry (id, word) VALUES (NEW.id, NEW.word) RETURNING id, word;
COMMENT ON RULE kept ON kinds.entry IS 'they stay';
ALTER TABLE kinds.child DISABLE TRIGGER ALL;
ALTER TABLE kinds.entry DISABLE TRIGGER ALL;
ALTER TABLE kinds.entry ENABLE TRIGGER seldom;

-- Publications.
CREATE PUBLICATION "museum, changes" FOR TABLE museum.piece, kinds.entry, kinds.child WITH (publish = 'insert, update');
CREATE PUBLICATION everything FOR ALL TABLES WITH (publish = 'insert, truncate', publish_via_partition_root = true);
CREATE PUBLICATION nothing;
COMMENT ON PUBLICATION everything IS 'all of it';
ALTER PUBLICATION nothing OWNER TO museum_owner;
