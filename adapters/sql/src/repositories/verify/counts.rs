//! What is counted beside sessions: admitted sends, checks of a destination.

use std::collections::BTreeMap;

use sarai_domain::{
    devportal::{
        policy::{ApprovalRate, Bucket, BucketKey, FailureKey, FailureLedger, WINDOWS, limits},
        values::DestinationHash,
        verify::VerifySessionData,
    },
    kernel::{Timestamp, VerificationId},
};
use sarai_ports::{StoreError, devportal::verify::Admission};

use crate::{
    Dialect, Record, Transaction, Value,
    purge::Old,
    statement::{Statement, args},
};

type Asked = (String, Vec<Value>);

/// A destination's key among a tenant's of one world.
pub(super) fn destination(key: &FailureKey) -> String {
    format!("{}:{}", key.kind.as_str(), key.hash)
}

fn of(key: &FailureKey) -> Vec<Value> {
    args![key.tenant_id.as_str(), key.environment.as_str(), destination(key)]
}

const DESTINATION: &str = "tenant_id = $1 and environment = $2 and destination = $3";

/// The statements that read a destination's failed checks; since a time where there is one.
pub(super) fn failures_of(key: &FailureKey, since: Option<Timestamp>) -> [Asked; 2] {
    let ledger = format!("select consecutive, last_failure_at from verify_failures where {DESTINATION}");
    let mut guesses = Statement::new(format!("select at from verify_guesses where {DESTINATION}"), of(key));
    guesses.and_if("at >", since).push("order by at");
    [(ledger, of(key)), (guesses.text, guesses.args)]
}

/// What they answer.
pub(super) fn ledger(ledger: &[Record], guesses: &[Record]) -> Result<FailureLedger, StoreError> {
    let (consecutive, last_failure_at) = match ledger.first() {
        Some(record) => (u32::try_from(record.count(0)?).unwrap_or(u32::MAX), record.maybe_time(1)?),
        None => (0, None),
    };
    let recent = guesses.iter().map(|record| record.time(0)).collect::<Result<_, _>>()?;
    Ok(FailureLedger { consecutive, last_failure_at, recent })
}

/// The failed checks of some destinations, of the longest window.
pub(super) async fn failures(
    transaction: &mut dyn Transaction,
    keys: &[FailureKey],
    now: Timestamp,
) -> Result<Vec<FailureLedger>, StoreError> {
    let mut ledgers = Vec::with_capacity(keys.len());
    for key in keys {
        let [(text, args), (guesses, guesses_args)] = failures_of(key, Some(now.plus(-limits::LONGEST)));
        let found = transaction.run(&text, args).await?;
        let guesses = transaction.run(&guesses, guesses_args).await?;
        ledgers.push(ledger(&found, &guesses)?);
    }
    Ok(ledgers)
}

/// The statements that forget a destination's.
pub(super) fn clear(key: &FailureKey) -> [Asked; 2] {
    ["verify_guesses", "verify_failures"]
        .map(|table| (format!("delete from {table} where {DESTINATION}"), of(key)))
}

/// Counts a check that is about to be compared.
pub(super) async fn guessed(
    transaction: &mut dyn Transaction,
    keys: &[FailureKey],
    data: &(VerificationId, u32),
    now: Timestamp,
) -> Result<(), StoreError> {
    for key in keys {
        let text = "insert into verify_guesses (tenant_id, environment, destination, verification_id, attempt, at) \
                    values ($1, $2, $3, $4, $5, $6)";
        let mut args = of(key);
        args.extend(args![data.0.to_string(), data.1, now]);
        transaction.run(text, args).await?;
    }
    Ok(())
}

/// Takes a check back that was counted for these destinations and was right.
pub(super) async fn right(
    transaction: &mut dyn Transaction,
    keys: &[FailureKey],
    data: &(VerificationId, u32),
) -> Result<(), StoreError> {
    for key in keys {
        let text = format!(
            "delete from verify_guesses where {DESTINATION} and verification_id = $4 and attempt = $5"
        );
        let mut args = of(key);
        args.extend(args![data.0.to_string(), data.1]);
        transaction.run(&text, args).await?;
    }
    Ok(())
}

