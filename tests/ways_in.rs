//! `cprvagt proxy` by other ways in than an open proxy on loopback: logins, SOCKS5, a stand-in for a site.
#![cfg(unix)]

mod kit;

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use kit::live::Live;
use kit::served::Served;
use sites::{HostedSite, Reply};

const CA: &str = "cprvagt-out/ca.pem";
const SITE: &str = "www.borger.test";
const CANARY: &str = "0101455009";

fn served() -> Served {
    Served::start(vec![HostedSite::new(SITE, |_| Reply::html("<!doctype html><title>Borger</title>"))])
}

fn session(served: &Served, more: &[&str]) -> Live {
    let command = ["proxy", "--listen", "0", "--sut", SITE, "--test-person", CANARY];
    Live::start(&served.bench, &served.arguments(&[&command, more].concat()))
}

/// What curl prints without a proxy of its own setting.
fn curl(served: &Served, arguments: &[&str]) -> String {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--include", "--max-time", "50", "--cacert", CA])
        .args(arguments)
        .current_dir(served.bench.folder.path())
        .env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .output()
        .expect("curl runs");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn users(served: &Served, text: &str, mode: u32) {
    let path = served.bench.write("users", text);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a file of ours");
}

#[test]
fn users_log_in_by_http_and_socks5_and_their_passwords_are_nowhere() {
    let served = served();
    users(&served, "anna:hemmelig\nbo:lukket\n", 0o600);
    let mut live = session(&served, &["--proxy-auth-file", "users"]);
    live.wait_for("users: anna, bo");
    let proxy = format!("http://{}", live.address);
    let url = format!("https://{SITE}/?cpr={CANARY}");
    assert!(curl(&served, &["--proxy", &proxy, &url]).contains("407"));
    assert!(curl(&served, &["--proxy", &proxy, "--proxy-user", "anna:lukket", &url]).contains("407"));
    assert!(curl(&served, &["--proxy", &proxy, "--proxy-user", "anna:hemmelig", &url]).contains("200"));
    let socks = format!("socks5h://bo:lukket@{}", live.address);
    assert!(curl(&served, &["--proxy", &socks, &url]).contains("200"));
    live.wait_for("query[cpr]");
    live.signal("INT");
    let ran = live.ended();
    ran.ends_with(1).says("2 requests");
    for (path, bytes) in served.bench.files().iter().filter(|(path, _)| !path.ends_with("users")) {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("hemmelig") && !text.contains("lukket"), "{}", path.display());
    }
    assert!(!ran.stderr.contains("hemmelig") && !ran.stdout.contains("hemmelig"));
    assert_eq!(served.received_by(SITE).len(), 2);
}

#[test]
fn a_list_of_users_that_cannot_be_used_is_not_repeated() {
    let served = served();
    let run = || served.bench.run(&["proxy", "--listen", "0", "--proxy-auth-file", "users"]);
    run().ends_with(2).says("cannot read --proxy-auth-file users").says("chmod 600");
    users(&served, "anna:hemmelig\n", 0o644);
    run().ends_with(2).says("can be read by others (mode 644)");
    users(&served, "anna:hemmelig\nlukket\n", 0o600);
    let ran = run();
    ran.ends_with(2).says("cannot use users: line 2 is not user:password");
    assert!(!ran.stderr.contains("lukket"), "{}", ran.stderr);
    let mut command = served.bench.command(&["proxy", "--listen", "0"]);
    let output = command.env("CPRVAGT_PROXY_AUTH", "lukket").output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.code() == Some(2) && said.contains("CPRVAGT_PROXY_AUTH") && !said.contains("lukket"),
        "{said}"
    );
}

#[test]
fn a_port_that_stands_in_for_a_site_sees_its_leaks_and_says_what_it_cannot_see() {
    let served = served();
    let origin = format!("https://{SITE}");
    let mut live = session(&served, &["--reverse", &origin]);
    let line = live.wait_for(&format!("{origin} is at http://"));
    let address = line.split("http://").nth(1).and_then(|rest| rest.split(' ').next()).expect("an address").to_owned();
    live.wait_for("does not pass there");
    assert!(curl(&served, &[&format!("http://{address}/?cpr={CANARY}")]).contains("Borger"));
    live.wait_for("others-unseen");
    assert!(curl(&served, &[&format!("https://{address}/?other={CANARY}")]).contains("Borger"));
    live.wait_for("query[other]");
    live.signal("INT");
    live.ended().ends_with(1).says("query[cpr]").says("other sites");
    // Both were asked of the site by its own name.
    assert_eq!(served.received_by(SITE).len(), 2);
}
