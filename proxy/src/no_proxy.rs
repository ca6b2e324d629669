//! Which sites are reached without the upstream proxy: `NO_PROXY`, as curl reads it and a little more.

use std::net::IpAddr;

use model::Host;

/// Sites that are reached directly.
///
/// A list, parted by commas or blanks. `*` is every site; `example.dk` and `.example.dk` are that domain and everything
/// below it; an address or a network (`10.0.0.0/8`, `fd00::/8`) is what is asked for by address, since names are not
/// looked up for this. Beyond curl's, a port may follow (`example.dk:8443`, `[::1]:80`), and `*.example.dk` counts as
/// `.example.dk`, as people write it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoProxy(Vec<Rule>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    place: Place,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Anywhere,
    Within(Host),
    Network(IpAddr, u32),
}

impl NoProxy {
    /// Reads a list; the second are its entries that mean nothing here.
    pub fn parse(text: &str) -> (Self, Vec<String>) {
        let (mut rules, mut odd) = (Vec::new(), Vec::new());
        for entry in text.split([',', ' ', '\t', ';']).filter(|entry| !entry.is_empty()) {
            match Rule::parse(entry) {
                Some(rule) => rules.push(rule),
                None => odd.push(entry.to_owned()),
            }
        }
        (Self(rules), odd)
    }

    /// The sites of both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Whether `host` and `port` are reached directly.
    pub fn covers(&self, host: &Host, port: u16) -> bool {
        self.0.iter().any(|rule| rule.port.is_none_or(|own| own == port) && rule.place.holds(host))
    }
}

impl Rule {
    fn parse(entry: &str) -> Option<Self> {
        if let Some(place) = Place::parse(entry) {
            return Some(Self { place, port: None });
        }
        let (place, port) = entry.rsplit_once(':')?;
        let port = port.parse().ok().filter(|port| *port != 0)?;
        Some(Self { place: Place::parse(place)?, port: Some(port) })
    }
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Anywhere);
        }
        let bare = |text: &str| {
            let text = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
            text.parse::<IpAddr>().ok()
        };
        if let Some(address) = bare(text) {
            return Some(Self::Network(address, width(address)));
        }
        if let Some((address, bits)) = text.split_once('/') {
            let address = bare(address)?;
            let bits = bits.parse().ok().filter(|bits| *bits <= width(address))?;
            return Some(Self::Network(address, bits));
        }
        let domain = text.strip_prefix("*.").or_else(|| text.strip_prefix('.')).unwrap_or(text);
        let is_odd = domain.starts_with('.') || domain.contains(['*', '<', '>', ':', '[']);
        Host::parse(domain).filter(|_| !is_odd).map(Self::Within)
    }

    fn holds(&self, host: &Host) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Within(domain) => host.is_within(domain),
            Self::Network(network, bits) => host.ip().is_some_and(|ip| begins_alike(ip, *network, *bits)),
        }
    }
}

fn width(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => u32::BITS,
        IpAddr::V6(_) => u128::BITS,
    }
}

fn begins_alike(one: IpAddr, other: IpAddr, bits: u32) -> bool {
    let difference = match (one.to_canonical(), other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => u128::from(one.to_bits() ^ other.to_bits()) << (u128::BITS - u32::BITS),
        (IpAddr::V6(one), IpAddr::V6(other)) => one.to_bits() ^ other.to_bits(),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
    };
    difference.leading_zeros() >= bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(list: &str, direct: &[&str], proxied: &[&str]) {
        let (rules, odd) = NoProxy::parse(list);
        assert_eq!(odd, Vec::<String>::new());
        let covers = |place: &&str| {
            let (host, port) = place.rsplit_once(' ').unwrap_or((place, "443"));
            rules.covers(&Host::parse(host).unwrap(), port.parse().unwrap())
        };
        assert!(direct.iter().all(covers) && !proxied.iter().any(covers), "{list}");
    }

    #[test]
    fn a_domain_covers_what_lies_below_it() {
        for list in ["skat.test", ".skat.test", "*.skat.test", "SKAT.test."] {
            case(list, &["skat.test", "www.skat.test", "a.b.skat.test"], &["notskat.test", "skat.test.evil", "test"]);
        }
    }

    #[test]
    fn a_list_is_parted_by_commas_or_blanks() {
        case("a.test, b.test c.test,,", &["a.test", "b.test", "c.test"], &["d.test"]);
        case("", &[], &["a.test"]);
        case("*", &["a.test", "10.0.0.1", "::1"], &[]);
    }

    #[test]
    fn addresses_and_networks_cover_addresses() {
        case("10.1.2.3", &["10.1.2.3"], &["10.1.2.4", "a10.1.2.3", "x.10.1.2.3"]);
        case("10.0.0.0/8", &["10.255.0.1", "::ffff:10.0.0.1"], &["11.0.0.0", "a.test"]);
        case("192.168.16.0/20", &["192.168.31.255"], &["192.168.32.0"]);
        case("0.0.0.0/0", &["8.8.8.8"], &["::1", "a.test"]);
        case("::1,fd00::/8", &["[::1]", "fd12::1"], &["fe80::1", "127.0.0.1"]);
        case("[::1]", &["::1"], &["::2"]);
    }

    #[test]
    fn a_port_may_be_named() {
        case("a.test:8443", &["a.test 8443", "www.a.test 8443"], &["a.test"]);
        case("[::1]:80,10.0.0.1:81", &["::1 80", "10.0.0.1 81"], &["::1", "10.0.0.1"]);
        case("*:80", &["a.test 80"], &["a.test"]);
    }

    #[test]
    fn what_means_nothing_is_told() {
        let (rules, odd) = NoProxy::parse("<local>,10.0.0.0/33,a.test:x,a*b.test,..,b.test:0,ok.test");
        assert_eq!(odd, ["<local>", "10.0.0.0/33", "a.test:x", "a*b.test", "..", "b.test:0"]);
        assert_eq!(rules.0.len(), 1);
    }
}
