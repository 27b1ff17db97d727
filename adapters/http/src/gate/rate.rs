//! How often: one bucket per class and caller, in this process (ruling R16: spending limits are the store's).

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    time::{Duration, Instant},
};

use governor::{
    DefaultKeyedRateLimiter, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
};
use poem::{
    Request,
    http::{HeaderMap, HeaderName, HeaderValue},
};
use sarai_ports::auth::Principal;

use super::refusals::Refusals;
use crate::{
    memory_call::OnBehalfOf,
    operations::{Operation, RateClass},
    problem::Problem,
};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// How often buckets nobody has used are dropped.
const TEND_EVERY: Duration = Duration::from_mins(1);

/// A bucket: it holds `burst` requests and gets one back every `period`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// After how long one more request is allowed.
    pub period: Duration,
    /// How many requests are allowed at once.
    pub burst: NonZeroU32,
}

impl Quota {
    /// So many requests a second, and so many at once.
    pub const fn per_second(requests: NonZeroU32, burst: NonZeroU32) -> Self {
        Self { period: Duration::from_nanos(1_000_000_000 / requests.get() as u64), burst }
    }

    /// So many requests a minute, and so many at once.
    pub const fn per_minute(requests: NonZeroU32, burst: NonZeroU32) -> Self {
        Self { period: Duration::from_nanos(60_000_000_000 / requests.get() as u64), burst }
    }
}

/// The quota of each class, and whose word about the client's address is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimits {
    /// Signed-in work, per principal.
    pub standard: Quota,
    /// Reading without signing in, per client address.
    pub anonymous: Quota,
    /// Signing in, per client address.
    pub sign_in: Quota,
    /// Messages of other services, per client address.
    pub webhook: Quota,
    /// API keys that are refused, per client address.
    pub refused_keys: Quota,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
}

const fn number(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

impl Default for RateLimits {
    fn default() -> Self {
        let work = Quota::per_second(number(50), number(200));
        Self {
            standard: work,
            anonymous: work,
            sign_in: Quota::per_minute(number(10), number(30)),
            webhook: Quota::per_second(number(200), number(1_000)),
            refused_keys: Quota::per_second(number(10), number(300)),
            trusted_proxies: Vec::new(),
        }
    }
}

type Buckets = DefaultKeyedRateLimiter<String, StateInformationMiddleware>;

/// The buckets of every class.
pub(crate) struct Limiter {
    classes: BTreeMap<RateClass, Class>,
    refused_keys: Refusals,
    trusted_proxies: Vec<IpAddr>,
}

struct Class {
    buckets: Buckets,
    policy: HeaderValue,
    period: Duration,
    burst: u32,
}

impl Limiter {
    pub(crate) fn new(limits: RateLimits) -> Self {
        let quota = |class| match class {
            RateClass::Standard => limits.standard,
            RateClass::Anonymous => limits.anonymous,
            RateClass::SignIn => limits.sign_in,
            RateClass::Webhook => limits.webhook,
        };
        let classes = RateClass::ALL.map(|(class, name)| (class, Class::new(name, quota(class))));
        let refused_keys = Refusals::new(limits.refused_keys);
        Self { classes: classes.into(), refused_keys, trusted_proxies: limits.trusted_proxies }
    }

    /// Refuses to look at a key that comes from where too many were refused.
    pub(super) fn admit_key(&self, request: &Request) -> Result<(), Problem> {
        match self.refused_keys.wait(&self.address(request), Instant::now()) {
            Some(wait) => Err(Problem::new("rate_limited", "too many API keys from here were refused")
                .retry_after(whole_seconds(wait))),
            None => Ok(()),
        }
    }

    /// A key was refused.
    pub(super) fn key_refused(&self, request: &Request) {
        self.refused_keys.count(self.address(request), Instant::now());
    }

    /// Counts a request; gives the headers that say how much is left, or refuses with them.
    pub(super) fn count(
        &self,
        operation: &Operation,
        principal: Option<&Principal>,
        request: &Request,
    ) -> (HeaderMap, Result<(), Problem>) {
        let key = match principal {
            Some(caller) if operation.rate == RateClass::Standard => {
                format!("{} {}", caller.tenant_id, caller.user_id)
            }
            _ => self.address(request),
        };
        match self.classes.get(&operation.rate) {
            Some(class) => class.count(&key, operation.rate.name()),
            None => (HeaderMap::new(), Ok(())),
        }
    }

    /// Drops the buckets that are full again, for ever.
    pub(crate) async fn tend(&self) {
        loop {
            tokio::time::sleep(TEND_EVERY).await;
            for class in self.classes.values() {
                class.buckets.retain_recent();
            }
            self.refused_keys.tend(Instant::now());
        }
    }

    /// Where a request comes from, as a bucket.
    fn address(&self, request: &Request) -> String {
        self.client(request).map_or_else(|| request.remote_addr().to_string(), network)
    }

    /// Where a request comes from: the peer, or what a trusted proxy says about it.
    pub(super) fn client(&self, request: &Request) -> Option<IpAddr> {
        if let Some(OnBehalfOf(client)) = request.extensions().get() {
            return Some(client.to_canonical());
        }
        client_of(request, &self.trusted_proxies)
    }
}

/// Where a request that came over a socket comes from: the peer, or what a trusted proxy says about it.
pub fn client_of(request: &Request, trusted_proxies: &[IpAddr]) -> Option<IpAddr> {
    let peer = request.remote_addr().as_socket_addr()?.ip().to_canonical();
    if !trusted_proxies.contains(&peer) {
        return Some(peer);
    }
    let hops = request.headers().get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<IpAddr> =
        hops.flat_map(|line| line.split(',')).filter_map(|hop| hop.trim().parse().ok()).collect();
    let client = hops.iter().rev().find(|hop| !trusted_proxies.contains(hop));
    Some(client.copied().unwrap_or(peer))
}

/// One subscriber: an IPv4 address, or the /64 an IPv6 subscriber has for itself.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
    }
}

