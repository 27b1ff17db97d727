//! The developer portal's ports.

mod senders;

pub use senders::{
    Callback, CallbackError, CallbackReader, Outgoing, Part, Receipt, ReceiptStatus, Receipts,
    SIGNATURE_HEADER, SendOutcome, Senders, TIMESTAMP_HEADER, VerifySender, fate,
};
