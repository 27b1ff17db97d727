-- Of the personal licences of a course, those of one person: a school's were all read for each of its learners.
create index licenses_of_learner on licenses (tenant_id, course_id, holder);
drop index licenses_of_course;
