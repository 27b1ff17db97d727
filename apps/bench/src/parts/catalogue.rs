//! (c) What the catalogue costs when it is a thousand times as long.

use std::rc::Rc;

use crate::{
    Failure,
    bench::Bench,
    http::{Ask, Client, member},
    load::Missed,
    market::{Market, expected, pick},
    report::Goal,
    seed,
};

/// How many places to begin a page at are collected.
const CURSORS: usize = 2_000;
/// Different tags of which each listing has one: a few listings each at the smaller size; and categories.
const RARE: usize = 997;
/// Different tags and categories with a page full of listings each at the smaller size.
const COMMON: usize = 50;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
enum Question {
    Page,
    Get,
    Tag,
    RareTag,
    Category,
}

const QUESTIONS: [(&str, Question, f64); 5] = [
    ("page", Question::Page, 2.0),
    ("get", Question::Get, 2.0),
    ("tag", Question::Tag, 4.0),
    ("rare tag", Question::RareTag, 4.0),
    ("category", Question::Category, 4.0),
];

/// A catalogue of a size.
#[derive(Debug, Clone)]
struct Catalogue {
    size: usize,
    first: String,
    cursors: Rc<Vec<String>>,
}

pub(crate) async fn run(bench: &mut Bench) -> Result<(), Failure> {
    let (small, large) = if bench.options.quick { (1_000, 20_000) } else { (1_000, 1_000_000) };
    let mut markets = Vec::new();
    for size in [small, large] {
        let server = bench.serve(&format!("catalogue_{size}"), &[])?;
        let market = Market::open(&bench.cluster, &server, 1, 0).await?;
        let database = server.database.clone().ok_or("the catalogue is filled in Postgres only")?;
        let first = market.offers.first().ok_or("nothing is on sale")?;
        eprintln!("      filling {size} listings");
        seed::copy(&bench.cluster, &database, first, size - 1, 1_000)?;
        let cursors = Rc::new(cursors(&market).await?);
        let catalogue = Catalogue { size, first: first.listing.clone(), cursors };
        markets.push((server, market, catalogue));
    }
    for round in 1..=bench.options.rounds {
        for (name, question, _) in QUESTIONS {
            for (_, market, catalogue) in &markets {
                let catalogue = catalogue.clone();
                let case = format!("{name} of {}", catalogue.size);
                let step =
                    async move |client: &mut Client, number| catalogue.ask(client, question, number).await;
                bench.ours(&case, round, market, bench.closed(), step).await?;
            }
        }
    }
    for (name, _, bound) in QUESTIONS {
        let what = format!("cost of a {name} with {large} listings / with {small}");
        let (over, under) = (format!("{name} of {small}"), format!("{name} of {large}"));
        bench.ratio("catalogue", &what, &over, &under, Goal::AtMost(bound));
    }
    for (server, ..) in markets {
        server.stop()?;
    }
    Ok(())
}

impl Catalogue {
    async fn ask(&self, client: &mut Client, question: Question, number: u64) -> Result<(), Missed> {
        let cursor = || self.cursors.get(pick(number, self.cursors.len())).map_or("", String::as_str);
        let path = match question {
            Question::Page => format!("/v1/catalog?limit=20&cursor={}", cursor()),
            Question::Get => format!("/v1/catalog/{}", self.listing(number)),
            Question::Tag => format!("/v1/catalog?limit=20&tag=t{}", pick(number, COMMON)),
            Question::RareTag => format!("/v1/catalog?limit=20&tag=tag{}", pick(number, RARE)),
            Question::Category => format!("/v1/catalog?limit=20&category=cat{}", pick(number, COMMON)),
        };
        let answer = client.send(Ask { method: "GET", path: &path, ..Ask::default() }).await?;
        expected(&answer, 200)?;
        if answer.body.contains("\"providerTenantId\"") {
            return Ok(());
        }
        Err(Missed::Failed(format!("nothing found by {path}")))
    }

    fn listing(&self, number: u64) -> String {
        match pick(number, self.size) {
            0 => self.first.clone(),
            copy => format!("lst_{}", seed::ulid(copy)),
        }
    }
}

/// Places to begin a page at, found by walking.
async fn cursors(market: &Market) -> Result<Vec<String>, Failure> {
    let mut client = Client::new(market.address);
    let mut cursors = Vec::new();
    let mut path = "/v1/catalog?limit=100".to_owned();
    while cursors.len() < CURSORS {
        let answer = client.send(Ask { method: "GET", path: &path, ..Ask::default() }).await?;
        let Some(cursor) = member(answer.body, "nextCursor") else { break };
        path = format!("/v1/catalog?limit=100&cursor={cursor}");
        cursors.push(cursor.to_owned());
    }
    // The last place may be the end.
    cursors.pop();
    if cursors.is_empty() { Err("the catalogue is a single page".into()) } else { Ok(cursors) }
}
