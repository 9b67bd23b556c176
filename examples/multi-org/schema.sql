-- A small multi-organization application as it stands before plans/multi-org-security.yaml: ids are text that happens to
-- hold uuids, nothing ties a row to its organization, and every role sees every row.
--
-- Plain PostgreSQL 13 to 18, no extensions. Load it into an empty database as the role that is to own the tables:
--     psql -v ON_ERROR_STOP=1 -f schema.sql -f generate.sql

-- Roles belong to the whole server, so they may be there already, or be made by somebody else at this very moment.
DO $roles$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['app_user', 'app_readonly'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
END
$roles$;

-- Until PostgreSQL 14 everybody may create objects in public.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO app_user, app_readonly;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO app_readonly;

CREATE TYPE public.invitation_status AS ENUM ('pending', 'accepted', 'declined', 'expired');
COMMENT ON TYPE public.invitation_status IS 'Life of an invitation';

CREATE DOMAIN public.email_address AS text
    CONSTRAINT email_address_shape CHECK (VALUE ~ '^[^@[:space:]]+@[^@[:space:]]+$');
COMMENT ON DOMAIN public.email_address IS 'Something with an @ in it; the rest is decided by sending mail';

CREATE FUNCTION public.touch_updated_at() RETURNS trigger
    LANGUAGE plpgsql
AS $touch$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$touch$;
COMMENT ON FUNCTION public.touch_updated_at() IS 'Keeps updated_at honest';

-- Shared by all organizations: no migration of tenants needs to touch it.
CREATE TABLE public.countries (
    code character(2) PRIMARY KEY,
    name text NOT NULL UNIQUE
);

CREATE TABLE public.organizations (
    id         text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    slug       text NOT NULL UNIQUE,
    name       text NOT NULL,
    country    character(2) NOT NULL REFERENCES public.countries (code),
    tier       text NOT NULL DEFAULT 'free' CHECK (tier IN ('free', 'team', 'enterprise')),
    settings   jsonb NOT NULL DEFAULT '{}'::jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX organizations_name_lower_idx ON public.organizations (lower(name));
CREATE INDEX organizations_enterprise_idx ON public.organizations (created_at) WHERE tier = 'enterprise';
CREATE TRIGGER organizations_touch BEFORE UPDATE ON public.organizations
    FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();
COMMENT ON TABLE public.organizations IS 'Tenants';
COMMENT ON COLUMN public.organizations.id IS 'A uuid, for historical reasons as text';
COMMENT ON COLUMN public.organizations.settings IS 'What the organization''s officers may set';

-- Numbers that people can read out on the phone; the sequence is older than the column that owns it today.
CREATE SEQUENCE public.member_number_seq AS integer START WITH 1000 INCREMENT BY 1;

CREATE TABLE public.profiles (
    id             text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    org_id         text NOT NULL,
    email          public.email_address NOT NULL,
    full_name      text NOT NULL,
    locale         character varying(12) NOT NULL DEFAULT 'en',
    member_number  integer NOT NULL DEFAULT nextval('public.member_number_seq'),
    search_text    text GENERATED ALWAYS AS (lower(full_name || ' ' || locale)) STORED,
    deactivated_at timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now()
);
ALTER SEQUENCE public.member_number_seq OWNED BY public.profiles.member_number;
CREATE UNIQUE INDEX profiles_email_lower_key ON public.profiles (lower(email::text));
CREATE INDEX profiles_active_name_idx ON public.profiles (full_name) INCLUDE (member_number) WHERE deactivated_at IS NULL;
CREATE TRIGGER profiles_touch BEFORE UPDATE ON public.profiles
    FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();
COMMENT ON TABLE public.profiles IS 'People; each belongs to one organization at home and may be a member of others';
COMMENT ON INDEX public.profiles_email_lower_key IS 'One profile per mailbox, whatever the case';

CREATE TABLE public.memberships (
    id         text PRIMARY KEY DEFAULT gen_random_uuid()::text,
    user_id    text NOT NULL,
    org_id     text NOT NULL,
    role       text NOT NULL DEFAULT 'member' CHECK (role IN ('member', 'officer', 'owner')),
    invited_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT memberships_user_id_org_id_key UNIQUE (user_id, org_id),
    CONSTRAINT memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles (id)
        ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT memberships_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES public.profiles (id) ON DELETE SET NULL
);
COMMENT ON TABLE public.memberships IS 'Who belongs to which organization, and as what';
COMMENT ON CONSTRAINT memberships_user_id_org_id_key ON public.memberships IS 'Nobody is in an organization twice';

CREATE TABLE public.projects (
    id         bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    org_id     text NOT NULL,
    code       text NOT NULL CONSTRAINT projects_code_key UNIQUE,
    name       text NOT NULL,
    budget     numeric(12, 2) NOT NULL DEFAULT 0 CONSTRAINT projects_budget_check CHECK (budget >= 0),
    starts_on  date NOT NULL,
    ends_on    date,
    tags       text[] NOT NULL DEFAULT '{}',
    archived   boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT projects_ends_after_start CHECK (ends_on >= starts_on)
);
CREATE INDEX projects_tags_idx ON public.projects USING gin (tags);
CREATE TRIGGER projects_touch BEFORE UPDATE ON public.projects
    FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();

CREATE TABLE public.documents (
    id           bigserial PRIMARY KEY,
    org_id       text NOT NULL,
    project_id   bigint,
    author_id    text,
    title        text NOT NULL,
    body         text NOT NULL,
    bytes        integer GENERATED ALWAYS AS (octet_length(body)) STORED,
    attributes   jsonb NOT NULL DEFAULT '{}'::jsonb,
    published_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT documents_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects (id)
        ON DELETE CASCADE DEFERRABLE,
    CONSTRAINT documents_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.profiles (id) ON DELETE SET NULL
);
ALTER TABLE public.documents ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX documents_project_id_idx ON public.documents (project_id);
CREATE INDEX documents_title_idx ON public.documents USING gin (to_tsvector('simple', title));
CREATE INDEX documents_published_idx ON public.documents (published_at DESC) WHERE published_at IS NOT NULL;
CREATE TRIGGER documents_touch BEFORE UPDATE OF title, body, attributes ON public.documents
    FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();
-- Added years after the first documents, of which some break it (generate.sql brings a few).
ALTER TABLE public.documents ADD CONSTRAINT documents_title_not_blank CHECK (btrim(title) <> '') NOT VALID;
COMMENT ON TABLE public.documents IS 'Texts of any length';
COMMENT ON COLUMN public.documents.bytes IS 'Length of the body, kept by the server';

-- The renderer's own queue: not owned by an organization, but it hangs on a table that is.
CREATE TABLE public.render_jobs (
    document_id bigint PRIMARY KEY REFERENCES public.documents (id) ON DELETE CASCADE,
    priority    smallint NOT NULL DEFAULT 0,
    queued_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.audit_events (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    org_id      text NOT NULL,
    subject_id  text,
    action      text NOT NULL,
    details     jsonb,
    client      inet,
    occurred_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_events_occurred_at_idx ON public.audit_events USING brin (occurred_at);
COMMENT ON TABLE public.audit_events IS 'Written once, never changed';

CREATE TABLE public.invitations (
    id         serial PRIMARY KEY,
    org_id     text NOT NULL,
    email      public.email_address NOT NULL,
    status     public.invitation_status NOT NULL DEFAULT 'pending',
    token      text NOT NULL DEFAULT replace(gen_random_uuid()::text, '-', ''),
    invited_by text,
    expires_at timestamptz NOT NULL DEFAULT now() + interval '14 days',
    CONSTRAINT invitations_token_key UNIQUE (token),
    CONSTRAINT invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES public.profiles (id) ON DELETE SET NULL
);
CREATE UNIQUE INDEX invitations_pending_key ON public.invitations (lower(email::text), org_id) WHERE status = 'pending';

-- A change of role leaves a trace, whoever makes it.
CREATE FUNCTION public.record_membership_change() RETURNS trigger
    LANGUAGE plpgsql
AS $record$
BEGIN
    INSERT INTO public.audit_events (org_id, subject_id, action, details)
    VALUES (OLD.org_id, OLD.user_id, 'membership.' || lower(TG_OP),
            jsonb_build_object('role', OLD.role, 'by', current_setting('app.user_id', true)));
    RETURN NULL;
END
$record$;
CREATE TRIGGER memberships_record_role AFTER UPDATE OF role ON public.memberships
    FOR EACH ROW WHEN (OLD.role IS DISTINCT FROM NEW.role) EXECUTE FUNCTION public.record_membership_change();
CREATE TRIGGER memberships_record_delete AFTER DELETE ON public.memberships
    FOR EACH ROW EXECUTE FUNCTION public.record_membership_change();

CREATE FUNCTION public.organization_member_count(organization text) RETURNS bigint
    LANGUAGE sql STABLE
AS $count$
    SELECT count(*) FROM public.memberships WHERE org_id = organization
$count$;
COMMENT ON FUNCTION public.organization_member_count(text) IS 'Members of an organization, guests included';

CREATE VIEW public.active_profiles WITH (security_barrier = true) AS
    SELECT p.id, p.org_id, o.name AS organization, p.email, p.full_name, p.member_number, p.created_at
    FROM public.profiles p
    LEFT JOIN public.organizations o ON o.id = p.org_id
    WHERE p.deactivated_at IS NULL;
COMMENT ON VIEW public.active_profiles IS 'People who can sign in';
COMMENT ON COLUMN public.active_profiles.organization IS 'Name of the organization at home';

CREATE VIEW public.organization_overview AS
    SELECT o.id, o.slug, o.name, o.tier, c.name AS country,
           public.organization_member_count(o.id) AS members,
           (SELECT count(*) FROM public.active_profiles a WHERE a.org_id = o.id) AS active_people
    FROM public.organizations o
    JOIN public.countries c ON c.code = o.country;
COMMENT ON VIEW public.organization_overview IS 'One line per tenant, for the back office';

GRANT SELECT, INSERT, UPDATE, DELETE ON public.profiles, public.memberships, public.projects, public.documents,
    public.invitations TO app_user;
GRANT SELECT, INSERT ON public.audit_events TO app_user;
GRANT SELECT ON public.organizations, public.countries, public.active_profiles, public.organization_overview TO app_user;
GRANT UPDATE (name, settings) ON public.organizations TO app_user;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO app_user;
-- What the default privileges gave, but the renderer's queue is nobody's business.
REVOKE SELECT ON public.render_jobs FROM app_readonly;
REVOKE EXECUTE ON FUNCTION public.organization_member_count(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.organization_member_count(text) TO app_user, app_readonly;
