//! Programs that are no citizen's browser, by what they call themselves: search engines, monitors, scanners, scripts.

/// What stands in their names, in small letters. `bot` and `crawl` are what they are asked to say themselves.
const SIGNS: [&str; 36] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "scan",
    "curl/",
    "wget",
    "python",
    "java/",
    "go-http",
    "okhttp",
    "libwww",
    "perl",
    "ruby",
    "php/",
    "node-fetch",
    "axios",
    "apache-http",
    "httpclient",
    "headless",
    "phantom",
    "selenium",
    "playwright",
    "puppeteer",
    "nessus",
    "nikto",
    "sqlmap",
    "nmap",
    "zgrab",
    "masscan",
    "qualys",
    "monitor",
    "pingdom",
    "uptime",
    "health",
    "probe",
];

/// Whether `agent` is such a program. One that says nothing is none: nobody knows.
pub(super) fn is_robot(agent: &str) -> bool {
    let agent = agent.to_ascii_lowercase();
    SIGNS.iter().any(|sign| agent.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_from_programs() {
        for agent in ["Mozilla/5.0 (compatible; Googlebot/2.1)", "curl/8.5.0", "Pingdom.com_bot_version_1.4"] {
            assert!(is_robot(agent), "{agent}");
        }
        for agent in
            ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36", "", "-"]
        {
            assert!(!is_robot(agent), "{agent}");
        }
    }
}
