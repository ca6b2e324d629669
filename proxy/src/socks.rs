//! SOCKS5 (RFC 1928, RFC 1929) on the proxy's port: `CONNECT` only, which begins a tunnel as HTTP's does.
//!
//! The client is told at once that it is connected: whether the site can be reached shows when it has said what it
//! wants there. What is asked for and not done (UDP, incoming connections, SOCKS4) is refused and said.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use model::{BlindSpot, BlindSpotKind, Host};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::credentials::{Credentials, Shown};
use crate::entrance::{Entered, misread};
use crate::plain::refuse_slowly;
use crate::session::Client;
use crate::tunnel;

/// The first byte of SOCKS5.
pub(crate) const VERSION: u8 = 5;
/// The first byte of SOCKS4 and 4a.
pub(crate) const VERSION_4: u8 = 4;

/// From the first byte to the end of the negotiation: three round trips and a wrong password's wait.
const NEGOTIATION: Duration = Duration::from_secs(30);
/// How long a refused client may take to hear it. Closing at once could take the reply away from it.
const FAREWELL: Duration = Duration::from_secs(1);
/// What a refused client may still send meanwhile.
const LAST_WORDS: usize = 4096;

const NO_AUTHENTICATION: u8 = 0;
const USER_AND_PASSWORD: u8 = 2;
const NONE_ACCEPTABLE: u8 = 0xff;
/// The version of the negotiation of RFC 1929.
const LOGIN_VERSION: u8 = 1;

const CONNECT: u8 = 1;
const BIND: u8 = 2;
const UDP_ASSOCIATE: u8 = 3;

const SUCCEEDED: u8 = 0;
const GENERAL_FAILURE: u8 = 1;
const COMMAND_NOT_SUPPORTED: u8 = 7;
const ADDRESS_NOT_SUPPORTED: u8 = 8;

/// What came of a negotiation.
enum Outcome {
    /// A tunnel to there, for that user.
    Tunnel(Host, u16, Option<Arc<str>>),
    /// No tunnel; the last reply, and what is not seen therefore.
    Refused(Vec<u8>, Option<BlindSpot>),
}

/// Where a client wants to.
struct Wish {
    command: u8,
    /// `None` when it is written in a way unknown here, and what follows cannot be read.
    place: Option<(String, u16)>,
}

/// Serves a client that begins with [`VERSION`].
pub(crate) async fn run(client: Client, mut stream: Entered) {
    let negotiated = tokio::select! {
        negotiated = timeout(NEGOTIATION, negotiate(&client, &mut stream)) => negotiated,
        () = client.tasks.draining() => return,
    };
    match negotiated {
        Ok(Ok(Outcome::Tunnel(host, port, user))) => {
            Box::pin(tunnel::run(Client { user, ..client }, host, port, stream)).await;
        }
        Ok(Ok(Outcome::Refused(reply, blind_spot))) => {
            if let Some(blind_spot) = blind_spot {
                client.recorder.blind_spot(blind_spot.in_visit(client.port.visit()));
            }
            take_leave(stream, &reply).await;
        }
        Ok(Err(_)) => misread(&client, "a client began SOCKS5 and did not go on with it"),
        Err(_) => misread(&client, "a client began SOCKS5 and took too long over it"),
    }
}

/// Refuses a client that begins with [`VERSION_4`].
pub(crate) async fn refuse_version_4(client: Client, stream: Entered) {
    misread(&client, "SOCKS4 was asked for and refused: the client must use SOCKS5 or HTTP (curl: --socks5-hostname)");
    // Request rejected; the address means nothing then.
    take_leave(stream, &[0, 91, 0, 0, 0, 0, 0, 0]).await;
}

/// Refuses a client that takes a reverse port for a proxy.
pub(crate) async fn refuse_here(client: Client, stream: Entered) {
    misread(&client, "SOCKS5 was asked for at a port that shows one site and is no proxy");
    take_leave(stream, &[VERSION, NONE_ACCEPTABLE]).await;
}

