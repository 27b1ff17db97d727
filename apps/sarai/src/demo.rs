//! What a demo prints: where everything is, who can sign in, and a purchase to paste.

use std::fmt::Write as _;

use sarai_ports::auth::SignInError;
use sarai_standins::{AuthStandIn, demo};

const WALK: &str = include_str!("walk.sh");

/// The walk of a purchase, with the address and fresh tokens filled in.
///
/// # Errors
/// When a demo account cannot be signed in.
pub fn walk(base: &str, auth: &AuthStandIn) -> Result<String, SignInError> {
    let mut walk = WALK.replace("{api}", &format!("{base}/v1"));
    for account in ["provider", "buyer", "admin"] {
        let token = auth.issue(&format!("{account}@demo.test"))?.access_token;
        walk = walk.replace(&format!("{{{account}}}"), &token);
    }
    Ok(walk)
}

/// What is printed at start.
///
/// # Errors
/// As [`walk`].
pub fn welcome(
    base: &str,
    metrics: Option<String>,
    inbound_secret: &str,
    auth: &AuthStandIn,
) -> Result<String, SignInError> {
    let mut text = format!(
        "\nSarai is serving on {base}\n\n  API            {base}/v1\n  browse it      {base}/docs/api\n  \
         document       {base}/openapi.json\n  health         {base}/healthz  {base}/readyz\n"
    );
    if let Some(metrics) = metrics {
        let _ = writeln!(text, "  metrics        {metrics}/metrics");
    }
    text.push_str("\nAll data is kept in memory and ends with this process.\n");
    let _ =
        writeln!(text, "\nDemo accounts (password {}), signed in by POST /v1/auth/sessions:", demo::PASSWORD);
    for account in demo::ACCOUNTS {
        let roles: Vec<&str> = account.roles.iter().map(|role| role.name()).collect();
        let _ = writeln!(text, "  {:<20} {}", account.email, roles.join(", "));
    }
    let _ =
        writeln!(text, "\nMessages of other services to /v1/integrations are signed with {inbound_secret}");
    let _ = writeln!(text, "\n{}", walk(base, auth)?);
    Ok(text)
}
