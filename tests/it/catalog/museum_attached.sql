-- What hangs on things that the server makes by itself, and what no text of a definition tells.
CREATE SCHEMA attached;
CREATE EXTENSION hstore SCHEMA attached;
GRANT EXECUTE ON FUNCTION attached.akeys(attached.hstore) TO museum_api;

-- Foreign keys that could hang on more than one index.
CREATE TABLE attached.parent (id integer PRIMARY KEY, code text, x integer, UNIQUE (x, code));
CREATE UNIQUE INDEX parent_cover ON attached.parent (id) INCLUDE (x);
CREATE UNIQUE INDEX parent_code ON attached.parent (code DESC);
CREATE TABLE attached.child (id integer PRIMARY KEY, parent integer REFERENCES attached.parent, code text REFERENCES attached.parent (code));
ALTER TABLE attached.parent ADD CONSTRAINT parent_code_key UNIQUE (code);
INSERT INTO attached.parent SELECT i, 'c' || i, i FROM generate_series(1, 5) i;
INSERT INTO attached.child SELECT i, i, 'c' || i FROM generate_series(1, 5) i;

-- Types, constructors and rules that come with others.
COMMENT ON TYPE attached.parent IS 'a row';
COMMENT ON TYPE attached.parent[] IS 'rows';
REVOKE USAGE ON TYPE attached.parent FROM PUBLIC;
GRANT USAGE ON TYPE attached.parent TO museum_api WITH GRANT OPTION;
CREATE TYPE attached.span AS RANGE (SUBTYPE = integer);
ALTER FUNCTION attached.span(integer, integer) OWNER TO museum_owner;
COMMENT ON FUNCTION attached.span(integer, integer, text) IS 'makes one';
COMMENT ON TYPE attached.span[] IS 'spans';
CREATE VIEW attached.seen AS SELECT id FROM attached.parent;
COMMENT ON RULE "_RETURN" ON attached.seen IS 'how it is seen';
GRANT USAGE ON TYPE attached.seen TO museum_api;
CREATE CONSTRAINT TRIGGER watched AFTER UPDATE ON attached.child DEFERRABLE FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
COMMENT ON CONSTRAINT watched ON attached.child IS 'its constraint';

-- Columns of the system.
GRANT SELECT (ctid, xmin) ON attached.parent TO museum_api;
COMMENT ON COLUMN attached.parent.tableoid IS 'whose';
CREATE MATERIALIZED VIEW attached.kept AS SELECT id, code FROM attached.parent;
CREATE UNIQUE INDEX kept_id ON attached.kept (id);
ALTER TABLE attached.kept REPLICA IDENTITY FULL;
GRANT SELECT (ctid) ON attached.kept TO museum_api;

-- What goes with an extension.
CREATE FUNCTION attached.goes_along(attached.hstore) RETURNS text LANGUAGE sql AS 'SELECT $1::text';
ALTER FUNCTION attached.goes_along(attached.hstore) DEPENDS ON EXTENSION hstore;
CREATE INDEX child_code ON attached.child (code);
ALTER INDEX attached.child_code DEPENDS ON EXTENSION hstore;
ALTER INDEX attached.child_pkey DEPENDS ON EXTENSION plpgsql;
ALTER TRIGGER watched ON attached.child DEPENDS ON EXTENSION hstore;
ALTER MATERIALIZED VIEW attached.kept DEPENDS ON EXTENSION hstore;
