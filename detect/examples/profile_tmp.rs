use detect::{Inspector, Parties, Setup};
use model::*;
fn main() {
    let url = "https://region1.google-analytics.com/g/collect?v=2&tid=G-ABCDEF1234&gtm=45je4be0v9101&_p=1732262400000&gcd=13l3l3l3l1&npa=0&dma=0&cid=1412218985.1732262400&ul=da-dk&sr=1920x1080&uaa=x86&uab=64&uafvl=Chromium%3B131.0.6778.69%7CNot_A%2520Brand%3B24.0.0.0&uamb=0&uam=&uap=Linux&uapv=6.1.0&uaw=0&frm=0&pscdl=noapi&_s=1&sid=1732262400&sct=1&seg=0&dl=https%3A%2F%2Fwww.selvbetjening.test%2Fborger%2Faarsopgoerelse%3Fvis%3Doversigt%26aar%3D2025&dr=https%3A%2F%2Fwww.selvbetjening.test%2Flogin&dt=%C3%85rsopg%C3%B8relse%20-%20Selvbetjening&en=page_view&_fv=1&_ss=1&ep.content_group=skat&tfd=1234";
    let h = |n: &str, v: &str| (n.to_string(), v.as_bytes().to_vec());
    let exchange = Exchange {
        index: 0,
        started: jiff::Timestamp::UNIX_EPOCH,
        duration_ms: None,
        visit: None,
        request: RequestRecord {
            method: "POST".into(),
            target: Target::parse(url).unwrap(),
            version: "h2".into(),
            headers: Headers(vec![
                h("host", "region1.google-analytics.com"),
                h(
                    "user-agent",
                    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
                ),
                h("accept", "*/*"),
                h("accept-language", "da-DK,da;q=0.9,en;q=0.8"),
                h("accept-encoding", "gzip, deflate, br, zstd"),
                h("referer", "https://www.selvbetjening.test/"),
                h("origin", "https://www.selvbetjening.test"),
                h("sec-ch-ua", "\"Chromium\";v=\"131\", \"Not_A Brand\";v=\"24\""),
                h("sec-ch-ua-platform", "\"Linux\""),
                h("sec-fetch-dest", "empty"),
                h("sec-fetch-mode", "no-cors"),
                h("content-length", "0"),
            ]),
            body: Body::default(),
        },
        response: None,
        failure: None,
        messages: vec![],
        connection: Connection::default(),
        page: None,
        blocked: false,
        blind_spots: vec![],
    };
    let mut inspector = Inspector::new(Setup {
        test_persons: vec![TestPerson { id: "a".into(), cpr: "010145-5001".parse().unwrap(), scope: vec![] }],
        key: [7; 32],
        today: jiff::civil::date(2026, 11, 22),
        parties: Parties::first_party(vec![Host::parse("www.selvbetjening.test").unwrap().site()]),
    });
    let n: u32 = std::env::args().nth(1).map_or(20000, |a| a.parse().unwrap());
    for _ in 0..200 {
        inspector.inspect("x", &exchange, None);
    }
    let mut best = f64::MAX;
    for _ in 0..10 {
        let t = std::time::Instant::now();
        for _ in 0..n / 10 {
            std::hint::black_box(inspector.inspect("x", &exchange, None));
        }
        best = best.min(t.elapsed().as_secs_f64() / f64::from(n / 10));
    }
    println!("{} bytes url, best {:.1} us", url.len(), best * 1e6);
}
