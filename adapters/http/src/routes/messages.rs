//! Text messages: the log of messaging-service, sending, and what is known of a message for good.

use std::{collections::BTreeSet, io};

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
    types::ToJSON as _,
};
use sarai_application::{Call, devportal::messages::Messages};
use sarai_domain::{
    devportal::values::{E164Phone, Environment},
    kernel::{external_id, id::kinds},
};
use sarai_ports::{
    Page, PageRequest,
    devportal::{MESSAGES_AT_ONCE, Message, MessageFilter, MessageStatus, Recipient},
};

use super::{
    Tag,
    key_body::ApiEnvironment,
    located::Located,
    message_body::{
        ApiMessageStatus, DeliveryReceiptBody, MessageBody, MessageQuoteBody, MessageStatsBody,
        NewMessageBody,
    },
};
use crate::{
    answers::Created,
    caller::Caller,
    download::{Download, Lines, Sink},
    page::{ApiPage, Cursors, Limit},
    problem::Problem,
    scalars::{ApiExternalId, ApiId, ApiTimestamp},
};

/// The most of a number's beginning, and the least.
const PREFIX_DIGITS: std::ops::RangeInclusive<usize> = 4..=15;

/// An id of a message.
type MessageIdBody = ApiExternalId<external_id::kinds::Message>;
/// An id of an invoice.
type InvoiceIdBody = ApiExternalId<external_id::kinds::Invoice>;

/// Routes of messages.
pub struct MessageRoutes {
    messages: Messages,
    cursors: Cursors,
}

/// Which messages, as it was asked.
struct Asked {
    status: Vec<ApiMessageStatus>,
    to: Option<String>,
    from: Option<String>,
    after: Option<ApiTimestamp>,
    before: Option<ApiTimestamp>,
    key_id: Option<ApiId<kinds::ApiKey>>,
    invoice_id: Option<InvoiceIdBody>,
}

/// To whom: a number, or the beginning of one and `*`.
fn recipient(text: &str) -> Result<Recipient, Problem> {
    let Some(prefix) = text.strip_suffix('*') else {
        let number = E164Phone::parse(text).map_err(|error| Problem::field("to", error.to_string()))?;
        return Ok(Recipient::Number(number));
    };
    let digits = prefix.strip_prefix('+').unwrap_or_default();
    if PREFIX_DIGITS.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(Recipient::Prefix(prefix.to_owned()))
    } else {
        Err(Problem::field("to", "the beginning of a number is + and 4 to 15 digits, then *"))
    }
}

impl Asked {
    fn filter(self) -> Result<MessageFilter, Problem> {
        if self.invoice_id.is_some() && (self.after.is_some() || self.before.is_some()) {
            return Err(Problem::field(
                "invoiceId",
                "an invoice names its time itself: leave out after and before",
            ));
        }
        let (after, before) = (self.after.map(|at| at.0), self.before.map(|at| at.0));
        if let (Some(after), Some(before)) = (after, before)
            && before <= after
        {
            return Err(Problem::field("before", "before lies after after"));
        }
        Ok(MessageFilter {
            statuses: self.status.into_iter().map(MessageStatus::from).collect::<BTreeSet<_>>(),
            to: self.to.as_deref().map(recipient).transpose()?,
            from: self.from,
            after,
            before,
            key_id: self.key_id.map(|key| key.0),
            invoice_id: self.invoice_id.map(|invoice| invoice.0),
        })
    }
}

