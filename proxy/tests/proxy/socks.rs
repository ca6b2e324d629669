//! SOCKS5 on the proxy's port, as programs use it and as nobody should.

use model::BlindSpotKind;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::kit::{Fixture, TestCa, kinds, rest, site, text, web_site};
use crate::programs::Desk;

const GREETING: &[u8] = &[5, 1, 0];
const CONNECTED: &[u8] = &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0];
const REQUEST: &[u8] = b"GET /x HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";

fn by_name(command: u8, host: &str, port: u16) -> Vec<u8> {
    let mut request = vec![5, command, 0, 3, u8::try_from(host.len()).unwrap()];
    request.extend(host.as_bytes());
    request.extend(port.to_be_bytes());
    request
}

async fn expect(stream: &mut TcpStream, bytes: &[u8]) {
    let mut read = vec![0; bytes.len()];
    stream.read_exact(&mut read).await.unwrap();
    assert_eq!(read, bytes);
}

/// A proxy before a site that answers in clear text and in TLS, as the client begins.
async fn before_a_site(tls: bool) -> Fixture {
    let ca = TestCa::new();
    let config = tls.then(|| ca.server(&["a.test", "127.0.0.1", "::1"], &["h2", "http/1.1"]));
    let site = web_site(config, |request| async move { text(request.uri().path().to_owned()) }).await;
    Fixture::new(&ca, site).await
}

#[tokio::test]
async fn a_tunnel_leads_wherever_the_client_names() {
    let mut fixture = before_a_site(false).await;
    let places: [(&[u8], &str); 3] = [
        (&by_name(1, "A.test", 80), "http://a.test/x"),
        (&[5, 1, 0, 1, 192, 0, 2, 7, 0, 80], "http://192.0.2.7/x"),
        (&[5, 1, 0, 4, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 80], "http://[2001:db8::7]/x"),
    ];
    for (wish, url) in places {
        let mut stream = fixture.plain().await;
        stream.write_all(GREETING).await.unwrap();
        expect(&mut stream, &[5, 0]).await;
        stream.write_all(wish).await.unwrap();
        expect(&mut stream, CONNECTED).await;
        stream.write_all(REQUEST).await.unwrap();
        assert!(rest(&mut stream).await.ends_with("/x"));
        let exchange = fixture.exchange().await;
        assert_eq!((exchange.request.target.to_string().as_str(), kinds(&exchange)), (url, vec![]));
        assert!(exchange.connection.user.is_none());
    }
}

