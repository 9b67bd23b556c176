CREATE TYPE comp AS (a text, b int[]);
CREATE DOMAIN dom AS text CHECK (value <> 'no');
CREATE TABLE odd (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, gone int, f8 float8, f4 float4, n numeric, ts timestamptz, t timestamp,
    d date, iv interval, b bytea, j json, jb jsonb, c comp, arr text[], arr0 int[], ch char(5), m money, bt bit(3), p point,
    r int4range, u uuid, e text, dm dom, rc regclass, tt tstzrange, vc varchar(4),
    gen text GENERATED ALWAYS AS (upper(e)) STORED, "o""dd ,(name)" text, tv tsvector, ip inet
);
ALTER TABLE odd DROP gone;
INSERT INTO odd (e) VALUES ('before'), ('to be deleted');
CREATE TABLE odd_then AS TABLE odd;
