//! What a code means, and under which key it is unique.

use super::*;

fn with_code(code: &str, owner: Owner, tenant_scope: Option<&str>) -> CodeKey {
    let new = NewCoupon { code: code.parse().unwrap(), owner, ..new_coupon() };
    created(NewCoupon { tenant_scope: tenant_scope.map(tenant), ..new }).unique_key()
}

#[test]
fn c_inv_1_rejects_one_code_spelled_in_two_ways() {
    let key = with_code("SPRING", Owner::Platform, None);
    assert_eq!(with_code(" ｓｐｒｉｎｇ ", Owner::Platform, None), key);
    assert_eq!(with_code("spring", Owner::Platform, None).to_string(), "platform * SPRING");
    assert_eq!(CouponError::CodeTaken.invariant(), Some(C_INV_1));
    assert_eq!(
        (CouponError::CodeTaken.code(), CouponError::CodeTaken.kind()),
        ("coupon.code_taken", Kind::Conflict)
    );
}

#[test]
fn c_inv_1_allows_one_code_for_each_owner_and_tenant_scope() {
    let acme = || Owner::Provider(tenant("acme"));
    let keys = [
        with_code("SPRING", Owner::Platform, None),
        with_code("SPRING", Owner::Platform, Some("t1")),
        with_code("SPRING", Owner::Platform, Some("*")),
        with_code("SPRING", acme(), None),
        with_code("SPRING", acme(), Some("t1")),
        with_code("SPRING", Owner::Provider(tenant("platform")), None),
        with_code("SPRING-2", Owner::Platform, None),
    ];
    let texts: BTreeSet<_> = keys.iter().map(ToString::to_string).collect();
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
    assert_eq!(texts.len(), keys.len());
}

#[test]
fn a_code_means_the_platform_s_coupon_for_the_buyer_then_the_platform_s_then_the_providers() {
    let (code, buyer): (CouponCode, _) = ("SPRING".parse().unwrap(), tenant("t1"));
    let providers = [tenant("p1"), tenant("p2")];
    let keys = code_keys(&code, &buyer, &providers);
    assert_eq!(keys.len(), 6);
    let found = |texts: &[&str]| -> Vec<String> {
        let named = keys.iter().filter(|key| texts.contains(&key.to_string().as_str()));
        resolve_code(named.map(|key| (key.clone(), key.to_string())).collect())
    };
    let all: Vec<String> = keys.iter().map(ToString::to_string).collect();
    assert_eq!(found(&all.iter().map(String::as_str).collect::<Vec<_>>()), ["platform tenant:t1 SPRING"]);
    assert_eq!(found(&["platform * SPRING", "provider:p1 * SPRING"]), ["platform * SPRING"]);
    assert_eq!(
        found(&["provider:p1 * SPRING", "provider:p1 tenant:t1 SPRING", "provider:p2 * SPRING"]),
        ["provider:p1 tenant:t1 SPRING", "provider:p2 * SPRING"]
    );
    assert!(found(&[]).is_empty());
}
