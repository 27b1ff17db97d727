-- An index whose builder was killed is there and not to be used.
do $$ begin
    if exists (select from pg_index where indexrelid = 'licenses_learner'::regclass and not indisvalid) then
        drop index licenses_learner;
        create index licenses_learner on licenses (tenant_id, course_id, holder);
    end if;
end $$;
-- What `licenses_learner` begins with.
drop index licenses_course;
