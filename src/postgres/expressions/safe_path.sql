-- Paths that were recorded with a backup were safe then. Installed with the journal, behind the function backstop.open_schemas.

CREATE OR REPLACE FUNCTION backstop.schemas_of(path text) RETURNS text[]
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('search_path', path, true);
    RETURN ARRAY(SELECT s.name::pg_catalog.text
                 FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS s (name, place)
                 WHERE s.name OPERATOR(pg_catalog.!~) '^pg_' ORDER BY s.place);
END
$$;

CREATE OR REPLACE FUNCTION backstop.safe_path(path text, owner text) RETURNS text
    LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
SELECT coalesce(string_agg(quote_ident(s.name), ', ' ORDER BY s.place) || ', pg_temp', '')
FROM (SELECT backstop.schemas_of(coalesce(path, '')) AS schemas) AS p,
     unnest(p.schemas) WITH ORDINALITY AS s (name, place)
WHERE s.name NOT IN (SELECT o.name FROM backstop.open_schemas(p.schemas, owner) AS o)
$$;
COMMENT ON FUNCTION backstop.safe_path(text, text) IS
    'A path without the schemas where somebody may make objects by now whom neither this role nor this owner trusts.';

-- How values are written does not matter to whoever reads their texts, but for money.
CREATE OR REPLACE FUNCTION backstop.evaluate_under() RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
SELECT count(set_config(s.key, s.value, true))
FROM jsonb_each_text(nullif(current_setting('backstop.evaluate_under', true), '')::jsonb) AS s (key, value)
WHERE s.key IN ('TimeZone', 'DateStyle', 'IntervalStyle', 'extra_float_digits', 'bytea_output', 'quote_all_identifiers')
$$;
COMMENT ON FUNCTION backstop.evaluate_under() IS
    'Writes values as the database did whose backup is brought back, for the expressions that depend on it; whoever restores says how.';

REVOKE ALL ON FUNCTION backstop.open_schemas(text[], text), backstop.schemas_of(text), backstop.safe_path(text, text), backstop.evaluate_under()
    FROM PUBLIC;
