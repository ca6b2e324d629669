//! Who is refused: each way in that is not the tester's own.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use super::Client;
use crate::made;
use crate::settings::{GUESS_TIME, IDLE_DEFAULT, IDLE_MAX, MAX_CONNECTIONS, MAX_GUESSES, MAX_NOTE};
use crate::{Console, ConsoleError, Lang, Session, Settings};

/// A second more and the tester is logged off.
const ALMOST: Duration = Duration::from_secs(15 * 60 - 1);

fn client() -> Client {
    Client::new(made::session(3, 30))
}

#[test]
fn it_listens_on_loopback_only_and_never_stays_logged_on() {
    let start = |address: &str, idle| {
        let settings = Settings {
            address: address.parse().unwrap(),
            idle,
            lang: Lang::En,
            clock: model::Clock::fixed(made::at(0)),
        };
        let session = Session::default();
        let desk = std::sync::Arc::new(made::SampleDesk::new(session.clone(), ""));
        Console::start(settings, session, desk)
    };
    assert!(matches!(start("0.0.0.0:0", IDLE_DEFAULT), Err(ConsoleError::NotLoopback(_))));
    assert!(matches!(start("192.0.2.1:0", IDLE_DEFAULT), Err(ConsoleError::NotLoopback(_))));
    assert!(matches!(start("127.0.0.1:0", IDLE_MAX + Duration::from_secs(1)), Err(ConsoleError::Idle(_))));
    assert!(matches!(start("127.0.0.1:0", Duration::ZERO), Err(ConsoleError::Idle(_))));
    let taken = start("127.0.0.1:0", IDLE_MAX).unwrap();
    assert!(matches!(start(&taken.address().to_string(), IDLE_MAX), Err(ConsoleError::Listen(..))));
}

#[test]
fn another_host_name_is_refused_everywhere() {
    let client = client();
    let port = client.address.port();
    for host in [
        "evil.test".to_owned(),
        format!("evil.test:{port}"),
        "127.0.0.1".to_owned(),
        format!("127.0.0.1:{}", port ^ 1),
        format!("localhost.evil.test:{port}"),
        format!("127.0.0.1:{port}.evil.test"),
        String::new(),
    ] {
        for path in [format!("/open/{}", client.token), client.folder.clone(), "/style.css".to_owned()] {
            let head = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {}", client.cookie);
            let answer = client.send(&head, "");
            assert_eq!(answer.status, 421, "{host} {path}");
            assert!(answer.header("set-cookie").is_none());
        }
    }
    let twice = format!("{}\r\nHost: evil.test", client.head("GET", ""));
    assert_ne!(client.send(&twice, "").status, 200);
    for host in [format!("localhost:{port}"), format!("[::1]:{port}"), format!("127.0.0.1:{port}")] {
        let head = format!("GET {} HTTP/1.1\r\nHost: {host}\r\nCookie: {}", client.folder, client.cookie);
        assert_eq!(client.send(&head, "").status, 200, "{host}");
    }
}

#[test]
fn a_forged_request_is_refused() {
    let client = client();
    let own = format!("http://{}", client.address);
    let form = "Content-Type: application/x-www-form-urlencoded";
    let case = |also: &str, expected: u16| {
        let head = format!("{}\r\n{form}{also}", client.head("POST", "mark"));
        assert_eq!(client.send(&head, "kind=note&text=forged").status, expected, "{also}");
    };
    case("", 403);
    case("\r\nOrigin: null", 403);
    case("\r\nOrigin: http://evil.test", 403);
    case(&format!("\r\nOrigin: http://127.0.0.1:{}", client.address.port() ^ 1), 403);
    case(&format!("\r\nOrigin: http://localhost:{}", client.address.port()), 403);
    case(&format!("\r\nOrigin: {own}\r\nSec-Fetch-Site: cross-site"), 403);
    case(&format!("\r\nOrigin: {own}\r\nSec-Fetch-Site: same-site"), 403);
    case(&format!("\r\nOrigin: {own}\r\nSec-Fetch-Site: none"), 403);
    case(&format!("\r\nOrigin: {own}\r\nOrigin: http://evil.test"), 403);
    assert!(client.session.state().marks.is_empty());
    case(&format!("\r\nOrigin: {own}\r\nSec-Fetch-Site: same-origin"), 204);
    case(&format!("\r\nOrigin: {own}"), 204);
    assert_eq!(client.session.state().marks.len(), 2);
    for path in ["changes", "events", "exchanges", "session.har", ""] {
        for site in ["cross-site", "same-site"] {
            let head = format!("{}\r\nSec-Fetch-Site: {site}", client.head("GET", path));
            assert_eq!(client.send(&head, "").status, 403, "{path} {site}");
        }
    }
    for method in ["OPTIONS", "PUT", "DELETE", "PATCH"] {
        let answer = client.send(&client.head(method, "mark"), "");
        assert!(matches!(answer.status, 403 | 405), "{method} {}", answer.status);
    }
    // A mark is never made by reading.
    assert_eq!(client.get("mark?kind=note&text=x").status, 405);
}