#[tokio::test]
async fn a_client_need_not_wait_for_any_reply() {
    let mut fixture = before_a_site(false).await;
    let mut stream = fixture.plain().await;
    let all = [GREETING, &by_name(1, "a.test", 80), REQUEST].concat();
    stream.write_all(&all).await.unwrap();
    expect(&mut stream, &[5, 0]).await;
    expect(&mut stream, CONNECTED).await;
    assert!(rest(&mut stream).await.ends_with("/x"));

    // Nor come in whole packets.
    let mut stream = fixture.plain().await;
    for byte in all {
        stream.write_all(&[byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert!(rest(&mut stream).await.ends_with("/x"));
    for _ in 0..2 {
        assert_eq!(fixture.exchange().await.request.target.to_string(), "http://a.test/x");
    }
}

#[tokio::test]
async fn tls_is_read_whether_the_client_waits_or_not() {
    let mut fixture = before_a_site(true).await;
    let wish = [GREETING, &by_name(1, "a.test", 443)].concat();
    let replies = [[5, 0].as_slice(), CONNECTED].concat();
    let mut patient = fixture.plain().await;
    patient.write_all(&wish).await.unwrap();
    expect(&mut patient, &replies).await;

    // One that sends all it has at once, and takes the replies off afterwards.
    let between = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hasty = TcpStream::connect(between.local_addr().unwrap()).await.unwrap();
    let mut to_proxy = fixture.plain().await;
    tokio::spawn(async move {
        let (mut from_client, _) = between.accept().await.unwrap();
        let mut all = wish;
        from_client.read_buf(&mut all).await.unwrap();
        to_proxy.write_all(&all).await.unwrap();
        expect(&mut to_proxy, &replies).await;
        tokio::io::copy_bidirectional(&mut from_client, &mut to_proxy).await.unwrap();
    });
    for stream in [patient, hasty] {
        let mut stream = fixture.handshake(stream, "a.test", &[]).await.unwrap();
        stream.write_all(REQUEST).await.unwrap();
        assert!(rest(&mut stream).await.ends_with("/x"));
        assert_eq!(fixture.exchange().await.request.target.to_string(), "https://a.test/x");
    }
}

#[tokio::test]
async fn curl_and_its_proxy_settings_work() {
    let mut fixture = before_a_site(true).await;
    let (desk, address) = (Desk::new(&fixture), fixture.listener.address());
    for arguments in [
        format!("--socks5-hostname {address} https://a.test/x"),
        format!("--proxy socks5h://{address} https://a.test/x"),
        format!("--proxy socks5://{address} https://127.0.0.1/x"),
        format!("--proxy socks5h://any:thing@{address} https://[::1]/x"),
    ] {
        assert_eq!(desk.curl(&arguments).await, ("/x".to_owned(), String::new()), "{arguments}");
        let exchange = fixture.exchange().await;
        assert_eq!((exchange.request.version.as_str(), kinds(&exchange)), ("HTTP/2", vec![]));
        assert_eq!(exchange.connection.user, None);
    }
    let (out, error) = desk.curl(&format!("--socks4a {address} https://a.test/x")).await;
    assert!(out.is_empty() && error.contains("SOCKS"), "{out} {error}");
    let blind_spot = fixture.blind_spot().await;
    assert!(blind_spot.kind == BlindSpotKind::NotHttp && blind_spot.detail.contains("SOCKS4"), "{blind_spot:?}");
}

#[tokio::test]
async fn what_speaks_first_is_heard_through_it() {
    let ca = TestCa::new();
    let mail = site(None, |mut stream| async move {
        stream.write_all(b"220 ready").await.unwrap();
        stream.shutdown().await.unwrap();
    })
    .await;
    let mut fixture = Fixture::new(&ca, mail).await;
    let mut stream = fixture.plain().await;
    stream.write_all(&[GREETING, &by_name(1, "mail.test", 80)].concat()).await.unwrap();
    expect(&mut stream, &[[5, 0].as_slice(), CONNECTED].concat()).await;
    assert_eq!(rest(&mut stream).await, "220 ready");
    assert_eq!(fixture.blind_spot().await.place, "mail.test:80");
}

#[tokio::test]
async fn what_is_not_done_is_refused_by_its_code_and_said() {
    let mut fixture = before_a_site(false).await;
    let code = |code: u8| vec![5, 0, 5, code, 0, 1, 0, 0, 0, 0, 0, 0];
    let unknown_address = [5, 1, 0, 9, 1, 2, 3];
    for (wish, reply, place, words) in [
        (by_name(2, "a.test", 21), code(7), "a.test:21", "from outside"),
        (by_name(3, "0.0.0.0", 0), code(7), "0.0.0.0:0", "UDP"),
        (by_name(9, "a.test", 80), code(7), "a.test:80", "unknown command"),
        (by_name(1, "a test", 80), code(1), "a test:80", "no host and port"),
        (by_name(1, "", 80), code(1), ":80", "no host and port"),
        (by_name(1, "a.test", 0), code(1), "a.test:0", "no host and port"),
        (unknown_address.to_vec(), code(8), "", "unknown type"),
    ] {
        let mut stream = fixture.plain().await;
        stream.write_all(&[GREETING, &wish].concat()).await.unwrap();
        expect(&mut stream, &reply).await;
        assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
        drop(stream);
        let blind_spot = fixture.blind_spot().await;
        let own = fixture.listener.address().to_string();
        let place = if place.is_empty() { own.as_str() } else { place };
        assert_eq!((blind_spot.kind, blind_spot.place.as_str()), (BlindSpotKind::NotHttp, place));
        assert!(blind_spot.detail.contains(words), "{}", blind_spot.detail);
    }
}

#[tokio::test]
async fn version_4_is_refused_and_said() {
    let mut fixture = before_a_site(false).await;
    let mut stream = fixture.plain().await;
    stream.write_all(b"\x04\x01\x00\x50\x00\x00\x00\x01me\0a.test\0").await.unwrap();
    expect(&mut stream, &[0, 91, 0, 0, 0, 0, 0, 0]).await;
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
    assert!(fixture.blind_spot().await.detail.contains("must use SOCKS5"));
}

#[tokio::test]
async fn no_bytes_do_harm() {
    let mut fixture = before_a_site(false).await;
    let garbage: [&[u8]; 8] = [
        &[5],
        &[5, 0],
        &[5, 255, 0, 0],
        &[5, 1, 0, 4, 1],
        &[5, 1, 0, 5, 1, 0],
        &[5, 1, 0, 5, 1, 0, 3, 200, b'a'],
        &[5, 1, 2, 2, 1, b'a', 1, b'b'],
        &[5, 1, 2, 1, 0, 0, 5, 1, 0],
    ];
    for bytes in garbage {
        let mut stream = fixture.plain().await;
        stream.write_all(bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        rest(&mut stream).await;
    }
    // A list of no method, and seven that stop half-way.
    let own = fixture.listener.address().to_string();
    for _ in 0..7 {
        let blind_spot = fixture.blind_spot().await;
        assert_eq!((blind_spot.place.as_str(), blind_spot.kind), (own.as_str(), BlindSpotKind::NotHttp));
        assert!(blind_spot.detail.contains("did not go on"), "{}", blind_spot.detail);
    }
    assert!(fixture.stop().await.is_empty());
}

#[tokio::test]
async fn a_password_is_asked_for_when_there_are_users() {
    let ca = TestCa::new();
    let site = web_site(None, |_| async { text("inside") }).await;
    let mut fixture = Fixture::with(&ca, |settings| {
        settings.resolve = vec![proxy::Resolve::new("*", 80, site).unwrap()];
        settings.auth = Some("anna:secret\nbo:other".parse().unwrap());
    })
    .await;
    // No method but none: nothing acceptable.
    let mut stream = fixture.plain().await;
    stream.write_all(&[GREETING, &by_name(1, "a.test", 80)].concat()).await.unwrap();
    expect(&mut stream, &[5, 0xff]).await;
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);

    for (password, reply) in [("secret", 0), ("other", 1), ("", 1), ("secret\0", 1)] {
        let mut stream = fixture.plain().await;
        stream.write_all(&[5, 2, 0, 2]).await.unwrap();
        expect(&mut stream, &[5, 2]).await;
        let mut login = b"\x01\x04anna".to_vec();
        login.push(u8::try_from(password.len()).unwrap());
        login.extend(password.as_bytes());
        stream.write_all(&login).await.unwrap();
        expect(&mut stream, &[1, reply]).await;
        if reply == 0 {
            stream.write_all(&[&by_name(1, "a.test", 80), REQUEST].concat()).await.unwrap();
            expect(&mut stream, CONNECTED).await;
            assert!(rest(&mut stream).await.ends_with("inside"));
            assert_eq!(fixture.exchange().await.connection.user.as_deref(), Some("anna"));
        } else {
            assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
        }
    }
    let (desk, address) = (Desk::new(&fixture), fixture.listener.address());
    let (out, error) = desk.curl(&format!("--socks5-hostname {address} --proxy-user bo:other http://a.test/")).await;
    assert_eq!(out, "inside", "{error}");
    assert_eq!(fixture.exchange().await.connection.user.as_deref(), Some("bo"));
    assert!(fixture.stop().await.is_empty());
}
