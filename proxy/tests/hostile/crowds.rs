//! Connections and requests in great numbers. `CPRVAGT_CROWD=100000` makes both tests that long.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::alone::{Census, alone, how_many, memory};
use crate::kit::{Fixture, TestCa, head, text, web_site};

const CROWD: &str = "CPRVAGT_CROWD";
/// What an allocator keeps for itself after a busy time, in KiB.
const SLACK: usize = 8 << 10;

#[test]
fn connections_opened_and_dropped_leave_nothing() {
    const AT_ONCE: usize = 100;
    alone(async {
        let ca = TestCa::new();
        let site = web_site(Some(ca.server(&["a.test"], &[])), |_| async { text("x") }).await;
        let mut fixture = Fixture::new(&ca, site).await;
        let address = fixture.listener.address();
        let census = Census::now();
        let all = how_many(CROWD, 5_000);
        let mut after_some = 0;
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut tasks = JoinSet::new();
        for number in 0..all {
            let place = Arc::clone(&places).acquire_owned().await.unwrap();
            tasks.spawn(async move {
                let _place = place;
                let mut stream = TcpStream::connect(address).await.unwrap();
                if number % 2 == 1 {
                    stream.set_zero_linger().unwrap();
                }
                match number % 5 {
                    0 => {}
                    1 => stream.write_all(b"CONNECT a.test:4").await.unwrap(),
                    kind => {
                        stream.write_all(b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\n\r\n").await.unwrap();
                        assert!(head(&mut stream).await.starts_with("HTTP/1.1 200 "));
                        let half: &[u8] = if kind == 2 { b"" } else { b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" };
                        stream.write_all(half).await.unwrap();
                    }
                }
            });
            while let Some(done) = tasks.try_join_next() {
                done.unwrap();
            }
            if number == all / 5 {
                after_some = memory();
            }
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap();
        }
        census.is_back(all).await;
        let grown = memory().saturating_sub(after_some);
        println!("{all} connections: {grown} KiB more than after a fifth of them, {after_some} KiB");
        assert!(grown < SLACK, "{grown} KiB");
        // There is room for whoever comes next.
        fixture.ask("a.test", "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n").await;
        fixture.exchange().await;
        let left = fixture.stop().await;
        assert!(left.is_empty(), "{left:?}");
    });
}

#[test]
fn pitfall_23_requests_on_one_http2_connection_leave_nothing() {
    const AT_ONCE: usize = 50;
    alone(async {
        let ca = TestCa::new();
        let site = web_site(Some(ca.server(&["a.test"], &["h2"])), |_| async { text("x".repeat(1024)) }).await;
        let fixture = Fixture::new(&ca, site).await;
        let before = Census::now();
        let stream = fixture.tls("a.test", &["h2"]).await;
        let (sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        let driver = tokio::spawn(connection);
        let all = how_many(CROWD, 3_000);
        let Fixture { proxy, listener: _listener, mut captured, .. } = fixture;
        let counting = tokio::spawn(async move {
            let mut count = 0;
            while captured.recv().await.is_some() {
                count += 1;
            }
            count
        });
        let (mut after_some, mut tasks) = (0, JoinSet::new());
        for number in 0..all {
            if tasks.len() == AT_ONCE {
                tasks.join_next().await.unwrap().unwrap();
            }
            let mut sender = sender.clone();
            tasks.spawn(async move {
                let request = Request::get(format!("https://a.test/{number}")).body(Empty::<Bytes>::new()).unwrap();
                let answer = sender.send_request(request).await.unwrap().collect().await.unwrap().to_bytes();
                assert_eq!(answer.len(), 1024);
            });
            if number == all / 5 {
                after_some = memory();
            }
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap();
        }
        let grown = memory().saturating_sub(after_some);
        println!("{all} requests: {grown} KiB more than after a fifth of them, {after_some} KiB");
        assert!(grown < SLACK, "{grown} KiB");
        drop(sender);
        driver.await.unwrap().unwrap();
        proxy.shutdown().await;
        assert_eq!(counting.await.unwrap(), all);
        before.is_back(all).await;
    });
}
