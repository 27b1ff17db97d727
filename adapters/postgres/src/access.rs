//! Who may do what with which rows: the one table that grants and policies are made from, and that the catalogue is
//! compared with. A table without a line here is closed to everybody.

use std::{collections::BTreeMap, fmt::Write as _};

use sarai_sql::FENCES;

use crate::roles::Roles;

/// A role that serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// On behalf of one tenant, or of nobody in particular.
    App,
    /// Sarai's own workers.
    Worker,
    /// The platform's staff.
    Platform,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::App, Self::Worker, Self::Platform];

    /// What its name ends in.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Worker => "worker",
            Self::Platform => "platform",
        }
    }
}

/// Which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Every one.
    All,
    /// Those of the tenant set.
    Own,
    /// Those, and live listings.
    Live,
    /// Those, and what the tenant set sells.
    Sold,
    /// Those whose event is the tenant's.
    Told,
    /// Those of the tenant set, as a commit makes them: their fence is the first one, and nobody tried them.
    Born,
    /// Those of the tenant set, in the world set where one is (ruling R6).
    World,
}

/// The tenant set for this transaction, as a plan computes it once: for rows that are looked for.
const TENANT: &str = "(select nullif(current_setting('app.tenant_id', true), ''))";
/// The same, computed for each row: for rows that are written, nearly always one a statement.
const WRITER: &str = "nullif(current_setting('app.tenant_id', true), '')";

/// The world set for this transaction, if any.
const WORLD: &str = "(select nullif(current_setting('app.environment', true), ''))";

impl Rows {
    fn condition(self, tenant: &str) -> String {
        match self {
            Self::All => "true".to_owned(),
            Self::Own => format!("tenant_id = {tenant}"),
            Self::Live => format!("tenant_id = {tenant} or state = 'live'"),
            Self::Sold => format!("tenant_id = {tenant} or provider_tenant_id = {tenant}"),
            Self::Told => format!("owner_tenant_id = {tenant}"),
            Self::Born => format!(
                "tenant_id = {tenant} and fence = aggregate_seq * {FENCES} and attempts = 0 and not dead \
                 and last_error is null"
            ),
            Self::World => format!("tenant_id = {tenant} and environment = coalesce({WORLD}, environment)"),
        }
    }
}

/// What a role may do with some rows; the commands are letters: `s`elect, `i`nsert, `u`pdate, `d`elete.
pub type Grant = (Role, &'static str, Rows);

/// What may be done with some tables.
#[derive(Debug)]
pub struct Access {
    /// Which.
    pub tables: &'static [&'static str],
    /// By whom.
    pub grants: &'static [Grant],
}

use Role::{App, Platform, Worker};
use Rows::{All, Born, Live, Own, Sold, Told, World};

