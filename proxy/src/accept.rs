//! Takes connections in, as many at a time as there are places, until the proxy stops.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::entrance;
use crate::session::Client;

/// How long to wait when no connection can be accepted for want of descriptors: until some are closed.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(50);

/// Accepts connections until the proxy stops. `client` makes what each of them needs.
pub(crate) async fn accept(
    listener: TcpListener,
    places: Arc<Semaphore>,
    draining: impl Future<Output = ()>,
    client: impl Fn(SocketAddr, tokio::sync::OwnedSemaphorePermit) -> Client,
) {
    tokio::pin!(draining);
    loop {
        // With no place free, further connections wait in the system's queue.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = draining.as_mut() => return,
        };
        match accepted {
            Ok((stream, address)) => begin(stream, client(address, place)),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(OUT_OF_DESCRIPTORS).await;
            }
        }
    }
}

fn begin(stream: TcpStream, client: Client) {
    // Small answers would wait for acknowledgements. A socket that refuses is merely slower.
    let _ = stream.set_nodelay(true);
    client.tasks.clone().start(entrance::run(client, stream));
}
