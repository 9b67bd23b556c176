-- Fills the tables of schema.sql. The same settings give the same rows, on any server and any day.
--
--     psql -c "SET backstop_demo.profiles = '1000000'" -f generate.sql
--
-- backstop_demo.profiles   how many people (default 100); everything else is in proportion
-- backstop_demo.orphans    how many of the people belong to an organization that does not exist (default 0)
--
-- A client without psql sends SET and this file in one session. No random(): every value comes from the row's number.

INSERT INTO public.countries (code, name)
VALUES ('AT', 'Austria'), ('CH', 'Switzerland'), ('DE', 'Germany'), ('FR', 'France'), ('GB', 'United Kingdom'),
       ('JP', 'Japan'), ('NL', 'Netherlands'), ('SE', 'Sweden'), ('US', 'United States');

-- One organization for 50 people, but never fewer than 5.
INSERT INTO public.organizations (id, slug, name, country, tier, settings, created_at, updated_at)
SELECT md5('organization ' || i)::uuid::text,
       'org-' || i,
       (ARRAY['Aurora', 'Basalt', 'Cobalt', 'Delta', 'Ember', 'Fjord', 'Granite'])[1 + i % 7] || ' '
           || (ARRAY['Labs', 'Logistics', 'Health', 'Energy', 'Works'])[1 + i % 5] || ' ' || i,
       (ARRAY['AT', 'CH', 'DE', 'FR', 'GB', 'JP', 'NL', 'SE', 'US'])[1 + i % 9],
       CASE WHEN i % 20 = 0 THEN 'enterprise' WHEN i % 4 = 0 THEN 'team' ELSE 'free' END,
       jsonb_build_object('theme', (ARRAY['light', 'dark'])[1 + i % 2], 'seats', 5 + i % 95),
       timestamptz '2021-01-01 00:00:00+00' + i * interval '90 minutes',
       timestamptz '2021-01-01 00:00:00+00' + i * interval '90 minutes'
FROM generate_series(1, greatest(5, coalesce(nullif(current_setting('backstop_demo.profiles', true), ''), '100')::bigint / 50)) AS i;

-- The orphans are the last people: their organization's number is one that was never given.
INSERT INTO public.profiles (id, org_id, email, full_name, locale, deactivated_at, created_at, updated_at)
SELECT md5('profile ' || i)::uuid::text,
       md5('organization ' || CASE WHEN i > s.profiles - s.orphans THEN -i ELSE 1 + i % s.organizations END)::uuid::text,
       'person.' || i || '@example.' || (ARRAY['com', 'org', 'net'])[1 + i % 3],
       (ARRAY['Ada', 'Barbara', 'Chidi', 'Dana', 'Edsger', 'Frances', 'Grace', 'Håkan', 'Ines', 'Jürgen', 'Kō'])[1 + i % 11]
           || ' ' || (ARRAY['Abara', 'Berg', 'Castro', 'Dijkstra', 'Eriksen', 'Fujita', 'O''Neill'])[1 + i % 7],
       (ARRAY['en', 'de-AT', 'fr', 'ja', 'sv'])[1 + i % 5],
       CASE WHEN i % 17 = 0 THEN timestamptz '2024-06-01 00:00:00+00' + i * interval '1 second' END,
       timestamptz '2021-06-01 00:00:00+00' + i * interval '1 minute',
       timestamptz '2023-01-01 00:00:00+00' + i * interval '1 minute'
FROM (SELECT coalesce(nullif(current_setting('backstop_demo.profiles', true), ''), '100')::bigint AS profiles,
             coalesce(nullif(current_setting('backstop_demo.orphans', true), ''), '0')::bigint AS orphans,
             (SELECT count(*) FROM public.organizations) AS organizations) AS s,
     generate_series(1, s.profiles) AS i;

-- At home: the first person of an organization owns it and every tenth is an officer. Every 25th organization, the third
-- one first, has lost all of its officers; nothing forbids that.
INSERT INTO public.memberships (id, user_id, org_id, role, invited_by, created_at)
SELECT md5('membership ' || i)::uuid::text,
       md5('profile ' || i)::uuid::text,
       md5('organization ' || 1 + i % s.organizations)::uuid::text,
       CASE WHEN (1 + i % s.organizations) % 25 = 3 THEN 'member'
            WHEN i <= s.organizations THEN 'owner'
            WHEN (i / s.organizations) % 10 = 0 THEN 'officer'
            ELSE 'member' END,
       CASE WHEN i > s.organizations THEN md5('profile ' || i - s.organizations)::uuid::text END,
       timestamptz '2021-06-01 00:00:00+00' + i * interval '1 minute'
FROM (SELECT count(*) - coalesce(nullif(current_setting('backstop_demo.orphans', true), ''), '0')::bigint AS at_home,
             (SELECT count(*) FROM public.organizations) AS organizations
      FROM public.profiles) AS s,
     generate_series(1, s.at_home) AS i;

-- Guests: every tenth person is a member of the next organization, too.
INSERT INTO public.memberships (id, user_id, org_id, created_at)
SELECT md5('guest ' || i)::uuid::text,
       md5('profile ' || i)::uuid::text,
       md5('organization ' || 1 + (i + 1) % s.organizations)::uuid::text,
       timestamptz '2022-06-01 00:00:00+00' + i * interval '1 minute'
FROM (SELECT count(*) AS people, (SELECT count(*) FROM public.organizations) AS organizations FROM public.profiles) AS s,
     generate_series(10, s.people, 10) AS i;

