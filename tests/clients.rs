//! Real clients through the proxy, each trusting it in its own way: what they get is right, and what they send is seen.
//!
//! `ci/setup-clients` installs them. All is on loopback; the proxy refuses the rest.
#![cfg(target_os = "linux")]
#![expect(clippy::panic, reason = "these are tests")]

#[path = "clients/big.rs"]
mod big;
#[path = "clients/browsers.rs"]
mod browsers;
mod kit;
#[path = "clients/through.rs"]
mod through;

use std::process::Command;

use model::Channel;
use through::{CANARY, Through, channels, printed, program, python};

/// What the origin says that it got.
fn echoed(version: &str) -> String {
    format!(
        r#"{{"method":"POST","version":"{version}","query":"?cpr={CANARY}","header":"{CANARY}","body":"body={CANARY}"}}"#
    )
}

#[track_caller]
fn curl_asks(flag: &str, version: &str, recorded: &str) {
    let through = Through::start(false);
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--include", flag, "--proxy", &through.url(), "--cacert"]).arg(through.ca());
    curl.args(["--header", &format!("x-cpr: {CANARY}"), "--data", &format!("body={CANARY}")]);
    curl.arg(format!("https://site.test/echo?cpr={CANARY}"));
    if flag == "--http1.1" {
        // In HTTP/1.1 a client must ask for trailers (RFC 9110 §6.5.1): hyper gives them to nobody else.
        curl.args(["--header", "te: trailers", "--header", "connection: te"]);
    }
    let answer = printed(&curl);
    assert!(answer.contains(&echoed(version)), "{answer}");
    // After the body: the trailer came along.
    assert!(answer.trim_end().ends_with("x-sum: 15"), "{answer}");
    let seen = through.seen();
    seen.assert_echo(recorded);
    seen.assert_nothing_unseen();
}

#[test]
fn curl_speaks_http_1() {
    curl_asks("--http1.1", "1.1", "HTTP/1.1");
}

#[test]
fn curl_speaks_http_2() {
    curl_asks("--http2", "2.0", "HTTP/2");
}

#[test]
fn python_requests_and_websockets() {
    let through = Through::start(false);
    let mut client = python();
    client.arg(program("client.py")).args([&through.url(), CANARY]);
    client.env("REQUESTS_CA_BUNDLE", through.ca()).env("SSL_CERT_FILE", through.ca());
    let said = printed(&client);
    let socket = format!(r#"{{"socket": "deflated:websockets says {CANARY}"}}"#);
    assert_eq!(said.lines().collect::<Vec<_>>(), [&echoed("1.1"), &socket, r#"{"binary": "000162696e617279"}"#]);
    let seen = through.seen();
    seen.assert_echo("HTTP/1.1");
    seen.assert_socket(&format!("websockets says {CANARY}"));
    seen.assert_nothing_unseen();
}

#[test]
fn node_fetch_and_ws() {
    let through = Through::start(false);
    let mut client = Command::new("node");
    client.arg(program("client.js")).args([&through.url(), CANARY]);
    client.env("NODE_EXTRA_CA_CERTS", through.ca());
    let said = printed(&client);
    let socket = format!(r#"{{"socket":"deflated:ws says {CANARY}"}}"#);
    assert_eq!(said.lines().collect::<Vec<_>>(), [&echoed("1.1"), &echoed("2.0"), &socket]);
    let seen = through.seen();
    seen.assert_echo("HTTP/1.1");
    seen.assert_echo("HTTP/2");
    seen.assert_socket(&format!("ws says {CANARY}"));
    seen.assert_nothing_unseen();
}

#[test]
fn java_http_client() {
    let through = Through::start(false);
    let store = through.path("trusted.p12");
    let mut keytool = Command::new("keytool");
    keytool.args(["-importcert", "-noprompt", "-alias", "cprvagt", "-storepass", "changeit", "-file"]);
    keytool.arg(through.ca()).arg("-keystore").arg(&store);
    printed(&keytool);
    let mut client = Command::new("java");
    client.arg(format!("-Djavax.net.ssl.trustStore={}", store.display()));
    client.arg("-Djavax.net.ssl.trustStorePassword=changeit").arg(program("Client.java"));
    let address = through.address();
    client.args([&address.ip().to_string(), &address.port().to_string(), CANARY]);
    let said = printed(&client);
    // Java has no compression of WebSockets.
    let socket = format!(r#"{{"socket":"plain:java says {CANARY}"}}"#);
    assert_eq!(said.lines().collect::<Vec<_>>(), [&echoed("1.1"), &echoed("2.0"), &socket]);
    let seen = through.seen();
    seen.assert_echo("HTTP/1.1");
    seen.assert_echo("HTTP/2");
    let told = seen.exchanges.iter().flat_map(channels).filter(|channel| *channel == Channel::Websocket).count();
    assert_eq!(told, 1);
    seen.assert_nothing_unseen();
}

#[test]
fn grpc_unary_and_streaming() {
    let through = Through::start(true);
    let mut client = python();
    client.arg(program("grpc_client.py")).arg(through.ca()).arg(CANARY).env("https_proxy", through.url());
    let said = printed(&client);
    let unary = format!("unary:{CANARY}:cpr={CANARY} 14");
    let message = |number| format!("echo:message {number} {CANARY}");
    let expected = [&unary, &message(0), &message(1), &message(2), "count 3", "PERMISSION_DENIED not for you"];
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
    let seen = through.seen();
    let unary = seen.one("/clients.Echo/Unary", "HTTP/2");
    let mut sent = vec![0, 0, 0, 0, 14];
    sent.extend_from_slice(format!("cpr={CANARY}").as_bytes());
    assert_eq!((unary.request.method.as_str(), &unary.request.body.bytes), ("POST", &sent));
    let told = channels(unary);
    assert!(told.contains(&Channel::Header) && told.contains(&Channel::Body), "{told:?}");
    let stream = seen.one("/clients.Echo/BothWays", "HTTP/2");
    let body = String::from_utf8_lossy(&stream.request.body.bytes);
    for number in 0..3 {
        assert!(body.contains(&format!("message {number} {CANARY}")), "{body}");
    }
    assert!(channels(stream).contains(&Channel::Body), "{:?}", channels(stream));
    seen.assert_nothing_unseen();
}
