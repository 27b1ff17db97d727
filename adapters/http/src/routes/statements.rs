//! `GET /provider/earnings/{period}/statement`: a month, line by line, as JSON in parts or as a whole table.
//!
//! A month may have 10^5 lines. JSON comes in parts of at most 100; the table is streamed a thousand lines at a
//! time, so that neither is ever whole in memory. It ends at the head it was opened with, whatever is sealed
//! meanwhile.

use poem::{Body, FromRequest, IntoResponse, Request, RequestBody, Response, http::header};
use poem_openapi::{
    ApiResponse, Enum, OpenApi,
    param::{Path, Query},
    payload::{Json, Payload},
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
    types::{ToJSON, Type},
};
use sarai_application::marketplace::statements::{Statement, Statements};
use sarai_domain::{kernel::external_id, marketplace::earnings::EarningsData};
use sarai_ports::PageRequest;
use tokio::io::{AsyncWriteExt, DuplexStream};

use super::{Tag, statement_body::StatementBody};
use crate::{
    caller::Caller,
    page::{Cursors, Limit},
    problem::Problem,
    scalars::{ApiCurrency, ApiExternalId, ApiPeriod},
    statement_csv,
};

/// The media type of tables.
const CSV: &str = "text/csv";
/// How many lines of a table are read at a time.
const BATCH: usize = 1_000;
/// How many bytes of a table wait for its reader.
const BUFFER: usize = 64 * 1024;

/// Routes of statements.
#[derive(Clone)]
pub struct StatementRoutes {
    statements: Statements,
    cursors: Cursors,
}

/// How a statement is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "StatementFormat", rename_all = "snake_case")]
pub enum ApiStatementFormat {
    /// JSON, in parts.
    Json,
    /// A table of all lines.
    Csv,
}

/// What the `Accept` header prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted(ApiStatementFormat);

impl Accepted {
    /// The first media type we have; JSON when there is none.
    fn of(accept: &str) -> Self {
        let known = accept.split(',').filter_map(|range| match range.split(';').next().map(str::trim) {
            Some(CSV) => Some(ApiStatementFormat::Csv),
            Some("application/json" | "application/*" | "*/*") => Some(ApiStatementFormat::Json),
            _ => None,
        });
        Self(known.into_iter().next().unwrap_or(ApiStatementFormat::Json))
    }
}

impl<'a> FromRequest<'a> for Accepted {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self::of(request.header(header::ACCEPT).unwrap_or_default()))
    }
}

/// A statement as it was asked for.
pub enum StatementAnswer {
    /// A part of it.
    Json(Box<StatementBody>),
    /// All of it.
    Csv {
        /// The file's name.
        name: String,
        /// Its rows, as they are read.
        rows: Body,
    },
}

impl IntoResponse for StatementAnswer {
    fn into_response(self) -> Response {
        match self {
            Self::Json(body) => Json(*body).into_response(),
            Self::Csv { name, rows } => Response::builder()
                .content_type(CSV)
                .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))
                .body(rows),
        }
    }
}

impl ApiResponse for StatementAnswer {
    fn meta() -> MetaResponses {
        let media = |content_type, schema| MetaMediaType { content_type, schema };
        let text = MetaSchemaRef::Inline(Box::new(MetaSchema::new("string")));
        let content =
            vec![media(Json::<StatementBody>::CONTENT_TYPE, StatementBody::schema_ref()), media(CSV, text)];
        let response =
            MetaResponse { description: "", status: Some(200), status_range: None, content, headers: vec![] };
        MetaResponses { responses: vec![response] }
    }

    fn register(registry: &mut Registry) {
        StatementBody::register(registry);
    }
}

impl StatementRoutes {
    /// Over this use case.
    pub fn new(statements: Statements, cursors: Cursors) -> Self {
        Self { statements, cursors }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Earnings")]
impl StatementRoutes {
    /// A month's lines, sealed in a hash chain, with the sums and the latest signature.
    ///
    /// The platform's staff name the provider. With `Accept: text/csv` or `format=csv` the answer is a table of
    /// all lines; `limit` and `cursor` are JSON's.
    #[oai(
        path = "/provider/earnings/:period/statement",
        method = "get",
        operation_id = "provider.earnings.statement"
    )]
    #[allow(clippy::too_many_arguments, reason = "one for each parameter")]
    async fn get(
        &self,
        caller: Caller,
        accepted: Accepted,
        period: Path<ApiPeriod>,
        currency: Query<ApiCurrency>,
        format: Query<Option<ApiStatementFormat>>,
        #[oai(name = "providerTenantId")] provider: Query<Option<ApiExternalId<external_id::kinds::Tenant>>>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<StatementAnswer, Problem> {
        let list = self
            .cursors
            .list("provider.earnings.statement", caller.tenant())
            .filter("period", period.0.to_json())
            .filter("currency", currency.0.to_json())
            .filter("providerTenantId", provider.0.to_json());
        let request = list.request(*limit, cursor.as_deref())?;
        let provider = provider.0.map(|provider| provider.0);
        let statement = self.statements.open(&caller.0, provider, period.0.0, currency.0.0).await?;
        if format.0.unwrap_or(accepted.0) == ApiStatementFormat::Csv {
            return Ok(table(self.statements.clone(), statement));
        }
        let held = self.statements.held(&statement).await?;
        let lines = self.statements.lines(&statement, &request).await?;
        let lines = list.answer(lines, |line| (&line).into());
        Ok(StatementAnswer::Json(Box::new(StatementBody::new(&statement, &held, lines))))
    }
}

/// A table whose rows are read while they are sent.
fn table(statements: Statements, statement: Statement) -> StatementAnswer {
    let key = &statement.period.key;
    let name = format!("statement-{}-{}.csv", key.period_month, key.currency);
    let (writer, reader) = tokio::io::duplex(BUFFER);
    tokio::spawn(async move {
        if let Err(error) = send(&statements, &statement, writer).await {
            tracing::warn!(period = %statement.period.key, %error, "a statement was not sent to its end");
        }
    });
    StatementAnswer::Csv { name, rows: Body::from_async_read(reader) }
}

/// Sends the rows. What breaks off has no `head` row, by which its reader knows.
async fn send(
    statements: &Statements,
    statement: &Statement,
    mut writer: DuplexStream,
) -> std::io::Result<()> {
    let EarningsData { key, anchor, .. } = &statement.period;
    writer.write_all(&statement_csv::header()?).await?;
    let mut request = PageRequest::first(BATCH);
    loop {
        let lines = statements.lines(statement, &request).await;
        let lines = lines.map_err(|error| std::io::Error::other(error.code))?;
        writer.write_all(&statement_csv::lines(key, &lines.items)?).await?;
        match lines.next {
            None => break,
            cursor => request.cursor = cursor,
        }
    }
    writer.write_all(&statement_csv::end(key, &statement.head, anchor.as_ref())?).await?;
    writer.shutdown().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_media_type_we_have_is_answered() {
        for (accept, format) in [
            ("", ApiStatementFormat::Json),
            ("*/*", ApiStatementFormat::Json),
            ("text/csv", ApiStatementFormat::Csv),
            ("text/html, text/csv;q=0.9", ApiStatementFormat::Csv),
            ("application/json, text/csv", ApiStatementFormat::Json),
            ("image/png", ApiStatementFormat::Json),
        ] {
            assert_eq!(Accepted::of(accept).0, format, "{accept}");
        }
    }
}
