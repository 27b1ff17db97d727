-- What waits for one consumer lengthens nobody else's look for work: the broker's backlog is its own.
create index deliveries_due on deliveries (consumer, available_at) where not dead;
drop index deliveries_available;
