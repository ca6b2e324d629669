//! Asks a SOCKS5 proxy for a connection (RFC 1928, with the login of RFC 1929).

use std::net::{IpAddr, SocketAddr};

use model::Host;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::UpstreamProxy;
use crate::proxy_fault::ProxyRefusal;

const VERSION: u8 = 5;
const NO_LOGIN: u8 = 0;
const PASSWORD: u8 = 2;
const NONE_ACCEPTED: u8 = 0xff;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// Where the proxy is to connect to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal<'a> {
    /// An address.
    Address(SocketAddr),
    /// A name that it looks up itself.
    Name(&'a Host, u16),
}

/// Asks for a connection to `goal` on `stream`; when it stands, the site speaks next.
pub(crate) async fn open(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    proxy: &UpstreamProxy,
    goal: Goal<'_>,
) -> Result<(), ProxyRefusal> {
    let login = proxy.login();
    let methods: &[u8] = if login.is_some() { &[VERSION, 2, NO_LOGIN, PASSWORD] } else { &[VERSION, 1, NO_LOGIN] };
    say(stream, methods).await?;
    let refused = || ProxyRefusal::LoginWanted { had_login: login.is_some(), schemes: Vec::new() };
    match (hear::<2>(stream).await?, login) {
        ([VERSION, NO_LOGIN], _) => {}
        ([VERSION, PASSWORD], Some(login)) => {
            say(stream, &login.socks()).await?;
            let [_, status] = hear::<2>(stream).await?;
            if status != 0 {
                return Err(refused());
            }
        }
        ([VERSION, NONE_ACCEPTED | PASSWORD], _) => return Err(refused()),
        ([first, second], _) => return Err(ProxyRefusal::Nonsense(format!("bytes {first} and {second}"))),
    }
    say(stream, &request(goal)).await?;
    let [version, reply, _, kind] = hear::<4>(stream).await?;
    if version != VERSION {
        return Err(ProxyRefusal::Nonsense(format!("byte {version}")));
    }
    if let Some(refusal) = refusal(reply) {
        return Err(refusal);
    }
    // The address that it connects from, and its port: of no use here.
    match kind {
        IPV4 => drop(hear::<6>(stream).await?),
        IPV6 => drop(hear::<18>(stream).await?),
        NAME => {
            let [length] = hear::<1>(stream).await?;
            for _ in 0..usize::from(length) + 2 {
                hear::<1>(stream).await?;
            }
        }
        other => return Err(ProxyRefusal::Nonsense(format!("an address of kind {other}"))),
    }
    Ok(())
}

fn request(goal: Goal<'_>) -> Vec<u8> {
    let mut request = vec![VERSION, CONNECT, 0];
    let (address, port) = match goal {
        Goal::Address(address) => (Some(address.ip()), address.port()),
        Goal::Name(host, port) => (host.ip(), port),
    };
    match (address, goal) {
        (Some(IpAddr::V4(address)), _) => {
            request.push(IPV4);
            request.extend(address.octets());
        }
        (Some(IpAddr::V6(address)), _) => {
            request.push(IPV6);
            request.extend(address.octets());
        }
        (None, Goal::Name(host, _)) => {
            // A host name is at most 253 bytes long.
            request.push(NAME);
            request.push(u8::try_from(host.as_str().len()).unwrap_or(u8::MAX));
            request.extend(host.as_str().bytes().take(usize::from(u8::MAX)));
        }
        (None, Goal::Address(_)) => {}
    }
    request.extend(port.to_be_bytes());
    request
}

/// What a reply other than success means (RFC 1928 §6).
fn refusal(reply: u8) -> Option<ProxyRefusal> {
    let no_way = |words: &str| Some(ProxyRefusal::NoWay(words.to_owned()));
    match reply {
        0 => None,
        1 => no_way("SOCKS: general failure"),
        2 => Some(ProxyRefusal::Forbidden("SOCKS: not allowed by its rules".to_owned())),
        3 => no_way("SOCKS: network unreachable"),
        4 => no_way("SOCKS: host unreachable"),
        5 => no_way("SOCKS: connection refused"),
        6 => no_way("SOCKS: timed out"),
        7 => no_way("SOCKS: it does not take CONNECT"),
        8 => no_way("SOCKS: it does not take this kind of address; socks5:// looks names up here, socks5h:// there"),
        other => Some(ProxyRefusal::Nonsense(format!("reply {other}"))),
    }
}

