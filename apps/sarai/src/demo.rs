//! What a demo prints: where everything is, who can sign in, and a purchase to paste.

use std::fmt::Write as _;

use sarai_ports::auth::{AuthGateway, SignInError};
use sarai_standins::demo;

const WALK: &str = include_str!("walk.sh");

/// The walk of a purchase, with the address and fresh tokens filled in.
///
/// # Errors
/// When a demo account cannot be signed in.
pub async fn walk(base: &str, auth: &dyn AuthGateway) -> Result<String, SignInError> {
    let mut walk = WALK.replace("{api}", &format!("{base}/v1"));
    for account in ["provider", "buyer", "admin"] {
        let session = auth.sign_in(&format!("{account}@demo.test"), demo::PASSWORD, None).await?;
        walk = walk.replace(&format!("{{{account}}}"), &session.access_token);
    }
    Ok(walk)
}

/// What is printed at start.
///
/// # Errors
/// As [`walk`].
pub async fn welcome(
    base: &str,
    metrics: Option<String>,
    inbound_secret: &str,
    kept: &str,
    auth: &dyn AuthGateway,
) -> Result<String, SignInError> {
    let mut text = format!(
        "\nSarai is serving on {base}\n\n  customer portal {base}/  (open it in a browser)\n  API            {base}/v1\n  browse it      {base}/docs/api\n  \
         document       {base}/openapi.json\n  health         {base}/healthz  {base}/readyz\n"
    );
    if let Some(metrics) = metrics {
        let _ = writeln!(text, "  metrics        {metrics}/metrics");
    }
    let _ = writeln!(text, "\nEverything is kept {kept}.");
    let _ =
        writeln!(text, "\nDemo accounts (password {}), signed in by POST /v1/auth/sessions:", demo::PASSWORD);
    for account in demo::ACCOUNTS {
        let roles: Vec<&str> = account.roles.iter().map(|role| role.name()).collect();
        let _ = writeln!(text, "  {:<20} {}", account.email, roles.join(", "));
    }
    let _ =
        writeln!(text, "\nMessages of other services to /v1/integrations are signed with {inbound_secret}");
    let _ = writeln!(text, "\n{}", walk(base, auth).await?);
    Ok(text)
}
