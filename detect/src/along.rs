//! Names of what a recipient got along with a number and can join with it: parameters, cookies, telling headers.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Redacted, RequestRecord};

use crate::memo::Memo;

/// Names told of what went along; the first tell enough.
const MAX_ALSO_SENT: usize = 30;

/// Names looked at for these: names made of numbers are all one when redacted.
const MAX_NAMES_READ: usize = 100;

/// Requests remembered by their names: a site's scripts send some tens of kinds.
const MAX_REMEMBERED: usize = 512;

/// Longest names of one request that are remembered, in bytes all together. Longer ones are seldom the same.
const MAX_LENGTH: usize = 4_096;

/// Remembers what was made of the names in a request: a script sends the same in each, with other values. Names are kept
/// as they were on the wire, so nothing of it is ever shown.
#[derive(Default)]
pub(crate) struct Along {
    known: BTreeMap<Vec<u8>, Arc<[Redacted]>>,
    /// A request's names, kept for their room.
    key: Vec<u8>,
}

/// Where a name stood.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Cookie,
    Query,
}

impl Along {
    /// The names in `request`, redacted by `memo`.
    pub(crate) fn of(&mut self, request: &RequestRecord, memo: &mut Memo) -> Arc<[Redacted]> {
        if !self.read(request) {
            return redacted(request, memo).into();
        }
        if let Some(known) = self.known.get(&self.key) {
            return Arc::clone(known);
        }
        if self.known.len() >= MAX_REMEMBERED {
            self.known.clear();
        }
        let names: Arc<[Redacted]> = redacted(request, memo).into();
        self.known.insert(self.key.clone(), Arc::clone(&names));
        names
    }

    /// Makes `key` of the request's names; says whether they are short enough to be remembered.
    fn read(&mut self, request: &RequestRecord) -> bool {
        let key = &mut self.key;
        key.clear();
        key.push(u8::from(has_user_agent(request)));
        for (kind, name) in names(request) {
            if key.len() + name.len() > MAX_LENGTH {
                return false;
            }
            // A name may hold any byte: its length tells where it ends.
            key.push(kind as u8);
            key.extend(name.len().to_le_bytes());
            key.extend(name);
        }
        true
    }
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Query => "query",
        }
    }
}

fn redacted(request: &RequestRecord, memo: &mut Memo) -> Vec<Redacted> {
    let mut told = vec![Redacted::own_words("ip-address")];
    if has_user_agent(request) {
        told.push(Redacted::own_words("user-agent"));
    }
    // Few enough to go through: names of different length are told apart at once.
    let mut seen = Vec::new();
    for (kind, name) in names(request) {
        if told.len() >= MAX_ALSO_SENT || seen.len() >= MAX_NAMES_READ {
            break;
        }
        if seen.contains(&(name, kind)) {
            continue;
        }
        seen.push((name, kind));
        let name = memo.text(&format!("{}:{}", kind.as_str(), String::from_utf8_lossy(name)));
        if !told.contains(&name) {
            told.push(name);
        }
    }
    told
}

/// Every name, in order, as often as it comes.
fn names(request: &RequestRecord) -> impl Iterator<Item = (Kind, &[u8])> {
    let cookies = request.headers.all("cookie").flat_map(|line| line.split(|byte| *byte == b';'));
    let cookies = cookies.map(|pair| (Kind::Cookie, before_equals(pair).trim_ascii()));
    let query = request.target.query.as_deref().unwrap_or_default().as_bytes();
    let parameters = query.split(|byte| *byte == b'&').map(|pair| (Kind::Query, before_equals(pair)));
    cookies.chain(parameters).filter(|(_, name)| !name.is_empty())
}

fn before_equals(pair: &[u8]) -> &[u8] {
    let end = pair.iter().position(|byte| *byte == b'=');
    end.and_then(|end| pair.get(..end)).unwrap_or(pair)
}

fn has_user_agent(request: &RequestRecord) -> bool {
    request.headers.get("user-agent").is_some()
}

#[cfg(test)]
mod tests {
    use model::{Body, Headers, Target};

    use super::*;
    use crate::redactor::Redactor;
    use crate::views::Searcher;

    fn request(query: &str, headers: &[(&str, &str)]) -> RequestRecord {
        let header = |(name, value): &(&str, &str)| ((*name).to_owned(), value.as_bytes().to_vec());
        RequestRecord {
            method: "GET".to_owned(),
            target: Target::parse(&format!("https://a.test/?{query}")).unwrap(),
            version: "HTTP/1.1".to_owned(),
            headers: Headers(headers.iter().map(header).collect()),
            body: Body::default(),
        }
    }

    fn memo() -> Memo {
        let searcher = Searcher::new(["0101901234".parse().unwrap()], jiff::civil::date(2026, 11, 22));
        Redactor::new(Arc::new(searcher)).memo()
    }

    #[test]
    fn what_is_remembered_is_what_would_be_made_anew() {
        let (mut along, mut memo) = (Along::default(), memo());
        let long = "a".repeat(MAX_LENGTH);
        let many = (0..200).map(|at| at.to_string()).collect::<Vec<_>>().join("=1&n");
        for query in ["", "v=2&dl=x", "dl=x&v=2", "v=3&dl=y", "v&v&&=x&v=2", "v=2&0707614285=1", &long, &many] {
            for headers in [
                &[][..],
                &[("User-Agent", "x")],
                &[("cookie", "v=2; dl=3; v=2;"), ("cookie", " a =1")],
                &[("cookie", "dl"), ("user-agent", "")],
            ] {
                let request = request(query, headers);
                for _ in 0..2 {
                    assert_eq!(*along.of(&request, &mut memo), redacted(&request, &mut memo), "{query} {headers:?}");
                }
            }
        }
    }

    #[test]
    fn names_are_told_once_with_their_kind_and_without_numbers() {
        let request = request("v=2&dl=x&v=3&0707614285=1", &[("cookie", "v=2; _ga=1"), ("user-agent", "x")]);
        let told = redacted(&request, &mut memo());
        let told: Vec<&str> = told.iter().map(Redacted::as_str).collect();
        assert_eq!(
            told,
            ["ip-address", "user-agent", "cookie:v", "cookie:_ga", "query:v", "query:dl", "query:xxxxxx-xxxx"]
        );
    }

    #[test]
    fn memory_is_bounded() {
        let (mut along, mut memo) = (Along::default(), memo());
        for at in 0..MAX_REMEMBERED * 2 {
            along.of(&request(&format!("name{at}=1"), &[]), &mut memo);
            assert!(along.known.len() <= MAX_REMEMBERED);
        }
        let before = along.known.len();
        along.of(&request(&"a".repeat(MAX_LENGTH), &[]), &mut memo);
        assert_eq!(along.known.len(), before);
    }
}
