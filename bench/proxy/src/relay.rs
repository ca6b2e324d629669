//! A `CONNECT` relay that reads nothing: the least that any proxy costs.

use anyhow::{Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Longest head read; ours have a hundred bytes.
const LONGEST_HEAD: usize = 8 << 10;

/// Bytes on their way in each direction.
const BUFFER: usize = 64 << 10;

/// Serves until the process ends.
pub(crate) async fn serve(port: u16) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (client, _) = listener.accept().await?;
        tokio::spawn(pass(client));
    }
}

async fn pass(mut client: TcpStream) -> Result<()> {
    client.set_nodelay(true)?;
    let head = head(&mut client).await?;
    let asked = head.split(' ').nth(1).unwrap_or_default().replace("localhost", "127.0.0.1");
    if !asked.starts_with("127.0.0.1:") {
        bail!("only this machine");
    }
    let mut origin = TcpStream::connect(asked).await?;
    origin.set_nodelay(true)?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    tokio::io::copy_bidirectional_with_sizes(&mut client, &mut origin, BUFFER, BUFFER).await?;
    Ok(())
}

/// Reads one head. It may be read in chunks, since neither side says more before it has an answer.
pub(crate) async fn head(stream: &mut TcpStream) -> Result<String> {
    let (mut head, mut chunk) = (Vec::new(), [0; 1024]);
    while !head.ends_with(b"\r\n\r\n") && head.len() < LONGEST_HEAD {
        match stream.read(&mut chunk).await? {
            0 => bail!("closed within a head"),
            length => head.extend_from_slice(chunk.get(..length).unwrap_or_default()),
        }
    }
    Ok(String::from_utf8(head)?)
}
