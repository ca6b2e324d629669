//! `cprvagt demo`: the TastSelv case on made-up sites of this machine, audited as any site is.
//!
//! It writes what an auditor would have (registry, root certificate), types the command that an auditor would type, and
//! holds what came out against what the sites are known to send.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context as _;
use model::{Evidence, Finding, Scan, Standing, SystemId, Target, Verdict};
use sha2::{Digest as _, Sha256};
use sites::Stage;
use sites::demo::{self, CLOSED_SYSTEM, MENDED_SYSTEM, Options};

use crate::cli::{
    AuditArgs, BuildArgs, CommonArgs, DemoArgs, Digests, FailOn, NetworkArgs, ResumeArgs, SendingArgs, SessionArgs,
    StoreArgs, ThirdParty, WritingArgs,
};
use crate::exit::ExitStatus;
use crate::interrupt;
use crate::output::unwritable;
use crate::progress::Reporter;
use crate::registry_file::FILE_NAME;

/// The root certificate of the demo's sites, beside the registry.
const ROOT_FILE: &str = "demo-ca.pem";

/// A leak, as planted or as found: system, page, channel, recipient.
type Leak = (String, String, String, String);

pub(crate) async fn run(args: &DemoArgs) -> anyhow::Result<ExitStatus> {
    let reporter = Reporter::new();
    let stage =
        Stage::start(demo::hosts(Options { leaking: !args.mended })).await.context("cannot serve the demo's sites")?;
    prepare(&args.out, &stage)?;
    if args.serve {
        serve(args, &stage, &reporter).await;
        return Ok(ExitStatus::Clean);
    }
    reporter.step("A made-up authority, two vendors, three self-services, all on this machine; nothing leaves it.");
    let (_, scan) = crate::audit::run(&audit_args(args, &stage)?).await?;
    let planted = if args.mended { BTreeSet::new() } else { planted() };
    Ok(judge(&scan, &planted, &reporter))
}

fn prepare(folder: &Path, stage: &Stage) -> anyhow::Result<()> {
    let write = || {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join(FILE_NAME), demo::registry())?;
        std::fs::write(folder.join(ROOT_FILE), stage.root_pem())
    };
    write().map_err(|error| unwritable(folder, error))
}

/// What an auditor would type.
fn audit_args(args: &DemoArgs, stage: &Stage) -> anyhow::Result<AuditArgs> {
    Ok(AuditArgs {
        resuming: ResumeArgs::default(),
        session: SessionArgs::default(),
        sending: SendingArgs { third_party: ThirdParty::Forward, allow_write: Vec::new() },
        targets: Vec::new(),
        common: CommonArgs {
            writing: WritingArgs::default(),
            registry: Some(args.out.join(FILE_NAME)),
            test_persons: Vec::new(),
            key_file: None,
            baseline: None,
            digests: Digests::Fast,
            // Made-up sites are nobody's history.
            keeping: StoreArgs { store: None, no_store: true },
            out: args.out.clone(),
            format: Vec::new(),
            lang: args.lang,
            fail_on: FailOn::Medium,
            now: None,
        },
        network: NetworkArgs {
            resolve: vec![proxy::Resolve::new("*", 443, stage.https())?, proxy::Resolve::new("*", 80, stage.http())?],
            upstream_ca: vec![args.out.join(ROOT_FILE)],
            loopback_only: true,
            ..NetworkArgs::default()
        },
        build: BuildArgs::default(),
        browser: args.browser.clone(),
        crawl: crate::cli::CrawlArgs::default(),
    })
}

