//! What the public finds, and in which order.

use serde_json::{Value, json};

use crate::market::{Market, draft, one_time, seat_pack, text};

/// Ten listings with prices that come in no order, two of them the same.
async fn shelves(market: &Market) -> Vec<String> {
    let prices = ["70.00", "10.00", "30.00", "30.00", "9.99", "100.00", "0.50", "45.00", "20.00", "99.99"];
    let mut listings = Vec::new();
    for (course, price) in (1..).zip(prices) {
        let mut listing = draft(course);
        listing["tags"] = if course % 2 == 0 { json!(["even"]) } else { json!(["odd"]) };
        listing["category"] = if course <= 3 { json!("metal") } else { json!("wood") };
        if course == 7 {
            listing["marketing"] = json!({"tagline": "Underwater basket weaving", "description": "Reeds."});
        }
        let plan = if course == 5 { seat_pack(price, 3) } else { one_time(price) };
        listings.push(market.sell_as(&listing, &plan).await.listing);
    }
    listings
}

fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| text(row, "id")).collect()
}

fn prices(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| text(&row["pricingPlans"][0]["price"], "amount")).collect()
}

#[tokio::test]
async fn the_catalogue_is_searched_by_text_price_kind_and_tag() {
    let market = Market::open().await;
    let listings = shelves(&market).await;
    let nobody = market.api.nobody();
    let found = async |query: &str| {
        let page = nobody.get(&format!("/v1/catalog?{query}")).await.is(200);
        ids(page["data"].as_array().unwrap()).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let of =
        |courses: &[usize]| courses.iter().map(|course| listings[course - 1].clone()).collect::<Vec<_>>();

    assert_eq!(found("").await, of(&[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]), "newest first");
    assert_eq!(found("q=basket").await, of(&[7]));
    assert_eq!(found("q=BASKET").await, of(&[7]), "in whatever case");
    assert_eq!(found("q=nothing-like-it").await, of(&[]));
    assert_eq!(found("kind=seat_pack").await, of(&[5]));
    assert_eq!(found("tag=even&category=metal").await, of(&[2]));
    assert_eq!(found("currency=EUR").await, of(&[]));
    assert_eq!(found("providerTenantId=acc_demo_other").await, of(&[]));
    assert_eq!(found("providerTenantId=acc_demo_provider&q=Reeds").await, of(&[7]));
    assert_eq!(found("currency=USD&minPrice=30.00&maxPrice=70.00&sort=price_asc").await.len(), 4);
    assert_eq!(found("currency=USD&maxPrice=9.99&sort=price_asc").await, of(&[7, 5]));

    for bad in ["minPrice=5", "sort=price_asc", "currency=USD&minPrice=abc", "currency=USD&maxPrice=1.005"] {
        nobody.get(&format!("/v1/catalog?{bad}")).await.refused(422, "validation_failed");
    }
    for bad in ["kind=lease", "sort=random", "currency=XXX", "limit=0"] {
        nobody.get(&format!("/v1/catalog?{bad}")).await.refused(422, "validation_failed");
    }
}

#[tokio::test]
async fn pages_of_every_order_lead_forth_and_back() {
    let market = Market::open().await;
    shelves(&market).await;
    let nobody = market.api.nobody();
    let ascending = ["0.50", "9.99", "10.00", "20.00", "30.00", "30.00", "45.00", "70.00", "99.99", "100.00"];
    for limit in [1, 3, 5, 10, 100] {
        let rows = nobody.walk("/v1/catalog?currency=USD&sort=price_asc", limit).await;
        assert_eq!(prices(&rows), ascending, "by {limit}");
        let rows = nobody.walk("/v1/catalog?currency=USD&sort=price_desc", limit).await;
        assert_eq!(prices(&rows), ascending.iter().rev().copied().collect::<Vec<_>>(), "by {limit}");
        let rows = nobody.walk("/v1/catalog", limit).await;
        assert_eq!(rows.len(), 10, "by {limit}");
    }
    let rows = market.provider.walk("/v1/provider/listings?state=live", 4).await;
    assert_eq!(rows.len(), 10);
    assert_eq!(market.admin.walk("/v1/admin/listings?state=live", 7).await, rows);
    assert_eq!(market.provider.walk("/v1/provider/listings?state=draft", 7).await, [] as [Value; 0]);
}

#[tokio::test]
async fn an_unlisted_listing_is_found_by_its_id_only() {
    let market = Market::open().await;
    let mut hidden = draft(1);
    hidden["visibility"] = json!("unlisted");
    let sold = market.sell_as(&hidden, &one_time("10.00")).await;
    let nobody = market.api.nobody();
    assert_eq!(nobody.get("/v1/catalog").await.is(200)["data"], json!([]));
    let item = nobody.get(&format!("/v1/catalog/{}", sold.listing)).await.is(200);
    assert_eq!((&item["visibility"], &item["id"]), (&"unlisted".into(), &json!(sold.listing)));
    assert_eq!(item.get("revenueShare"), None, "the split is nobody's business");
    market.buy(&[(&sold, 1)], &[]).await;
    let draft = market.draft_with(&draft(2), &one_time("10.00")).await;
    nobody.get(&format!("/v1/catalog/{}", draft.listing)).await.refused(404, "not_found");
}
