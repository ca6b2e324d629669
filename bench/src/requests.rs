//! Whole requests through the detector: those of HAR files, and one as analytics send it.

use std::error::Error;
use std::fs;
use std::path::Path;

use detect::{Inspector, Parties, Setup};
use model::{Body, Connection, Exchange, Headers, Host, RequestRecord, Target, TestPerson};
use serde_json::Value;

use crate::clock::{quantile, timed};
use crate::text::har_files;

/// What the detector took for some requests.
pub struct Measured {
    pub requests: usize,
    pub bytes: usize,
    pub sightings: usize,
    /// Microseconds.
    pub median: f64,
    pub p90: f64,
    pub slowest: f64,
    pub seconds: f64,
}

/// The requests of all HAR files in `folder`. Files that are no JSON are left out, as are requests of other schemes.
pub fn of_hars(folder: &Path) -> Result<Vec<Exchange>, Box<dyn Error>> {
    let mut exchanges = Vec::new();
    for path in har_files(folder)? {
        let bytes = fs::read(&path)?;
        let Ok(har) = serde_json::from_slice::<Value>(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes)) else {
            println!("(left out, no JSON: {})", path.display());
            continue;
        };
        let entries = har.pointer("/log/entries").and_then(Value::as_array).into_iter().flatten();
        exchanges.extend(entries.filter_map(|entry| of_entry(entry.get("request")?)));
    }
    Ok(exchanges)
}

/// A page view as GA4 sends it: some 1.2 kB of URL and 12 headers.
pub fn typical() -> Result<Exchange, Box<dyn Error>> {
    let page = "https%3A%2F%2Fwww.selvbetjening.test%2Faarsopgoerelse%2Foversigt%3Faar%3D2025%26trin%3D2";
    let mut url = format!(
        "https://region1.analytics.test/g/collect?v=2&tid=G-ABCDEFGH12&gtm=45je5b61v9101234567za200&_p=1764000000000\
         &gcd=13l3l3l3l1l1&npa=0&dma=1&dma_cps=syphamo&cid=1234567890.1764000000&ul=da-dk&sr=1920x1080&uaa=x86&uab=64\
         &uafvl=Chromium%3B156.0.8078.79%7CNot%253DA%253FBrand%3B24.0.0.0&uamb=0&uap=Linux&uapv=6.8.0&uaw=0&are=1&frm=0\
         &pscdl=noapi&_s=2&sid=1764000001&sct=3&seg=1&dl={page}&dr={page}&dt=%C3%85rsopg%C3%B8relse%202025%20-%20oversigt\
         &en=page_view&_et=5123&tfd=6120"
    );
    let mut number = 0;
    while url.len() < 1_200 {
        number += 1;
        url.push_str(&format!("&ep.felt_{number}=vaerdi%20nummer%20{number}"));
    }
    let names = [
        ("accept", "*/*"),
        ("accept-encoding", "gzip, deflate, br, zstd"),
        ("accept-language", "da-DK,da;q=0.9,en-US;q=0.8,en;q=0.7"),
        ("origin", "https://www.selvbetjening.test"),
        ("priority", "u=1, i"),
        ("referer", "https://www.selvbetjening.test/"),
        ("sec-ch-ua", "\"Chromium\";v=\"156\", \"Not=A?Brand\";v=\"24\""),
        ("sec-ch-ua-mobile", "?0"),
        ("sec-fetch-dest", "empty"),
        ("sec-fetch-mode", "no-cors"),
        ("sec-fetch-site", "cross-site"),
        (
            "user-agent",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
        ),
    ];
    let headers = names.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()));
    exchange(&url, headers.into(), Body::default()).ok_or_else(|| "the typical URL is none".into())
}

/// Inspects all in order, `rounds` times; of each request its quickest.
pub fn measure(exchanges: &[Exchange], rounds: usize) -> Result<Measured, Box<dyn Error>> {
    let mut quickest = vec![f64::INFINITY; exchanges.len()];
    let mut sightings = 0;
    for _ in 0..rounds {
        let mut inspector = inspector()?;
        sightings = 0;
        for (exchange, best) in exchanges.iter().zip(&mut quickest) {
            let (seconds, inspection) = timed(|| inspector.inspect("bench", exchange, None));
            *best = best.min(seconds);
            sightings += inspection.sightings.len();
        }
    }
    let seconds = quickest.iter().sum();
    let mut micros: Vec<f64> = quickest.iter().map(|seconds| seconds * 1e6).collect();
    Ok(Measured {
        requests: exchanges.len(),
        bytes: exchanges.iter().map(sent).sum(),
        sightings,
        median: quantile(&mut micros, 0.5),
        p90: quantile(&mut micros, 0.9),
        slowest: quantile(&mut micros, 1.0),
        seconds,
    })
}

fn inspector() -> Result<Inspector, Box<dyn Error>> {
    let person = TestPerson { id: "da-01".into(), cpr: "0101901234".parse()?, scope: vec![] };
    let own = ["www.selvbetjening.test", "www.tastselv.test"].iter().filter_map(|host| Some(Host::parse(host)?.site()));
    let parties = Parties::first_party(own.collect());
    let today = jiff::civil::date(2026, 11, 22);
    Ok(Inspector::new(Setup { test_persons: vec![person], key: [7; 32], today, parties }))
}

fn of_entry(request: &Value) -> Option<Exchange> {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let headers = request.get("headers").and_then(Value::as_array).into_iter().flatten();
    let headers = headers.map(|header| (text(header, "name"), text(header, "value").into_bytes())).collect();
    let body = request.get("postData").map(|data| text(data, "text")).unwrap_or_default();
    exchange(&text(request, "url"), headers, Body::whole(body))
}

fn exchange(url: &str, headers: Vec<(String, Vec<u8>)>, body: Body) -> Option<Exchange> {
    Some(Exchange {
        index: 0,
        started: jiff::Timestamp::UNIX_EPOCH,
        duration_ms: None,
        visit: None,
        request: RequestRecord {
            method: "GET".into(),
            target: Target::parse(url).ok()?,
            version: "HTTP/1.1".into(),
            headers: Headers(headers),
            body,
        },
        response: None,
        failure: None,
        messages: vec![],
        connection: Connection::default(),
        page: None,
        initiator: None,
        blocked: false,
        continues: None,
        logged: None,
        blind_spots: vec![],
    })
}

/// Bytes of the request: URL, header lines, body.
fn sent(exchange: &Exchange) -> usize {
    let Exchange { request, .. } = exchange;
    let headers: usize = request.headers.0.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    request.target.to_string().len() + headers + request.body.bytes.len()
}
