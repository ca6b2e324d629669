//! The way out, as typed: upstream proxies, client certificates, hosts passed through. Secrets are read from files and
//! the environment here, and shown nowhere.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use proxy::{Chain, ClientCert, NoProxy, UpstreamProxyError};

use crate::cli::{ClientCertFile, NetworkArgs};
use crate::fault::Fault;

/// What `--upstream-proxy` says to take what the environment says.
const FROM_ENVIRONMENT: &str = "env";
/// Where the login at the upstream proxy may be, so that it need not be on the command line.
const LOGIN_VARIABLE: &str = "CPRVAGT_UPSTREAM_PROXY_AUTH";

/// Adds to `settings` what `network` says of the way out. `variable` reads the environment.
pub(crate) fn apply(
    network: &NetworkArgs,
    settings: &mut proxy::Settings,
    variable: impl Fn(&str) -> Option<String>,
) -> anyhow::Result<()> {
    settings.chain = chain(network, variable)?;
    settings.passthrough.clone_from(&network.passthrough);
    settings.client_certs = network.client_cert.iter().map(client_cert).collect::<anyhow::Result<_>>()?;
    Ok(())
}

fn chain(network: &NetworkArgs, variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<Chain> {
    let Some(typed) = &network.upstream_proxy else { return Ok(Chain::default()) };
    let help = "write it as http://HOST:PORT, https://.., socks5://.. or socks5h://.., with USER:PASSWORD@ before HOST \
                if need be, or as `env`";
    let chain = if typed.as_str() == FROM_ENVIRONMENT {
        let found =
            Chain::of_environment(&variable).with_context(|| Fault::new("cannot use --upstream-proxy env", help))?;
        let missing = "set HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, or name the proxy: --upstream-proxy http://HOST:PORT";
        let (chain, odd) = found.ok_or_else(|| Fault::new("the environment names no upstream proxy", missing))?;
        for entry in odd {
            tracing::warn!(entry, "an entry of NO_PROXY means nothing here");
        }
        chain
    } else {
        let proxy = typed.as_str().parse();
        Chain::to_all_by(proxy.with_context(|| Fault::new("cannot use --upstream-proxy", help))?)
    };
    let chain = chain.except(excepted(network)?);
    match login(network, variable)? {
        Some(text) => {
            let fault = || Fault::new("cannot log in at the upstream proxy", "the login is one line, USER:PASSWORD");
            chain.with_login(&text).with_context(fault)
        }
        None => Ok(chain),
    }
}

fn excepted(network: &NetworkArgs) -> anyhow::Result<NoProxy> {
    let (sites, odd) = NoProxy::parse(network.no_proxy.as_deref().unwrap_or_default());
    match odd.first() {
        None => Ok(sites),
        Some(entry) => {
            let help = "write hosts, domains, addresses or networks: example.dk,.example.dk,10.0.0.0/8,host:8443, or *";
            Err(Fault::new(format!("cannot use --no-proxy: `{entry}` is no site"), help).into())
        }
    }
}

/// `user:password`, from the file if one is named.
fn login(network: &NetworkArgs, variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<Option<String>> {
    let Some(path) = &network.upstream_proxy_auth_file else { return Ok(variable(LOGIN_VARIABLE)) };
    let name = path.display();
    let help = "write USER:PASSWORD into it, and make it readable by you alone: chmod 600 FILE";
    let text = fs::read_to_string(path)
        .with_context(|| Fault::new(format!("cannot read --upstream-proxy-auth-file {name}"), help))?;
    if let Some(mode) = open_to_others(path) {
        let message = format!("--upstream-proxy-auth-file {name} can be read by others (mode {mode:o})");
        return Err(Fault::new(message, format!("chmod 600 {name}")).into());
    }
    // Of another kind of error no part is told: it might quote the file.
    let line = text.lines().next().filter(|line| line.contains(':'));
    line.map(|line| Some(line.to_owned()))
        .ok_or(UpstreamProxyError::Login)
        .with_context(|| Fault::new(format!("cannot use --upstream-proxy-auth-file {name}"), help))
}

fn client_cert(given: &ClientCertFile) -> anyhow::Result<ClientCert> {
    let name = given.file.display();
    let pem = fs::read(&given.file).with_context(|| {
        let help = "write it as HOST=FILE, FILE being a PEM file with the certificate, its chain and the private key";
        Fault::new(format!("cannot read --client-cert {name}"), help)
    })?;
    if let Some(mode) = open_to_others(&given.file) {
        // Refusing would stop runs where a secret is mounted so, and cannot be changed.
        tracing::warn!(
            "the private key in --client-cert {name} can be read by others (mode {mode:o}): chmod 600 {name}"
        );
    }
    ClientCert::parse(given.hosts.clone(), &pem).map_err(|error| {
        let fault = Fault::new(format!("cannot use --client-cert {name}"), error.help());
        anyhow::Error::new(error).context(fault)
    })
}

/// The file's mode, if others than its owner can read it.
#[cfg(unix)]
fn open_to_others(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};

    fn network(typed: &[&str]) -> NetworkArgs {
        let typed = ["cprvagt", "audit"].iter().chain(typed);
        match Cli::try_parse_from(typed).unwrap().command {
            Command::Audit(args) => args.network,
            _ => unreachable!(),
        }
    }

    fn applied(typed: &[&str], variables: &[(&str, &str)]) -> anyhow::Result<proxy::Settings> {
        let mut settings = proxy::Settings::new(model::Clock::fixed(jiff::Timestamp::UNIX_EPOCH));
        let find = |name: &str| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
        apply(&network(typed), &mut settings, find).map(|()| settings)
    }

    #[track_caller]
    fn refused(typed: &[&str], variables: &[(&str, &str)], words: &str) {
        let error = applied(typed, variables).expect_err("a refusal");
        let told = format!("{error:#} {error:?} {:?}", crate::help_of(&error));
        assert!(told.contains(words) && !told.contains("s3kret"), "{told}");
        assert!(crate::help_of(&error).is_some(), "{told}");
    }

    #[test]
    fn the_environment_is_used_when_asked_for_alone() {
        let variables = [("HTTPS_PROXY", "http://ann:s3kret@p.test:3128"), ("NO_PROXY", "a.test")];
        assert_eq!(applied(&[], &variables).unwrap().chain, Chain::default());
        let chain = applied(&["--upstream-proxy", "env"], &variables).unwrap().chain;
        assert_eq!(
            chain,
            Chain::of_environment(|name| variables
                .iter()
                .find(|(own, _)| *own == name)
                .map(|(_, value)| (*value).to_owned()))
            .unwrap()
            .unwrap()
            .0
        );
        assert!(!format!("{:?}", network(&["--upstream-proxy", variables[0].1])).contains("secret"));
        refused(&["--upstream-proxy", "env"], &[("NO_PROXY", "a.test")], "HTTPS_PROXY");
        refused(&["--upstream-proxy", "env"], &[("all_proxy", "ftp://ann:s3kret@p.test")], "all_proxy");
    }

    #[test]
    fn what_is_wrong_is_said_and_no_secret_with_it() {
        refused(&["--upstream-proxy", "socks4://ann:s3kret@p.test:1"], &[], "socks4");
        refused(&["--upstream-proxy", "p.test:1", "--no-proxy", "a.test,<local>"], &[], "<local>");
        refused(&["--upstream-proxy", "p.test:1"], &[(LOGIN_VARIABLE, "s3kret")], "USER:PASSWORD");
        refused(&["--upstream-proxy", "p.test:1", "--upstream-proxy-auth-file", "/nowhere"], &[], "/nowhere");
        refused(&["--client-cert", "a.test=/nowhere"], &[], "/nowhere");
        for wrong in
            [["--client-cert", "a.test"], ["--client-cert", "*=x"], ["--passthrough", "*"], ["--no-proxy", "a"]]
        {
            let typed = ["cprvagt", "audit"].into_iter().chain(wrong);
            assert!(Cli::try_parse_from(typed).is_err(), "{wrong:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_login_comes_from_a_file_that_nobody_else_reads() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("login");
        let typed = ["--upstream-proxy", "http://p.test:1", "--upstream-proxy-auth-file", file.to_str().unwrap()];
        let mode = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        fs::write(&file, "ann:s3kret\r\n").unwrap();
        mode(0o644);
        refused(&typed, &[], "can be read by others (mode 644)");
        mode(0o600);
        let with_login = Chain::to_all_by("http://ann:s3kret@p.test:1".parse().unwrap());
        assert_eq!(applied(&typed, &[(LOGIN_VARIABLE, "bo:other")]).unwrap().chain, with_login);
        assert_eq!(applied(&typed[..2], &[(LOGIN_VARIABLE, "ann:s3kret")]).unwrap().chain, with_login);
        fs::write(&file, "s3kret\n").unwrap();
        refused(&typed, &[], "USER:PASSWORD");
    }

    #[test]
    fn a_file_that_is_no_certificate_says_how_to_make_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ann.p12");
        fs::write(&file, b"\x30\x82\xff\x00").unwrap();
        refused(&["--client-cert", &format!("*.a.test={}", file.display())], &[], "openssl pkcs12");
    }
}
