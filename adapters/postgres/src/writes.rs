//! Statements of a hot path that are one transaction: a function that sets the tenant and runs them, in one round trip
//! instead of six. Their texts are those of `sarai-sql`, told to a database that only listens.

use std::fmt::Write as _;

use sarai_domain::{
    kernel::{Currency, PeriodMonth, TenantId, Timestamp},
    marketplace::earnings::{EarningsKey, StatementHead},
};
use sarai_ports::marketplace::StatementStore as _;
use sarai_sql::{Store, Value};

use crate::{
    commit::Function,
    reads::{Listener, finish, shifted, sql_type},
};

/// Statements that run one after the other, and their function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HotWrite {
    /// The first statement, which tells them from others.
    pub(crate) first: String,
    /// Their function: its first argument is the tenant, its answer how many rows the first statement wrote.
    pub(crate) function: Function,
}

/// The hot writes: the seal of a period's lines. It does not wait for the disk: what a crash takes back is sealed again, and
/// each line says the same again. What is signed of it is a unit, which waits for all that came before it.
pub(crate) fn hot() -> Vec<HotWrite> {
    let Ok(currency) = Currency::parse("USD") else { return Vec::new() };
    let listener = Listener::new();
    let store = Store::new(listener.clone());
    finish(async {
        let key = EarningsKey {
            provider_tenant_id: TenantId::from_static("tenant"),
            currency,
            period_month: PeriodMonth::of(Timestamp::from_unix_micros(0)),
        };
        let head = StatementHead::empty(&key);
        let _ = store.seal(&key, &head.chain.clone(), Vec::new(), head).await;
    });
    listener.batches().iter().filter_map(|statements| of(statements)).collect()
}

fn of(statements: &[(String, Vec<Value>)]) -> Option<HotWrite> {
    let first = statements.first()?.0.clone();
    let mut typed = vec![("a_tenant".to_owned(), "text")];
    let mut body = "declare
    v_tenant text := set_config('app.tenant_id', a_tenant, true);
    v_soon text := set_config('synchronous_commit', 'off', true);
begin
"
    .to_owned();
    for (place, (text, args)) in statements.iter().enumerate() {
        let own = shifted(text, typed.len());
        let _ = writeln!(body, "    {};", own.strip_suffix(" returning 1").unwrap_or(&own));
        if place == 0 {
            body += "    get diagnostics v_first = row_count;\n";
        }
        let from = typed.len();
        typed.extend(args.iter().zip(from..).map(|(arg, place)| (format!("a_{place}"), sql_type(arg))));
    }
    body += "end;\n";
    Some(HotWrite { first, function: Function::new("write", &typed, "out v_first bigint", "", &body) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_become_one_function_whose_arguments_follow_each_other() {
        let statements = vec![
            ("insert into t values ($1, $2) returning 1".to_owned(), vec![Value::Int(1), Value::Null]),
            ("delete from t where a = $1".to_owned(), vec![Value::Bool(true)]),
        ];
        let made = of(&statements).unwrap();
        assert!(made.function.definition.contains("insert into t values ($2, $3);"));
        assert!(made.function.definition.contains("delete from t where a = $4;"));
        assert!(made.function.call.ends_with("($1, $2, $3, $4)"));
    }
}
