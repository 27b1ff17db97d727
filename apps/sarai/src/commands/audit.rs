//! `sarai audit`: what the auditor of a running server found.

use std::{fmt::Write as _, process::ExitCode};

use clap::Args;
use serde_json::{Value, json};

use super::{Failure, saga::Server, say};

/// Rules are broken.
const BROKEN: u8 = 1;
/// The server cannot be asked.
const NOT_ASKED: u8 = 2;

/// Whom to ask, and for what.
#[derive(Debug, Args)]
pub(crate) struct AuditFlags {
    #[command(flatten)]
    server: Server,
    /// Audit now instead of reading the last report
    #[arg(long)]
    run: bool,
}

/// Prints the report. Exit code 1: rules are broken; 2: the server cannot be asked.
pub(crate) fn run(flags: &AuditFlags) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = match runtime.block_on(ask(flags)) {
        Ok(report) => report,
        Err(error) => {
            eprintln!("sarai: {error}");
            return Ok(ExitCode::from(NOT_ASKED));
        }
    };
    say(&if flags.server.json { format!("{report:#}\n") } else { table(&report) })?;
    let broken = report["violations"].as_u64().is_some_and(|count| count > 0);
    Ok(if broken { ExitCode::from(BROKEN) } else { ExitCode::SUCCESS })
}

async fn ask(flags: &AuditFlags) -> Result<Value, Failure> {
    let client = flags.server.client().await?;
    if flags.run {
        Ok(client.post("/v1/admin/invariants/run", &json!({ "reason": "sarai audit" })).await?)
    } else {
        Ok(client.get("/v1/admin/invariants").await?)
    }
}

/// The report for a person.
fn table(report: &Value) -> String {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let number = |value: &Value| value.as_u64().map_or_else(|| "-".to_owned(), |number| number.to_string());
    let rows = |name: &str| report[name].as_array().cloned().unwrap_or_default();
    let mut text = match report["finishedAt"].as_str() {
        Some(at) => format!(
            "Audited at {at}: {} aggregates, {} violations\n\n",
            number(&report["aggregates"]),
            number(&report["violations"])
        ),
        None => "No audit has run since the server started: ask with --run\n\n".to_owned(),
    };
    let _ = writeln!(text, "{:<16} {:<9} {:>10} {:>10}  rule", "id", "kind", "checked", "violations");
    for row in rows("invariants") {
        let (id, kind) = (word(&row["id"]), word(&row["kind"]));
        let (checked, violations) = (number(&row["checked"]), number(&row["violations"]));
        let _ = writeln!(text, "{id:<16} {kind:<9} {checked:>10} {violations:>10}  {}", word(&row["text"]));
        for offender in row["offenders"].as_array().into_iter().flatten() {
            let (aggregate, id) = (word(&offender["aggregate"]), word(&offender["id"]));
            let (tenant, detail) = (word(&offender["tenantId"]), word(&offender["detail"]));
            let _ = writeln!(text, "  {aggregate} {id} of {tenant}: {detail}");
            let _ = writeln!(text, "    repair: {}", word(&offender["repair"]));
        }
    }
    for row in rows("money") {
        let amount = |name: &str| word(&row[name]["amount"]);
        let balances = if row["balances"] == true { "balances" } else { "DOES NOT BALANCE" };
        let _ = writeln!(
            text,
            "\nmoney in {}: {balances}\n  sold {} = posted {} + under way {}; posted = fee {} + share {}\n  returned {} = posted {} + under way {}",
            word(&row["currency"]),
            amount("sold"),
            amount("gross"),
            amount("soldUnderWay"),
            amount("platformFee"),
            amount("providerShare"),
            amount("returned"),
            amount("refunds"),
            amount("returnedUnderWay"),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_shows_each_offender_with_its_repair_and_what_was_never_checked() {
        let offender = json!({
            "aggregate": "saga", "id": "sga_1", "tenantId": "school", "detail": "it was due",
            "repair": "sarai saga retry sga_1",
        });
        let row = |id: &str, checked: Value, offenders: Value| {
            json!({ "id": id, "kind": "state", "text": "a rule", "checked": checked, "violations": 1,
                    "offenders": offenders })
        };
        let report = json!({
            "finishedAt": "2026-04-20T09:30:00Z", "aggregates": 7, "violations": 1,
            "invariants": [row("AC-2", Value::Null, json!([])), row("saga-progress", json!(3), json!([offender]))],
            "money": [],
        });
        let text = table(&report);
        assert!(text.starts_with("Audited at 2026-04-20T09:30:00Z: 7 aggregates, 1 violations"));
        assert!(text.contains("  saga sga_1 of school: it was due\n    repair: sarai saga retry sga_1\n"));
        assert!(text.lines().any(|line| line.starts_with("AC-2") && line.contains("          -")), "{text}");
        assert!(table(&json!({})).starts_with("No audit has run"));
    }
}