impl MessageRoutes {
    /// Over these use cases.
    pub fn new(messages: Messages, cursors: Cursors) -> Self {
        Self { messages, cursors }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Messages")]
impl MessageRoutes {
    /// The tenant's messages of one world, latest first
    ///
    /// `status` may be given several times: any of them. `to` is a number, or the beginning of one and `*`. `after` is
    /// the first instant, `before` the first that is not meant any more. `invoiceId` selects what an invoice bills.
    #[oai(path = "/messages", method = "get", operation_id = "messages.list")]
    #[allow(clippy::too_many_arguments, reason = "one for each parameter")]
    async fn list(
        &self,
        caller: Caller,
        environment: Query<Option<ApiEnvironment>>,
        #[oai(default)] status: Query<Vec<ApiMessageStatus>>,
        to: Query<Option<String>>,
        from: Query<Option<String>>,
        after: Query<Option<ApiTimestamp>>,
        before: Query<Option<ApiTimestamp>>,
        #[oai(name = "keyId")] key_id: Query<Option<ApiId<kinds::ApiKey>>>,
        #[oai(name = "invoiceId")] invoice_id: Query<Option<InvoiceIdBody>>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<MessageBody>>, Problem> {
        let environment = environment.0.map(Environment::from);
        let asked = Asked {
            status: status.0,
            to: to.0,
            from: from.0,
            after: after.0,
            before: before.0,
            key_id: key_id.0,
            invoice_id: invoice_id.0,
        };
        let filter = asked.filter()?;
        let list = self.cursors.list("messages.list", caller.tenant());
        let list = list
            .filter("environment", environment.map(Environment::as_str))
            .filter("filter", Some(bound(&filter)));
        let request = list.request(limit.0, cursor.0.as_deref())?;
        let page = self.messages.list(&caller.0, environment, &filter, &request).await?;
        Ok(Json(list.answer(page, MessageBody::from)))
    }

    /// How many messages there are by status
    ///
    /// The parameters are those of the list.
    #[oai(path = "/messages/stats", method = "get", operation_id = "messages.stats")]
    #[allow(clippy::too_many_arguments, reason = "one for each parameter")]
    async fn stats(
        &self,
        caller: Caller,
        environment: Query<Option<ApiEnvironment>>,
        to: Query<Option<String>>,
        from: Query<Option<String>>,
        after: Query<Option<ApiTimestamp>>,
        before: Query<Option<ApiTimestamp>>,
        #[oai(name = "keyId")] key_id: Query<Option<ApiId<kinds::ApiKey>>>,
        #[oai(name = "invoiceId")] invoice_id: Query<Option<InvoiceIdBody>>,
    ) -> Result<Json<MessageStatsBody>, Problem> {
        let asked = Asked {
            status: Vec::new(),
            to: to.0,
            from: from.0,
            after: after.0,
            before: before.0,
            key_id: key_id.0,
            invoice_id: invoice_id.0,
        };
        let environment = environment.0.map(Environment::from);
        Ok(Json(self.messages.stats(&caller.0, environment, &asked.filter()?).await?.into()))
    }

    /// All of the tenant's messages, a JSON object a line, latest first
    ///
    /// The parameters are those of the list. A connection that breaks off has not given all of them.
    #[oai(path = "/messages/export", method = "get", operation_id = "messages.export")]
    #[allow(clippy::too_many_arguments, reason = "one for each parameter")]
    async fn export(
        &self,
        caller: Caller,
        environment: Query<Option<ApiEnvironment>>,
        #[oai(default)] status: Query<Vec<ApiMessageStatus>>,
        to: Query<Option<String>>,
        from: Query<Option<String>>,
        after: Query<Option<ApiTimestamp>>,
        before: Query<Option<ApiTimestamp>>,
        #[oai(name = "keyId")] key_id: Query<Option<ApiId<kinds::ApiKey>>>,
        #[oai(name = "invoiceId")] invoice_id: Query<Option<InvoiceIdBody>>,
    ) -> Result<Download<Lines>, Problem> {
        let asked = Asked {
            status: status.0,
            to: to.0,
            from: from.0,
            after: after.0,
            before: before.0,
            key_id: key_id.0,
            invoice_id: invoice_id.0,
        };
        let (filter, environment) = (asked.filter()?, environment.0.map(Environment::from));
        let (messages, call) = (self.messages.clone(), caller.0);
        // What cannot begin is refused; what has begun can only break off.
        let request = PageRequest::first(MESSAGES_AT_ONCE);
        let first = messages.list(&call, environment, &filter, &request).await?;
        Ok(Download::streamed("messages.ndjson".to_owned(), move |sink| {
            export(messages, call, environment, filter, first, sink)
        }))
    }

    /// Send a message
    #[oai(path = "/messages", method = "post", operation_id = "messages.send")]
    async fn send(
        &self,
        caller: Caller,
        body: Json<NewMessageBody>,
    ) -> Result<Located<Created<MessageBody>>, Problem> {
        let message = self.messages.send(&caller.0, body.0.parse()?).await?;
        let path = format!("/v1/messages/{}", message.id);
        Ok(Located { path, version: None, answer: Created(message.into()) })
    }

    /// What a message would be and cost
    ///
    /// Nothing is sent.
    #[oai(path = "/message-quotes", method = "post", operation_id = "messages.quote")]
    async fn quote(
        &self,
        caller: Caller,
        body: Json<NewMessageBody>,
    ) -> Result<Json<MessageQuoteBody>, Problem> {
        Ok(Json(self.messages.quote(&caller.0, body.0.parse()?).await?.into()))
    }

    /// One message
    #[oai(path = "/messages/:id", method = "get", operation_id = "messages.get")]
    async fn get(
        &self,
        caller: Caller,
        id: Path<MessageIdBody>,
        environment: Query<Option<ApiEnvironment>>,
    ) -> Result<Json<MessageBody>, Problem> {
        let environment = environment.0.map(Environment::from);
        Ok(Json(self.messages.get(&caller.0, environment, &id.0.0).await?.into()))
    }

    /// What is known for good of a message, signed
    #[oai(path = "/messages/:id/receipt", method = "get", operation_id = "messages.receipt")]
    async fn receipt(
        &self,
        caller: Caller,
        id: Path<MessageIdBody>,
        environment: Query<Option<ApiEnvironment>>,
    ) -> Result<Json<DeliveryReceiptBody>, Problem> {
        let environment = environment.0.map(Environment::from);
        Ok(Json(self.messages.receipt(&caller.0, environment, &id.0.0).await?.into()))
    }
}

/// A filter as cursors are bound to it.
fn bound(filter: &MessageFilter) -> String {
    let MessageFilter { statuses, to, from, after, before, key_id, invoice_id } = filter;
    // A number's own text is its mask.
    let to = match to {
        None => String::new(),
        Some(Recipient::Number(number)) => number.as_str().to_owned(),
        Some(Recipient::Prefix(prefix)) => format!("{prefix}*"),
    };
    format!("{statuses:?} {to} {from:?} {after:?} {before:?} {key_id:?} {invoice_id:?}")
}

/// Writes a part after the other.
async fn export(
    messages: Messages,
    call: Call,
    environment: Option<Environment>,
    filter: MessageFilter,
    mut part: Page<Message>,
    mut sink: Sink,
) -> io::Result<Sink> {
    loop {
        for message in part.items {
            let line = MessageBody::from(message).to_json_string();
            sink.write(format!("{line}\n").as_bytes()).await?;
        }
        let Some(cursor) = part.next else { return Ok(sink) };
        let request = PageRequest { limit: MESSAGES_AT_ONCE, cursor: Some(cursor) };
        let next = messages.list(&call, environment, &filter, &request).await;
        part = next.map_err(|error| io::Error::other(error.code))?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_is_a_number_or_the_beginning_of_one() {
        let number = E164Phone::parse("+93701231234").unwrap();
        assert_eq!(recipient("+93 70 123 1234"), Ok(Recipient::Number(number)));
        assert_eq!(recipient("+9370*"), Ok(Recipient::Prefix("+9370".to_owned())));
        for bad in ["", "*", "+937*", "9370*", "+93 70*", "+1234567890123456*", "Sarai"] {
            assert_eq!(recipient(bad).map_err(|problem| problem.code()), Err("validation_failed"), "{bad}");
        }
    }

    #[test]
    fn an_invoice_names_its_time_itself_and_time_runs_forward() {
        let at = |text: &str| Some(ApiTimestamp(text.parse().unwrap()));
        let (early, late) = ("2026-04-01T00:00:00Z", "2026-04-02T00:00:00Z");
        let asked = |after: Option<&str>, before: Option<&str>, invoice: Option<&str>| Asked {
            status: vec![ApiMessageStatus::Failed],
            to: None,
            from: None,
            after: after.and_then(at),
            before: before.and_then(at),
            key_id: None,
            invoice_id: invoice.map(|id| ApiExternalId(id.parse().unwrap())),
        };
        assert!(asked(Some(early), Some(late), None).filter().is_ok());
        assert!(asked(None, None, Some("inv_1")).filter().is_ok());
        for bad in [
            asked(Some(late), Some(early), None),
            asked(Some(early), Some(early), None),
            asked(Some(early), None, Some("inv_1")),
            asked(None, Some(early), Some("inv_1")),
        ] {
            assert_eq!(bad.filter().unwrap_err().code(), "validation_failed");
        }
    }

    #[test]
    fn a_cursor_is_bound_to_the_number_and_not_to_its_mask() {
        let to = |number: &str| {
            bound(&MessageFilter { to: Some(recipient(number).unwrap()), ..MessageFilter::default() })
        };
        assert_ne!(to("+93701231234"), to("+93702231234"));
    }
}
