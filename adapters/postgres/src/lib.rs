//! Every store port on Postgres: forced row-level security, one round trip a unit.
