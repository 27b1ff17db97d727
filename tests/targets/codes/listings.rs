//! What listings, plans and their review are refused with.

use serde_json::{Value, json};

use crate::{
    server::Answer,
    world::{Sold, World, listing, merged, new_buyer, one_time, unknown, usd},
};

/// Provokes a code of a listing's operation.
pub(crate) async fn provoke(world: &World, operation: &str, code: &str) -> Option<Answer> {
    match operation {
        "listings.create" => {
            let provider = world.provider().await;
            Some(world.send(provider.post("/v1/listings", listing(bad_listing(code)?))).await)
        }
        "listings.edit" => edit(world, code).await,
        "listings.propose" | "listings.withdraw-proposal" => propose(world, code).await,
        "plans.create" | "plans.edit" | "plans.replace" => plan(world, operation, code).await,
        "admin.listings.approve" => approve(world, code).await,
        "admin.listings.reject" | "admin.listings.suspend" | "admin.listings.reinstate" => {
            decide(world, operation, code).await
        }
        "admin.listings.revenue-share" => revenue_share(world, code).await,
        _ => life(world, operation, code).await,
    }
}

/// Members that are refused with this code.
fn bad_listing(code: &str) -> Option<Value> {
    let marketing = |over: Value| json!({"marketing": merged(json!({"tagline": "Welding"}), over)});
    Some(match code {
        "listing.category_malformed" => json!({"category": " "}),
        "listing.description_malformed" => marketing(json!({"description": "x".repeat(10_001)})),
        "listing.refund_days_out_of_range" => json!({"refundPolicy": {"refundDays": 91}}),
        "listing.revenue_share_forbidden" => {
            json!({"revenueShare": {"platformBps": 0, "providerBps": 10_000}})
        }
        "listing.revenue_share_not_whole" => json!({"revenueShare": {"platformBps": 1, "providerBps": 1}}),
        "listing.tagline_malformed" => marketing(json!({"tagline": "two\nlines"})),
        "listing.tags_malformed" => json!({"tags": ["twice", "twice"]}),
        "listing.too_many_screenshots" => marketing(json!({"screenshots": vec!["https://a.test/1"; 11]})),
        "listing.url_malformed" => marketing(json!({"hero": "http://a.test/hero"})),
        _ => return None,
    })
}

async fn edit(world: &World, code: &str) -> Option<Answer> {
    let (sold, patch) = match code {
        "listing.invalid_transition" => (world.personal().await, json!({"category": "metal"})),
        _ => (world.draft(json!({}), one_time()).await, bad_listing(code)?),
    };
    let version = world.version(&sold).await;
    Some(world.send(sold.provider.patch(sold.path(""), version, patch)).await)
}

/// The provider's proposals.
async fn propose(world: &World, code: &str) -> Option<Answer> {
    let (sold, body) = match code {
        "listing.invalid_transition" => {
            (world.draft(json!({}), one_time()).await, json!({"category": "metal"}))
        }
        "listing.no_pending_revision" => {
            let sold = world.personal().await;
            return Some(world.send(sold.provider.delete(sold.path("/proposals"))).await);
        }
        "listing.revision_empty" => (world.personal().await, json!({"visibility": "public"})),
        _ => (world.personal().await, bad_listing(code)?),
    };
    Some(world.send(sold.provider.post(sold.path("/proposals"), body)).await)
}

/// Terms that are refused with this code, whether added, put in the place of others, or changed to.
fn bad_terms(code: &str) -> Option<Value> {
    Some(match code {
        "listing.interval_missing" => json!({"kind": "subscription"}),
        "listing.interval_not_allowed" => json!({"intervalMonths": 1}),
        "listing.plan_currency_mismatch" => json!({"currency": "EUR"}),
        "listing.seats_missing" => json!({"kind": "seat_pack"}),
        "listing.seats_not_allowed" => json!({"seats": 2}),
        _ => return None,
    })
}

async fn plan(world: &World, operation: &str, code: &str) -> Option<Answer> {
    let off_sale = json!({"active": false});
    let (mut sold, terms) = match code {
        "listing.invalid_transition" => (world.retired().await, off_sale),
        "listing.no_active_plan" => (world.submitted().await, off_sale),
        "listing.plan_frozen" => (world.personal().await, json!({"price": usd("1.00")})),
        "listing.plan_not_found" => (world.draft(json!({}), one_time()).await, json!({})),
        _ => (world.draft(json!({}), one_time()).await, bad_terms(code)?),
    };
    if code == "listing.plan_not_found" {
        sold.plan = unknown("pln");
    }
    let (provider, version) = (&sold.provider, world.version(&sold).await);
    let one = sold.path(&format!("/plans/{}", sold.plan));
    let ask = match operation {
        "plans.create" => provider.post(sold.path("/plans"), merged(one_time(), terms)),
        "plans.replace" => provider.post(format!("{one}/replace"), merged(one_time(), terms)),
        _ => provider.patch(one, version, terms),
    };
    Some(world.send(ask).await)
}

