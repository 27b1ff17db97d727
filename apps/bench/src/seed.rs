//! What is there before anything is measured: one listing and the coupons through the API, the rest as copies in SQL,
//! so that every document is one the server wrote.

use sarai_services::Cluster;

use crate::{
    Failure,
    http::{Ask, Client, id},
    market::{Offer, expected},
};

/// The provider that all others are copies of.
const PROVIDER: &str = "acc_demo_provider";

/// A listing that went the whole way, with a pack of one seat at 49.00 USD.
pub(crate) async fn listing(client: &mut Client, provider: &str, admin: &str) -> Result<Offer, Failure> {
    let mut number = 0;
    let mut post = async |token: &str, path: String, body: String| -> Result<String, Failure> {
        number += 1;
        let key = format!("bench-seed-{number}");
        let ask = Ask { method: "POST", path: &path, token, key: &key, body: &body };
        let answer = client.send(ask).await?;
        if (200..300).contains(&answer.status) {
            return Ok(answer.body.to_owned());
        }
        Err(format!("POST {path}: {} {}", answer.status, answer.body).into())
    };
    let course = "crs_demo_1".to_owned();
    let body = format!(
        r#"{{"courseId":"{course}","courseVersionId":"cv_demo_1","marketing":{{"tagline":"Welding for beginners","description":"{}"}},"refundPolicy":{{"refundDays":14}},"category":"cat0","tags":["tag0","t0"]}}"#,
        "Steel, flame and patience. ".repeat(12)
    );
    let created = post(provider, "/v1/listings".to_owned(), body).await?;
    let listing = id(&created, "lst_").ok_or("a listing has no id")?.to_owned();
    let plan = r#"{"kind":"seat_pack","price":{"amount":"49.00","currency":"USD"},"seats":1}"#.to_owned();
    let planned = post(provider, format!("/v1/listings/{listing}/plans"), plan).await?;
    let plan = id(&planned, "pln_").ok_or("a plan has no id")?.to_owned();
    let submitted = post(provider, format!("/v1/listings/{listing}/submit"), "{}".to_owned()).await?;
    let version = number_of(&submitted, "version")?;
    let review = format!("{{\"reviewedVersion\":{version}}}");
    post(admin, format!("/v1/admin/listings/{listing}/approve"), review).await?;
    post(provider, format!("/v1/listings/{listing}/go-live"), "{}".to_owned()).await?;
    Ok(Offer { listing, plan, course })
}