/// The table. Whoever reads across tenants still writes aggregates as the tenant whose row it is, which the
/// commit's function sets.
pub const ACCESS: &[Access] = &[
    Access {
        tables: &["listings"],
        grants: &[
            (App, "s", Live),
            (App, "iu", Own),
            (Worker, "s", All),
            (Worker, "iu", Own),
            (Platform, "s", All),
            (Platform, "iu", Own),
        ],
    },
    // Public: only what everybody may see stands in it.
    Access {
        tables: &["catalog", "catalog_tags"],
        grants: &[
            (App, "s", All),
            (App, "iud", Own),
            (Worker, "s", All),
            (Worker, "iud", Own),
            (Platform, "s", All),
            (Platform, "iud", Own),
        ],
    },
    Access {
        tables: &["order_lines", "provider_licenses"],
        grants: &[
            (App, "s", Sold),
            (App, "iud", Own),
            (Worker, "s", All),
            (Worker, "iud", Own),
            (Platform, "s", All),
            (Platform, "iud", Own),
        ],
    },
    Access {
        tables: &[
            "orders",
            "order_refunds",
            "licenses",
            "license_rows",
            "coupons",
            "coupon_redemptions",
            "sagas",
            "quotes",
            "earnings",
            "accounts",
        ],
        grants: &[
            (App, "siu", Own),
            (Worker, "s", All),
            (Worker, "iu", Own),
            (Platform, "s", All),
            (Platform, "iu", Own),
        ],
    },
    // Workers seal lines of all tenants.
    Access {
        tables: &["earnings_lines"],
        grants: &[
            (App, "siu", Own),
            (Worker, "su", All),
            (Worker, "i", Own),
            (Platform, "s", All),
            (Platform, "iu", Own),
        ],
    },
    // Workers note the use of keys of all tenants.
    Access {
        tables: &["api_keys", "webhooks"],
        grants: &[
            (App, "siu", World),
            (Worker, "su", All),
            (Worker, "i", Own),
            (Platform, "s", All),
            (Platform, "iu", Own),
        ],
    },
    // Workers carry deliveries of all tenants, and forget them.
    Access {
        tables: &["webhook_deliveries"],
        grants: &[
            (App, "siu", World),
            (Worker, "sud", All),
            (Worker, "i", Own),
            (Platform, "s", All),
            (Platform, "iu", Own),
        ],
    },
    Access {
        tables: &["inbox", "audit_log", "events"],
        grants: &[
            (App, "si", Own),
            (Worker, "s", All),
            (Worker, "i", Own),
            (Platform, "s", All),
            (Platform, "i", Own),
        ],
    },
    // Of Verify: aggregates of a world.
    Access {
        tables: &["spend_ledgers", "verify_policies", "spend_policies", "blocked_starts"],
        grants: &[
            (App, "siu", World),
            (Worker, "s", All),
            (Worker, "iu", Own),
            (Platform, "s", All),
            (Platform, "iu", Own),
        ],
    },
    // Workers delete those of sandboxes that are over or begin anew.
    Access {
        tables: &["verify_sessions"],
        grants: &[
            (App, "siu", World),
            (Worker, "sd", All),
            (Worker, "iu", Own),
            (Platform, "s", All),
            (Platform, "iu", Own),
        ],
    },
    Access {
        tables: &["verify_sends", "sandbox_messages"],
        grants: &[
            (App, "siu", Own),
            (Worker, "sd", All),
            (Worker, "iu", Own),
            (Platform, "s", All),
            (Platform, "iu", Own),
        ],
    },
    // Their rows, sandboxes and templates.
    Access {
        tables: &["spend_reservations", "sandboxes", "templates", "template_versions"],
        grants: &[
            (App, "siu", Own),
            (Worker, "s", All),
            (Worker, "iu", Own),
            (Platform, "s", All),
            (Platform, "iu", Own),
        ],
    },
    // Of Verify: what comes and goes with them. Workers forget what is a day old.
    Access {
        tables: &["verify_live", "verify_limits", "verify_failures", "verify_guesses"],
        grants: &[
            (App, "siud", Own),
            (Worker, "sd", All),
            (Worker, "iu", Own),
            (Platform, "s", All),
            (Platform, "iud", Own),
        ],
    },
    // Counters of a world, which workers add to.
    Access {
        tables: &["usage_counters"],
        grants: &[
            (App, "s", World),
            (App, "iu", Own),
            (Worker, "s", All),
            (Worker, "iu", Own),
            (Platform, "s", All),
            (Platform, "iu", Own),
        ],
    },
    // Of all tenants: a provider's receipt names none.
    Access { tables: &["sent_parts", "parked_receipts"], grants: &[(Worker, "siud", All)] },
    // Of all tenants: nobody but the function that counts them sees them (ruling R16).
    Access { tables: &["verify_platform_sends"], grants: &[] },
    Access {
        tables: &["idempotency_keys"],
        grants: &[(App, "siud", Own), (Worker, "siud", All), (Platform, "siud", All)],
    },
    Access {
        tables: &["deliveries"],
        // Workers claim those of all tenants together: a fence that cannot be counted on would stop them.
        grants: &[
            (App, "s", Own),
            (App, "i", Born),
            (Worker, "siud", All),
            (Platform, "s", All),
            (Platform, "i", Born),
        ],
    },
    Access {
        tables: &["feed_rows"],
        grants: &[
            (App, "s", Own),
            (App, "i", Told),
            (Worker, "siud", All),
            (Platform, "s", All),
            (Platform, "i", Told),
        ],
    },
    Access {
        tables: &["feed_heads", "statement_heads"],
        grants: &[(App, "s", Own), (Worker, "siu", All), (Platform, "s", All)],
    },
    Access {
        tables: &["leases", "course_versions", "providers", "disputes"],
        grants: &[(Worker, "siud", All), (Platform, "s", All)],
    },
    // The platform's own rows, which everybody reads (ruling R27).
    Access {
        tables: &[
            "docs_articles",
            "docs_revisions",
            "docs_slugs",
            "docs_published",
            "sdk_releases",
            "sdk_artifacts",
        ],
        grants: &[
            (App, "s", All),
            (Worker, "s", All),
            (Worker, "iud", Own),
            (Platform, "s", All),
            (Platform, "iud", Own),
        ],
    },
    Access {
        tables: &["release_log"],
        grants: &[(App, "s", All), (Worker, "si", All), (Platform, "s", All)],
    },
    Access { tables: &["sdk_downloads"], grants: &[(Worker, "sid", All), (Platform, "s", All)] },
    Access {
        tables: &["clock_groups"],
        // An import makes groups.
        grants: &[(App, "s", All), (Worker, "siu", All), (Platform, "s", All)],
    },
];

