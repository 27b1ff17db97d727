//! Statements: hash chains over the lines of earnings, in the order in which they were committed.

use async_trait::async_trait;
use sarai_domain::{
    kernel::{ChainHead, Money, Row, Timestamp},
    marketplace::earnings::{EarningsKey, ProviderEarnings, StatementHead, StatementLine, StatementRow},
};
use sarai_ports::{
    Cursor, Page, PageRequest, Scope, StoreError,
    marketplace::{Held, StatementStore, Unsealed},
};

use super::earnings::line;
use crate::{
    Database, Dialect, Record, Store, Value,
    aggregates::json,
    load::{corrupt, parsed},
    statement::{By, Statement, args, page_of},
};

/// Sealed lines by their place, which is unique in a period.
const PLACE: By = By { key: "x.seal_seq", id: "x.seal_seq", descending: false, at: place };

/// A line's place says all: whoever knows it need not know the line's id.
fn place(cursor: &Cursor) -> (Value, Value) {
    (Value::Int(cursor.key), Value::Int(cursor.key))
}

fn read<T: serde::de::DeserializeOwned>(record: &Record, place: usize) -> Result<T, StoreError> {
    serde_json::from_str(record.text(place)?).map_err(|error| corrupt::<ProviderEarnings>("", &error))
}

fn head_of(record: &Record, place: usize, key: &EarningsKey) -> Result<StatementHead, StoreError> {
    match record.maybe_text(place)? {
        Some(_) => read(record, place),
        None => Ok(StatementHead::empty(key)),
    }
}

/// Moves a head on, while it is still the one given and the lines are the next ones: their keys, in order, are the
/// sixth argument, their count the seventh.
const ADVANCE: &str = "insert into statement_heads (tenant_id, earnings_id, head) select $1, $2, $3 \
     where (select string_agg(n.key, ' ' order by n.written_version, n.line_id) from ( \
         select l.key, l.written_version, l.line_id from earnings_lines l \
         where l.tenant_id = $1 and l.parent_id = $2 and l.seal_seq is null \
         order by l.written_version, l.line_id limit $7) n) = $6 \
     and ($5 or exists (select 1 from statement_heads h where h.tenant_id = $1 and h.earnings_id = $2)) \
     on conflict (tenant_id, earnings_id) do update set head = excluded.head \
     where statement_heads.head -> 'chain' ->> 'hash' = $4 returning 1";

/// The lines of a JSON array of seals, each with its row's key.
fn sealing(dialect: Dialect) -> String {
    let seals = match dialect {
        Dialect::Postgres => "json_to_recordset($3) as v(key text, seq bigint, balance json, link json)",
        Dialect::Sqlite => {
            "(select value ->> 'key' as key, value ->> 'seq' as seq, value -> 'balance' as balance, \
             value -> 'link' as link from json_each($3)) v"
        }
    };
    format!(
        "update earnings_lines set seal_seq = v.seq, balance = v.balance, link = v.link from {seals} \
         where earnings_lines.tenant_id = $1 and earnings_lines.parent_id = $2 and earnings_lines.key = v.key \
         and earnings_lines.seal_seq is null and exists (select 1 from statement_heads h \
             where h.tenant_id = $1 and h.earnings_id = $2 and h.head -> 'chain' ->> 'hash' = $4)"
    )
}

/// The period notes how far it is sealed, beside its document: no version of it says so.
const SEALED: &str = "update earnings set sealed = $3 where tenant_id = $1 and id = $2 and sealed < $3 \
     and exists (select 1 from statement_heads h where h.tenant_id = $1 and h.earnings_id = $2 \
         and h.head -> 'chain' ->> 'hash' = $4)";

#[derive(serde::Serialize)]
struct Seal<'a> {
    key: String,
    seq: u64,
    balance: &'a sarai_domain::marketplace::earnings::statement::Balance,
    link: &'a sarai_domain::kernel::ChainLink,
}

#[async_trait]
impl<D: Database> StatementStore for Store<D> {
    async fn unsealed(&self, limit: usize) -> Result<Vec<Unsealed>, StoreError> {
        let text = "select l.parent_id, h.head, l.doc from earnings_lines l \
                    left join statement_heads h on h.tenant_id = l.tenant_id and h.earnings_id = l.parent_id \
                    where l.seal_seq is null \
                    order by l.tenant_id, l.parent_id, l.written_version, l.line_id limit $1";
        let found = self.ask(&Scope::System, Statement::new(text, args![limit])).await?;
        let mut unsealed: Vec<Unsealed> = Vec::new();
        for record in &found {
            let key: EarningsKey = parsed(record.text(0)?)?;
            let next = line(record, 2)?;
            if let Some(last) = unsealed.last_mut().filter(|last| last.key == key) {
                last.lines.push(next);
            } else {
                let head = head_of(record, 1, &key)?;
                unsealed.push(Unsealed { key, head, lines: vec![next] });
            }
        }
        Ok(unsealed)
    }

