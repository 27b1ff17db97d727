//! Columns say what documents say, and lists are read by an index in their order.
