//! The services the portals call: auth for the secrets of keys, messaging for the message log, billing for
//! balance and invoices.

mod invoicing;
mod keys;
mod messaging;

pub use invoicing::{Balance, INVOICES_AT_ONCE, Invoice, InvoiceLine, InvoiceStatus, InvoicingGateway};
pub use keys::{IssuedKey, KeyAuthenticator, KeyGrant, KeyRefusal, KeySecretIssuer, KeyTerms};
pub use messaging::{
    COUNTED_MESSAGES, DailyMessages, DailyRequest, DeliveryReceipt, Fault, MESSAGES_AT_ONCE, Message,
    MessageErrorCode, MessageFilter, MessageQuote, MessageStats, MessageStatus, MessagingGateway, NewMessage,
    OperatorHealth, Recipient, SHOWN_FROM, SenderId, Traffic, Translated,
};
