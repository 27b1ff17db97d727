-- An index whose builder was killed is there and not to be used.
do $$ begin
    if exists (select from pg_index where indexrelid = 'feed_rows_old'::regclass and not indisvalid) then
        drop index feed_rows_old;
        create index feed_rows_old on feed_rows (numbered_at) where numbered_at is not null;
    end if;
end $$;
drop index feed_rows_age;
