//! `sarai outbox`: what is left undone on a running server, and what staff do about it.

use std::{fmt::Write as _, io::Write as _};

use clap::{Args, Subcommand};
use sarai::client::Client;
use serde_json::{Value, json};

use super::{Failure, saga::Server, say};

/// What to do, where, and who asks.
#[derive(Debug, Args)]
pub(crate) struct Outbox {
    #[command(flatten)]
    server: Server,
    #[command(subcommand)]
    command: OutboxCommand,
}

/// What to do about deliveries.
#[derive(Debug, Subcommand)]
pub(crate) enum OutboxCommand {
    /// Show what every consumer has left undone
    Show,
    /// Give dead letters all their tries again
    Redrive {
        /// Those of this aggregate's events
        #[arg(long, value_name = "ID", required_unless_present = "all")]
        subject: Option<String>,
        /// Those of every aggregate
        #[arg(long, conflicts_with = "subject")]
        all: bool,
        /// Why, for the log
        #[arg(long)]
        reason: String,
    },
    /// Publish the events of a range to the broker once more
    Republish {
        /// Committed at this time or later, such as 2026-04-20T09:30:00Z
        #[arg(long, value_name = "TIME")]
        from: String,
        /// Committed before this time [default: now]
        #[arg(long, value_name = "TIME")]
        to: Option<String>,
        /// Why, for the log
        #[arg(long)]
        reason: String,
    },
}

/// Asks the server and prints what it says.
pub(crate) fn run(Outbox { server, command }: &Outbox) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(ask(server, command))?;
    if server.json {
        return say(&format!("{answer:#}\n"));
    }
    say(&match command {
        OutboxCommand::Show => shown(&answer),
        OutboxCommand::Redrive { .. } => format!("{} dead letters are tried again\n", answer["deliveries"]),
        OutboxCommand::Republish { .. } => {
            format!("{} events, {} of them published again\n", answer["events"], answer["deliveries"])
        }
    })
}

async fn ask(server: &Server, command: &OutboxCommand) -> Result<Value, Failure> {
    let client = server.client().await?;
    Ok(match command {
        OutboxCommand::Show => client.get("/v1/admin/outbox").await?,
        OutboxCommand::Redrive { subject, reason, .. } => {
            let mut body = json!({"reason": reason});
            if let Some(subject) = subject {
                body["subject"] = json!(subject);
            }
            client.post("/v1/admin/outbox/redrive", &body).await?
        }
        OutboxCommand::Republish { from, to, reason } => {
            let mut body = json!({"from": from, "reason": reason});
            if let Some(to) = to {
                body["to"] = json!(to);
            }
            republish(&client, body).await?
        }
    })
}

/// Part after part, until the range is at its end.
async fn republish(client: &Client, mut body: Value) -> Result<Value, Failure> {
    let (mut events, mut deliveries) = (0, 0);
    loop {
        let part = client.post("/v1/admin/outbox/republish", &body).await?;
        events += part["events"].as_u64().unwrap_or_default();
        deliveries += part["deliveries"].as_u64().unwrap_or_default();
        if part["next"].is_null() {
            return Ok(json!({"events": events, "deliveries": deliveries}));
        }
        let place = part["next"]["committedAt"].as_str().unwrap_or_default();
        writeln!(std::io::stderr(), "{events} events, until {place}")?;
        body["after"] = part["next"].clone();
    }
}

fn shown(answer: &Value) -> String {
    let mut out = String::new();
    let broker = if answer["broker"] == true { "configured" } else { "none" };
    let _ = writeln!(out, "broker: {broker}");
    let consumers = answer["consumers"].as_array().map(Vec::as_slice).unwrap_or_default();
    if consumers.is_empty() {
        out.push_str("nothing is left undone\n");
        return out;
    }
    let _ = writeln!(out, "{:<16}{:>10}{:>14}{:>12}", "CONSUMER", "OPEN", "DEAD LETTERS", "LAG");
    for row in consumers {
        let text = |name: &str| row[name].as_str().map_or_else(|| row[name].to_string(), str::to_owned);
        let lag = format!("{} s", text("lagSeconds"));
        let _ =
            writeln!(out, "{:<16}{:>10}{:>14}{lag:>12}", text("consumer"), text("open"), text("deadLetters"));
    }
    out
}
