-- Every table of Sarai. An aggregate is one row: its document, and the columns that SQL searches, counts or guards;
-- its rows and its projections stand in tables of their own. Every key begins with the tenant, so that a
-- distributed Postgres can shard by it. Who may do what with which row is in access.rs: without a policy, nobody may
-- do anything, because row-level security is forced on every table at the end of this file.

create domain id as text collate "C";

-- Listings, and the public catalogue.

create table listings (
    tenant_id id not null, id id not null, version bigint not null, event_seq bigint not null,
    created_at timestamptz not null, doc json not null,
    state id not null, pending_revision boolean not null,
    primary key (tenant_id, id)
) with (fillfactor = 80);
create index listings_id on listings (id);
create index listings_by_tenant on listings (tenant_id, created_at, id);
create index listings_by_state on listings (state, created_at, id);
create index listings_pending on listings (created_at, id) where pending_revision;

create table catalog (
    tenant_id id not null, parent_id id not null, currency id not null, created_at timestamptz not null,
    price bigint not null, kinds id not null, category id, tags id not null, words text not null,
    primary key (tenant_id, parent_id, currency),
    constraint catalog_listing foreign key (tenant_id, parent_id) references listings on delete cascade
);
create index catalog_newest on catalog (currency, created_at, parent_id);
create index catalog_by_price on catalog (currency, price, parent_id);
create index catalog_by_category on catalog (currency, category, created_at, parent_id);
create index catalog_category_price on catalog (currency, category, price, parent_id);
create index catalog_by_provider on catalog (tenant_id, currency, created_at, parent_id);

create table catalog_tags (
    tenant_id id not null, parent_id id not null, currency id not null, tag id not null,
    created_at timestamptz not null,
    primary key (tenant_id, parent_id, currency, tag),
    constraint catalog_tags_listing foreign key (tenant_id, parent_id) references listings on delete cascade
);
create index catalog_tags_newest on catalog_tags (currency, tag, created_at, parent_id);

-- Orders, and what providers see of them. No index names a column that every purchase changes: `status` is in none,
-- and an order leaves `unstarted` once, so that its later updates touch no index at all (HOT).

create table orders (
    tenant_id id not null, id id not null, version bigint not null, event_seq bigint not null,
    created_at timestamptz not null, doc json not null,
    buyer_user_id id not null, status id not null, currency id not null, quote_id id,
    fulfilled_at timestamptz, refund_pending boolean not null, stray_open boolean not null,
    unstarted boolean not null,
    primary key (tenant_id, id)
) with (fillfactor = 70);
create unique index orders_quote on orders (tenant_id, quote_id) where quote_id is not null;
create index orders_id on orders (id);
create index orders_by_tenant on orders (tenant_id, created_at, id);
create index orders_by_user on orders (tenant_id, buyer_user_id, created_at, id);
create index orders_refund_pending on orders (id) where refund_pending;
create index orders_stray on orders (id) where stray_open;
create index orders_unstarted on orders (created_at, id) where unstarted;

create table order_refunds (
    tenant_id id not null, parent_id id not null, key id not null, written_version bigint not null,
    state id not null, doc json not null,
    primary key (tenant_id, parent_id, key),
    constraint order_refunds_order foreign key (tenant_id, parent_id) references orders
);
create index order_refunds_state on order_refunds (state, parent_id);

create table order_lines (
    tenant_id id not null, parent_id id not null, id id not null, provider_tenant_id id not null,
    listing_id id not null, placed_at timestamptz not null, sold boolean not null, doc json not null,
    primary key (tenant_id, parent_id, id)
) with (fillfactor = 80);
create index order_lines_id on order_lines (id);
create index order_lines_sales on order_lines (provider_tenant_id, placed_at, id) where sold;
create index order_lines_listing on order_lines (listing_id);
create index order_lines_provider on order_lines (provider_tenant_id, parent_id);

-- Licences: their rows are seats and places in line.

create table licenses (
    tenant_id id not null, id id not null, version bigint not null, event_seq bigint not null,
    created_at timestamptz not null, doc json not null,
    provider_tenant_id id not null, listing_id id not null, course_id id not null, state id not null, holder id,
    order_id id, order_line_id id, period_index bigint, claim_hash id, valid_until timestamptz, ends_at timestamptz,
    primary key (tenant_id, id),
    constraint s_inv_4_license_per_order_line unique (tenant_id, order_line_id, period_index)
) with (fillfactor = 70);
-- The hash of a secret that somebody finds the licence by, whoever's it is.
create unique index licenses_claim on licenses (claim_hash) where claim_hash is not null;
create index licenses_id on licenses (id);
create index licenses_by_tenant on licenses (tenant_id, created_at, id);
create index licenses_by_holder on licenses (tenant_id, holder, created_at, id) where holder is not null;
create index licenses_course on licenses (tenant_id, course_id);
create index licenses_order on licenses (order_id) where order_id is not null;
create index licenses_order_line on licenses (order_line_id, period_index) where order_line_id is not null;
create index licenses_ends on licenses (ends_at, id) where ends_at is not null;
create index licenses_listing on licenses (listing_id, state);