/// Coupons of 10 percent without a cap.
pub(crate) async fn coupons(client: &mut Client, admin: &str, count: usize) -> Result<Vec<String>, Failure> {
    let mut codes = Vec::new();
    for number in 0..count {
        let (code, key) = (format!("BENCH-{number}"), format!("bench-coupon-{number}"));
        let body = format!(r#"{{"code":"{code}","discount":{{"kind":"percent","value":10}}}}"#);
        let ask = Ask { method: "POST", path: "/v1/coupons", token: admin, key: &key, body: &body };
        let answer = client.send(ask).await?;
        expected(&answer, 201)?;
        codes.push(code);
    }
    Ok(codes)
}

/// Copies the first offer until there are so many, each of a provider of its own.
pub(crate) fn providers(
    cluster: &Cluster,
    database: &str,
    first: &Offer,
    count: usize,
) -> Result<Vec<Offer>, Failure> {
    let more = count.saturating_sub(1);
    copy(cluster, database, first, more, count)?;
    let copies = (1..=more).map(|number| Offer {
        listing: format!("lst_{}", ulid(number)),
        plan: format!("pln_{}", ulid(number)),
        course: format!("crs_bench_{number}"),
    });
    Ok(std::iter::once(first.clone()).chain(copies).collect())
}

/// The ULID of a copy.
pub(crate) fn ulid(number: usize) -> String {
    format!("01B{number:023}")
}

/// Copies a listing with what the catalogue says of it: ids, provider, course, time and tags are the copy's own.
pub(crate) fn copy(
    cluster: &Cluster,
    database: &str,
    of: &Offer,
    count: usize,
    providers: usize,
) -> Result<(), Failure> {
    let Offer { listing, plan, course } = of;
    let providers = providers.max(1);
    // What a copy has of its own, of the number g.
    let (id, plan_id) = ("'lst_01B' || lpad(g::text, 23, '0')", "'pln_01B' || lpad(g::text, 23, '0')");
    let tenant = format!("'acc_bench_' || g % {providers}");
    let own = [
        (listing.clone(), id.to_owned()),
        (plan.clone(), plan_id.to_owned()),
        (format!("\"{PROVIDER}\""), format!("'\"' || {tenant} || '\"'")),
        (format!("\"{course}\""), "'\"crs_bench_' || g || '\"'".to_owned()),
        ("tag0".to_owned(), "'tag' || g % 997".to_owned()),
        ("\"t0\"".to_owned(), "'\"t' || g % 50 || '\"'".to_owned()),
        ("cat0".to_owned(), "'cat' || g % 50".to_owned()),
    ];
    let doc =
        own.iter().fold("t.doc::text".to_owned(), |doc, (was, is)| format!("replace({doc}, '{was}', {is})"));
    let created = "t.created_at - make_interval(secs => g)";
    let insert = |table: &str, own: String, of: &str| {
        format!(
            "insert into {table} select r.* from {table} t, generate_series(1, {count}) g, \
             lateral jsonb_populate_record(null::{table}, to_jsonb(t) || jsonb_build_object({own})) r where {of}"
        )
    };
    let root = format!("'tenant_id', {tenant}, 'id', {id}, 'created_at', {created}, 'doc', ({doc})::jsonb");
    let child = format!("'tenant_id', {tenant}, 'parent_id', {id}, 'created_at', {created}");
    let searched = "'category', 'cat' || g % 50, \
                    'tags', replace(replace(t.tags, '|tag0|', '|tag' || g % 997 || '|'), '|t0|', '|t' || g % 50 || '|')";
    let tag = "'tag', case t.tag when 't0' then 't' || g % 50 else 'tag' || g % 997 end";
    let verified = format!(
        "insert into providers select 'acc_bench_' || p, true, now() from generate_series(0, {providers} - 1) p \
         on conflict do nothing"
    );
    let statements = [
        verified,
        insert("listings", root, &format!("t.id = '{listing}'")),
        insert("catalog", format!("{child}, {searched}"), &format!("t.parent_id = '{listing}'")),
        insert("catalog_tags", format!("{child}, {tag}"), &format!("t.parent_id = '{listing}'")),
        "vacuum analyze listings".to_owned(),
        "vacuum analyze catalog".to_owned(),
        "vacuum analyze catalog_tags".to_owned(),
    ];
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    cluster.psql(database, &statements)?;
    Ok(())
}

/// Makes a backlog: copies of an order's first event that a consumer has not been given.
pub(crate) fn backlog(
    cluster: &Cluster,
    database: &str,
    consumer: &str,
    round: u32,
    count: u64,
) -> Result<(), Failure> {
    // The digits of a copy's ULID.
    let ulid = format!("'01B{round}' || lpad(g::text, 22, '0')");
    let own = format!("'subject', 'ord_' || {ulid}, 'id', 'evt_' || {ulid}");
    let events = format!(
        "insert into events overriding system value select r.* from (select t.* from events t \
         where t.topic = 'marketplace.order.placed.v1' limit 1) t, generate_series(1, {count}) g, \
         lateral jsonb_populate_record(null::events, to_jsonb(t) || jsonb_build_object({own}, \
         'position', t.position + 1000000000 + {round} * 10000000 + g)) r"
    );
    let deliveries = format!(
        "insert into deliveries (tenant_id, consumer, subject, aggregate_seq, partition, attempts, fence, \
         available_at, dead) select tenant_id, '{consumer}', subject, aggregate_seq, position % 16, 0, \
         aggregate_seq * 1000, now(), false from events where subject like 'ord_01B{round}%'"
    );
    cluster.psql(database, &[&events, &deliveries, "vacuum analyze events", "vacuum analyze deliveries"])?;
    Ok(())
}

fn number_of(body: &str, name: &str) -> Result<u64, Failure> {
    let document: serde_json::Value = serde_json::from_str(body)?;
    document[name].as_u64().ok_or_else(|| format!("no number {name} in {body}").into())
}
