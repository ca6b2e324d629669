//! Serves the requests on one connection of a client, until it ends or the proxy does.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;

use crate::line::{LONGEST_HEAD, MOST_HEADERS, Protocol};
use crate::phase::Tasks;
use crate::splice::Duplex;
use crate::tap::AnswerBody;

/// Serves `stream` with `answer`.
pub(crate) async fn serve<T, A, F>(stream: T, protocol: Protocol, tasks: &Tasks, answer: A) -> Result<(), hyper::Error>
where
    T: Duplex + 'static,
    A: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<AnswerBody>> + Send + 'static,
{
    let io = TokioIo::new(stream);
    // An error type that cannot be: whatever goes wrong is answered.
    let service = service_fn(move |request| {
        let answered = answer(request);
        async move { Ok::<_, Infallible>(answered.await) }
    });
    match protocol {
        Protocol::H1 => {
            let mut builder = http1::Builder::new();
            builder.preserve_header_case(true).auto_date_header(false).max_headers(MOST_HEADERS);
            let connection = builder.serve_connection(io, service).with_upgrades();
            until_drained(connection, tasks, http1::UpgradeableConnection::graceful_shutdown).await
        }
        Protocol::H2 => {
            let mut builder = http2::Builder::new(tasks.clone());
            builder.auto_date_header(false).max_header_list_size(LONGEST_HEAD);
            let connection = builder.serve_connection(io, service);
            until_drained(connection, tasks, http2::Connection::graceful_shutdown).await
        }
    }
}

/// Runs `connection`; when the proxy stops, what is under way on it may finish.
async fn until_drained<C: Future>(connection: C, tasks: &Tasks, stop: impl FnOnce(Pin<&mut C>)) -> C::Output {
    tokio::pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => return ended,
        () = tasks.draining() => {}
    }
    stop(connection.as_mut());
    connection.await
}
