//! What both SQL stores share: tables, documents, and every query.