async fn negotiate(client: &Client, stream: &mut Entered) -> io::Result<Outcome> {
    // Known to be the version.
    stream.read_u8().await?;
    let methods = counted(stream).await?;
    let credentials = client.port.credentials();
    let wanted = match credentials {
        Some(_) => [USER_AND_PASSWORD].as_slice(),
        // A client that knows nothing but passwords may show any.
        None => &[NO_AUTHENTICATION, USER_AND_PASSWORD],
    };
    let Some(method) = wanted.iter().find(|method| methods.contains(method)) else {
        tracing::warn!(client = %client.address, "a SOCKS5 client offers no user name and password, and was refused");
        return Ok(Outcome::Refused(vec![VERSION, NONE_ACCEPTABLE], None));
    };
    stream.write_all(&[VERSION, *method]).await?;
    let mut user = None;
    if *method == USER_AND_PASSWORD {
        user = match login(stream, credentials).await? {
            Shown::Of(user) => Some(user),
            Shown::Nothing => None,
            Shown::Wrong => {
                refuse_slowly(client).await;
                return Ok(Outcome::Refused(vec![LOGIN_VERSION, GENERAL_FAILURE], None));
            }
        };
        stream.write_all(&[LOGIN_VERSION, SUCCEEDED]).await?;
    }
    let wish = Wish::read(stream).await?;
    match wish.granted() {
        Ok((host, port)) => {
            stream.write_all(&reply(SUCCEEDED)).await?;
            Ok(Outcome::Tunnel(host, port, user))
        }
        Err((code, detail)) => {
            let place =
                wish.place.map_or_else(|| client.port.address().to_string(), |(host, port)| format!("{host}:{port}"));
            let blind_spot = BlindSpot::new(BlindSpotKind::NotHttp, place, detail);
            Ok(Outcome::Refused(reply(code), Some(blind_spot)))
        }
    }
}

/// Reads a login (RFC 1929 §2). Where nobody asked for one, it shows nothing.
async fn login(stream: &mut Entered, credentials: Option<&Credentials>) -> io::Result<Shown> {
    if stream.read_u8().await? != LOGIN_VERSION {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut pair = counted(stream).await?;
    pair.push(b':');
    pair.extend(counted(stream).await?);
    Ok(credentials.map_or(Shown::Nothing, |credentials| credentials.whose(&pair)))
}

impl Wish {
    /// Reads a request (RFC 1928 §4).
    async fn read(stream: &mut Entered) -> io::Result<Self> {
        if stream.read_u8().await? != VERSION {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let command = stream.read_u8().await?;
        stream.read_u8().await?;
        let host = match stream.read_u8().await? {
            1 => Ipv4Addr::from(stream.read_u32().await?).to_string(),
            3 => String::from_utf8_lossy(&counted(stream).await?).into_owned(),
            4 => format!("[{}]", Ipv6Addr::from(stream.read_u128().await?)),
            _ => return Ok(Self { command, place: None }),
        };
        Ok(Self { command, place: Some((host, stream.read_u16().await?)) })
    }

    /// Where to tunnel, or the code and words of a refusal.
    fn granted(&self) -> Result<(Host, u16), (u8, &'static str)> {
        let Some((host, port)) = &self.place else {
            return Err((ADDRESS_NOT_SUPPORTED, "SOCKS5: an address of an unknown type was refused"));
        };
        match self.command {
            CONNECT => {}
            BIND => return Err((COMMAND_NOT_SUPPORTED, "SOCKS5: waiting for a connection from outside was refused")),
            UDP_ASSOCIATE => return Err((COMMAND_NOT_SUPPORTED, "SOCKS5: UDP (as for HTTP/3 or DNS) was refused")),
            _ => return Err((COMMAND_NOT_SUPPORTED, "SOCKS5: an unknown command was refused")),
        }
        match Host::parse(host) {
            Some(host) if *port != 0 => Ok((host, *port)),
            _ => Err((GENERAL_FAILURE, "SOCKS5: what is no host and port was refused")),
        }
    }
}

/// Bytes with their number in front.
async fn counted(stream: &mut Entered) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; stream.read_u8().await?.into()];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

/// A reply (RFC 1928 §6). The address that it names for the connection is not known yet; clients do not look at it.
fn reply(code: u8) -> Vec<u8> {
    vec![VERSION, code, 0, 1, 0, 0, 0, 0, 0, 0]
}

/// Says the last word and lets the client hear it.
async fn take_leave(mut stream: Entered, reply: &[u8]) {
    let farewell = async {
        stream.write_all(reply).await?;
        stream.shutdown().await?;
        let mut left = LAST_WORDS;
        let mut buffer = [0; 512];
        while left > 0 {
            match stream.read(&mut buffer).await? {
                0 => break,
                read => left = left.saturating_sub(read),
            }
        }
        io::Result::Ok(())
    };
    // A client that is gone has heard enough.
    let _ = timeout(FAREWELL, farewell).await;
}
