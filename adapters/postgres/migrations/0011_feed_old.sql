-- no-transaction
-- What is old in a feed: ranges of a summary never shrink again when rows were numbered late and purged, so that
-- `numbered_at < $1` came to read everything. Built beside those who write.
create index concurrently if not exists feed_rows_old on feed_rows (numbered_at) where numbered_at is not null;
