//! A client of its own for HTTP/1.1 on one kept connection: a heavy one would take the server's processor.

use std::{fmt::Write as _, io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A request.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ask<'a> {
    /// `GET` or `POST`.
    pub(crate) method: &'a str,
    /// The path with its query.
    pub(crate) path: &'a str,
    /// The access token; empty for none.
    pub(crate) token: &'a str,
    /// The idempotency key; empty for none.
    pub(crate) key: &'a str,
    /// The body; empty for none.
    pub(crate) body: &'a str,
}

/// An answer; its body is in the client until the next request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer<'a> {
    /// The status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: &'a str,
}

/// One connection, opened when it is first used and again after an error.
#[derive(Debug)]
pub(crate) struct Client {
    address: SocketAddr,
    stream: Option<TcpStream>,
    request: String,
    buffer: Vec<u8>,
}

impl Client {
    /// Of this server.
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, stream: None, request: String::new(), buffer: Vec::with_capacity(16 * 1024) }
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&mut self, ask: Ask<'_>) -> io::Result<Answer<'_>> {
        match self.exchange(ask).await {
            Ok((status, from, to, keep)) => {
                if !keep {
                    self.stream = None;
                }
                let body = self.buffer.get(from..to).unwrap_or_default();
                Ok(Answer { status, body: std::str::from_utf8(body).unwrap_or_default() })
            }
            Err(error) => {
                self.stream = None;
                Err(error)
            }
        }
    }

    async fn exchange(&mut self, ask: Ask<'_>) -> io::Result<(u16, usize, usize, bool)> {
        let Self { address, stream, request, buffer } = self;
        let stream = if let Some(stream) = stream {
            stream
        } else {
            let opened = TcpStream::connect(*address).await?;
            opened.set_nodelay(true)?;
            stream.insert(opened)
        };
        compose(request, *address, ask);
        stream.write_all(request.as_bytes()).await?;
        buffer.clear();
        loop {
            if stream.read_buf(buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let Some(head) = head(buffer)? else { continue };
            while buffer.len() < head.end + head.length {
                if stream.read_buf(buffer).await? == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            return Ok((head.status, head.end, head.end + head.length, head.keep));
        }
    }
}

fn compose(request: &mut String, address: SocketAddr, ask: Ask<'_>) {
    let Ask { method, path, token, key, body } = ask;
    request.clear();
    // Writing to a String cannot fail.
    let _ = write!(request, "{method} {path} HTTP/1.1\r\nhost: {address}\r\n");
    if !token.is_empty() {
        let _ = write!(request, "authorization: Bearer {token}\r\n");
    }
    if !key.is_empty() {
        let _ = write!(request, "idempotency-key: {key}\r\n");
    }
    if !body.is_empty() {
        let _ = write!(request, "content-type: application/json\r\ncontent-length: {}\r\n", body.len());
    }
    request.push_str("\r\n");
    request.push_str(body);
}

struct Head {
    status: u16,
    end: usize,
    length: usize,
    keep: bool,
}

/// The head of an answer, once it is whole.
fn head(buffer: &[u8]) -> io::Result<Option<Head>> {
    let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let text = buffer.get(..end).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let strange = || io::Error::other("not an answer of HTTP/1.1");
    let mut lines = text.ok_or_else(strange)?.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let mut head = Head { status: status.ok_or_else(strange)?, end: end + 4, length: 0, keep: true };
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            head.length = value.trim().parse().map_err(|_| strange())?;
        } else if name.eq_ignore_ascii_case("connection") {
            head.keep = !value.trim().eq_ignore_ascii_case("close");
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(io::Error::other("an answer in chunks is not expected here"));
        }
    }
    Ok(Some(head))
}

/// The text of the first member of this name: enough for answers whose form is known, and cheap.
pub(crate) fn member<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let mark = format!("\"{name}\":\"");
    let from = body.find(&mark)? + mark.len();
    let rest = body.get(from..)?;
    rest.get(..rest.find('"')?)
}

/// The first id with this prefix, such as `ord_`.
pub(crate) fn id<'a>(body: &'a str, prefix: &str) -> Option<&'a str> {
    let from = body.find(&format!("\"{prefix}"))? + 1;
    body.get(from..from + prefix.len() + 26)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_whole() {
        let text = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
        assert!(head(&text[..20]).unwrap().is_none());
        let head = head(text).unwrap().unwrap();
        assert_eq!((head.status, head.length, head.keep), (201, 2, false));
        assert_eq!(&text[head.end..], b"{}");
    }

    #[test]
    fn a_member_is_found_by_its_name() {
        assert_eq!(member(r#"{"id":"ord_1","status":"paid"}"#, "status"), Some("paid"));
        assert_eq!(member(r#"{"id":"ord_1"}"#, "status"), None);
        let body = r#"{"id":"ord_01ARZ3NDEKTSV4RRFFQ69G5FAV"}"#;
        assert_eq!(id(body, "ord_"), Some("ord_01ARZ3NDEKTSV4RRFFQ69G5FAV"));
    }
}