INSERT INTO public.projects (org_id, code, name, budget, starts_on, ends_on, tags, archived, created_at, updated_at)
SELECT md5('organization ' || 1 + i % s.organizations)::uuid::text,
       'PRJ-' || lpad(i::text, 7, '0'),
       (ARRAY['Migration', 'Audit', 'Launch', 'Rewrite'])[1 + i % 4] || ' ' || i,
       (i % 1000) * 125.50,
       date '2022-01-01' + (i % 900)::integer,
       CASE WHEN i % 3 <> 0 THEN date '2022-01-01' + (i % 900)::integer + 30 + (i % 300)::integer END,
       CASE WHEN i % 2 = 0 THEN ARRAY['internal', 'q' || 1 + i % 4] ELSE '{}' END,
       i % 13 = 0,
       timestamptz '2022-01-01 00:00:00+00' + i * interval '10 minutes',
       timestamptz '2022-01-01 00:00:00+00' + i * interval '10 minutes'
FROM (SELECT greatest(5, (SELECT count(*) FROM public.profiles) / 20) AS projects,
             (SELECT count(*) FROM public.organizations) AS organizations) AS s,
     generate_series(1, s.projects) AS i;

-- One document for ten people. Every 40th, the first one included, is long enough to be stored out of line (TOAST). Project
-- and author are of the same organization. Every 1000th title, the third one first, is blank: it is older than the rule that
-- forbids that, so the rule steps aside for a moment.
ALTER TABLE public.documents DROP CONSTRAINT documents_title_not_blank;
INSERT INTO public.documents (org_id, project_id, author_id, title, body, attributes, published_at, created_at, updated_at)
SELECT md5('organization ' || 1 + i % s.organizations)::uuid::text,
       CASE WHEN i % 6 <> 0 AND i <= s.projects THEN i END,
       CASE WHEN i % 8 <> 0 THEN md5('profile ' || i)::uuid::text END,
       CASE WHEN i % 1000 = 3 THEN ' ' ELSE 'Document ' || i || E' \\ "draft"' END,
       CASE WHEN i % 40 = 1
            THEN (SELECT string_agg(md5(i || ' ' || part), E'\n') FROM generate_series(1, 200 + i % 400) AS part)
            ELSE repeat('Paragraph ' || i || E'.\n', (1 + i % 30)::integer) END,
       jsonb_build_object('pages', 1 + i % 30, 'language', (ARRAY['en', 'de', 'fr'])[1 + i % 3], 'source', NULL),
       CASE WHEN i % 4 = 0 THEN timestamptz '2023-05-01 00:00:00+00' + i * interval '3 minutes' END,
       timestamptz '2022-02-01 00:00:00+00' + i * interval '5 minutes',
       timestamptz '2023-02-01 00:00:00+00' + i * interval '5 minutes'
FROM (SELECT (SELECT count(*) FROM public.profiles) / 10 AS documents,
             (SELECT count(*) FROM public.projects) AS projects,
             (SELECT count(*) FROM public.organizations) AS organizations) AS s,
     generate_series(1, s.documents) AS i;
ALTER TABLE public.documents ADD CONSTRAINT documents_title_not_blank CHECK (btrim(title) <> '') NOT VALID;

INSERT INTO public.render_jobs (document_id, priority, queued_at)
SELECT id, (id % 3)::smallint, timestamptz '2024-01-01 00:00:00+00' + id * interval '1 second'
FROM public.documents
WHERE id % 7 = 0;

INSERT INTO public.audit_events (org_id, subject_id, action, details, client, occurred_at)
SELECT md5('organization ' || 1 + i % s.organizations)::uuid::text,
       CASE WHEN i % 5 <> 0 THEN md5('profile ' || i)::uuid::text END,
       (ARRAY['signed_in', 'document.read', 'document.changed', 'exported'])[1 + i % 4],
       CASE WHEN i % 2 = 0 THEN jsonb_build_object('attempt', 1 + i % 3) END,
       ('10.' || i % 200 || '.' || i % 250 || '.' || 1 + i % 254)::inet,
       timestamptz '2024-01-01 00:00:00+00' + i * interval '20 seconds'
FROM (SELECT (SELECT count(*) FROM public.profiles) / 2 AS events,
             (SELECT count(*) FROM public.organizations) AS organizations) AS s,
     generate_series(1, s.events) AS i;

INSERT INTO public.invitations (org_id, email, status, token, invited_by, expires_at)
SELECT md5('organization ' || 1 + i % s.organizations)::uuid::text,
       'Guest.' || i || '@example.com',
       (enum_range(NULL::public.invitation_status))[1 + i % 4],
       md5('invitation ' || i),
       CASE WHEN i % 3 <> 0 THEN md5('profile ' || i)::uuid::text END,
       timestamptz '2024-03-01 00:00:00+00' + i * interval '1 hour'
FROM (SELECT (SELECT count(*) FROM public.profiles) / 20 AS invitations,
             (SELECT count(*) FROM public.organizations) AS organizations) AS s,
     generate_series(1, s.invitations) AS i;

-- Positions that no row shows: numbers were handed out and thrown away.
DO $position$
BEGIN
    PERFORM setval('public.member_number_seq', nextval('public.member_number_seq') + 16);
END
$position$;

ANALYZE public.countries, public.organizations, public.profiles, public.memberships, public.projects, public.documents,
    public.render_jobs, public.audit_events, public.invitations;
