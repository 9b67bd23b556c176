-- What PostgreSQL 17 added: not-null marks of domains have names.
CREATE DOMAIN late.never AS int CONSTRAINT never_null NOT NULL;
COMMENT ON CONSTRAINT never_null ON DOMAIN late.never IS 'never';
