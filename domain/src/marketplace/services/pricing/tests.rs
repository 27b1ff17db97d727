//! Tests of the cart and its pricing.