create table license_rows (
    tenant_id id not null, parent_id id not null, key id not null, written_version bigint not null,
    user_id id, seat_id id, assigned_at timestamptz, entry_id id, waiting boolean, number bigint, doc json not null,
    primary key (tenant_id, parent_id, key),
    constraint license_rows_license foreign key (tenant_id, parent_id) references licenses
) with (fillfactor = 80);
create index license_rows_user on license_rows (tenant_id, parent_id, user_id);
create index license_rows_seats on license_rows (tenant_id, parent_id, assigned_at, key) where assigned_at is not null;
create index license_rows_parent on license_rows (parent_id);
create index license_rows_entry on license_rows (tenant_id, parent_id, entry_id) where entry_id is not null;
create index license_rows_waiting on license_rows (tenant_id, parent_id, number) where waiting;

create table provider_licenses (
    tenant_id id not null, parent_id id not null, provider_tenant_id id not null, created_at timestamptz not null,
    version bigint not null, doc json not null,
    primary key (tenant_id, parent_id)
) with (fillfactor = 80);
create index provider_licenses_newest on provider_licenses (provider_tenant_id, created_at, parent_id);

-- Coupons.

create table coupons (
    tenant_id id not null, id id not null, version bigint not null, event_seq bigint not null,
    created_at timestamptz not null, doc json not null,
    code_key id not null, usage_count bigint not null, usage_cap bigint,
    primary key (tenant_id, id),
    constraint c_inv_1_code_per_scope unique (tenant_id, code_key),
    constraint c_inv_2_usage_counted check (usage_count >= 0)
) with (fillfactor = 50);
create index coupons_id on coupons (id);
create index coupons_code on coupons (code_key);
create index coupons_by_owner on coupons (tenant_id, created_at, id);

create table coupon_redemptions (
    tenant_id id not null, parent_id id not null, key id not null, written_version bigint not null,
    user_id id, order_id id, status id not null, hold_until timestamptz, doc json not null,
    primary key (tenant_id, parent_id, key),
    constraint coupon_redemptions_coupon foreign key (tenant_id, parent_id) references coupons
) with (fillfactor = 80);
create index coupon_redemptions_user on coupon_redemptions (tenant_id, parent_id, user_id);
create index coupon_redemptions_hold on coupon_redemptions (hold_until, parent_id) where hold_until is not null;

-- Purchase sagas.

create table sagas (
    tenant_id id not null, id id not null, version bigint not null, event_seq bigint not null,
    created_at timestamptz not null, doc json not null,
    order_id id not null, state id not null, next_attempt_at timestamptz, timeout_at timestamptz,
    needs_attention boolean not null,
    primary key (tenant_id, id),
    constraint s_inv_1_saga_per_order unique (tenant_id, order_id)
) with (fillfactor = 60);
create index sagas_id on sagas (id);
create index sagas_order on sagas (order_id);
create index sagas_newest on sagas (created_at, id);
create index sagas_attempt on sagas (next_attempt_at, id) where next_attempt_at is not null;
create index sagas_timeout on sagas (timeout_at, id) where timeout_at is not null;
create index sagas_attention on sagas (created_at, id) where needs_attention;

-- Quotes.

create table quotes (
    tenant_id id not null, id id not null, version bigint not null, event_seq bigint not null,
    created_at timestamptz not null, doc json not null,
    order_id id not null, state id not null, expires_at timestamptz,
    primary key (tenant_id, id)
) with (fillfactor = 80);
create index quotes_id on quotes (id);
create index quotes_order on quotes (order_id);
create index quotes_expires on quotes (expires_at, id) where expires_at is not null;

-- Providers' earnings: lines are only ever added.

create table earnings (
    tenant_id id not null, id id not null, version bigint not null, event_seq bigint not null,
    created_at timestamptz not null, doc json not null,
    currency id not null, period_month id not null, state id not null, closes_at timestamptz,
    anchored bigint, anchored_at timestamptz, sealed bigint not null default 0,
    primary key (tenant_id, id)
) with (fillfactor = 50);
create index earnings_id on earnings (id);
create index earnings_periods on earnings (tenant_id, currency, period_month);
create index earnings_by_tenant on earnings (tenant_id, created_at, id);
create index earnings_state on earnings (state, period_month, id);
create index earnings_unanchored on earnings (id) where sealed > coalesce(anchored, 0);
create index earnings_closes on earnings (closes_at, id) where closes_at is not null;