impl Class {
    fn new(name: &str, quota: Quota) -> Self {
        let bucket = governor::Quota::with_period(quota.period)
            .unwrap_or_else(|| governor::Quota::per_second(quota.burst))
            .allow_burst(quota.burst);
        let burst = quota.burst.get();
        let window = whole_seconds(quota.period.saturating_mul(burst));
        let policy = HeaderValue::try_from(format!("\"{name}\";q={burst};w={window}"));
        Self {
            buckets: RateLimiter::keyed(bucket).with_middleware(),
            policy: policy.unwrap_or(HeaderValue::from_static("")),
            period: quota.period,
            burst,
        }
    }

    fn count(&self, key: &String, name: &str) -> (HeaderMap, Result<(), Problem>) {
        let (left, reset, outcome) = match self.buckets.check_key(key) {
            Ok(state) => {
                let left = state.remaining_burst_capacity();
                (left, self.period.saturating_mul(self.burst.saturating_sub(left)), Ok(()))
            }
            Err(refused) => {
                let wait = refused.wait_time_from(DefaultClock::default().now());
                let problem =
                    Problem::new("rate_limited", "too many requests").retry_after(whole_seconds(wait));
                (0, wait, Err(problem))
            }
        };
        let mut headers = HeaderMap::new();
        headers.insert(POLICY, self.policy.clone());
        let state = format!("\"{name}\";r={left};t={}", whole_seconds(reset));
        if let Ok(state) = HeaderValue::try_from(state) {
            headers.insert(LIMIT, state);
        }
        (headers, outcome)
    }
}

/// Seconds, rounded up, at least one.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use poem::{
        Body,
        http::{Method, uri::Scheme},
        web::{LocalAddr, RemoteAddr},
    };

    use super::*;
    use crate::operations;

    fn limiter(trusted: &[&str]) -> Limiter {
        Limiter::new(RateLimits {
            sign_in: Quota::per_minute(number(10), number(2)),
            trusted_proxies: trusted.iter().map(|ip| ip.parse().unwrap()).collect(),
            ..RateLimits::default()
        })
    }

    fn from(peer: &str, forwarded: Option<&str>) -> Request {
        let mut builder = poem::http::Request::builder();
        if let Some(forwarded) = forwarded {
            builder = builder.header("x-forwarded-for", forwarded);
        }
        let (head, ()) = builder.body(()).unwrap().into_parts();
        let address: std::net::SocketAddr = format!("{peer}:1234").parse().unwrap();
        let peer = RemoteAddr(address.into());
        Request::from_parts((head, LocalAddr::default(), peer, Scheme::HTTP).into(), Body::empty())
    }

    fn sign_in(limiter: &Limiter, request: &Request) -> (HeaderMap, Result<(), Problem>) {
        let row = operations::find(&Method::POST, "/v1/auth/sessions").unwrap();
        limiter.count(row, None, request)
    }

    #[test]
    fn beyond_the_burst_a_caller_is_told_when_to_come_back() {
        let limiter = limiter(&[]);
        let request = from("10.0.0.1", None);
        let (headers, outcome) = sign_in(&limiter, &request);
        assert!(outcome.is_ok());
        assert_eq!(headers["ratelimit-policy"], "\"sign-in\";q=2;w=12");
        assert_eq!(headers["ratelimit"], "\"sign-in\";r=1;t=6");
        assert!(sign_in(&limiter, &request).1.is_ok());
        let (headers, outcome) = sign_in(&limiter, &request);
        let response = outcome.unwrap_err().to_response("", "");
        assert_eq!(response.status(), 429);
        assert_eq!(response.header("retry-after"), Some("6"));
        assert_eq!(headers["ratelimit"], "\"sign-in\";r=0;t=6");
        assert!(sign_in(&limiter, &from("10.0.0.2", None)).1.is_ok(), "another address has its own bucket");
    }

    #[test]
    fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
        let spoofed = limiter(&[]);
        for spoof in ["1.1.1.1", "2.2.2.2"] {
            assert!(sign_in(&spoofed, &from("10.0.0.1", Some(spoof))).1.is_ok());
        }
        assert!(sign_in(&spoofed, &from("10.0.0.1", Some("3.3.3.3"))).1.is_err());
        let proxied = limiter(&["10.0.0.1"]);
        assert_eq!(proxied.address(&from("10.0.0.1", Some("6.6.6.6, 1.1.1.1, 10.0.0.1"))), "1.1.1.1");
        assert_eq!(proxied.address(&from("10.0.0.1", Some("nonsense"))), "10.0.0.1");
    }

    #[test]
    fn a_subscriber_of_ipv6_has_one_bucket() {
        assert_eq!(network("2001:db8:1:2:3::4".parse().unwrap()), "2001:db8:1:2::");
        assert_eq!(network("::ffff:10.0.0.1".parse().unwrap()), "10.0.0.1");
    }
}
