-- A row of a feed waits under its position and is read under its number, and has an index for the state it is in: a third
-- one, of both, was written twice with every row and asked for nothing.
alter table feed_rows drop constraint feed_rows_pkey;