create table earnings_lines (
    tenant_id id not null, parent_id id not null, key id not null, written_version bigint not null,
    line_id id not null, kind id not null, order_line_id id, hold_until timestamptz, net bigint not null,
    doc json not null, seal_seq bigint, balance json, link json,
    primary key (tenant_id, parent_id, key)
);
create index earnings_lines_order_line on earnings_lines (order_line_id) where order_line_id is not null;
create index earnings_lines_of_line on earnings_lines (tenant_id, parent_id, order_line_id)
    where order_line_id is not null;
create index earnings_lines_unsealed on earnings_lines (tenant_id, parent_id, written_version, line_id)
    where seal_seq is null;
create unique index earnings_lines_sealed on earnings_lines (tenant_id, parent_id, seal_seq) where seal_seq is not null;
create index earnings_lines_held on earnings_lines (tenant_id, parent_id, hold_until)
    where hold_until is not null and seal_seq is not null;

create table statement_heads (
    tenant_id id not null, earnings_id id not null, head json not null,
    primary key (tenant_id, earnings_id)
) with (fillfactor = 50);

-- What is written with every unit.

create table inbox (
    tenant_id id not null, consumer id not null, event_id id not null, target id not null, at timestamptz not null,
    primary key (tenant_id, consumer, event_id, target)
);

create table idempotency_keys (
    tenant_id id not null, principal id not null, operation id not null, key_hash id not null,
    fingerprint id not null, lease_until timestamptz not null, resource_id id, status bigint, headers json, body bytea,
    taken_at timestamptz not null,
    primary key (tenant_id, principal, operation, key_hash)
) with (fillfactor = 70);
create index idempotency_keys_age on idempotency_keys (taken_at);

create table audit_log (
    tenant_id id not null, seq bigint generated always as identity, at timestamptz not null, actor id not null,
    action id not null, target id not null, version bigint not null, reason text, request_id id,
    primary key (tenant_id, at, seq)
);
create index audit_log_newest on audit_log (at, seq);

create table events (
    tenant_id id not null, subject id not null, aggregate_seq bigint not null,
    position bigint generated always as identity, id id not null, aggregate id not null, topic id not null,
    "time" timestamptz not null, recorded_at timestamptz not null, correlation_id id not null, causation_id id,
    payload json not null,
    primary key (tenant_id, subject, aggregate_seq)
);
create index events_correlation on events (correlation_id, position);
create index events_recorded on events (recorded_at, id);

-- A row comes and goes with every delivery: vacuum it early and often.
create table deliveries (
    tenant_id id not null, consumer id not null, subject id not null, aggregate_seq bigint not null,
    partition bigint not null, attempts bigint not null, fence bigint not null, holder id,
    available_at timestamptz not null, dead boolean not null, last_error text,
    primary key (tenant_id, consumer, subject, aggregate_seq)
) with (
    fillfactor = 70, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0.0, autovacuum_analyze_threshold = 20000
);
create index deliveries_available on deliveries (available_at) where not dead;
create index deliveries_subject on deliveries (subject);
create index deliveries_dead on deliveries (subject) where dead;

create table feed_rows (
    tenant_id id not null, position bigint generated always as identity, number bigint, numbered_at timestamptz,
    owner_tenant_id id not null, subject id not null, aggregate_seq bigint not null,
    primary key (tenant_id, position)
) with (fillfactor = 70);
create unique index feed_rows_number on feed_rows (tenant_id, number) where number is not null;
create index feed_rows_unnumbered on feed_rows (position) where number is null;
-- Rows lie in the order of their times: a summary of each block is enough to find what is old.
create index feed_rows_age on feed_rows using brin (numbered_at);

create table feed_heads (
    tenant_id id not null, last bigint not null, moved bigint not null,
    primary key (tenant_id)
) with (fillfactor = 50);
create index feed_heads_moved on feed_heads (moved);

-- What belongs to no tenant, or is asked for without knowing it.

create table leases (
    name id not null, holder id not null, fence bigint not null, until timestamptz not null,
    primary key (name)
) with (fillfactor = 50);

create table course_versions (
    course_version_id id not null, course_id id, built boolean not null,
    primary key (course_version_id)
);

create table providers (
    tenant_id id not null, verified boolean not null, at timestamptz not null,
    primary key (tenant_id)
);

create table disputes (
    tenant_id id not null, order_id id not null, dispute id not null, open boolean not null,
    primary key (tenant_id, order_id, dispute)
);
create index disputes_open on disputes (order_id) where open;

create table clock_groups (
    name id not null, offset_micros bigint not null check (offset_micros >= 0),
    primary key (name)
);
insert into clock_groups values ('demo', 0);

do $$
declare name text;
begin
    for name in select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
        and c.relname not in ('_sqlx_migrations') loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
    end loop;
end $$;
