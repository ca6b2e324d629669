//! Writes a log of each format with numbers planted in it, the same for the same seed: for tests of what is found.

use std::fmt::Write as _;

/// Where in a line a number is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    Query,
    Path,
    Referer,
    UserAgent,
}

/// A number that was planted: its text stands so in the line, or percent-encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Planted {
    /// Counted from 1, lines that are no request among them.
    pub(crate) line: u64,
    pub(crate) spot: Spot,
}

/// A log, and where the number stands in it.
pub(crate) struct Sample {
    pub(crate) text: String,
    pub(crate) planted: Vec<Planted>,
}

/// What is planted: a made-up number, as its own text and as it stands in a URL.
pub(crate) const NUMBER: &str = "0101901234";

/// Every id that [`sample`] can write: every format whose lines are requests.
pub(crate) const IDS: [&str; 18] = [
    "aws-cloudfront",
    "w3c",
    "traefik",
    "vhost-combined",
    "combined",
    "common",
    "haproxy",
    "aws-alb",
    "squid",
    "envoy",
    "akamai-datastream",
    "cloudflare",
    "azure-front-door",
    "traefik-json",
    "caddy",
    "envoy-json",
    "fastly",
    "json-lines",
];

/// One request of a sample.
struct Asked {
    path: String,
    query: String,
    referer: String,
    agent: String,
    second: u64,
}

/// `lines` lines of the format `id`, about one in eight with a number.
pub(crate) fn sample(id: &str, seed: u64, lines: u64) -> Sample {
    let mut dice = Dice(seed);
    let mut text = head(id).to_owned();
    let begun = text.lines().count() as u64;
    let mut planted = Vec::new();
    for at in 1..=lines {
        let spot = match dice.roll(32) {
            0 => Some(Spot::Query),
            1 => Some(Spot::Path),
            2 if has(id, Spot::Referer) => Some(Spot::Referer),
            3 if has(id, Spot::UserAgent) => Some(Spot::UserAgent),
            _ => None,
        };
        let number = |wanted: Spot| if spot == Some(wanted) { NUMBER } else { "7" };
        let asked = Asked {
            path: format!("/sag/{}/vis", number(Spot::Path)),
            query: format!("x={}&nr={}", dice.roll(1000), number(Spot::Query)),
            referer: format!("https://a.test/start?id={}", number(Spot::Referer)),
            agent: format!("Agent/{}.0 (id {})", dice.roll(9), number(Spot::UserAgent)),
            second: dice.roll(60),
        };
        let _ = writeln!(text, "{}", line(id, &asked));
        planted.extend(spot.map(|spot| Planted { line: begun + at, spot }));
    }
    Sample { text, planted }
}

/// Whether lines of a format hold such a field.
fn has(id: &str, spot: Spot) -> bool {
    match spot {
        Spot::Query | Spot::Path => true,
        Spot::Referer => !matches!(id, "common" | "haproxy" | "aws-alb" | "squid" | "envoy" | "envoy-json"),
        Spot::UserAgent => !matches!(id, "common" | "haproxy" | "squid"),
    }
}

fn head(id: &str) -> &'static str {
    match id {
        "w3c" => {
            // Microsoft Learn, "W3C Logging" and "W3C Extended Log File Examples": the directives, and the fields of IIS's default.
            "#Software: Internet Information Services 10.0\n#Version: 1.0\n#Date: 2024-10-10 11:55:00\n#Fields: date time s-ip \
             cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus \
             sc-win32-status time-taken\n"
        }
        "aws-cloudfront" => {
            "#Version: 1.0\n#Fields: date time x-edge-location c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query\n"
        }
        _ => "",
    }
}