async fn say(stream: &mut (impl AsyncWrite + Unpin), message: &[u8]) -> Result<(), ProxyRefusal> {
    stream.write_all(message).await.map_err(|_| ProxyRefusal::Left)?;
    stream.flush().await.map_err(|_| ProxyRefusal::Left)
}

async fn hear<const N: usize>(stream: &mut (impl AsyncRead + Unpin)) -> Result<[u8; N], ProxyRefusal> {
    let mut message = [0; N];
    stream.read_exact(&mut message).await.map_err(|_| ProxyRefusal::Left)?;
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is asked, with all of the proxy's answers written beforehand.
    async fn ask(url: &str, answers: &[u8], goal: Goal<'_>) -> (Result<(), ProxyRefusal>, Vec<u8>) {
        let (mut near, mut far) = tokio::io::duplex(4096);
        far.write_all(answers).await.unwrap();
        far.shutdown().await.unwrap();
        let opened = open(&mut near, &url.parse().unwrap(), goal).await;
        drop(near);
        let mut asked = Vec::new();
        far.read_to_end(&mut asked).await.unwrap();
        (opened, asked)
    }

    fn host(name: &str) -> Host {
        Host::parse(name).unwrap()
    }

    #[tokio::test]
    async fn a_name_goes_as_it_is() {
        let name = host("a.test");
        let (opened, asked) = ask("socks5h://p", b"\x05\0\x05\0\0\x01\0\0\0\0\0\0", Goal::Name(&name, 443)).await;
        assert_eq!((opened, asked.as_slice()), (Ok(()), &b"\x05\x01\0\x05\x01\0\x03\x06a.test\x01\xbb"[..]));
    }

    #[tokio::test]
    async fn addresses_go_as_bytes_and_answers_of_any_kind_are_read() {
        let (four, six) = ("192.0.2.1:80".parse().unwrap(), host("::1"));
        let named = [&b"\x05\0\x05\0\0\x03\x03abc"[..], b"\0\0"].concat();
        let (opened, asked) = ask("socks5://p", &named, Goal::Address(four)).await;
        assert_eq!((opened, asked.as_slice()), (Ok(()), &b"\x05\x01\0\x05\x01\0\x01\xc0\0\x02\x01\0\x50"[..]));
        let long = [&b"\x05\0\x05\0\0\x04"[..], &[0; 18]].concat();
        let (opened, asked) = ask("socks5h://p", &long, Goal::Name(&six, 1)).await;
        assert_eq!((opened, asked.get(6), asked.len()), (Ok(()), Some(&IPV6), 25));
    }

    #[tokio::test]
    async fn a_login_is_given_where_it_is_wanted() {
        let name = host("a.test");
        let accepted = b"\x05\x02\x01\0\x05\0\0\x01\0\0\0\0\0\0";
        let (opened, asked) = ask("socks5h://ann:pw@p", accepted, Goal::Name(&name, 1)).await;
        assert!(opened.is_ok() && asked.starts_with(b"\x05\x02\0\x02\x01\x03ann\x02pw\x05\x01"), "{asked:?}");
        let wanted = |had_login| Err(ProxyRefusal::LoginWanted { had_login, schemes: vec![] });
        assert_eq!(ask("socks5h://ann:pw@p", b"\x05\x02\x01\x01", Goal::Name(&name, 1)).await.0, wanted(true));
        assert_eq!(ask("socks5h://p", b"\x05\xff", Goal::Name(&name, 1)).await.0, wanted(false));
        assert_eq!(ask("socks5h://p", b"\x05\x02", Goal::Name(&name, 1)).await.0, wanted(false));
    }

    #[tokio::test]
    async fn nonsense_and_refusals_are_told_apart() {
        let name = host("a.test");
        for (answers, is) in [
            (&b""[..], "Left"),
            (b"\x05\0\x05", "Left"),
            (b"HTTP/1.1 400", "Nonsense"),
            (b"\x05\0\x04\0\0\x01", "Nonsense"),
            (b"\x05\0\x05\0\0\x09", "Nonsense"),
            (b"\x05\0\x05\x2a\0\x01", "Nonsense"),
            (b"\x05\0\x05\x02\0\x01", "Forbidden"),
            (b"\x05\0\x05\x05\0\x01", "NoWay"),
        ] {
            let refusal = ask("socks5h://p", answers, Goal::Name(&name, 1)).await.0.unwrap_err();
            assert!(format!("{refusal:?}").starts_with(is), "{refusal:?} for {answers:?}");
        }
    }
}
