-- Everything a store keeps (adapters/sql/src/tables.rs). A time is integer microseconds, money integer minor units,
-- a truth value 0 or 1, a document JSON text.

create table listings (
    tenant_id text not null, id text not null, version integer not null, event_seq integer not null,
    created_at integer not null, doc text not null,
    state text not null, pending_revision integer not null,
    primary key (tenant_id, id)
);
create index listings_id on listings (id);
create index listings_of_provider on listings (tenant_id, created_at, id);
create index listings_of_provider_in_state on listings (tenant_id, state, created_at, id);
create index listings_in_state on listings (state, created_at, id);
create index listings_pending on listings (created_at, id) where pending_revision;

create table catalog (
    tenant_id text not null, parent_id text not null,
    currency text not null, created_at integer not null, price integer not null, kinds text not null,
    category text, tags text not null, words text not null,
    primary key (tenant_id, parent_id, currency)
);
create index catalog_by_age on catalog (currency, created_at, parent_id);
create index catalog_by_price on catalog (currency, price, parent_id);
create index catalog_category_by_age on catalog (currency, category, created_at, parent_id);
create index catalog_category_by_price on catalog (currency, category, price, parent_id);
create index catalog_provider_by_age on catalog (currency, tenant_id, created_at, parent_id);
create index catalog_provider_by_price on catalog (currency, tenant_id, price, parent_id);

create table catalog_tags (
    tenant_id text not null, parent_id text not null,
    currency text not null, tag text not null, created_at integer not null,
    primary key (tenant_id, parent_id, currency, tag)
) without rowid;
create index catalog_tags_by_age on catalog_tags (currency, tag, created_at, parent_id);

create table orders (
    tenant_id text not null, id text not null, version integer not null, event_seq integer not null,
    created_at integer not null, doc text not null,
    buyer_user_id text not null, status text not null, currency text not null, quote_id text,
    fulfilled_at integer, refund_pending integer not null, stray_open integer not null,
    unstarted integer not null,
    primary key (tenant_id, id)
);
create index orders_id on orders (id);
create unique index orders_quote on orders (quote_id) where quote_id is not null;
create index orders_of_tenant on orders (tenant_id, created_at, id);
create index orders_of_tenant_in_status on orders (tenant_id, status, created_at, id);
create index orders_of_user on orders (tenant_id, buyer_user_id, created_at, id);
create index orders_unstarted on orders (created_at, id) where unstarted;
create index orders_refund_pending on orders (id) where refund_pending;
create index orders_stray_open on orders (id) where stray_open;

create table order_refunds (
    tenant_id text not null, parent_id text not null, key text not null, written_version integer not null,
    state text not null, doc text not null,
    primary key (tenant_id, parent_id, key)
);

create table order_lines (
    tenant_id text not null, parent_id text not null,
    id text not null, provider_tenant_id text not null, listing_id text not null, placed_at integer not null,
    sold integer not null, doc text not null,
    primary key (tenant_id, parent_id, id)
);
create index order_lines_id on order_lines (id);
create index order_lines_of_listing on order_lines (listing_id);
create index order_lines_sold on order_lines (provider_tenant_id, placed_at, id) where sold;

create table licenses (
    tenant_id text not null, id text not null, version integer not null, event_seq integer not null,
    created_at integer not null, doc text not null,
    provider_tenant_id text not null, listing_id text not null, course_id text not null, state text not null,
    holder text, order_id text, order_line_id text, period_index integer not null, claim_hash text,
    valid_until integer, ends_at integer,
    primary key (tenant_id, id)
);
create index licenses_id on licenses (id);
create unique index s_inv_4_license_per_order_line on licenses (order_line_id, period_index)
    where order_line_id is not null;
