-- The database that the rules' examples are for.
CREATE TYPE mood AS ENUM ('low', 'high');
CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL, feels mood);
CREATE TABLE orders (
    id bigint PRIMARY KEY, customer_id bigint, status text, total numeric(10, 2), note varchar(40), code text,
    created_at timestamptz DEFAULT now());
CREATE INDEX orders_status_idx ON orders (status);
CREATE TABLE archive (id bigint PRIMARY KEY, note text);
CREATE TABLE pages (id bigint PRIMARY KEY, body text, length bigint GENERATED ALWAYS AS (char_length(body)) STORED);
CREATE DOMAIN email AS text;
CREATE TABLE contacts (id bigint PRIMARY KEY, address email);
-- The same as `heap` under another name.
CREATE ACCESS METHOD heap_too TYPE TABLE HANDLER heap_tableam_handler;
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_2025 (id bigint NOT NULL, at date NOT NULL, what text);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER orders_touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
CREATE VIEW recent_orders AS SELECT id FROM orders WHERE created_at > now() - interval '1 day';
INSERT INTO customers SELECT n, 'customer ' || n FROM generate_series(1, 50) n;
INSERT INTO orders (id, customer_id, status, total, note, code) SELECT n, 1 + n % 50, 'new', n, 'note', 'c' || n FROM generate_series(1, 500) n;
INSERT INTO pages SELECT n, 'x' FROM generate_series(1, 50) n;
INSERT INTO archive SELECT n, 'x' FROM generate_series(1, 50) n;
INSERT INTO events SELECT n, date '2024-01-01' + n, 'x' FROM generate_series(1, 100) n;
INSERT INTO events_2025 SELECT n, date '2025-01-01' + n, 'x' FROM generate_series(1, 100) n;
CREATE MATERIALIZED VIEW totals AS SELECT left(name, 10) AS initials, count(*) FROM customers GROUP BY 1;
CREATE UNIQUE INDEX totals_initials_idx ON totals (initials);
INSERT INTO contacts SELECT n, n || '@example.com' FROM generate_series(1, 50) n;
ANALYZE;
