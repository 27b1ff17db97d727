//! The audit log: who reads it, in which order.

use std::time::Duration;

use sarai_domain::kernel::Aggregate;
use sarai_ports::{
    PageRequest, Scope,
    audit::{AuditRow, Deed},
};

use crate::{
    SuitePorts, make,
    paging::assert_pages,
    subject::{Orders, Subject},
};

/// The log turns its pages, the newest row first, also those of one instant.
pub async fn the_log_turns_its_pages(ports: &SuitePorts) {
    let mut expected = Vec::new();
    for number in 0..6 {
        let order = make::order(ports, "acme", "ana");
        expected.insert(0, order.id().to_string());
        ports.put(&*ports.orders, order).await;
        if number % 3 == 2 {
            ports.advance(Duration::from_micros(1));
        }
    }
    assert_pages(&expected, async |request| {
        Ok(ports.audit.list(&Scope::PlatformAdmin, &request).await?.map(|row| row.target))
    })
    .await;
}

/// A tenant reads what concerns its own rows, the platform everything, the public nothing.
pub async fn a_tenant_reads_its_own_rows(ports: &SuitePorts) {
    for tenant in ["acme", "acme", "globex"] {
        ports.put(&*ports.orders, make::order(ports, tenant, "ana")).await;
    }
    let page = PageRequest::first(10);
    let tenant = |name: &str| Scope::Tenant(make::tenant(name));
    for (scope, count) in [
        (tenant("acme"), 2),
        (tenant("globex"), 1),
        (tenant("platform"), 0),
        (Scope::Public, 0),
        (Scope::System, 3),
        (Scope::PlatformAdmin, 3),
    ] {
        let rows = ports.audit.list(&scope, &page).await.unwrap().items;
        assert_eq!(rows.len(), count, "{scope:?}");
    }
}

/// What changed no aggregate is noted between what did, as a row of whoever did it.
pub async fn a_deed_is_noted(ports: &SuitePorts) {
    ports.put(&*ports.orders, make::order(ports, "acme", "ana")).await;
    ports.advance(Duration::from_micros(1));
    let deed = Deed {
        at: ports.now(),
        tenant_id: make::tenant("platform"),
        actor: "admin".to_owned(),
        action: "outbox.redrive",
        target: "*".to_owned(),
        reason: Some("billing's back".to_owned()),
        request_id: Some("req-1".to_owned()),
    };
    ports.audit.note(&deed).await.expect("noted");
    let unasked = Deed { reason: None, request_id: None, ..deed.clone() };
    ports.audit.note(&unasked).await.expect("noted");
    let rows = ports.audit_rows().await;
    let seqs: Vec<_> = rows.iter().map(|row| row.seq).collect();
    assert!(seqs.is_sorted_by(|one, next| one > next), "{seqs:?}");
    let noted = |seq, deed: Deed| {
        let Deed { at, tenant_id, actor, action, target, reason, request_id } = deed;
        AuditRow { seq, at, tenant_id, actor, action, target, version: 0, reason, request_id }
    };
    assert_eq!(rows[..2], [noted(seqs[0], unasked), noted(seqs[1], deed)]);
    assert_eq!(rows.len(), 3);
    let page = PageRequest::first(10);
    for (tenant, count) in [("platform", 2), ("acme", 1), ("globex", 0)] {
        let found = ports.audit.list(&Scope::Tenant(make::tenant(tenant)), &page).await.unwrap();
        assert_eq!(found.items.len(), count, "{tenant}");
    }
}

/// Rows have places that never repeat, later ones greater.
pub async fn places_grow(ports: &SuitePorts) {
    let mut order = ports.stored(&*ports.orders, make::order(ports, "acme", "ana")).await;
    for _ in 0..4 {
        order = ports.stored(&*ports.orders, Orders::changed(&order, ports)).await;
    }
    let rows = ports.audit_rows().await;
    assert_eq!(rows.iter().map(|row| row.version).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
    assert!(rows.windows(2).all(|pair| pair[0].seq > pair[1].seq));
}

/// A row says what was done at the business time of the command.
pub async fn rows_say_when(ports: &SuitePorts) {
    let order = make::order(ports, "acme", "ana");
    let mut context = ports.context();
    context.now = "2026-01-02T03:04:05.678901Z".parse().unwrap();
    let unit = ports.unit(order, context);
    let _ = ports.orders.save(&Scope::System, unit).await.unwrap();
    assert_eq!(ports.audit_rows().await[0].at.to_string(), "2026-01-02T03:04:05.678901Z");
}
