-- A migration within the caller's transaction. It is run with the caller's rights; these two, before and after it, are not.

-- Whether the way back itself is as it was: its relations and functions, not the rows.
CREATE OR REPLACE FUNCTION backstop.own(schemas text[]) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
    SELECT md5(string_agg(o.mark, ',' ORDER BY o.mark)) FROM (
        SELECT concat_ws(':', 'relation', c.oid, c.relname, c.relfilenode, c.relacl, c.relowner) FROM pg_class AS c
         WHERE c.relnamespace = ANY (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = ANY (schemas)) AND c.relkind IN ('r', 'v')
        UNION ALL
        SELECT concat_ws(':', 'function', p.oid, p.xmin) FROM pg_proc AS p
         WHERE p.pronamespace = ANY (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = ANY (schemas))) AS o (mark)
$$;

CREATE OR REPLACE FUNCTION backstop.migration_begins(of_schema text, migration_sql text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    number bigint;
    left_out text[] := ARRAY['backstop', of_schema];
BEGIN
    PERFORM backstop.enter();
    number := backstop.log('execute_safe_migration', of_schema, (SELECT p.plan FROM backstop.plans AS p WHERE p.schema_name = of_schema
                           ORDER BY p.registered_at DESC LIMIT 1), NULL, 'begun', migration_sql);
    UPDATE backstop.operations
       SET changes = backstop.look(left_out) || jsonb_build_object('own', backstop.own(left_out))
     WHERE id = number;
    RETURN number;
END
$$;
COMMENT ON FUNCTION backstop.migration_begins(text, text) IS 'Remembers the structure before a migration of this transaction.';

CREATE OR REPLACE FUNCTION backstop.migration_ends(number bigint) RETURNS TABLE (step text, status text, details text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    o backstop.operations;
    left_out text[];
    is_now jsonb;
    theirs text[];
    changed text[];
    newest backstop.backups;
    lost text;
BEGIN
    SELECT p.* INTO o FROM backstop.operations AS p
     WHERE p.id = number AND p.outcome = 'begun' AND p.transaction = pg_current_xact_id()::text;
    IF o.id IS NULL THEN
        RAISE EXCEPTION 'no migration with number % was begun in this transaction', number;
    END IF;
    left_out := ARRAY['backstop', o.schema_name];
    IF backstop.own(left_out) IS DISTINCT FROM o.changes ->> 'own' THEN
        RAISE EXCEPTION 'the migration touches the way back itself' USING HINT = 'Leave the schemas of the journal and of the backup alone.';
    END IF;
    is_now := backstop.look(left_out);
    theirs := backstop.others_changes(o.changes, is_now);
    is_now := is_now -> 'facts';
    SELECT coalesce(array_agg(key), '{}') INTO changed
      FROM jsonb_each(o.changes -> 'facts') AS w FULL JOIN jsonb_each(is_now) AS n USING (key)
     WHERE w.value IS DISTINCT FROM n.value AND NOT key = ANY (theirs);
    SELECT b.* INTO newest FROM backstop.backups AS b WHERE b.schema_name = o.schema_name AND b.status = 'complete'
     ORDER BY b.created_at DESC, b.id DESC LIMIT 1;
    SELECT string_agg(backstop.title(k), ', ' ORDER BY k) INTO lost
      FROM unnest(changed) AS k
     WHERE k LIKE '["table"%' AND NOT is_now ? k AND newest.id IS NOT NULL AND NOT k = ANY (backstop.covered(newest.id))
       AND backstop.recorded(newest.catalog) ? k;
    IF lost IS NOT NULL THEN
        RAISE EXCEPTION 'the migration drops what backup % does not hold: %', newest.id, lost
            USING HINT = 'Add these tables to the targets of the plan, register it again and take another backup.';
    END IF;
    UPDATE backstop.operations SET outcome = 'done', changes = to_jsonb(changed) WHERE id = number;
    step := 'way back';
    status := CASE WHEN newest.id IS NULL THEN 'WARN' ELSE 'PASS' END;
    details := CASE WHEN newest.id IS NULL THEN 'there is no backup: once this is committed, nothing can take it back'
                    ELSE format('backup %s, with %I.restore_from_backup()', newest.id, o.schema_name) END;
    RETURN NEXT;
    step := 'changes';
    status := 'INFO';
    details := format('%s objects', cardinality(changed)) || coalesce(': ' || (SELECT string_agg(backstop.title(k), ', ' ORDER BY k)
                   FROM (SELECT k FROM unnest(changed) AS k ORDER BY k LIMIT 20) AS s), '')
               || CASE WHEN cardinality(changed) > 20 THEN ', ...' ELSE '' END;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION backstop.migration_ends(bigint) IS 'Writes down what a migration of this transaction changed, so that a restore can take it back.';
