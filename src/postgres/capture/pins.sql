-- The settings under which a definition's text is printed, so that it is the same for every session: every name qualified,
-- every constant in a form that reads back alike. Compiling the queries would take longer than running them. For this
-- transaction only.
SELECT set_config('search_path', '', true),
       set_config('DateStyle', 'ISO, MDY', true),
       set_config('IntervalStyle', 'postgres', true),
       set_config('TimeZone', 'UTC', true),
       set_config('extra_float_digits', '1', true),
       set_config('bytea_output', 'hex', true),
       set_config('quote_all_identifiers', 'off', true),
       set_config('standard_conforming_strings', 'on', true),
       set_config('jit', 'off', true)
