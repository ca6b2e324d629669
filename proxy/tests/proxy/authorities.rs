//! Leaves of kept authorities, our own and those that others made, as OpenSSL and Java see them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use model::Clock;
use proxy::{AuthorityChoice, Ca, read_ca};
use rustls::{ClientConfig, HandshakeKind, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsConnector;

use crate::kit::{Fixture, TestCa, now, provider, text, web_site};

/// Names as organisations give them: with parts that come twice.
const NAME: &str = "/DC=dk/DC=eksempel/O=Eksempel A\\/S/OU=IT/OU=Netv\u{e6}rk/CN=Eksempel Rod";
/// No digest of any key.
const KEY_IDENTIFIER: &str = "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D";

#[track_caller]
fn run(folder: &Path, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).output().unwrap();
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program} {arguments:?}: {out}{error}");
    out.into_owned()
}

/// An authority made by OpenSSL, its key of the kind that `new_key` says.
fn made_by_openssl(folder: &Path, new_key: &[&str]) -> PathBuf {
    // A file of its own: the machine's would add a second key identifier, made in the usual way.
    let identifier = KEY_IDENTIFIER.replace(':', "");
    let extensions = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign";
    let config = format!("[req]\ndistinguished_name=dn\n[dn]\n[ca]\nsubjectKeyIdentifier={identifier}\n{extensions}\n");
    std::fs::write(folder.join("ca.cnf"), config).unwrap();
    let mut arguments = vec!["req", "-x509", "-nodes", "-utf8", "-days", "30", "-subj", NAME, "-config", "ca.cnf"];
    arguments.extend(["-extensions", "ca", "-keyout", "key.pem", "-out", "ca.pem", "-newkey"]);
    arguments.extend(new_key);
    run(folder, "openssl", &arguments);
    let both: Vec<u8> =
        ["ca.pem", "key.pem"].iter().flat_map(|name| std::fs::read(folder.join(name)).unwrap()).collect();
    secret(folder, &both)
}

fn secret(folder: &Path, pem: &[u8]) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join("both.pem");
    std::fs::write(&path, pem).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path
}

async fn fixture(ca: Ca) -> Fixture {
    Fixture::with(&TestCa::new(), |settings| settings.authority = AuthorityChoice::Kept(ca)).await
}

/// What the proxy shows a client that wants `host`; that nobody is there does not matter.
async fn shown(fixture: &Fixture, host: &str) -> Vec<CertificateDer<'static>> {
    let stream = fixture.tls(host, &[]).await;
    stream.get_ref().1.peer_certificates().unwrap().to_vec()
}

fn pem(certificates: &[CertificateDer<'_>]) -> String {
    let one = |certificate: &CertificateDer<'_>| {
        let base64 = data_encoding::BASE64.encode(certificate);
        format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")
    };
    certificates.iter().map(one).collect()
}

