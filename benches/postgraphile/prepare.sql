-- What PostGraphile is given beside the tables, in the benches' database only.

-- The order of the list, as the index on it is written.
CREATE FUNCTION creators_audience(c creators) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT COALESCE(c.followers, -1)';
COMMENT ON FUNCTION creators_audience(creators) IS '@behavior +orderBy';

-- Only what is live, as the API shows it.
CREATE FUNCTION creators_live_offerings(c creators) RETURNS SETOF offerings LANGUAGE sql STABLE AS
  'SELECT o.* FROM offerings o WHERE o.creator_id = c.id AND o.deleted_at IS NULL ORDER BY o.id';
CREATE FUNCTION creators_live_portfolio(c creators) RETURNS SETOF portfolio_items LANGUAGE sql STABLE AS
  'SELECT i.* FROM portfolio_items i WHERE i.creator_id = c.id AND i.deleted_at IS NULL ORDER BY i.published_on DESC NULLS LAST, i.id DESC';

CREATE FUNCTION network_accounts_latest_posts(a network_accounts) RETURNS SETOF posts LANGUAGE sql STABLE AS
  'SELECT p.* FROM posts p WHERE p.account_id = a.id AND p.published_at IS NOT NULL AND p.expires_at IS NULL AND p.gone_at IS NULL
   ORDER BY p.published_at DESC, p.id DESC LIMIT 3';

-- The brief that holds.
CREATE FUNCTION campaigns_published_brief(c campaigns) RETURNS SETOF briefs ROWS 1 LANGUAGE sql STABLE AS
  'SELECT b.* FROM briefs b WHERE b.campaign_id = c.id AND b.state = ''published''';

-- How many creators of a campaign are in each state.
CREATE TYPE funnel_step AS (state text, count bigint);
CREATE FUNCTION campaigns_funnel(c campaigns) RETURNS SETOF funnel_step LANGUAGE sql STABLE AS
  'SELECT p.state, count(*) FROM participations p WHERE p.campaign_id = c.id GROUP BY p.state';

-- Sending a message with all that Hibiki writes in the same transaction. Whether the author may is for the caller to know.
CREATE FUNCTION send_message(thread uuid, author uuid, body text) RETURNS messages LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  place threads;
  said messages;
  at timestamptz := clock_timestamp();
BEGIN
  SELECT * INTO STRICT place FROM threads t WHERE t.id = send_message.thread FOR UPDATE;
  INSERT INTO messages (id, thread_id, org_id, creator_id, side, author_id, body, created_at)
    VALUES (gen_random_uuid(), place.id, place.org_id, place.creator_id, 'brand', author, send_message.body, at) RETURNING * INTO said;
  UPDATE threads t SET last_message_at = at WHERE t.id = place.id;
  INSERT INTO thread_reads (id, thread_id, user_id, read_at) VALUES (gen_random_uuid(), place.id, author, at)
    ON CONFLICT (thread_id, user_id) DO UPDATE SET read_at = excluded.read_at WHERE thread_reads.read_at < excluded.read_at;
  INSERT INTO events (id, kind, subject, org_id, creator_id, user_id, data, at)
    VALUES (gen_random_uuid(), 'message.sent', said.id, place.org_id, place.creator_id, author, jsonb_build_object('thread', place.id), at);
  INSERT INTO jobs (id, kind, payload, state, run_at, attempts, last_error, created_at)
    VALUES (gen_random_uuid(), 'conversations.tell', jsonb_build_object('message', said.id), 'ready', at + interval '10 minutes', 0, '', at);
  RETURN said;
END $$;