/// The provider's steps.
async fn life(world: &World, operation: &str, code: &str) -> Option<Answer> {
    let step = operation.strip_prefix("listings.")?;
    let mut server = &world.well;
    let sold = match (step, code) {
        ("submit" | "withdraw", "listing.invalid_transition") | ("ship-version", "listing.not_shippable") => {
            world.personal().await
        }
        (_, "listing.invalid_transition") => world.draft(json!({}), one_time()).await,
        ("submit", "listing.no_active_plan") => {
            let plan = merged(one_time(), json!({"active": false}));
            world.draft(json!({}), plan).await
        }
        ("go-live", "listing.no_active_plan") => {
            let sold = world.approved().await;
            take_off_sale(world, &sold).await;
            sold
        }
        ("go-live", "listing.kyc_required") => {
            let sold = world.approved().await;
            world.verify(sold.provider.tenant(), false).await;
            sold
        }
        ("go-live", "listing.not_shippable") => {
            server = &world.refusing;
            world.approved().await
        }
        ("retire", "listing.in_use") => {
            let sold = world.personal().await;
            world.bought(&new_buyer(), &[(&sold, 1)]).await;
            sold
        }
        _ => return None,
    };
    let path = sold.path(&format!("/{step}"));
    let ask = match step {
        "ship-version" => sold.provider.post(path, json!({"courseVersionId": "cv_unbuilt_1"})),
        _ => sold.provider.poke(path),
    };
    Some(server.send(&ask).await)
}

async fn take_off_sale(world: &World, sold: &Sold) {
    let version = world.version(sold).await;
    let path = sold.path(&format!("/plans/{}", sold.plan));
    world.ok(sold.provider.patch(path, version, json!({"active": false}))).await;
}

async fn approve(world: &World, code: &str) -> Option<Answer> {
    let sold = match code {
        "listing.invalid_transition" => world.draft(json!({}), one_time()).await,
        "listing.kyc_required" | "listing.stale_review" => world.submitted().await,
        "listing.not_shippable" => {
            let unbuilt = json!({"courseId": "crs_unbuilt_1", "courseVersionId": "cv_unbuilt_1"});
            let sold = world.draft(unbuilt, one_time()).await;
            world.ok(sold.provider.poke(sold.path("/submit"))).await;
            sold
        }
        _ => return None,
    };
    if code == "listing.kyc_required" {
        world.verify(sold.provider.tenant(), false).await;
    }
    let reviewed = if code == "listing.stale_review" { 1 } else { world.version(&sold).await };
    Some(world.send(world.admin.post(sold.admin("/approve"), json!({"reviewedVersion": reviewed}))).await)
}

async fn decide(world: &World, operation: &str, code: &str) -> Option<Answer> {
    let step = operation.strip_prefix("admin.listings.")?;
    let mut server = &world.well;
    let mut reason = "looked into";
    let sold = match code {
        "listing.invalid_transition" => world.draft(json!({}), one_time()).await,
        "listing.reason_malformed" => {
            reason = " ";
            world.suspended().await
        }
        "listing.kyc_required" => {
            let sold = world.suspended().await;
            world.verify(sold.provider.tenant(), false).await;
            sold
        }
        "listing.no_active_plan" => {
            let sold = world.suspended().await;
            take_off_sale(world, &sold).await;
            sold
        }
        "listing.not_shippable" => {
            server = &world.refusing;
            world.suspended().await
        }
        _ => return None,
    };
    let ask = world.admin.post(sold.admin(&format!("/{step}")), json!({"reason": reason}));
    Some(server.send(&ask).await)
}

async fn revenue_share(world: &World, code: &str) -> Option<Answer> {
    let good = json!({"platformBps": 2_000, "providerBps": 8_000, "reason": "negotiated"});
    let (sold, body) = match code {
        "listing.invalid_transition" => (world.retired().await, good),
        "listing.reason_malformed" => (world.personal().await, merged(good, json!({"reason": " "}))),
        "listing.revenue_share_not_whole" => {
            (world.personal().await, merged(good, json!({"platformBps": 1})))
        }
        _ => return None,
    };
    let mut ask = world.admin.patch(sold.admin("/revenue-share"), 1, body);
    ask.if_match = None;
    Some(world.send(ask).await)
}
