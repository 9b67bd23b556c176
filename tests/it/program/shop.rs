//! A small shop: tables that a backup holds, tables that it does not, and what hangs on both.

use super::work::{Work, run};
use crate::support::{TestDatabase, database};

/// `items` (100 rows) points to `shops` and is pointed to by `orders`; `customers` (3 rows) stands alone.
pub const SHOP: &str = "
    CREATE TYPE public.mood AS ENUM ('good', 'bad');
    CREATE TABLE public.shops (id int PRIMARY KEY, name text);
    INSERT INTO public.shops VALUES (1, 'one'), (2, 'two'), (3, 'three');
    CREATE TABLE public.items (
        id serial PRIMARY KEY,
        shop int NOT NULL REFERENCES public.shops,
        name text NOT NULL,
        price numeric(8, 2) CONSTRAINT price_is_sane CHECK (price >= (0)::numeric),
        mood public.mood DEFAULT 'good',
        doubled numeric GENERATED ALWAYS AS (price * 2) STORED
    );
    INSERT INTO public.items (shop, name, price) SELECT 1 + i % 2, 'item ' || i, i FROM generate_series(1, 100) AS i;
    CREATE INDEX items_name_idx ON public.items (lower(name)) WHERE price > 1;
    COMMENT ON COLUMN public.items.name IS 'what it is called';
    CREATE TABLE public.orders (id int PRIMARY KEY, item int REFERENCES public.items);
    INSERT INTO public.orders VALUES (1, 1), (2, 2);
    CREATE TABLE public.customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE);
    INSERT INTO public.customers (name) VALUES ('a'), ('b'), ('c');
    CREATE TABLE public.notes (body text);
    INSERT INTO public.notes VALUES ('x'), ('x'), ('y'), (NULL);
    CREATE VIEW public.dear AS SELECT i.id, s.name FROM public.items AS i JOIN public.shops AS s ON s.id = i.shop WHERE i.price > 50;
    CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER touched BEFORE UPDATE ON public.items FOR EACH ROW EXECUTE FUNCTION public.touch();";

/// A fresh database with the shop.
pub fn shop(name: &str) -> TestDatabase {
    let database = database(name);
    database.execute(SHOP);
    database
}

/// A plan whose backup holds these tables of the schema public, the first one without its schema. `more` goes into `backup:`.
pub fn plan(tables: &str, more: &str) -> String {
    format!(
        "format: backstop/v1\nname: shop\nbackup: {{{more}targets: [{{tables: [public.{tables}]}}]}}\n\
         steps: [{{id: nothing, sql: SELECT 1}}]\n"
    )
}

/// Takes a backup of these tables by hand, and returns its id.
pub fn backup(database: &TestDatabase, work: &Work, tables: &str) -> String {
    let path = work.file("backup.yaml", &plan(tables, ""));
    run(database, &["backup", "create", path.to_str().unwrap()]).expect_code(0);
    database.one("SELECT id FROM backstop.backups ORDER BY created_at DESC, id DESC LIMIT 1")
}