    async fn seal(
        &self,
        key: &EarningsKey,
        after: &ChainHead,
        lines: Vec<StatementLine>,
        head: StatementHead,
    ) -> Result<(), StoreError> {
        let keys: Vec<String> = lines.iter().map(|line| line.row.line().key()).collect();
        let seals: Vec<Seal<'_>> = lines
            .iter()
            .zip(&keys)
            .map(|(line, key)| Seal {
                key: key.clone(),
                seq: line.link.seq,
                balance: &line.row.balance,
                link: &line.link,
            })
            .collect();
        let first = StatementHead::empty(key).chain == *after;
        let period = args![key.provider_tenant_id.as_str(), key.to_string()];
        let with = |more: Vec<Value>| period.iter().cloned().chain(more).collect();
        let reached = Value::text(&head.chain.hash);
        let mut advance = vec![Value::Json(json("statement", &head)?), Value::text(&after.hash)];
        advance.extend(args![first, keys.join(" "), lines.len()]);
        let seals = vec![Value::Json(json("statement", &seals)?), reached.clone()];
        let statements = vec![
            (ADVANCE.to_owned(), with(advance)),
            (sealing(self.database.dialect()), with(seals)),
            (SEALED.to_owned(), with(vec![head.chain.count.into(), reached])),
        ];
        let scope = Scope::Within(key.provider_tenant_id.clone());
        let answers = self.database.run_all(&scope, statements).await?;
        if answers.first().is_some_and(|advanced| !advanced.is_empty()) {
            Ok(())
        } else {
            Err(StoreError::Conflict { aggregate: "statement" })
        }
    }

    async fn head(&self, key: &EarningsKey) -> Result<StatementHead, StoreError> {
        let text = "select head from statement_heads where tenant_id = $1 and earnings_id = $2";
        let args = args![key.provider_tenant_id.as_str(), key.to_string()];
        let scope = Scope::Within(key.provider_tenant_id.clone());
        let found = self.ask(&scope, Statement::new(text, args)).await?;
        found.first().map_or_else(|| Ok(StatementHead::empty(key)), |record| read(record, 0))
    }

    async fn sealed(
        &self,
        scope: &Scope,
        key: &EarningsKey,
        page: &PageRequest,
    ) -> Result<Page<StatementLine>, StoreError> {
        let text = "select x.doc, x.balance, x.link from earnings_lines x \
                    where x.tenant_id = $1 and x.parent_id = $2 and x.seal_seq is not null";
        let args = args![key.provider_tenant_id.as_str(), key.to_string()];
        let mut statement = Statement::new(text, args);
        statement.within(scope, "x.tenant_id").page(PLACE, page);
        let found = self.ask(scope, statement).await?;
        let lines = found.iter().map(|record| {
            Ok(StatementLine {
                row: StatementRow::new(&line(record, 0)?, read(record, 1)?),
                link: read(record, 2)?,
            })
        });
        let lines: Vec<StatementLine> = lines.collect::<Result<_, StoreError>>()?;
        Ok(page_of(lines, page, |line| {
            (i64::try_from(line.link.seq).unwrap_or(i64::MAX), line.row.line_id.to_string())
        }))
    }

    async fn held(
        &self,
        scope: &Scope,
        key: &EarningsKey,
        now: Timestamp,
        limit: usize,
    ) -> Result<Held, StoreError> {
        let held = |asked: &str| {
            let text = format!(
                "select {asked} from earnings_lines x \
                 where x.tenant_id = $1 and x.parent_id = $2 and x.seal_seq is not null and x.kind = 'sale' \
                 and x.hold_until > $3 and x.order_line_id not in (select b.order_line_id from earnings_lines b \
                     where b.tenant_id = $1 and b.parent_id = $2 and b.kind = 'refund' \
                     and b.order_line_id is not null)"
            );
            let args = args![key.provider_tenant_id.as_str(), key.to_string(), now];
            let mut statement = Statement::new(&text, args);
            statement.within(scope, "x.tenant_id");
            statement
        };
        // The sum is of all of them, whose documents nobody needs for it.
        let summed = self.ask(scope, held("count(*), coalesce(cast(sum(x.net) as bigint), 0)")).await?;
        let (count, total) = match summed.first() {
            Some(record) => (record.count(0)?, record.int(1)?),
            None => (0, 0),
        };
        let mut first = held("x.doc");
        let most = first.arg(limit.max(1));
        first.push(&format!("order by x.hold_until, x.line_id limit {most}"));
        let found = self.ask(scope, first).await?;
        let total = Money::from_minor_units(total, key.currency).map_err(|error| StoreError::Corrupt {
            aggregate: "statement",
            id: key.to_string(),
            reason: error.to_string(),
        })?;
        let lines = found.iter().take(limit).map(|record| line(record, 0)).collect::<Result<_, _>>()?;
        Ok(Held { total, count, lines })
    }

    async fn unanchored(&self, before: Timestamp, limit: usize) -> Result<Vec<EarningsKey>, StoreError> {
        let text = "select id from earnings where sealed > coalesce(anchored, 0) \
                    and (anchored is null or anchored_at <= $1 or state <> 'accruing') order by id limit $2";
        self.ids(&Scope::System, Statement::new(text, args![before, limit])).await
    }
}
