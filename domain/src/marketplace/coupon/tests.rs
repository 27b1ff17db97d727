//! Tests of the coupon.
