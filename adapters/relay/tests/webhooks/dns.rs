//! A name server of our own, and a resolver that asks it over the wire.

use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use async_trait::async_trait;
use sarai_relay::webhooks::Resolve;

const A: u16 = 1;
const AAAA: u16 = 28;

/// What a name leads to: a list for each time it is asked for, of which the last one stays.
pub(crate) type Zone = BTreeMap<String, Vec<Vec<IpAddr>>>;

/// A name server on a port of its own; answers live for 0 seconds.
pub(crate) struct NameServer {
    address: SocketAddr,
    pub(crate) asked: Arc<AtomicUsize>,
}

impl NameServer {
    pub(crate) fn start(zone: Zone) -> Self {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
        let (address, asked) = (socket.local_addr().unwrap(), Arc::<AtomicUsize>::default());
        let (counter, turns) = (Arc::clone(&asked), Mutex::new(BTreeMap::<(String, u16), usize>::new()));
        thread::spawn(move || {
            let mut buffer = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                counter.fetch_add(1, Ordering::SeqCst);
                let query = buffer[..length].to_vec();
                let (name, kind, end) = question(&query);
                let mut turns = turns.lock().unwrap();
                let turn = turns.entry((name.clone(), kind)).or_default();
                let lists = zone.get(&name).cloned().unwrap_or_default();
                let list = lists.get(*turn).or(lists.last()).cloned().unwrap_or_default();
                *turn += 1;
                socket.send_to(&answer(&query[..end], kind, &list), from).unwrap();
            }
        });
        Self { address, asked }
    }
}

fn question(query: &[u8]) -> (String, u16, usize) {
    let (mut at, mut labels) = (12, Vec::new());
    while query[at] != 0 {
        let end = at + 1 + usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..end]).into_owned());
        at = end;
    }
    (labels.join("."), u16::from_be_bytes([query[at + 1], query[at + 2]]), at + 5)
}

fn answer(query: &[u8], kind: u16, list: &[IpAddr]) -> Vec<u8> {
    let data: Vec<Vec<u8>> = list
        .iter()
        .filter_map(|address| match (address, kind) {
            (IpAddr::V4(address), A) => Some(address.octets().to_vec()),
            (IpAddr::V6(address), AAAA) => Some(address.octets().to_vec()),
            _ => None,
        })
        .collect();
    let mut bytes = query.to_vec();
    bytes[2..4].copy_from_slice(&[0x84, 0x00]);
    bytes[6..8].copy_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
    for one in data {
        bytes.extend([0xC0, 0x0C]);
        bytes.extend(kind.to_be_bytes());
        bytes.extend([0, 1, 0, 0, 0, 0]);
        bytes.extend(u16::try_from(one.len()).unwrap().to_be_bytes());
        bytes.extend(one);
    }
    bytes
}

#[async_trait]
impl Resolve for NameServer {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let mut found = Vec::new();
        for kind in [A, AAAA] {
            let socket = tokio::net::UdpSocket::bind(("127.0.0.1", 0)).await?;
            let mut query = vec![0x12, 0x34, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0];
            for label in name.split('.') {
                query.push(u8::try_from(label.len()).unwrap());
                query.extend(label.as_bytes());
            }
            query.push(0);
            query.extend(kind.to_be_bytes());
            query.extend([0, 1]);
            socket.send_to(&query, self.address).await?;
            let mut buffer = [0; 4_096];
            let length = socket.recv(&mut buffer).await?;
            let mut at = query.len();
            while at < length {
                let size = usize::from(u16::from_be_bytes([buffer[at + 10], buffer[at + 11]]));
                let data = &buffer[at + 12..at + 12 + size];
                found.push(match size {
                    4 => Ipv4Addr::from(<[u8; 4]>::try_from(data).unwrap()).into(),
                    _ => Ipv6Addr::from(<[u8; 16]>::try_from(data).unwrap()).into(),
                });
                at += 12 + size;
            }
        }
        Ok(found)
    }
}
