SET DateStyle = 'German'; SET TimeZone = 'Asia/Tokyo'; SET IntervalStyle = 'sql_standard'; SET extra_float_digits = -5;
SET bytea_output = 'escape'; SET search_path = public, pg_catalog;
INSERT INTO odd (f8, f4, n, ts, t, d, iv, b, j, jb, c, arr, arr0, ch, m, bt, p, r, u, e, dm, rc, tt, vc, "o""dd ,(name)", tv, ip)
VALUES
    ('-0', '1.1', 'NaN', 'infinity', '0044-03-15 12:00:00.000001 BC', '31.12.5874897', '-1 year 2 days -3:04:05.6', '\x00ff22',
     '{"a":1, "a":  2}', 'null', ROW('q"u\o,te)', ARRAY[1, NULL]), ARRAY['a', '', 'NULL', NULL, 'x"y', '{}'], '[0:1]={1,2}', 'ab',
     '$1,234.56', '101', '(1.5,-2)', '[1,5)', '00000000-0000-7000-8000-000000000001', E'multi\nline "q" \\ back, (paren)', 'ok',
     'odd', '[01.01.2020,)', 'abcd', 'odd "v"', '''a b'':1 c:2', '10.0.0.1/8'),
    ('1e300', '1e-40', '1.00', '2024-01-01 00:00:00.123456+00', 'infinity', '-infinity', '1 mon', '', 'null', '{"k": "v\"w"}', NULL,
     '{}', '{}', '', '-$0.01', '000', '(NaN,Infinity)', 'empty', NULL, '', '', NULL, 'empty', 'ab  ', '', NULL, '::1'),
    ('0.30000000000000004'::float8, '0.033333335', '-12345678901234567890.123456789012345678901234567890', '-infinity', NULL, NULL,
     NULL, NULL, NULL, NULL, ROW(NULL, NULL), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
     NULL);
UPDATE odd SET e = 'changed' WHERE id = 1;
UPDATE odd SET f8 = 7, arr0 = '[5:5]={NULL}' WHERE id = 4;
DELETE FROM odd WHERE id = 2;
CREATE TABLE odd_now AS TABLE odd;
