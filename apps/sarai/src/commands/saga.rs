//! `sarai saga`: the saga doctor of a running server.

use std::fmt;

use clap::{Args, Subcommand};
use sarai::client::{Client, ClientError};
use serde_json::{Value, json};

use super::{Failure, saga_text, say};

/// What to do, where, and who asks.
#[derive(Debug, Args)]
pub(crate) struct Saga {
    #[command(flatten)]
    server: Server,
    #[command(subcommand)]
    command: SagaCommand,
}

/// Which server, and who asks.
#[derive(Args)]
pub(crate) struct Server {
    /// The server
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "SARAI_URL",
        default_value = "http://127.0.0.1:8080"
    )]
    pub(crate) url: String,
    /// Sign in with this account of the platform's staff
    #[arg(long, global = true, value_name = "ADDRESS", env = "SARAI_EMAIL")]
    pub(crate) email: Option<String>,
    /// Its password
    #[arg(long, global = true, env = "SARAI_PASSWORD", hide_env_values = true)]
    pub(crate) password: Option<String>,
    /// Ask with this access token instead
    #[arg(long, global = true, env = "SARAI_TOKEN", hide_env_values = true, conflicts_with = "email")]
    pub(crate) token: Option<String>,
    /// Print the server's answer as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, email, json, .. } = self;
        f.debug_struct("Server")
            .field("url", url)
            .field("email", email)
            .field("json", json)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// A client for whoever the flags name.
    pub(crate) async fn client(&self) -> Result<Client, Failure> {
        match (&self.token, &self.email, &self.password) {
            (Some(token), ..) => Ok(Client::with_token(&self.url, token)?),
            (None, Some(email), Some(password)) => Ok(Client::sign_in(&self.url, email, password).await?),
            _ => Err("name who asks: --email and --password, or --token".into()),
        }
    }
}

/// What to do about sagas.
#[derive(Debug, Subcommand)]
pub(crate) enum SagaCommand {
    /// List sagas, newest first
    List {
        /// Only those that need attention, or are overdue by more than five minutes
        #[arg(long)]
        stuck: bool,
        /// How many
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u8).range(1..=100))]
        limit: u8,
        /// Where the list goes on
        #[arg(long)]
        cursor: Option<String>,
    },
    /// Show one: what it waits for, what comes next, its steps and everything that happened
    Show {
        /// The saga, or its order
        id: String,
    },
    /// Try what waits now, with all of its budget
    Retry {
        /// The saga, or its order
        id: String,
        /// Why, for the audit log
        #[arg(long)]
        reason: String,
    },
    /// End the purchase: an open intent is voided first, what was captured goes back
    Compensate {
        /// The saga, or its order
        id: String,
        /// Why, for the audit log
        #[arg(long)]
        reason: String,
    },
    /// State that a step that keeps failing was done by hand
    Resolve {
        /// The saga, or its order
        id: String,
        /// The step [default: the only one that can be resolved]
        #[arg(long)]
        step: Option<String>,
        /// The order line of a step that has one
        #[arg(long)]
        line: Option<String>,
        /// What proves it
        #[arg(long)]
        evidence: String,
        /// Why, for the audit log
        #[arg(long)]
        reason: String,
    },
}

/// Asks the server and prints what it says.
pub(crate) fn run(Saga { server, command }: &Saga) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(ask(server, command))?;
    if server.json {
        return say(&format!("{answer:#}\n"));
    }
    say(&match command {
        SagaCommand::List { .. } => saga_text::list(&answer),
        _ => saga_text::diagnosis(&answer),
    })
}

async fn ask(server: &Server, command: &SagaCommand) -> Result<Value, Failure> {
    let client = server.client().await?;
    Ok(match command {
        SagaCommand::List { stuck, limit, cursor } => {
            let cursor = cursor.as_ref().map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            client.get(&format!("/v1/admin/sagas?stuck={stuck}&limit={limit}{cursor}")).await?
        }
        SagaCommand::Show { id } => {
            let id = saga_of(&client, id).await?;
            client.get(&format!("/v1/admin/sagas/{id}")).await?
        }
        SagaCommand::Retry { id, reason } => {
            let id = saga_of(&client, id).await?;
            client.post(&format!("/v1/admin/sagas/{id}/retry"), &json!({"reason": reason})).await?
        }
        SagaCommand::Compensate { id, reason } => {
            let id = saga_of(&client, id).await?;
            client.post(&format!("/v1/admin/sagas/{id}/compensate"), &json!({"reason": reason})).await?
        }
        SagaCommand::Resolve { id, step, line, evidence, reason } => {
            let id = saga_of(&client, id).await?;
            let (step, line) = match step {
                Some(step) => (json!(step), json!(line)),
                None => only_resolvable(&client.get(&format!("/v1/admin/sagas/{id}")).await?)?,
            };
            let body = json!({"step": step, "line": line, "evidence": evidence, "reason": reason});
            client.post(&format!("/v1/admin/sagas/{id}/resolve"), &body).await?
        }
    })
}

/// The id of a saga, also by its order's.
async fn saga_of(client: &Client, id: &str) -> Result<String, ClientError> {
    let word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !id.starts_with("ord_") || !word(id) {
        return Ok(id.replace(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_', "-"));
    }
    let found = client.get(&format!("/v1/admin/sagas?orderId={id}")).await?;
    // An order without a saga is answered by the server, as one it does not know.
    Ok(found["data"][0]["id"].as_str().unwrap_or(id).to_owned())
}

/// The step that an operator can resolve, when there is one only.
fn only_resolvable(diagnosis: &Value) -> Result<(Value, Value), Failure> {
    let steps = diagnosis["steps"].as_array().into_iter().flatten();
    let open: Vec<&Value> = steps.filter(|step| step["resolvable"] == true).collect();
    match open.as_slice() {
        [step] => Ok((step["step"].clone(), step["line"].clone())),
        [] => Err("no step can be resolved by hand now; `sarai saga show` says what it waits for".into()),
        _ => Err("several steps can be resolved by hand: name one with --step and --line".into()),
    }
}
