//! The services do what the tests that use them rely on.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use sarai_services::{Cluster, Loss, Nats, Proxy, Tmpfs, Weather};

/// Waits for something that is about to happen.
fn eventually(what: &str, done: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(15);
    while !done() {
        assert!(Instant::now() < end, "{what}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn what_a_cluster_committed_survives_its_crashes() {
    let mut cluster = Cluster::durable().unwrap();
    assert_eq!(cluster.psql("postgres", &["SHOW fsync", "SHOW synchronous_commit"]).unwrap(), "on\non");
    cluster.psql("postgres", &["CREATE TABLE kept (n int)"]).unwrap();
    for n in 0..3 {
        cluster.psql("postgres", &[&format!("INSERT INTO kept VALUES ({n})")]).unwrap();
        match n {
            0 => cluster.crash_and_restart().unwrap(),
            1 => {
                cluster.kill();
                cluster.start().unwrap();
            }
            _ => {
                cluster.stop().unwrap();
                assert!(cluster.psql("postgres", &["SELECT 1"]).is_err());
                cluster.start().unwrap();
            }
        }
    }
    assert_eq!(cluster.psql("postgres", &["SELECT count(*) FROM kept"]).unwrap(), "3");
}

#[test]
fn a_fresh_database_is_a_copy_of_its_template_and_goes_with_the_value() {
    let cluster = Cluster::shared().unwrap();
    cluster.create_database("copied").unwrap();
    cluster.psql("copied", &["CREATE TABLE t (n int)", "INSERT INTO t VALUES (7)"]).unwrap();
    let (one, two) = (cluster.fresh_database("copied").unwrap(), cluster.fresh_database("copied").unwrap());
    one.psql(&["UPDATE t SET n = 8"]).unwrap();
    assert_eq!(two.psql(&["SELECT n FROM t"]).unwrap(), "7");
    assert!(two.psql(&["SELECT broken"]).unwrap_err().to_string().contains("broken"));
    let count =
        || cluster.psql("postgres", &["SELECT count(*) FROM pg_database WHERE datname LIKE 't_'"]).unwrap();
    let before: u32 = count().parse().unwrap();
    drop(one);
    assert_eq!(count().parse::<u32>().unwrap(), before - 1);
}

#[test]
fn a_dropped_service_leaves_neither_a_process_nor_a_file() {
    let mut nats = Nats::new().unwrap();
    nats.pause().unwrap();
    let (address, dir) = (nats.address(), nats.dir().to_owned());
    drop(nats);
    assert!(TcpStream::connect(address).is_err(), "a frozen one ends too");
    assert!(!dir.exists());
}

#[test]
fn services_end_with_the_process_that_is_killed() {
    let mut holder = Command::new(env!("CARGO_BIN_EXE_sarai-services"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = io::BufRead::lines(io::BufReader::new(holder.stdout.take().unwrap()));
    let words: Vec<String> = lines.take(4).map(Result::unwrap).collect();
    let addresses: Vec<SocketAddr> = words[..2]
        .iter()
        .map(|url| url.rsplit(['/', '@']).find_map(|part| part.parse().ok()).unwrap())
        .collect();
    let exists = |dir: &String| Path::new(dir).exists();
    let alive = |address: &SocketAddr| TcpStream::connect(address).is_ok();
    assert!(addresses.iter().all(alive) && words[2..].iter().all(exists));
    holder.kill().unwrap();
    holder.wait().unwrap();
    eventually("the servers end", || !addresses.iter().any(alive));
    eventually("the files are deleted", || !words[2..].iter().any(exists));
}

/// Sends a request to a broker's subject; the answer has to contain a text.
fn asked(nats: &Nats, subject: &str, body: &str, part: &str) {
    let mut stream = TcpStream::connect(nats.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let length = body.len();
    write!(
        stream,
        "CONNECT {{\"verbose\":false}}\r\nSUB answers 1\r\nPUB {subject} answers {length}\r\n{body}\r\n"
    )
    .unwrap();
    let mut text = String::new();
    let mut bytes = [0; 4096];
    while !(text.contains("MSG answers") && text.ends_with("}\r\n")) {
        let read = stream.read(&mut bytes).unwrap();
        assert!(read > 0, "{text}");
        text.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
    assert!(text.contains(part), "{text}");
}

#[test]
fn a_broker_restarts_where_it_was_with_what_it_stored() {
    let mut nats = Nats::new().unwrap();
    let stream = r#"{"name":"S","subjects":["s.*"],"storage":"file"}"#;
    asked(&nats, "$JS.API.STREAM.CREATE.S", stream, r#""name":"S""#);
    asked(&nats, "s.one", "first", r#""seq":1"#);
    nats.kill();
    nats.start().unwrap();
    asked(&nats, "s.one", "second", r#""seq":2"#);
    nats.stop().unwrap();
    nats.start().unwrap();
    asked(&nats, "$JS.API.STREAM.INFO.S", "", r#""messages":2"#);
    nats.lose_everything().unwrap();
    nats.start().unwrap();
    asked(&nats, "$JS.API.STREAM.INFO.S", "", "stream not found");
}

/// A server that answers each line with the line, and tells what it read.
fn echo() -> (SocketAddr, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (told, lines) = mpsc::channel();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let told = told.clone();
            thread::spawn(move || {
                for line in
                    io::BufRead::lines(io::BufReader::new(stream.try_clone().unwrap())).map_while(Result::ok)
                {
                    let _ = told.send(line.clone());
                    let _ = writeln!(&stream, "{line}");
                }
            });
        }
    });
    (address, lines)
}

/// A client of the proxy.
struct Client(io::BufReader<TcpStream>);

impl Client {
    fn of(proxy: &Proxy) -> Self {
        let stream = TcpStream::connect(proxy.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(400))).unwrap();
        Self(io::BufReader::new(stream))
    }

    fn say(&mut self, line: &str) -> io::Result<String> {
        writeln!(self.0.get_ref(), "{line}")?;
        self.hear()
    }

    fn hear(&mut self) -> io::Result<String> {
        let mut answer = String::new();
        match io::BufRead::read_line(&mut self.0, &mut answer)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(answer.trim_end().to_owned()),
        }
    }
}

fn is_timeout(heard: &io::Result<String>) -> bool {
    let kind = heard.as_ref().err().map(io::Error::kind);
    matches!(kind, Some(io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut))
}

#[test]
fn the_proxy_loses_the_answer_to_what_was_carried_out() {
    let (server, carried_out) = echo();
    let proxy = Proxy::new(server).unwrap();
    let (mut one, mut two) = (Client::of(&proxy), Client::of(&proxy));
    proxy.lose_answer(Loss::Cut, |sent| sent.starts_with(b"COMMIT"));
    assert_eq!(one.say("BEGIN").unwrap(), "BEGIN");
    let lost = one.say("COMMIT").unwrap_err();
    assert!(!is_timeout(&Err(lost)), "the connection ends");
    assert_eq!(two.say("COMMIT").unwrap(), "COMMIT", "only once");
    assert_eq!(proxy.lost(), 1);
    proxy.lose_answer(Loss::Silence, |sent| sent.starts_with(b"COMMIT"));
    assert!(is_timeout(&two.say("COMMIT")), "the connection stays open");
    assert!(is_timeout(&two.say("BEGIN")), "and nothing arrives");
    assert_eq!(proxy.lost(), 2);
    let carried_out: Vec<String> = carried_out.try_iter().collect();
    assert_eq!(carried_out, ["BEGIN", "COMMIT", "COMMIT", "COMMIT"]);
}

#[test]
fn the_proxy_delays_swallows_refuses_and_cuts() {
    let (server, carried_out) = echo();
    let proxy = Proxy::new(server).unwrap();
    let mut client = Client::of(&proxy);
    assert_eq!(client.say("fair").unwrap(), "fair");
    proxy.set(Weather::Slow(Duration::from_millis(50)));
    let start = Instant::now();
    assert_eq!(client.say("slow").unwrap(), "slow");
    assert!(start.elapsed() >= Duration::from_millis(100), "both ways");
    proxy.set(Weather::BlackHole);
    assert!(is_timeout(&client.say("swallowed")));
    assert_eq!(carried_out.try_iter().last().unwrap(), "slow");
    proxy.set(Weather::Fair);
    assert_eq!(client.hear().unwrap(), "swallowed");
    proxy.cut();
    assert!(!is_timeout(&client.say("cut")) && client.say("cut").is_err());
    assert_eq!(Client::of(&proxy).say("again").unwrap(), "again");
    let mut open = Client::of(&proxy);
    open.say("open").unwrap();
    proxy.set(Weather::Refusing);
    assert!(!is_timeout(&open.say("refused")) && open.hear().is_err());
    let refused = Client::of(&proxy).say("refused");
    assert!(refused.is_err() && !is_timeout(&refused));
}

#[test]
fn a_table_on_a_full_disk_takes_nothing_until_there_is_space_again() {
    let cluster = Cluster::fast().unwrap();
    let disk = Tmpfs::new(16).unwrap();
    let location = disk.dir().display();
    let create = [
        format!("CREATE TABLESPACE small LOCATION '{location}'"),
        "CREATE TABLE t (text text) TABLESPACE small".to_owned(),
    ];
    cluster.psql("postgres", &create.each_ref().map(String::as_str)).unwrap();
    let insert = || {
        let rows = "INSERT INTO t SELECT repeat('x', 1000) FROM generate_series(1, 100)";
        cluster.psql("postgres", &[rows])
    };
    insert().unwrap();
    disk.fill(0).unwrap();
    assert!(insert().unwrap_err().to_string().contains("No space left"));
    disk.relieve().unwrap();
    insert().unwrap();
    assert_eq!(cluster.psql("postgres", &["SELECT count(*) FROM t"]).unwrap(), "200");
    let dir = disk.dir().to_owned();
    drop(disk);
    assert!(!dir.exists());
}
