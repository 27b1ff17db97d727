//! HTTP clients of auth, billing, messaging and enrollment.
