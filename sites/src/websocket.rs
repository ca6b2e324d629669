//! The server's end of a WebSocket, as far as a made-up site needs one: it opens, hears, and closes.

use data_encoding::BASE64;
use sha1::{Digest as _, Sha1};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::{Received, Reply};

/// What every server appends to the client's key (RFC 6455 §1.3).
const KEY_SUFFIX: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// A close with the code for a purpose fulfilled (§7.4.1).
const CLOSE: &[u8] = &[0x88, 0x02, 0x03, 0xe8];

/// The answer that opens what `received` asks for, with `extensions` agreed on; `None` when it asks for no WebSocket.
pub(crate) fn opened(received: &Received, extensions: Option<&str>) -> Option<Reply> {
    let header = |wanted: &str| received.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    let (_, key) = header("sec-websocket-key")?;
    let accept = BASE64.encode(&Sha1::new().chain_update(key).chain_update(KEY_SUFFIX).finalize());
    let reply = Reply::no_content().with_status(101).with_header("Upgrade", "websocket");
    let reply = reply.with_header("Connection", "Upgrade").with_header("Sec-WebSocket-Accept", accept);
    Some(match extensions {
        Some(extensions) => reply.with_header("Sec-WebSocket-Extensions", extensions),
        None => reply,
    })
}

/// Closes `stream` when the client has said something, and hears it to its end.
pub(crate) async fn hear(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
    let mut heard = [0; 4096];
    if stream.read(&mut heard).await? > 0 {
        stream.write_all(CLOSE).await?;
        while stream.read(&mut heard).await? > 0 {}
    }
    stream.shutdown().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_the_standard_is_answered_as_there() {
        let mut received = Received {
            host: "a.test".to_owned(),
            method: "GET".to_owned(),
            path_and_query: "/".to_owned(),
            headers: vec![("sec-websocket-key".to_owned(), b"dGhlIHNhbXBsZSBub25jZQ==".to_vec())],
            body: Vec::new(),
            body_is_whole: true,
            secure: true,
            version: "HTTP/1.1".to_owned(),
        };
        let reply = opened(&received, Some("permessage-deflate")).unwrap();
        let has = |name: &str, value: &str| reply.headers.contains(&(name.to_owned(), value.to_owned()));
        assert!(has("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{reply:?}");
        assert!(has("Sec-WebSocket-Extensions", "permessage-deflate") && reply.status == 101, "{reply:?}");
        received.headers.clear();
        assert_eq!(opened(&received, None), None);
    }

    #[tokio::test]
    async fn it_closes_when_it_has_heard_something() {
        let (mut client, site) = tokio::io::duplex(64);
        let hearing = tokio::spawn(hear(site));
        client.write_all(b"\x81\x80\0\0\0\0").await.unwrap();
        let mut close = [0; 4];
        client.read_exact(&mut close).await.unwrap();
        assert_eq!(close, CLOSE);
        client.shutdown().await.unwrap();
        assert_eq!(client.read(&mut close).await.unwrap(), 0);
        hearing.await.unwrap().unwrap();
    }
}
