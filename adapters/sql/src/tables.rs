//! The tables: one description that both dialects' migrations follow and that the commit writes by.
//!
//! Every table of an aggregate has, before its own columns, `tenant_id, id, version, event_seq, created_at, doc` and the
//! primary key `(tenant_id, id)`; its rows' table has `tenant_id, parent_id, key, written_version, doc` and the
//! primary key `(tenant_id, parent_id, key)`. Children are projections of the root that SQL searches:
//! `tenant_id, parent_id` and their own columns.

use sarai_ports::UniqueKey;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// `text collate "C"`; `text`.
    Text,
    /// `bigint`; `integer`.
    Int,
    /// `boolean`; `integer`.
    Bool,
    /// `timestamptz`; `integer`, microseconds.
    Time,
    /// `json`; `text`.
    Json,
    /// `bytea`; `blob`.
    Bytes,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub of: Type,
}

/// The tables of an aggregate.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// The root's.
    pub name: &'static str,
    /// Its own columns.
    pub columns: &'static [Column],
    /// The rows' table with its own columns, when the aggregate has rows.
    pub rows: Option<(&'static str, &'static [Column])>,
    /// Projections.
    pub children: &'static [ChildTable],
    /// Unique keys beside the primary one.
    pub unique: &'static [Unique],
}

/// A unique key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unique {
    /// The name of its index.
    pub name: &'static str,
    /// Its columns; those of another table than the root's with that table's name.
    pub columns: &'static [&'static str],
    /// What it is to whoever meets it.
    pub key: UniqueKey,
}

/// A projection's table.
#[derive(Debug, PartialEq, Eq)]
pub struct ChildTable {
    /// Its name.
    pub name: &'static str,
    /// Its own columns.
    pub columns: &'static [Column],
    /// The columns that, after `tenant_id, parent_id`, make its primary key.
    pub key: &'static [&'static str],
    /// Whether rows of it ever go.
    pub shrinks: bool,
    /// Unique keys beside the primary one.
    pub unique: &'static [Unique],
}