/// Counts a failed check.
pub(super) async fn failed(
    transaction: &mut dyn Transaction,
    keys: &[FailureKey],
    end_user_ref: Option<DestinationHash>,
    now: Timestamp,
) -> Result<(), StoreError> {
    for key in keys {
        let text = "insert into verify_failures (tenant_id, environment, destination, consecutive, last_failure_at, \
                        end_user_ref) values ($1, $2, $3, 1, $4, $5) \
                    on conflict (tenant_id, environment, destination) do update set \
                        consecutive = verify_failures.consecutive + 1, last_failure_at = excluded.last_failure_at, \
                        end_user_ref = excluded.end_user_ref";
        let mut args = of(key);
        args.extend(args![now, end_user_ref.map(|hash| hash.to_string())]);
        transaction.run(text, args).await?;
    }
    Ok(())
}

/// Forgets what is locked of the other destinations of an end user (ruling R14).
pub(super) async fn clear_locked(
    transaction: &mut dyn Transaction,
    key: &FailureKey,
    end_user_ref: DestinationHash,
) -> Result<(), StoreError> {
    let text = "delete from verify_failures where tenant_id = $1 and environment = $2 and end_user_ref = $3 \
                and consecutive >= $4";
    let args = args![
        key.tenant_id.as_str(),
        key.environment.as_str(),
        end_user_ref.to_string(),
        sarai_domain::devportal::policy::LOCKED_FROM
    ];
    transaction.run(text, args).await.map(drop)
}

/// Notes that an end user has proven an address: one row, of the last time.
pub(super) async fn proven(
    transaction: &mut dyn Transaction,
    key: &FailureKey,
    end_user_ref: DestinationHash,
    id: VerificationId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let text = "insert into verify_limits (tenant_id, environment, key, attempt_id, verification_id, at, approved) \
                values ($1, $2, $3, $4, $5, $6, $7) \
                on conflict (tenant_id, environment, key, attempt_id) do update set \
                    verification_id = excluded.verification_id, at = excluded.at";
    let args = args![
        key.tenant_id.as_str(),
        key.environment.as_str(),
        bucket(&BucketKey::proven(key, end_user_ref)),
        Bucket::Proven.as_str(),
        id.to_string(),
        limits::proven_at(now),
        true
    ];
    transaction.run(text, args).await.map(drop)
}

/// Marks the sends of an approved session: its block of numbers is real.
pub(super) async fn approved(
    transaction: &mut dyn Transaction,
    data: &VerifySessionData,
) -> Result<(), StoreError> {
    let text = "update verify_limits set approved = $4 where tenant_id = $1 and environment = $2 \
                and verification_id = $3";
    let args = args![data.tenant_id.as_str(), data.environment.as_str(), data.id.to_string(), true];
    transaction.run(text, args).await.map(drop)
}

/// A bucket's key in text.
pub(super) fn bucket(key: &BucketKey) -> String {
    format!("{}:{}", key.bucket, key.subject.map(|hash| hash.to_string()).unwrap_or_default())
}

/// The keys of a send that are counted here; the one over all tenants is elsewhere.
fn own(admission: &Admission) -> impl Iterator<Item = BucketKey> {
    admission.subject.keys().into_iter().filter(|key| key.bucket != Bucket::Platform)
}

/// That a send is admitted, under the locks of everything it names.
pub(super) async fn admit(
    transaction: &mut dyn Transaction,
    admission: &Admission,
) -> Result<Result<(), sarai_domain::devportal::policy::AdmissionError>, StoreError> {
    let since = admission.now.plus(-limits::LONGEST);
    // Nobody asks for a tenant's sends where it has no window of its own.
    let asked = |key: &BucketKey| key.bucket != Bucket::Tenant || admission.tenant_per_hour.is_some();
    let keys: Vec<_> = own(admission).filter(asked).collect();
    let subject = &admission.subject;
    // So many of a window's newest say whether it is full, and until when.
    let most = WINDOWS.iter().map(|window| window.max).chain(admission.tenant_per_hour).max().unwrap_or(0);
    let among = transaction.dialect().among("key", "$3");
    let text = format!(
        "select key, at from (select key, at, row_number() over (partition by key order by at desc) as place \
             from verify_limits where tenant_id = $1 and environment = $2 and {among} and at > $4) as newest \
         where place <= $5"
    );
    let tenant = subject.tenant_id.as_str();
    let environment = subject.environment.as_str();
    let names: Vec<_> = keys.iter().map(bucket).collect();
    let found = transaction.run(&text, args![tenant, environment, names, since, most]).await?;
    let mut sends: BTreeMap<BucketKey, Vec<Timestamp>> = BTreeMap::new();
    for record in &found {
        let name = record.text(0)?;
        if let Some(key) = keys.iter().find(|key| bucket(key) == name) {
            sends.entry(key.clone()).or_default().push(record.time(1)?);
        }
    }
    let all = subject.keys();
    if let Some(key) = all.iter().find(|key| key.bucket == Bucket::Platform) {
        let statement = platform(transaction.dialect(), subject.platform, since, None);
        let found = transaction.run(&statement.text, statement.args).await?;
        let times = found.iter().map(|record| record.time(0)).collect::<Result<_, _>>()?;
        sends.insert(key.clone(), times);
    }
    let prefix = match keys.iter().find(|key| key.bucket == Bucket::Prefix4) {
        Some(key) => {
            let text = "select count(*), count(distinct case when approved then verification_id end) \
                        from verify_limits where tenant_id = $1 and environment = $2 and key = $3 and at > $4";
            let found = transaction.run(text, args![tenant, environment, bucket(key), since]).await?;
            let counts =
                found.first().map(|record| Ok::<_, StoreError>((record.count(0)?, record.count(1)?)));
            let (sent, approved) = counts.transpose()?.unwrap_or_default();
            ApprovalRate { sent, approved }
        }
        None => ApprovalRate::default(),
    };
    let failures = failures(transaction, admission.failure_keys(), admission.now).await?;
    Ok(admission.decide(&sends, prefix, &failures))
}

