-- The rows of a tag by their prices: without them a search of a tag by price read every listing there is.
alter table catalog_tags add column price integer not null default 0;
update catalog_tags set price = (select c.price from catalog c where c.tenant_id = catalog_tags.tenant_id
    and c.parent_id = catalog_tags.parent_id and c.currency = catalog_tags.currency);
create index catalog_tags_by_price on catalog_tags (currency, tag, price, parent_id);