create unique index licenses_claim on licenses (claim_hash) where claim_hash is not null;
create index licenses_of_tenant on licenses (tenant_id, created_at, id);
create index licenses_of_holder on licenses (tenant_id, holder, created_at, id);
create index licenses_of_course on licenses (tenant_id, course_id);
create index licenses_of_order on licenses (order_id) where order_id is not null;
create index licenses_active on licenses (listing_id) where state = 'active';
create index licenses_ends on licenses (ends_at, id) where ends_at is not null;

create table license_rows (
    tenant_id text not null, parent_id text not null, key text not null, written_version integer not null,
    user_id text not null, seat_id text not null, assigned_at integer, entry_id text, waiting integer not null,
    number integer, doc text not null,
    primary key (tenant_id, parent_id, key)
);
create index license_rows_of_user on license_rows (tenant_id, parent_id, user_id);
create index license_rows_entry on license_rows (tenant_id, parent_id, entry_id) where entry_id is not null;
create index license_rows_seats on license_rows (parent_id, assigned_at, key) where assigned_at is not null;
create index license_rows_line on license_rows (parent_id, number) where waiting;

create table provider_licenses (
    tenant_id text not null, parent_id text not null,
    provider_tenant_id text not null, created_at integer not null, version integer not null, doc text not null,
    primary key (tenant_id, parent_id)
);
create index provider_licenses_sold on provider_licenses (provider_tenant_id, created_at, parent_id);

create table coupons (
    tenant_id text not null, id text not null, version integer not null, event_seq integer not null,
    created_at integer not null, doc text not null,
    code_key text not null, usage_count integer not null, usage_cap integer,
    primary key (tenant_id, id),
    constraint c_inv_2_uses_within_cap check (usage_cap is null or usage_count <= usage_cap)
);
create index coupons_id on coupons (id);
create unique index c_inv_1_code_per_scope on coupons (code_key);
create index coupons_of_owner on coupons (tenant_id, created_at, id);

create table coupon_redemptions (
    tenant_id text not null, parent_id text not null, key text not null, written_version integer not null,
    user_id text not null, order_id text not null, status text not null, hold_until integer, doc text not null,
    primary key (tenant_id, parent_id, key)
);
create index coupon_redemptions_of_user on coupon_redemptions (tenant_id, parent_id, user_id);
create index coupon_redemptions_holds on coupon_redemptions (hold_until) where hold_until is not null;

create table sagas (
    tenant_id text not null, id text not null, version integer not null, event_seq integer not null,
    created_at integer not null, doc text not null,
    order_id text not null, state text not null, next_attempt_at integer, timeout_at integer,
    needs_attention integer not null,
    primary key (tenant_id, id)
);
create index sagas_id on sagas (id);
create unique index s_inv_1_saga_per_order on sagas (order_id);
create index sagas_by_age on sagas (created_at, id);
create index sagas_due on sagas (next_attempt_at, id) where next_attempt_at is not null;
create index sagas_timeout on sagas (timeout_at, id) where timeout_at is not null;
create index sagas_attention on sagas (created_at, id) where needs_attention;

create table quotes (
    tenant_id text not null, id text not null, version integer not null, event_seq integer not null,
    created_at integer not null, doc text not null,
    order_id text not null, state text not null, expires_at integer,
    primary key (tenant_id, id)
);
create index quotes_id on quotes (id);
create index quotes_order on quotes (order_id);
create index quotes_expiring on quotes (expires_at, id) where expires_at is not null;

create table earnings (
    tenant_id text not null, id text not null, version integer not null, event_seq integer not null,
    created_at integer not null, doc text not null,
    currency text not null, period_month text not null, state text not null, closes_at integer,
    anchored integer, anchored_at integer,
    -- How many lines are sealed: the statement's, not the document's.
    sealed integer not null default 0,
    primary key (tenant_id, id)
);
create index earnings_id on earnings (id);
create index earnings_of_provider on earnings (tenant_id, created_at, id);
create index earnings_in_state on earnings (state, period_month, id);
create index earnings_closing on earnings (closes_at) where closes_at is not null;
create index earnings_unanchored on earnings (id) where sealed > coalesce(anchored, 0);

