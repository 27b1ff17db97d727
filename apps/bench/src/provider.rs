//! A provider of text messages that takes everything and knows when each number was told its code.

use std::{cell::RefCell, collections::HashSet, fs, io, path::PathBuf, rc::Rc};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

use crate::http::member;

/// Who was told.
#[derive(Debug, Default)]
struct Told {
    numbers: RefCell<HashSet<String>>,
    more: Notify,
}

/// A provider, and the file that names it to a server.
#[derive(Debug, Clone)]
pub(crate) struct Provider {
    told: Rc<Told>,
    /// The server's configuration.
    pub(crate) config: PathBuf,
}

impl Provider {
    /// Starts one. Needs a `LocalSet`.
    pub(crate) async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let folder = std::env::temp_dir().join(format!("sarai-bench-provider-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let (config, secret) = (folder.join("sarai.toml"), folder.join("secret"));
        fs::write(&secret, "a secret of the benchmark")?;
        let table = format!(
            "[senders.bench]\nkind = \"http\"\nurl = \"http://127.0.0.1:{port}/v1/\"\nchannels = [\"SMS\"]\n\
             user = \"bench\"\npassword_file = \"{}\"\nfrom = \"SARAI\"\n",
            secret.display()
        );
        fs::write(&config, table)?;
        let told = Rc::new(Told::default());
        let shared = Rc::clone(&told);
        tokio::task::spawn_local(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::task::spawn_local(serve(stream, Rc::clone(&shared)));
            }
        });
        Ok(Self { told, config })
    }

    /// Waits until a number was told.
    pub(crate) async fn told(&self, number: &str) {
        loop {
            let more = self.told.more.notified();
            if self.told.numbers.borrow_mut().remove(number) {
                return;
            }
            more.await;
        }
    }
}

async fn serve(mut stream: TcpStream, told: Rc<Told>) -> io::Result<()> {
    let mut read = Vec::new();
    loop {
        let end = loop {
            match read.windows(4).position(|window| window == b"\r\n\r\n") {
                Some(end) => break end + 4,
                None if stream.read_buf(&mut read).await? == 0 => return Ok(()),
                None => {}
            }
        };
        let head = String::from_utf8_lossy(read.get(..end).unwrap_or_default()).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        let whole = end + length.unwrap_or(0);
        while read.len() < whole {
            if stream.read_buf(&mut read).await? == 0 {
                return Ok(());
            }
        }
        let body = String::from_utf8_lossy(read.get(end..whole).unwrap_or_default()).into_owned();
        if let Some(number) = member(&body, "to") {
            told.numbers.borrow_mut().insert(number.to_owned());
            told.more.notify_waiters();
        }
        read.drain(..whole);
        let answer = "HTTP/1.1 202 x\r\ncontent-type: application/json\r\ncontent-length: 25\r\n\r\n{\"id\":\"m-1\",\"segments\":1}";
        stream.write_all(answer.as_bytes()).await?;
    }
}