#[test]
fn a_guessed_token_opens_nothing_and_guessing_is_slowed() {
    let client = client();
    let open = |token: &str| client.send(&format!("GET /open/{token} HTTP/1.1\r\nHost: {}", client.address), "");
    let wrong = "0".repeat(64);
    for _ in 0..MAX_GUESSES {
        let answer = open(&wrong);
        assert_eq!(answer.status, 401);
        assert!(answer.header("set-cookie").is_none() && !answer.body.contains("tastselv"));
    }
    assert_eq!(open(&wrong).status, 429);
    // Whoever has the right one is kept out by nobody.
    assert_eq!(open(&client.token).status, 303);
    assert_eq!(client.get("").status, 200);
    client.wait(GUESS_TIME);
    assert_eq!(open(&client.token).status, 303);
    assert_eq!(open("").status, 404);
}

#[test]
fn the_cookie_is_only_the_servers_and_for_its_folder() {
    let client = client();
    let answer = client.send(&format!("GET /open/{} HTTP/1.1\r\nHost: {}", client.token, client.address), "");
    let cookie = answer.header("set-cookie").unwrap();
    let place = answer.header("location").unwrap();
    for part in ["HttpOnly", "SameSite=Strict", &format!("Path={place}")] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(place.starts_with("/s/") && place.len() > 16);
    // One folder's cookie opens no other.
    let other = format!("GET {place} HTTP/1.1\r\nHost: {}\r\nCookie: {}", client.address, client.cookie);
    assert_eq!(client.send(&other, "").status, 401);
}

#[test]
fn without_a_session_nothing_is_told() {
    let client = client();
    let paths = [
        "",
        "events",
        "changes",
        "finding?id=0",
        "issue?id=0",
        "exchanges",
        "exchange?number=1",
        "recipients",
        "not-seen",
        "timeline",
        "earlier",
        "session.har",
        "files/1/index.html",
        "download/1/index.html",
    ];
    for path in paths {
        for cookie in ["", "\r\nCookie: cprvagt=", "\r\nCookie: cprvagt=0000; other=1", "\r\nCookie: nonsense"] {
            let head = format!("GET {}{path} HTTP/1.1\r\nHost: {}{cookie}", client.folder, client.address);
            let answer = client.send(&head, "");
            assert_eq!(answer.status, 401, "{path}");
            assert!(!answer.body.contains("tastselv") && answer.body.contains("terminal"), "{path}");
        }
    }
    let posts = ["alive", "language", "log-off", "mark", "export"];
    for path in posts {
        let head = format!(
            "POST {}{path} HTTP/1.1\r\nHost: {}\r\nOrigin: http://{}",
            client.folder, client.address, client.address
        );
        assert_eq!(client.send(&head, "").status, 401, "{path}");
    }
}

#[test]
fn a_tester_who_does_nothing_is_logged_off() {
    let client = client();
    client.wait(ALMOST);
    // Asking is no doing.
    assert_eq!(client.get("changes").status, 200);
    assert_eq!(client.post("alive", "").status, 204);
    client.wait(ALMOST);
    assert_eq!(client.get("changes").status, 200);
    assert_eq!(client.get("exchanges?count=10").status, 200);
    client.wait(Duration::from_secs(1));
    assert_eq!(client.get("changes").status, 401);
    assert_eq!(client.post("alive", "").status, 401);
}

#[test]
fn who_logs_off_is_forgotten() {
    let client = client();
    assert_eq!(client.post("log-off", "").status, 204);
    assert_eq!(client.get("").status, 401);
}

