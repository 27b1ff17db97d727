-- The rows of a tag by their prices: without them a search of a tag by price read every listing there is. The owner is
-- bound by the policies too, so they are set aside for the prices of the rows that are there.
alter table catalog_tags add column price bigint not null default 0;
alter table catalog no force row level security;
alter table catalog_tags no force row level security;
update catalog_tags t set price = c.price from catalog c
    where c.tenant_id = t.tenant_id and c.parent_id = t.parent_id and c.currency = t.currency;
alter table catalog_tags force row level security;
alter table catalog force row level security;
create index catalog_tags_by_price on catalog_tags (currency, tag, price, parent_id);