fn line(id: &str, asked: &Asked) -> String {
    let Asked { path, query, referer, agent, second } = asked;
    let client = "192.0.2.7";
    let common = format!(r#"{client} - - [10/Oct/2024:13:55:{second:02} +0200] "GET {path}?{query} HTTP/1.1" 200 512"#);
    let iso = format!("2024-10-10T11:55:{second:02}Z");
    let epoch = 1_728_561_300 + second;
    match id {
        // Apache HTTP Server 2.4, "Log Files" and `mod_log_config`: `%h %l %u %t \"%r\" %>s %b`.
        "common" => common,
        // The same behind it, `\"%{Referer}i\" \"%{User-agent}i\"`; nginx, `ngx_http_log_module`, "combined": `$remote_addr -
        // $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"`.
        "combined" => format!(r#"{common} "{referer}" "{agent}""#),
        // Debian's apache2.conf, `%v:%p` before it; SUSE's apache2-mod_log_config.conf has `%v` alone.
        "vhost-combined" if second % 2 == 0 => format!(r#"own.test {common} "{referer}" "{agent}""#),
        "vhost-combined" => format!(r#"own.test:443 {common} "{referer}" "{agent}""#),
        "traefik" => format!(r#"{common} "{referer}" "{agent}" 1 "r@docker" "http://10.0.0.1:80" 3ms"#),
        "haproxy" => format!(
            r#"{client}:4711 [10/Oct/2024:13:55:{second:02}.123] in~ b/s 0/0/1/2/3 200 512 - - ---- 1/1/1/1/0 0/0 "GET {path}?{query} HTTP/1.1""#
        ),
        // Squid, `logformat`: `%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt`. Without its query, unless
        // `strip_query_terms` is off.
        "squid" => {
            format!(
                "{epoch}.123 {:6} {client} TCP_MISS/200 512 GET http://own.test{path}?{query} - HIER_DIRECT/192.0.2.9 text/html",
                12
            )
        }
        "w3c" => {
            let agent = agent.replace(' ', "+");
            format!(
                "2024-10-10 11:55:{second:02} 10.0.0.4 GET {path} {query} 443 - {client} {agent} {referer} 200 0 0 44"
            )
        }
        "aws-cloudfront" => {
            let agent = agent.replace(' ', "%2520");
            format!(
                "2024-10-10\t11:55:{second:02}\tCPH1\t{client}\tGET\tx.test\t{path}\t200\t{referer}\t{agent}\t{query}"
            )
        }
        "aws-alb" => format!(
            r#"https {iso} app/lb/1 {client}:2817 10.0.0.1:80 0.1 0.1 0.1 200 200 0 57 "GET https://own.test:443{path}?{query} HTTP/1.1" "{agent}" X TLSv1.2 arn:x "Root=1" "own.test" "arn:y" 1 {iso} "forward" "-" "-""#
        ),
        "envoy" => format!(
            r#"[{iso}] "GET {path}?{query} HTTP/2" 200 - 0 512 3 2 "{client}" "{agent}" "id" "own.test" "10.0.0.1:80""#
        ),
        "akamai-datastream" => {
            let encoded = referer.replace(':', "%3A").replace('/', "%2F").replace('?', "%3F");
            let agent = agent.replace(' ', "%20");
            format!(
                r#"{{"version":1,"reqTimeSec":"{epoch}","cliIP":"{client}","statusCode":"200","proto":"HTTPS","reqHost":"own.test","reqMethod":"GET","reqPath":"{path}","queryStr":"{query}","UA":"{agent}","referer":"{encoded}"}}"#
            )
        }
        "cloudflare" => format!(
            r#"{{"ClientIP":"{client}","ClientRequestHost":"own.test","ClientRequestMethod":"GET","ClientRequestURI":"{path}?{query}","EdgeStartTimestamp":"{iso}","EdgeResponseStatus":200,"ClientRequestReferer":"{referer}","ClientRequestUserAgent":"{agent}"}}"#
        ),
        "azure-front-door" => format!(
            r#"{{"time":"{iso}","category":"FrontDoorAccessLog","properties":{{"httpMethod":"GET","requestUri":"https://own.test:443{path}?{query}","userAgent":"{agent}","referer":"{referer}","httpStatusCode":"200","clientIp":"{client}"}}}}"#
        ),
        "traefik-json" => format!(
            r#"{{"StartUTC":"{iso}","RequestMethod":"GET","RequestPath":"{path}?{query}","RequestHost":"own.test","DownstreamStatus":200,"request_Referer":"{referer}","request_User-Agent":"{agent}"}}"#
        ),
        // Caddy, "How Logging Works", "Structured logs".
        "caddy" => format!(
            r#"{{"level":"info","ts":{epoch}.5241024,"logger":"http.log.access","msg":"handled request","request":{{"remote_ip":"{client}","remote_port":"41342","client_ip":"{client}","proto":"HTTP/2.0","method":"GET","host":"own.test","uri":"{path}?{query}","headers":{{"User-Agent":["{agent}"],"Referer":["{referer}"],"Accept":["*/*"]}},"tls":{{"resumed":false,"version":772,"cipher_suite":4865,"proto":"h2","server_name":"own.test"}}}},"bytes_read":0,"user_id":"","duration":0.000929675,"size":512,"status":200,"resp_headers":{{"Server":["Caddy"],"Content-Type":["text/html; charset=utf-8"]}}}}"#
        ),
        "envoy-json" => format!(
            r#"{{"start_time":"{iso}","method":"GET","path":"{path}?{query}","response_code":200,"user_agent":"{agent}","authority":"own.test"}}"#
        ),
        "fastly" => format!(
            r#"{{"timestamp":"{iso}","client_ip":"{client}","host":"own.test","url":"{path}?{query}","request_method":"GET","request_referer":"{referer}","request_user_agent":"{agent}","response_status":200}}"#
        ),
        "json-lines" => format!(
            r#"{{"ts":"{iso}","remote_addr":"{client}","method":"GET","uri":"{path}?{query}","status":200,"http_referer":"{referer}","http_user_agent":"{agent}"}}"#
        ),
        other => panic!("no sample of {other}"),
    }
}

/// Numbers that look random and are the same each time (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}