const fn text(name: &'static str) -> Column {
    Column { name, of: Type::Text }
}
const fn int(name: &'static str) -> Column {
    Column { name, of: Type::Int }
}
const fn bool(name: &'static str) -> Column {
    Column { name, of: Type::Bool }
}
const fn time(name: &'static str) -> Column {
    Column { name, of: Type::Time }
}
const fn unique(name: &'static str, columns: &'static [&'static str], key: UniqueKey) -> Unique {
    Unique { name, columns, key }
}
const fn json(name: &'static str) -> Column {
    Column { name, of: Type::Json }
}

/// Listings, with the public catalogue: a row a currency of its active plans, and one for any (`*`).
pub const LISTINGS: Table = Table {
    name: "listings",
    columns: &[text("state"), bool("pending_revision")],
    rows: None,
    children: &[
        // Live, public listings with an active plan only. `kinds` and `tags` are texts between bars: `|a|b|`.
        ChildTable {
            name: "catalog",
            columns: &[
                text("currency"),
                time("created_at"),
                int("price"),
                text("kinds"),
                text("category"),
                text("tags"),
                text("words"),
            ],
            key: &["currency"],
            shrinks: true,
            unique: &[],
        },
        ChildTable {
            name: "catalog_tags",
            columns: &[text("currency"), text("tag"), time("created_at"), int("price")],
            key: &["currency", "tag"],
            shrinks: true,
            unique: &[],
        },
    ],
    unique: &[],
};

/// Orders.
pub const ORDERS: Table = Table {
    name: "orders",
    columns: &[
        text("buyer_user_id"),
        text("status"),
        text("currency"),
        text("quote_id"),
        time("fulfilled_at"),
        bool("refund_pending"),
        bool("stray_open"),
        // Placed and nothing more: who has no saga is among them.
        bool("unstarted"),
    ],
    rows: Some(("order_refunds", &[text("state")])),
    // What a provider may see of an order: written when the order is placed, and when `sold` may change.
    children: &[ChildTable {
        name: "order_lines",
        columns: &[
            text("id"),
            text("provider_tenant_id"),
            text("listing_id"),
            time("placed_at"),
            bool("sold"),
            json("doc"),
        ],
        key: &["id"],
        shrinks: false,
        unique: &[],
    }],
    unique: &[unique("orders_quote", &["quote_id"], UniqueKey::OrderPerQuote)],
};

/// Licences; their rows are seats and places in line.
pub const LICENSES: Table = Table {
    name: "licenses",
    columns: &[
        text("provider_tenant_id"),
        text("listing_id"),
        text("course_id"),
        text("state"),
        text("holder"),
        text("order_id"),
        text("order_line_id"),
        int("period_index"),
        text("claim_hash"),
        time("valid_until"),
        // When an active one ends by itself: its validity, or the claim of its gift.
        time("ends_at"),
    ],
    rows: Some((
        "license_rows",
        &[
            text("user_id"),
            text("seat_id"),
            time("assigned_at"),
            text("entry_id"),
            bool("waiting"),
            int("number"),
        ],
    )),
    // What its provider sees: without users.
    children: &[ChildTable {
        name: "provider_licenses",
        columns: &[text("provider_tenant_id"), time("created_at"), int("version"), json("doc")],
        key: &[],
        shrinks: false,
        unique: &[],
    }],
    unique: &[
        unique(
            "s_inv_4_license_per_order_line",
            &["order_line_id", "period_index"],
            UniqueKey::LicensePerOrderLine,
        ),
        unique("licenses_claim", &["claim_hash"], UniqueKey::GiftClaim),
    ],
};

/// Coupons; `tenant_id` is the owner's, `platform` for the platform's.
pub const COUPONS: Table = Table {
    name: "coupons",
    columns: &[text("code_key"), int("usage_count"), int("usage_cap")],
    rows: Some((
        "coupon_redemptions",
        &[text("user_id"), text("order_id"), text("status"), time("hold_until")],
    )),
    children: &[],
    unique: &[unique("c_inv_1_code_per_scope", &["code_key"], UniqueKey::CouponCode)],
};

/// Purchase sagas.
pub const SAGAS: Table = Table {
    name: "sagas",
    columns: &[
        text("order_id"),
        text("state"),
        time("next_attempt_at"),
        time("timeout_at"),
        bool("needs_attention"),
    ],
    rows: None,
    children: &[],
    unique: &[unique("s_inv_1_saga_per_order", &["order_id"], UniqueKey::SagaPerOrder)],
};

/// Quotes.
pub const QUOTES: Table = Table {
    name: "quotes",
    // `expires_at` of open ones only.
    columns: &[text("order_id"), text("state"), time("expires_at")],
    rows: None,
    children: &[],
    unique: &[],
};

/// Earnings periods; their rows are lines, which are only ever added: `written_version`, then `line_id`, is the order in
/// which they were committed. `seal_*` are set once by the statement.
pub const EARNINGS: Table = Table {
    name: "earnings",
    columns: &[
        text("currency"),
        text("period_month"),
        text("state"),
        time("closes_at"),
        int("anchored"),
        time("anchored_at"),
    ],
    rows: Some((
        "earnings_lines",
        &[text("line_id"), text("kind"), text("order_line_id"), time("hold_until"), int("net")],
    )),
    children: &[],
    unique: &[],
};

/// Verify's sessions; their rows are sends. `due_at` is production's: a sandbox's clock moves when it is told to.
pub const SESSIONS: Table = Table {
    name: "verify_sessions",
    columns: &[
        text("environment"),
        text("sandbox_id"),
        text("state"),
        text("channel"),
        text("country"),
        int("attempts"),
        int("concluded"),
        time("due_at"),
    ],
    rows: Some(("verify_sends", &[text("status"), time("due_at")])),
    children: &[ChildTable {
        name: "verify_live",
        columns: &[text("slot")],
        key: &["slot"],
        shrinks: true,
        unique: &[unique("v_inv_11_one_live_session", &["slot"], UniqueKey::LiveSlot)],
    }],
    unique: &[],
};

/// Spend ledgers; their rows are reservations.
pub const LEDGERS: Table = Table {
    name: "spend_ledgers",
    columns: &[text("environment")],
    rows: Some(("spend_reservations", &[time("held_since")])),
    children: &[],
    unique: &[],
};

/// Where and how tenants send codes.
pub const VERIFY_POLICIES: Table = of_a_world("verify_policies");
/// How much they spend.
pub const SPEND_POLICIES: Table = of_a_world("spend_policies");
/// Starts that were refused.
pub const BLOCKED_STARTS: Table = of_a_world("blocked_starts");

/// Sandboxes; their rows are the messages of their inboxes. `default_of` is the place that an open one holds, as
/// [`SandboxData::holds`](sarai_domain::devportal::sandbox::SandboxData::holds) has it; `expires_at` of open ones only, `uncleared` of those that are
/// over and whose data is still there.
pub const SANDBOXES: Table = Table {
    name: "sandboxes",
    columns: &[text("account_id"), text("state"), text("default_of"), time("expires_at"), text("uncleared")],
    rows: Some(("sandbox_messages", &[int("round"), time("at")])),
    children: &[],
    unique: &[unique("sandboxes_default", &["default_of"], UniqueKey::SandboxPlace)],
};

/// Templates; their rows are versions.
pub const TEMPLATES: Table = Table {
    name: "templates",
    columns: &[text("name")],
    rows: Some(("template_versions", &[text("state")])),
    children: &[],
    unique: &[],
};

const ENVIRONMENT: &[Column] = &[text("environment")];

const fn of_a_world(name: &'static str) -> Table {
    Table { name, columns: ENVIRONMENT, rows: None, children: &[], unique: &[] }
}

/// Articles of the documentation: their rows are revisions, with the text as it is searched.
pub const DOCS_ARTICLES: Table = Table {
    name: "docs_articles",
    columns: &[text("state"), text("api_version")],
    rows: Some((
        "docs_revisions",
        &[text("locale"), text("title"), text("summary"), text("spaced"), text("joined")],
    )),
    children: &[
        ChildTable {
            name: "docs_slugs",
            columns: &[text("slot")],
            key: &["slot"],
            shrinks: false,
            unique: &[unique("d_inv_4_slug", &["slot"], UniqueKey::DocsSlug)],
        },
        // Which revision of each locale is read.
        ChildTable {
            name: "docs_published",
            columns: &[
                text("locale"),
                text("revision"),
                text("api_version"),
                text("section"),
                text("slug"),
                text("audience"),
                int("place"),
            ],
            key: &["locale"],
            shrinks: true,
            unique: &[],
        },
    ],
    unique: &[],
};

/// SDK releases.
pub const SDK_RELEASES: Table = Table {
    name: "sdk_releases",
    columns: &[text("language"), text("state"), text("version_slot")],
    rows: None,
    children: &[ChildTable {
        name: "sdk_artifacts",
        columns: &[text("artifact_id")],
        key: &["artifact_id"],
        shrinks: true,
        unique: &[],
    }],
    unique: &[unique("r_inv_1_version", &["version_slot"], UniqueKey::SdkVersion)],
};

/// Developer accounts.
pub const ACCOUNTS: Table = Table {
    name: "accounts",
    columns: &[text("auth_account_id"), text("state")],
    rows: None,
    children: &[],
    unique: &[unique("a_inv_1_account_per_identity", &["auth_account_id"], UniqueKey::AccountIdentity)],
};

/// API keys. `last_used_minute` and `last_use` are set by `touch` alone: a save leaves them, and the version stays.
pub const API_KEYS: Table = Table {
    name: "api_keys",
    columns: &[
        text("environment"),
        text("account_id"),
        text("sandbox_id"),
        text("state"),
        text("label"),
        text("label_slot"),
        text("successor_of"),
        text("replaced_by"),
        // Of those to be issued, active ones, and those that the auth-service must still be told of.
        time("requested_at"),
        time("ends_at"),
        time("notice_at"),
        time("untold_since"),
    ],
    rows: None,
    children: &[],
    unique: &[
        unique("api_keys_label", &["label_slot"], UniqueKey::KeyLabel),
        unique("k_inv_7_one_successor", &["successor_of"], UniqueKey::KeySuccessor),
    ],
};

/// Endpoints of webhooks.
pub const WEBHOOKS: Table = Table {
    name: "webhooks",
    columns: &[text("environment"), text("sandbox_id"), text("status")],
    rows: None,
    children: &[],
    unique: &[],
};

/// Deliveries to them. `next_at` is there while they are pending, `fan_out` where they are no replay; `failed` says
/// that an attempt failed and none was taken. Who has taken them stands beside: `taken_until`.
pub const WEBHOOK_DELIVERIES: Table = Table {
    name: "webhook_deliveries",
    columns: &[
        text("environment"),
        text("endpoint_id"),
        text("webhook_id"),
        text("event_type"),
        text("status"),
        time("next_at"),
        time("ended_at"),
        int("last_code"),
        bool("failed"),
        text("fan_out"),
    ],
    rows: None,
    children: &[],
    unique: &[unique("webhook_deliveries_fan_out", &["fan_out"], UniqueKey::DeliveryPerEvent)],
};

/// Every aggregate's.
pub const TABLES: &[&Table] = &[
    &LISTINGS,
    &ORDERS,
    &LICENSES,
    &COUPONS,
    &SAGAS,
    &QUOTES,
    &EARNINGS,
    &SESSIONS,
    &LEDGERS,
    &VERIFY_POLICIES,
    &SPEND_POLICIES,
    &BLOCKED_STARTS,
    &SANDBOXES,
    &TEMPLATES,
    &ACCOUNTS,
    &API_KEYS,
    &WEBHOOKS,
    &WEBHOOK_DELIVERIES,
    &DOCS_ARTICLES,
    &SDK_RELEASES,
];

impl Table {
    /// Whether its rows are each of one world: it has the column `environment`.
    pub fn has_worlds(&self) -> bool {
        self.columns.iter().any(|column| column.name == "environment")
    }
}