/// The columns that a role may choose in what it inserts, where not all of them are its to choose: whoever tells another's
/// feed of an event gives the row neither a place nor a number there, for its sequencer would stop at what it met.
pub const CHOSEN: &[(&str, Role, &[&str])] = &[("feed_rows", App, TOLD), ("feed_rows", Platform, TOLD)];

const TOLD: &[&str] = &["tenant_id", "owner_tenant_id", "subject", "aggregate_seq"];

/// Unique keys without a tenant: the hash of a gift's code, which is a secret of its own; and an identity of the
/// auth-service, which has one account whatever its tenant.
pub const KEYS_WITHOUT_TENANT: &[&str] = &["licenses_claim", "a_inv_1_account_per_identity"];

/// Tables whose keys, and statements on which, need not name a tenant (ruling R66).
pub const WITHOUT_TENANT: &[&str] = &[
    "leases",
    "course_versions",
    "clock_groups",
    "verify_platform_sends",
    "sent_parts",
    "parked_receipts",
    "_sqlx_migrations",
];

/// Functions that act with their owner's rights, each with the one table that it is for.
pub const WITH_OWNERS_RIGHTS: &[(&str, &str)] = &[("verify_platform_limit", "verify_platform_sends")];

/// Calls of the store on the hot path that name no tenant, with the reason: the directories of ruling R66. Whoever
/// spreads the database over machines keeps their tables on each of them.
pub const DIRECTORIES: &[(&str, &str)] = &[
    ("catalog.search", "the catalogue is everybody's"),
    ("listing.find", "a cart names listings of any provider"),
];

fn command(letter: char) -> &'static str {
    match letter {
        's' => "select",
        'i' => "insert",
        'u' => "update",
        _ => "delete",
    }
}

/// The statements that leave exactly the policies and grants of the table, whatever was there: a text for each table of
/// the database and one for all others. Each is to be one transaction, for a table is out of everybody's reach meanwhile.
pub(crate) fn statements(roles: &Roles) -> Vec<String> {
    let everybody = roles.everybody().join(", ");
    let mut tables: BTreeMap<&str, String> = BTreeMap::new();
    for Access { tables: described, grants } in ACCESS {
        for table in *described {
            let text = tables.entry(table).or_insert_with(|| {
                format!(
                    "{}revoke all on {table} from public, {everybody};\ngrant select on {table} to {};\n",
                    forget(&format!("= '{table}'"), ""),
                    roles.backup()
                )
            });
            for (role, letters, rows) in *grants {
                let (using, check) = (rows.condition(TENANT), rows.condition(WRITER));
                for letter in letters.chars() {
                    let command = command(letter);
                    let checks = match letter {
                        'i' => format!("with check ({check})"),
                        'u' => format!("using ({using}) with check ({check})"),
                        _ => format!("using ({using})"),
                    };
                    let (name, suffix) = (roles.serving_name(*role), role.suffix());
                    let chosen = CHOSEN.iter().find(|(of, by, _)| letter == 'i' && (of, by) == (table, role));
                    let columns = chosen.map(|(.., columns)| format!(" ({})", columns.join(", ")));
                    let _ = writeln!(
                        text,
                        "create policy {suffix}_{command} on {table} for {command} to {name} {checks};\n\
                         grant {command}{} on {table} to {name};",
                        columns.unwrap_or_default()
                    );
                }
            }
        }
    }
    let known: Vec<_> = tables.keys().map(|table| format!("'{table}'")).collect();
    let others = format!("not in ({})", known.join(", "));
    let revoke = format!(
        "execute format('revoke all on %I from public, {everybody}', t.tablename);
         execute format('grant select on %I to {}', t.tablename);",
        roles.backup()
    );
    for (_, table) in WITH_OWNERS_RIGHTS {
        if let Some(text) = tables.get_mut(table) {
            let owner = roles.owner();
            let _ =
                writeln!(text, "create policy owner on {table} to {owner} using (true) with check (true);");
        }
    }
    let serving = roles.serving().join(", ");
    // A dump reads where sequences are, too.
    let others = forget(&others, &revoke)
        + &format!(
            "grant select on _sqlx_migrations to {serving};\n\
             grant select on all sequences in schema public to {};\n",
            roles.backup()
        );
    tables.into_values().chain([others]).collect()
}

/// Drops the policies of some tables, and does something else to each.
fn forget(tables: &str, also: &str) -> String {
    format!(
        "do $$ declare t record; p record; begin
            for t in select tablename from pg_tables where schemaname = 'public' and tablename {tables} loop
                for p in select policyname from pg_policies
                        where schemaname = 'public' and tablename = t.tablename loop
                    execute format('drop policy %I on %I', p.policyname, t.tablename);
                end loop;
                {also}
            end loop;
        end $$;\n"
    )
}
