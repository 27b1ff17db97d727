-- A check as a single statement: the count, and what to compare with.
\set id random(1, 1000000)
update lim.verify_sessions set attempts = attempts + 1 where id = :id and state = 'PENDING' and attempts < max_attempts and expires_at > now() returning code_hash, attempts;
