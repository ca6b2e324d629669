//! Serves the requests on one connection of a client, until it ends or the proxy does.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};

use crate::line::{LONGEST_HEAD, MOST_HEADERS, Protocol};
use crate::patience::{Heard, Patience};
use crate::phase::Tasks;
use crate::splice::Duplex;
use crate::tap::AnswerBody;
use crate::unless::{told_when, unless};

/// How often a client is asked whether it is still there. HTTP/2 has no other end for one whose network went away.
const PING: Duration = Duration::from_mins(2);
/// How long it may take to say so.
const PONG: Duration = Duration::from_secs(30);

/// What is served: a client's stream with an eye on the time.
pub(crate) type Served<T> = TokioIo<Heard<T>>;

/// Serves `stream` with `answer`.
pub(crate) async fn serve<T, A, F>(stream: T, protocol: Protocol, tasks: &Tasks, answer: A) -> Result<(), hyper::Error>
where
    T: Duplex + 'static,
    A: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<AnswerBody>> + Send + 'static,
{
    let patience = Patience::default();
    let io: Served<T> = TokioIo::new(patience.listen_to(stream));
    // An error type that cannot be: whatever goes wrong is answered.
    let service = service_fn(move |request| {
        let answered = answer(request);
        async move { Ok::<_, Infallible>(answered.await) }
    });
    match protocol {
        Protocol::H1 => {
            let mut builder = http1::Builder::new();
            builder.preserve_header_case(true).auto_date_header(false).max_headers(MOST_HEADERS);
            // How long it is, the timer decides.
            builder.timer(patience).header_read_timeout(Duration::ZERO);
            let connection = builder.serve_connection(io, service).with_upgrades();
            told_when(connection, tasks.draining(), http1::UpgradeableConnection::graceful_shutdown).await
        }
        Protocol::H2 => {
            let mut builder = http2::Builder::new(tasks.clone());
            builder.auto_date_header(false).max_header_list_size(LONGEST_HEAD);
            builder.timer(TokioTimer::new()).keep_alive_interval(PING).keep_alive_timeout(PONG);
            let connection = builder.serve_connection(io, service);
            let served = told_when(connection, tasks.draining(), http2::Connection::graceful_shutdown);
            unless(served, patience.silence()).await.unwrap_or(Ok(()))
        }
    }
}
