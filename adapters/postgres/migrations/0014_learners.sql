-- no-transaction
-- Of the personal licences of a course, those of one person: a school's were all read for each of its learners.
create index concurrently if not exists licenses_learner on licenses (tenant_id, course_id, holder);