#[test]
fn every_answer_has_its_headers_and_none_opens_it_to_others() {
    let client = client();
    let answers = [
        client.get(""),
        client.get("changes"),
        client.get("nothing"),
        client.get("session.har"),
        client.send(&format!("GET /style.css HTTP/1.1\r\nHost: {}", client.address), ""),
        client.send(&format!("GET /script.js HTTP/1.1\r\nHost: {}", client.address), ""),
        client.send("GET / HTTP/1.1\r\nHost: evil.test", ""),
        client.send(&format!("GET /open/x HTTP/1.1\r\nHost: {}", client.address), ""),
        client.send(&format!("{}\r\nOrigin: http://evil.test", client.head("OPTIONS", "changes")), ""),
        client.send(&format!("{}\r\nOrigin: http://evil.test", client.head("GET", "changes")), ""),
    ];
    for answer in answers {
        assert!(!answer.head.to_lowercase().contains("access-control"), "{}", answer.head);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{}", answer.head);
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("cross-origin-opener-policy"), Some("same-origin"));
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"));
        let policy = answer.header("content-security-policy").unwrap();
        for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe"));
    }
}

#[test]
fn an_exported_page_runs_nothing() {
    let client = client();
    let files = client.post("export", "kind=report&lang=da&since=s-1");
    assert_eq!(files.status, 200, "{files:?}");
    let href = files.body.split('"').find(|part| part.starts_with("files/")).unwrap();
    let view = client.get(href);
    assert!(view.body.contains("da Some(&quot;s-1") || view.body.contains("da Some(\"s-1\")"), "{}", view.body);
    let policy = view.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("sandbox") && !policy.contains("allow-scripts") && policy.contains("default-src 'none'")
    );
    assert!(view.header("content-disposition").unwrap().starts_with("inline"));
    let kept = client.get(&href.replacen("files", "download", 1));
    assert_eq!(kept.header("content-disposition"), Some("attachment; filename=\"index.html\""));
    assert_eq!(client.get(&href.replacen("index.html", "vendor.html", 1)).status, 200);
    for path in ["files/0/index.html", &href.replacen("index.html", "other.html", 1), "files/..%2f..%2fetc/passwd"] {
        assert_eq!(client.get(path).status, 404, "{path}");
    }
    assert_eq!(client.post("export", "kind=everything").status, 422);
}

#[test]
fn what_is_too_long_is_refused() {
    let client = client();
    let note = |length| client.post("mark", &format!("kind=note&text={}", "x".repeat(length))).status;
    assert_eq!(note(MAX_NOTE), 204);
    assert_eq!(note(MAX_NOTE + 1), 422);
    assert_eq!(note(100_000), 413);
    assert_eq!(client.post("mark", &format!("kind=step&text={}", "x".repeat(201))).status, 422);
    assert_eq!(client.post("mark", "kind=step&text=+").status, 422);
    assert_eq!(client.post("mark", "kind=nonsense&text=x").status, 422);
    assert_eq!(client.post("mark", "kind=note&text=refuse").status, 409);
    let long = format!("{}\r\nX: {}", client.head("GET", ""), "x".repeat(40_000));
    assert!(matches!(client.send(&long, "").status, 431 | 400 | 0));
    let many = "\r\nX: x".repeat(200);
    assert!(matches!(client.send(&format!("{}{many}", client.head("GET", "")), "").status, 431 | 400 | 0));
    assert_eq!(client.get("").status, 200);
}

#[test]
fn a_head_that_never_ends_is_cut_off() {
    let client = client();
    let mut stream = client.connect();
    stream.write_all(b"GET / HTTP/1.1\r\nHo").unwrap();
    let mut bytes = Vec::new();
    // It ends: the client's own patience is three times as long, and would be an error.
    stream.read_to_end(&mut bytes).unwrap();
    assert!(!bytes.starts_with(b"HTTP/1.1 200"));
}

#[test]
fn it_stops_though_every_connection_is_taken() {
    let mut client = client();
    let taken: Vec<_> = (0..2 * MAX_CONNECTIONS).map(|_| client.connect()).collect();
    client.console.take().unwrap().stop();
    drop(taken);
    assert!(std::net::TcpStream::connect(client.address).is_err());
}

#[test]
fn garbage_does_not_end_it() {
    let client = client();
    for garbage in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"\0\0\0\0",
        b"GET\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let mut stream = client.connect();
        stream.write_all(garbage).unwrap();
        drop(stream);
    }
    assert_eq!(client.get("").status, 200);
}