create table earnings_lines (
    tenant_id text not null, parent_id text not null, key text not null, written_version integer not null,
    line_id text not null, kind text not null, order_line_id text, hold_until integer, net integer not null,
    seal_seq integer, balance text, link text, doc text not null,
    primary key (tenant_id, parent_id, key)
);
create index earnings_lines_unsealed on earnings_lines (tenant_id, parent_id, written_version, line_id)
    where seal_seq is null;
create unique index earnings_lines_place on earnings_lines (tenant_id, parent_id, seal_seq)
    where seal_seq is not null;
create index earnings_lines_of_line on earnings_lines (order_line_id) where order_line_id is not null;
create index earnings_lines_held on earnings_lines (tenant_id, parent_id, hold_until, line_id)
    where hold_until is not null;

create table statement_heads (
    tenant_id text not null, earnings_id text not null, head text not null,
    primary key (tenant_id, earnings_id)
) without rowid;

create table inbox (
    tenant_id text not null, consumer text not null, event_id text not null, target text not null,
    at integer not null,
    primary key (tenant_id, consumer, event_id, target)
) without rowid;

create table idempotency_keys (
    tenant_id text not null, principal text not null, operation text not null, key_hash text not null,
    fingerprint text not null, lease_until integer not null, resource_id text, status integer, headers text,
    body blob, taken_at integer not null,
    primary key (tenant_id, principal, operation, key_hash)
);
create index idempotency_keys_taken on idempotency_keys (taken_at);

create table audit_log (
    seq integer primary key autoincrement, tenant_id text not null, at integer not null, actor text not null,
    action text not null, target text not null, version integer not null, reason text, request_id text
);
create index audit_log_of_tenant on audit_log (tenant_id, at, seq);
create index audit_log_by_time on audit_log (at, seq);

create table events (
    position integer primary key autoincrement,
    tenant_id text not null, subject text not null, aggregate_seq integer not null, id text not null,
    aggregate text not null, topic text not null, time integer not null, recorded_at integer not null,
    correlation_id text not null, causation_id text, payload text not null,
    unique (tenant_id, subject, aggregate_seq)
);
create index events_correlated on events (correlation_id, position);
create index events_recorded on events (recorded_at, id);

create table deliveries (
    tenant_id text not null, consumer text not null, subject text not null, aggregate_seq integer not null,
    partition integer not null, attempts integer not null, fence integer not null, holder text,
    available_at integer not null, dead integer not null, last_error text,
    primary key (tenant_id, consumer, subject, aggregate_seq)
) without rowid;
create index deliveries_due on deliveries (available_at) where not dead;
create index deliveries_of_subject on deliveries (subject);
create index deliveries_dead on deliveries (tenant_id) where dead;

create table feed_rows (
    position integer primary key autoincrement,
    tenant_id text not null, number integer, numbered_at integer, owner_tenant_id text not null,
    subject text not null, aggregate_seq integer not null
);
create unique index feed_rows_number on feed_rows (tenant_id, number) where number is not null;
create index feed_rows_waiting on feed_rows (position) where number is null;
create index feed_rows_age on feed_rows (numbered_at) where numbered_at is not null;

create table feed_heads (
    tenant_id text primary key, last integer not null, moved integer not null
) without rowid;
create index feed_heads_moved on feed_heads (moved);

create table leases (
    name text primary key, holder text not null, fence integer not null, until integer not null
) without rowid;

create table course_versions (
    course_version_id text primary key, course_id text, built integer not null
) without rowid;

create table providers (
    tenant_id text primary key, verified integer not null, at integer not null
) without rowid;

create table disputes (
    tenant_id text not null, order_id text not null, dispute text not null, open integer not null,
    primary key (tenant_id, order_id, dispute)
) without rowid;
create index disputes_open on disputes (order_id) where open;

create table clock_groups (
    name text primary key, offset_micros integer not null
) without rowid;
