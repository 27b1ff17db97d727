//! Messaging and billing where there are none.

use std::collections::BTreeSet;

use async_trait::async_trait;
use sarai_domain::kernel::{InvoiceId, MessageId, TenantId};
use sarai_ports::{
    GatewayError, Page, PageRequest,
    devportal::{
        Balance, DailyMessages, DailyRequest, DeliveryReceipt, Invoice, InvoiceStatus, InvoicingGateway,
        Message, MessageErrorCode, MessageFilter, MessageQuote, MessageStats, MessagingGateway, NewMessage,
        OperatorHealth, SenderId, Traffic,
    },
};

use super::{Nobody, nobody};

#[rustfmt::skip]
#[async_trait]
impl MessagingGateway for Nobody {
    async fn send(&self, _: &str, _: &NewMessage) -> Result<Message, GatewayError> { Err(nobody()) }
    async fn quote(&self, _: &NewMessage) -> Result<MessageQuote, GatewayError> { Err(nobody()) }
    async fn messages(&self, _: &Traffic, _: &MessageFilter, _: &PageRequest) -> Result<Page<Message>, GatewayError> { Err(nobody()) }
    async fn stats(&self, _: &Traffic, _: &MessageFilter) -> Result<MessageStats, GatewayError> { Err(nobody()) }
    async fn message(&self, _: &Traffic, _: &MessageId) -> Result<Option<Message>, GatewayError> { Err(nobody()) }
    async fn receipt(&self, _: &Traffic, _: &MessageId) -> Result<Option<DeliveryReceipt>, GatewayError> { Err(nobody()) }
    async fn sender_ids(&self, _: &TenantId) -> Result<Vec<SenderId>, GatewayError> { Err(nobody()) }
    async fn error_codes(&self) -> Result<Vec<MessageErrorCode>, GatewayError> { Err(nobody()) }
    async fn operator_health(&self, _: &str) -> Result<Option<OperatorHealth>, GatewayError> { Err(nobody()) }
    async fn daily(&self, _: &DailyRequest) -> Result<Vec<DailyMessages>, GatewayError> { Err(nobody()) }
}

#[rustfmt::skip]
#[async_trait]
impl InvoicingGateway for Nobody {
    async fn balance(&self, _: &TenantId) -> Result<Balance, GatewayError> { Err(nobody()) }
    async fn invoices(&self, _: &TenantId, _: &BTreeSet<InvoiceStatus>, _: &PageRequest) -> Result<Page<Invoice>, GatewayError> { Err(nobody()) }
    async fn invoice(&self, _: &TenantId, _: &InvoiceId) -> Result<Option<Invoice>, GatewayError> { Err(nobody()) }
    async fn invoice_pdf(&self, _: &TenantId, _: &InvoiceId) -> Result<Option<Vec<u8>>, GatewayError> { Err(nobody()) }
}
