//! A WebSocket library at both ends.

use std::net::{SocketAddr, TcpListener, TcpStream};

use model::{Message as Said, Scheme, Sender};
use tungstenite::Message;

use crate::kit::{Fixture, TestCa};

/// A site that sends back what it gets, until the client closes.
fn echo_site() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut socket = tungstenite::accept(listener.accept().unwrap().0).unwrap();
        while let Ok(message) = socket.read() {
            if matches!(message, Message::Text(_) | Message::Binary(_)) {
                socket.send(message).unwrap();
            }
        }
    });
    address
}

/// Sends `messages` one by one through the proxy in clear text, and waits for each to come back.
fn talk(proxy: SocketAddr, messages: &[Message]) {
    use std::io::{Read as _, Write as _};

    let mut stream = TcpStream::connect(proxy).unwrap();
    stream.write_all(b"CONNECT a.test:80 HTTP/1.1\r\nHost: a.test:80\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        answer.extend(byte);
    }
    let (mut socket, _) = tungstenite::client("ws://a.test/chat", stream).unwrap();
    for message in messages {
        socket.send(message.clone()).unwrap();
        assert_eq!(socket.read().unwrap(), *message);
    }
    socket.close(None).unwrap();
    while socket.read().is_ok() {}
}

#[tokio::test]
async fn a_real_client_and_a_real_site_are_read() {
    let messages = [
        Message::text("{\"cpr\":\"010190-1234\"}"),
        Message::binary(vec![0, 1, 2, 255]),
        Message::text(""),
        Message::text("x".repeat(60_000)),
        Message::binary(vec![b'y'; 1 << 20]),
    ];
    let mut fixture = Fixture::new(&TestCa::new(), echo_site()).await;
    let (proxy, sent) = (fixture.listener.address(), messages.clone());
    tokio::task::spawn_blocking(move || talk(proxy, &sent)).await.unwrap();
    let first = fixture.exchange().await;
    assert_eq!((first.request.target.scheme, first.request.target.path.as_str()), (Scheme::Ws, "/chat"));
    let mut said: Vec<Said> = Vec::new();
    loop {
        let more = fixture.exchange().await;
        assert_eq!(more.blind_spots, []);
        said.extend(more.messages);
        if more.duration_ms.is_some() {
            break;
        }
    }
    let by = |sender| said.iter().filter(move |message| message.sender == sender).map(|message| message.bytes.clone());
    let sent: Vec<Vec<u8>> = messages.into_iter().map(|message| message.into_data().to_vec()).collect();
    assert!(by(Sender::Client).eq(sent.clone()));
    // Of the site's messages the beginning is kept.
    let kept = sent.into_iter().map(|bytes| bytes.into_iter().take(64 << 10).collect::<Vec<u8>>());
    assert!(by(Sender::Server).eq(kept));
}
