//! Every store port in one SQLite file: the durable default of one node.