/// Has OpenSSL look at the leaf for `host` as strictly as it can; what it says of it.
async fn strictly_verified(folder: &TempDir, fixture: &Fixture, host: &str, check: &str) -> String {
    let folder = folder.path();
    let chain = shown(fixture, host).await;
    std::fs::write(folder.join("leaf.pem"), pem(&chain[..1])).unwrap();
    std::fs::write(folder.join("root.pem"), fixture.proxy.ca_pem()).unwrap();
    let bare = host.trim_matches(['[', ']']);
    run(
        folder,
        "openssl",
        &["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "root.pem", check, bare, "leaf.pem"],
    );
    run(folder, "openssl", &["x509", "-in", "leaf.pem", "-noout", "-text", "-nameopt", "utf8,sep_comma_plus"])
}

async fn pitfall_2(new_key: &[&str], signed_with: &str) {
    let folder = tempfile::tempdir().unwrap();
    let ca = read_ca(&made_by_openssl(folder.path(), new_key), now().now()).unwrap();
    assert_eq!(ca.name(), "Eksempel Rod");
    let fixture = fixture(ca).await;
    for (host, check) in [("a.test", "-verify_hostname"), ("127.0.0.1", "-verify_ip"), ("[::1]", "-verify_ip")] {
        let said = strictly_verified(&folder, &fixture, host, check).await;
        let authority = said.split("Authority Key Identifier:").nth(1).unwrap_or_default().trim();
        assert!(authority.trim_start_matches("keyid:").starts_with(KEY_IDENTIFIER), "{said}");
        assert!(!said.contains("Subject Key Identifier"), "{said}");
        assert!(said.contains(signed_with), "{said}");
    }
}

#[tokio::test]
async fn pitfall_2_the_key_identifier_of_an_rsa_authority_is_repeated_byte_for_byte() {
    pitfall_2(&["rsa:2048"], "sha256WithRSAEncryption").await;
}

#[tokio::test]
async fn pitfall_2_the_key_identifier_of_a_p_256_authority_is_repeated_byte_for_byte() {
    pitfall_2(&["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "ecdsa-with-SHA256").await;
}

#[tokio::test]
async fn the_older_forms_of_keys_are_read_too() {
    for (form, new_key) in [
        ("rsa", vec!["rsa:2048"]),
        ("ec", vec!["ec", "-pkeyopt", "ec_paramgen_curve:P-384"]),
        ("pkey", vec!["ed25519"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        made_by_openssl(folder.path(), &new_key);
        let mut arguments = vec![form, "-in", "key.pem", "-out", "old.pem"];
        arguments.extend((form == "rsa").then_some("-traditional"));
        run(folder.path(), "openssl", &arguments);
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        let path = secret(folder.path(), format!("{}{}", read("old.pem"), read("ca.pem")).as_bytes());
        read_ca(&path, now().now()).unwrap_or_else(|error| panic!("{form}: {error}"));
    }
}

#[tokio::test]
async fn pitfall_3_our_own_authority_stands_up_to_openssl_for_names_and_addresses() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = fixture(Ca::for_installation(&now(), "laptop").unwrap()).await;
    for host in ["www.skat.test", &format!("{}.test", "a".repeat(63)), "xn--blbr-roah.test"] {
        let said = strictly_verified(&folder, &fixture, host, "-verify_hostname").await;
        assert!(said.contains("X509v3 Subject Alternative Name: critical"), "{said}");
        assert!(said.contains(&format!("DNS:{host}\n")), "{said}");
    }
    for host in ["127.0.0.1", "[::1]"] {
        let said = strictly_verified(&folder, &fixture, host, "-verify_ip").await;
        assert!(said.contains("IP Address:") && !said.contains("DNS:"), "{said}");
    }
}

#[tokio::test]
async fn an_intermediate_authority_is_sent_along_with_its_chain() {
    let folder = tempfile::tempdir().unwrap();
    let root = made_by_openssl(folder.path(), &["rsa:2048"]);
    std::fs::copy(&root, folder.path().join("signer.pem")).unwrap();
    let path = folder.path();
    run(
        path,
        "openssl",
        &["req", "-new", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=Mellem", "-keyout", "i.pem", "-out", "i.csr"],
    );
    let extensions =
        "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n";
    std::fs::write(path.join("i.ext"), extensions).unwrap();
    run(
        path,
        "openssl",
        &[
            "x509",
            "-req",
            "-in",
            "i.csr",
            "-CA",
            "signer.pem",
            "-CAkey",
            "key.pem",
            "-days",
            "9",
            "-extfile",
            "i.ext",
            "-out",
            "i.crt",
        ],
    );
    let read = |name: &str| std::fs::read_to_string(path.join(name)).unwrap();
    let both = secret(path, format!("{}{}{}", read("i.crt"), read("ca.pem"), read("i.pem")).as_bytes());
    let fixture = fixture(read_ca(&both, now().now()).unwrap()).await;
    let chain = shown(&fixture, "a.test").await;
    assert_eq!(chain.len(), 3);
    std::fs::write(path.join("leaf.pem"), pem(&chain[..1])).unwrap();
    std::fs::write(path.join("between.pem"), pem(&chain[1..2])).unwrap();
    run(path, "openssl", &["verify", "-x509_strict", "-CAfile", "ca.pem", "-untrusted", "between.pem", "leaf.pem"]);
}

#[tokio::test]
async fn pitfall_5_a_second_connection_resumes() {
    let ca = TestCa::new();
    let site = web_site(Some(ca.server(&["a.test"], &[])), |_| async { text("x") }).await;
    let fixture = Fixture::new(&ca, site).await;
    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        let mut roots = RootCertStore::empty();
        roots.add(fixture.proxy.ca_der().clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(provider()).with_protocol_versions(&[version]).unwrap();
        let client = TlsConnector::from(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()));
        let mut kinds = Vec::new();
        for _ in 0..2 {
            let tunnel = fixture.tunnel("a.test:443").await;
            let mut stream = client.connect(ServerName::try_from("a.test").unwrap(), tunnel).await.unwrap();
            // Tickets come with what is read next.
            stream.write_all(b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n").await.unwrap();
            stream.read_to_end(&mut Vec::new()).await.unwrap();
            kinds.push(stream.get_ref().1.handshake_kind().unwrap());
        }
        let first = matches!(kinds[0], HandshakeKind::Full | HandshakeKind::FullWithHelloRetryRequest);
        assert!(first && matches!(kinds[1], HandshakeKind::Resumed), "{version:?}: {kinds:?}");
    }
}

#[tokio::test]
async fn java_reads_the_trust_store() {
    let folder = tempfile::tempdir().unwrap();
    let ca = Ca::for_installation(&Clock::fixed("2026-11-22T04:00:00Z".parse().unwrap()), "laptop").unwrap();
    std::fs::write(folder.path().join("trust.p12"), ca.trust_store()).unwrap();
    let openssl = ["pkcs12", "-in", "trust.p12", "-passin", "pass:changeit", "-nokeys"];
    assert!(run(folder.path(), "openssl", &openssl).contains("-----BEGIN CERTIFICATE-----"));
    let list = ["-list", "-v", "-keystore", "trust.p12", "-storepass", "changeit"];
    // Machines without Java have nothing that could read it.
    if Command::new("keytool").arg("-help").output().is_err() {
        return;
    }
    let said = run(folder.path(), "keytool", &list);
    assert!(said.contains("trustedCertEntry") && said.contains(&ca.fingerprint()), "{said}");
}