async fn serve(args: &DemoArgs, stage: &Stage, reporter: &Reporter) {
    let folder = args.out.display();
    reporter.step("The demo's sites are up, on this machine only. Audit them from another terminal:");
    reporter.step(&format!(
        "  cprvagt audit --registry {folder}/{FILE_NAME} --upstream-ca {folder}/{ROOT_FILE} --loopback-only \\\n    \
         --resolve '*:443:{}' --resolve '*:80:{}'",
        stage.https(),
        stage.http()
    ));
    reporter.step("Or browse them through the proxy, and watch them leak in its console:");
    reporter.step(&format!(
        "  cprvagt proxy --browser --url https://selvbetjening.toldhuset.test/ --sut toldhuset.test \\\n    \
         --upstream-ca {folder}/{ROOT_FILE} --loopback-only --resolve '*:443:{}' --resolve '*:80:{}'",
        stage.https(),
        stage.http()
    ));
    let key = data_encoding::BASE64.encode(&Sha256::digest(stage.root_public_key()));
    reporter.step("Or browse them, with a browser that knows their certificate and nothing but them:");
    reporter.step(&format!(
        "  chromium --user-data-dir=\"$(mktemp -d)\" --ignore-certificate-errors-spki-list={key} \\\n    \
         --host-resolver-rules='MAP *.test {}, MAP * ~NOTFOUND' https://selvbetjening.toldhuset.test/",
        stage.https()
    ));
    reporter.step("Ctrl-C ends them.");
    interrupt::asked_to_stop().await;
}

fn planted() -> BTreeSet<Leak> {
    let leak = |leak: demo::Planted| {
        (leak.system.to_owned(), leak.page.to_owned(), leak.channel.to_owned(), leak.recipient.to_owned())
    };
    demo::planted().into_iter().map(leak).collect()
}

/// Holds what was found against what is planted; each difference is told, and makes the demo fail.
fn judge(scan: &Scan, planted: &BTreeSet<Leak>, reporter: &Reporter) -> ExitStatus {
    let found: BTreeSet<Leak> = scan.findings.iter().filter(|finding| is_third_party_leak(finding)).map(leak).collect();
    let mut faults: Vec<String> = Vec::new();
    faults.extend(planted.difference(&found).map(|leak| format!("planted and not found: {}", told(leak))));
    faults.extend(found.difference(planted).map(|leak| format!("found and not planted: {}", told(leak))));
    let others = scan.findings.iter().filter(|finding| !is_third_party_leak(finding));
    let stray = others
        .filter(|finding| planted.is_empty() || finding.system != Some(SystemId(demo::LEAKING_SYSTEM.to_owned())));
    faults.extend(stray.map(|finding| format!("unexpected finding: {}", told(&leak(finding)))));
    for (system, expected) in [(MENDED_SYSTEM, Verdict::Clean), (CLOSED_SYSTEM, Verdict::NotCovered)] {
        let verdict =
            scan.systems.iter().find(|result| result.id == Some(SystemId(system.to_owned()))).map(|r| r.verdict);
        if verdict != Some(expected) {
            faults.push(format!("{system} is not as it should be: {verdict:?} instead of {expected:?}"));
        }
    }
    if !scan.self_test.as_ref().is_some_and(model::SelfTest::passed) {
        faults.push("the self-test failed".to_owned());
    }
    if faults.is_empty() {
        let recipients: BTreeSet<&String> = planted.iter().map(|(.., recipient)| recipient).collect();
        let pages: BTreeSet<&String> = planted.iter().map(|(_, page, ..)| page).collect();
        let (recipients, pages) = (recipients.len(), pages.len());
        reporter.step(&format!(
            "As planted: {recipients} recipients on {pages} pages; the mended system clean; the closed one not covered."
        ));
        return ExitStatus::Clean;
    }
    for fault in &faults {
        reporter.step(&format!("demo: {fault}"));
    }
    reporter.step("The demo did not come out as its sites are made: this is a fault of cprvagt or of the browser.");
    ExitStatus::Internal
}

/// A number that reached somebody else; the site's own URLs and headers are the cause and come beside it.
fn is_third_party_leak(finding: &Finding) -> bool {
    finding.recipient.standing != Standing::Own && finding.evidence.is_some_and(|evidence| evidence < Evidence::E4)
}

fn leak(finding: &Finding) -> Leak {
    (
        finding.system.as_ref().map(SystemId::to_string).unwrap_or_default(),
        Target::parse(finding.page.as_str()).map(|page| page.path).unwrap_or_default(),
        finding.channel.map(|channel| channel.as_str().to_owned()).unwrap_or_default(),
        finding.recipient.domain.to_string(),
    )
}

fn told((system, page, channel, recipient): &Leak) -> String {
    format!("{system} {page} -> {channel} -> {recipient}")
}