/// Counts an admitted send.
pub(super) async fn count(
    transaction: &mut dyn Transaction,
    admission: &Admission,
    id: VerificationId,
) -> Result<(), StoreError> {
    // A tenant's are counted without a window too: one that is set counts the hour before it.
    let counted = |key: &BucketKey| key.bucket != Bucket::Proven;
    let names: Vec<_> = own(admission).filter(counted).map(|key| bucket(&key)).collect();
    let list =
        serde_json::Value::from(names.iter().map(|key| serde_json::json!({"key": key})).collect::<Vec<_>>());
    let rows = transaction.dialect().rows("$1", &[("key", "text")]);
    let text = format!(
        "insert into verify_limits (tenant_id, environment, key, attempt_id, verification_id, at, approved) \
         select $2, $3, x.key, $4, $5, $6, $7 from {rows}"
    );
    let subject = &admission.subject;
    let args = vec![
        Value::Json(list.to_string()),
        subject.tenant_id.as_str().into(),
        subject.environment.as_str().into(),
        admission.attempt_id.to_string().into(),
        id.to_string().into(),
        admission.now.into(),
        false.into(),
    ];
    transaction.run(&text, args).await?;
    let attempt = Some((admission.attempt_id.to_string(), admission.now));
    let statement = platform(transaction.dialect(), subject.platform, admission.now, attempt);
    transaction.run(&statement.text, statement.args).await.map(drop)
}

/// Sends to an address over all tenants, since a time; or one more. In Postgres nobody but a function sees them.
fn platform(
    dialect: Dialect,
    subject: DestinationHash,
    since: Timestamp,
    attempt: Option<(String, Timestamp)>,
) -> Statement {
    let subject = subject.to_string();
    let (text, args) = match (dialect, attempt) {
        (Dialect::Postgres, attempt) => {
            let (id, at) = attempt.map_or((Value::Null, Value::Null), |(id, at)| (id.into(), at.into()));
            (
                "select at from verify_platform_limit($1, $2, $3, $4)",
                vec![subject.into(), since.into(), id, at],
            )
        }
        (Dialect::Sqlite, None) => {
            ("select at from verify_platform_sends where subject = $1 and at > $2", args![subject, since])
        }
        (Dialect::Sqlite, Some((id, at))) => (
            "insert into verify_platform_sends (subject, attempt_id, at) values ($1, $2, $3)",
            args![subject, id, at],
        ),
    };
    Statement::new(text, args)
}

/// What is counted of a tenant.
pub(super) const OLD: [Old; 2] = [
    Old { table: "verify_limits", key: "tenant_id, environment, key, attempt_id", age: "at", than: "<=" },
    Old {
        table: "verify_guesses",
        key: "tenant_id, environment, destination, verification_id, attempt",
        age: "at",
        than: "<=",
    },
];

/// Sends over all tenants, where whoever runs statements sees them.
pub(super) const OLD_SENDS: Old =
    Old { table: "verify_platform_sends", key: "subject, attempt_id", age: "at", than: "<=" };

/// The same where only a function does: a batch of them, and a row as long as there may be more.
pub(super) fn forget_platform(before: Timestamp) -> Statement {
    Statement::new("select at from verify_platform_limit('', $1, null, null)", args![before])
}
