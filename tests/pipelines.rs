//! The ready-made pipelines: read by their services' own linters, and their scripts run for real on real reports.

#[path = "pipelines/annotation.rs"]
mod annotation;
mod kit;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use annotation::{Issue, of_azure, of_github};
use kit::served::Served;
use kit::{Bench, NOW, Ran};
use serde_json::{Value, json};
use sites::{HostedSite, Reply};

/// What GitHub shows of each kind of annotation in a step.
const MOST_SHOWN: usize = 10;

/// A step's summary over it is refused.
const MOST_SUMMARY: usize = 1024 * 1024;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn script(name: &str) -> Command {
    Command::new(root().join("ci").join(name))
}

fn python(name: &str) -> Command {
    let mut python = Command::new(root().join("target/clients-venv/bin/python"));
    python.arg(root().join("tests/pipelines").join(name));
    python
}

#[track_caller]
fn ran(command: &mut Command) -> Ran {
    Ran::from(command.output().expect("ci/setup-clients installs it"))
}

/// The reports of a recording with leaks in it.
fn reported() -> Bench {
    let bench = Bench::new();
    let har = root().join("tests/recordings/minimal-ga4.leak.har");
    let har = har.to_str().expect("a path of letters");
    bench.run(&["scan", har, "--format", "markdown,code-quality,sarif,junit", "--no-store", "--now", NOW]).ends_with(1);
    bench
}

/// The summary's script of a service, in a folder with reports.
fn summary(bench: &Bench, service: &str, code: u8) -> Ran {
    let mut script = script(&format!("{service}/summary"));
    script.args(["cprvagt-out", &code.to_string()]).current_dir(bench.folder.path());
    script.env("GITHUB_STEP_SUMMARY", bench.path("summary.md")).env("GITHUB_OUTPUT", bench.path("output"));
    ran(&mut script)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("it was written")
}

fn quality(bench: &Bench) -> Vec<Value> {
    serde_json::from_str(&read(&bench.path("cprvagt-out/cprvagt.codequality.json"))).expect("a list")
}

/// A report of findings that were all found in places made to break out of a command.
fn hostile(bench: &Bench, severity: &str, count: usize) -> Vec<Value> {
    let description = "50% %0A ::error::x\n::set-output name=a::b\r##vso[task.complete result=Succeeded]: æ, ] ;";
    let of = |at: usize| {
        json!({"description": format!("{at} {description}"), "check_name": "cpr-in-url", "fingerprint": format!("{at}"),
            "severity": severity, "location": {"path": "a,b:c;d]e%0Af", "lines": {"begin": 7}}})
    };
    let all: Vec<Value> = (0..count).map(of).collect();
    fs::create_dir_all(bench.path("cprvagt-out")).expect("a folder");
    bench.write("cprvagt-out/cprvagt.codequality.json", &Value::from(all.clone()).to_string());
    all
}

#[track_caller]
fn are_told(issues: &[Issue], quality: &[Value]) {
    assert_eq!(issues.len(), quality.len(), "{issues:?}");
    for (issue, told) in issues.iter().zip(quality) {
        assert_eq!(issue.message, told["description"].as_str().expect("a text"));
        assert_eq!(issue.file.as_deref(), told.pointer("/location/path").and_then(Value::as_str));
        let line = told.pointer("/location/lines/begin").map(ToString::to_string);
        assert_eq!(issue.line.as_deref(), line.as_deref());
    }
}

#[test]
fn github_is_told_of_each_finding_and_of_the_summary() {
    let bench = reported();
    let told = summary(&bench, "github", 1);
    told.ends_with(0);
    let quality: Vec<Value> = quality(&bench).into_iter().filter(|one| one["severity"] != "info").collect();
    assert!(!quality.is_empty());
    are_told(&of_github(&told.stdout), &quality);
    assert_eq!(read(&bench.path("summary.md")), read(&bench.path("cprvagt-out/cprvagt.md")));
    assert_eq!(read(&bench.path("output")), "exit-code=1\nreports=cprvagt-out\nsarif=cprvagt-out/cprvagt.sarif\n");
}

#[test]
fn azure_is_told_of_each_finding_and_of_the_summary() {
    let bench = reported();
    let told = summary(&bench, "azure", 1);
    told.ends_with(0).says("##vso[task.uploadsummary]/").says("/cprvagt-out/cprvagt.md\n");
    let quality: Vec<Value> = quality(&bench).into_iter().filter(|one| one["severity"] != "info").collect();
    are_told(&of_azure(&told.stdout), &quality);
}

#[test]
fn what_comes_from_a_site_is_no_command() {
    let bench = Bench::new();
    let quality = hostile(&bench, "blocker", 3);
    let github = summary(&bench, "github", 1);
    are_told(&of_github(&github.stdout), &quality);
    assert_eq!(github.stdout.lines().count(), quality.len());
    let azure = summary(&bench, "azure", 1);
    are_told(&of_azure(&azure.stdout), &quality);
    assert_eq!(azure.stdout.lines().count(), quality.len());
}

#[test]
fn no_more_is_told_than_is_shown() {
    for (severity, kind) in [("major", "error"), ("minor", "warning")] {
        let bench = Bench::new();
        hostile(&bench, severity, 30);
        for issues in [of_github(&summary(&bench, "github", 1).stdout), of_azure(&summary(&bench, "azure", 1).stdout)] {
            assert_eq!(issues.len(), MOST_SHOWN);
            assert!(issues.iter().all(|issue| issue.kind == kind), "{issues:?}");
            assert!(issues.last().is_some_and(|issue| issue.message.contains("21 more")), "{issues:?}");
        }
        hostile(&bench, severity, MOST_SHOWN);
        assert_eq!(of_github(&summary(&bench, "github", 1).stdout).len(), MOST_SHOWN);
        // The run's own error is one of the ten.
        let issues = of_github(&summary(&bench, "github", 4).stdout);
        let errors = issues.iter().filter(|issue| issue.kind == "error").count();
        assert_eq!(errors, if kind == "error" { MOST_SHOWN } else { 1 });
    }
}

#[test]
fn what_does_not_break_the_build_is_no_error() {
    let bench = Bench::new();
    hostile(&bench, "info", 3);
    assert!(of_github(&summary(&bench, "github", 0).stdout).is_empty());
    hostile(&bench, "critical", 1);
    let mut script = script("github/summary");
    script.args(["cprvagt-out", "0"]).current_dir(bench.folder.path()).env("CPRVAGT_FAIL_ON", "critical");
    let issues = of_github(&ran(script.env_remove("GITHUB_STEP_SUMMARY").env_remove("GITHUB_OUTPUT")).stdout);
    assert_eq!(issues.first().map(|issue| issue.kind.as_str()), Some("warning"));
}

#[test]
fn a_summary_fits_and_says_that_it_was_cut() {
    let bench = Bench::new();
    fs::create_dir_all(bench.path("cprvagt-out")).expect("a folder");
    bench.write("cprvagt-out/cprvagt.md", &"En linje med æøå i.\n".repeat(60_000));
    bench.write("summary.md", "# Before\n");
    summary(&bench, "github", 1).ends_with(0);
    let page = fs::read(bench.path("summary.md")).expect("it was written");
    assert!(page.len() <= MOST_SUMMARY && page.len() > MOST_SUMMARY - 200, "{}", page.len());
    let page = String::from_utf8(page).expect("no letter is cut in two");
    assert!(page.starts_with("# Before\nEn linje"));
    assert!(page.trim_end().ends_with("The reports have all of it._"));
    let whole = |line: &&str| !line.is_empty() && !line.starts_with('_') && !line.starts_with('#');
    assert!(page.lines().filter(whole).all(|line| line == "En linje med æøå i."));
}

#[test]
fn a_run_without_a_report_says_what_its_exit_code_means() {
    for (code, means) in
        [(2, "wrong use"), (3, "not everything was seen"), (4, "a fault of cprvagt"), (5, "the tests themselves")]
    {
        let bench = Bench::new();
        let told = summary(&bench, "github", code);
        told.ends_with(0).says(&format!("::error title=cprvagt, exit code {code}::")).says(means);
        assert!(read(&bench.path("summary.md")).contains(means));
        assert!(read(&bench.path("output")).ends_with("sarif=\n"));
        summary(&bench, "azure", code).ends_with(0).says("##vso[task.logissue type=error]").says(means);
    }
}

/// A program that says what it was given, and ends as it is told.
fn recorder(bench: &Bench, code: u8) -> PathBuf {
    let program = bench.write(
        "bin/cprvagt",
        &format!("#!/bin/sh\nfor one; do printf '<%s>\\n' \"$one\"; done >\"$RECORD\"\nwhile [ \"$1\" != -- ]; do shift; done\nshift\n\"$@\" || exit 5\nexit {code}\n"),
    );
    fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("ours");
    program
}

fn bench_with(code: u8) -> Bench {
    let bench = Bench::new();
    fs::create_dir(bench.path("bin")).expect("a folder");
    recorder(&bench, code);
    std::os::unix::fs::symlink(root().join("ci/pipeline/cprvagt-ci"), bench.path("bin/cprvagt-ci")).expect("ours");
    bench
}

/// `command` with `bin` of the bench first on the PATH, and nothing of the service that runs these tests.
fn in_pipeline<'a>(bench: &Bench, command: &'a mut Command) -> &'a mut Command {
    let path = std::env::var("PATH").expect("a PATH");
    command.env("PATH", format!("{}:{path}", bench.path("bin").display())).env("RECORD", bench.path("record"));
    command.env_remove("GITHUB_ACTIONS").env_remove("TF_BUILD").current_dir(bench.folder.path())
}

#[test]
fn a_pipeline_hands_everything_over_as_it_was_written() {
    let bench = bench_with(0);
    let mut job = Command::new(bench.path("bin/cprvagt-ci"));
    job.env("CPRVAGT_COMMAND", "echo \"$0 says: it's * here\"\ntest -n \"$PATH\"")
        .env("CPRVAGT_SUT", "a.test  b.test\n*");
    job.env("CPRVAGT_ARGS", "--lang\nda\n\n--test-person\n$(touch broken) `x` 'y'").env("CPRVAGT_FAIL_ON", "high");
    job.env("CPRVAGT_REGISTRY", "a b.toml").env("CPRVAGT_BASELINE", "");
    ran(in_pipeline(&bench, &mut job)).ends_with(0).says("sh says: it's * here");
    let expected = "<run> <--out> <cprvagt-out> <--format> <sarif,junit,code-quality,markdown> <--registry> <a b.toml> \
                    <--fail-on> <high> <--sut> <a.test> <--sut> <b.test> <--sut> <*> <--lang> <da> <--test-person> \
                    <$(touch broken) `x` 'y'> <--> <sh> <-ec> <echo \"$0 says: it's * here\"\ntest -n \"$PATH\">\n";
    assert_eq!(read(&bench.path("record")).replace(">\n<", "> <"), expected);
    assert!(!bench.path("broken").exists());
}

#[test]
fn the_exit_code_is_the_runs_own_and_old_reports_are_gone() {
    for code in [0, 1, 3, 4, 77] {
        let bench = bench_with(code);
        fs::create_dir(bench.path("cprvagt-out")).expect("a folder");
        bench.write("cprvagt-out/cprvagt.md", "of yesterday");
        bench.write("cprvagt-out/mine.txt", "kept");
        let mut job = Command::new(bench.path("bin/cprvagt-ci"));
        job.env("CPRVAGT_COMMAND", "true").env("GITHUB_STEP_SUMMARY", bench.path("summary.md"));
        let job =
            in_pipeline(&bench, &mut job).env("GITHUB_ACTIONS", "true").env("GITHUB_OUTPUT", bench.path("output"));
        ran(job).ends_with(i32::from(code));
        assert!(read(&bench.path("summary.md")).contains("no report"));
        assert!(bench.path("cprvagt-out/mine.txt").exists());
    }
    let bench = bench_with(0);
    let mut job = Command::new(bench.path("bin/cprvagt-ci"));
    ran(in_pipeline(&bench, &mut job)).ends_with(2).says("CPRVAGT_COMMAND is empty");
    let mut job = Command::new(bench.path("bin/cprvagt-ci"));
    job.env("CPRVAGT_COMMAND", "true").env("CPRVAGT_PROGRAM", "no-such-program");
    ran(in_pipeline(&bench, &mut job)).ends_with(2).says("there is no no-such-program");
}

#[test]
fn the_first_line_that_fails_ends_the_suite() {
    let bench = bench_with(0);
    let mut job = Command::new(bench.path("bin/cprvagt-ci"));
    job.env("CPRVAGT_COMMAND", "false\ntouch reached");
    ran(in_pipeline(&bench, &mut job)).ends_with(5);
    assert!(!bench.path("reached").exists());
}

/// What GitHub does, with the program itself: a leak is a red step with its summary, its annotation and its outputs.
#[test]
fn a_leak_is_a_red_step_with_all_that_belongs_to_it() {
    let served = Served::start(vec![
        HostedSite::new("borger.test", |_| Reply::html("<!doctype html><title>Borger</title>")),
        HostedSite::new("maaling.test", |_| Reply::no_content()),
    ]);
    let bench = &served.bench;
    let job = |number: &str| {
        let mut job = script("pipeline/cprvagt-ci");
        job.env("CPRVAGT_PROGRAM", env!("CARGO_BIN_EXE_cprvagt")).env("CPRVAGT_SUT", "borger.test");
        job.env("CPRVAGT_ARGS", [&["--no-store"], served.arguments(&[]).as_slice()].concat().join("\n"));
        let visit = "curl -sS --fail -o page.html https://borger.test/";
        job.env("CPRVAGT_COMMAND", format!("{visit}\ncurl -sS --fail 'https://maaling.test/c?cpr={number}'"));
        job.env("GITHUB_STEP_SUMMARY", bench.path("summary.md")).env("GITHUB_OUTPUT", bench.path("output"));
        ran(in_pipeline(bench, &mut job).env("GITHUB_ACTIONS", "true"))
    };
    let leaking = job("0707614285");
    leaking.ends_with(1);
    let issues = of_github(&leaking.stdout);
    assert!(issues.iter().any(|issue| issue.kind == "error" && issue.message.contains("maaling.test")), "{issues:?}");
    assert!(read(&bench.path("summary.md")).contains("maaling.test"));
    assert!(
        read(&bench.path("output")).contains("exit-code=1\nreports=cprvagt-out\nsarif=cprvagt-out/cprvagt.sarif\n")
    );
    for name in ["scan.json", "cprvagt.junit.xml", "cprvagt.codequality.json", "cprvagt.sarif"] {
        assert!(bench.path("cprvagt-out").join(name).exists(), "{name}");
    }
    let clean = job("");
    clean.ends_with(0);
    assert_eq!(of_github(&clean.stdout), []);
}

/// Runs what stands in the YAML of a service, with these inputs.
fn run_yaml(bench: &Bench, file: &str, inputs: &[&str]) -> Vec<Ran> {
    let steps = ran(python("steps.py").arg(root().join("ci").join(file)).args(inputs));
    steps.ends_with(0);
    let steps: Vec<Value> = serde_json::from_str(&steps.stdout).expect("a list");
    let one = |step: &Value| {
        let mut shell = Command::new("bash");
        shell.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", step["script"].as_str().expect("a text")]);
        in_pipeline(bench, &mut shell).env("GITHUB_PATH", bench.path("github-path"));
        shell.env("GITHUB_ACTION_PATH", root().join("ci/github"));
        for (name, value) in step["variables"].as_object().expect("variables") {
            let temporary = bench.path("temporary").display().to_string();
            shell.env(name, value.as_str().expect("a text").replace("@RUNNER_TEMP@", &temporary));
        }
        ran(&mut shell)
    };
    steps.iter().map(one).collect()
}

#[test]
fn the_scripts_within_each_yaml_run() {
    let inputs = ["command=echo \"$HOME\" ran", "sut=a.test b.test"];
    for file in ["gitlab/cprvagt.yml", "azure/cprvagt.yml"] {
        let bench = bench_with(1);
        let mut all = inputs.to_vec();
        if file.starts_with("gitlab") {
            all.push("image=tests:1");
        }
        let ran = run_yaml(&bench, file, &all);
        assert_eq!(ran.len(), 1);
        for ran in &ran {
            ran.ends_with(1).says(" ran\n");
        }
        assert!(
            read(&bench.path("record")).contains("<--fail-on>\n<medium>\n<--sut>\n<a.test>\n<--sut>\n<b.test>\n<-->")
        );
    }
    let bench = bench_with(1);
    let path = format!("path={}", bench.path("bin/cprvagt").display());
    // It says its version when it is installed.
    bench.write("bin/cprvagt", "#!/bin/sh\nif [ $# = 1 ]; then echo 0.1.0; exit; fi\necho ran; exit 1\n");
    let steps = run_yaml(&bench, "github/action.yml", &[inputs[0], inputs[1], &path]);
    assert_eq!(steps.len(), 2);
    assert_eq!(read(&bench.path("github-path")), format!("{}\n", bench.path("temporary/cprvagt/bin").display()));
    steps[0].ends_with(0).says("0.1.0");
    steps[1].ends_with(1).says("ran");
}

#[test]
fn a_program_of_other_bytes_is_not_installed() {
    let bench = bench_with(0);
    let mut install = script("pipeline/install");
    install.arg(bench.path("installed")).arg(bench.path("bin/cprvagt")).arg("0".repeat(64));
    ran(&mut install).ends_with(2).says("is not the file with SHA-256");
    assert!(!bench.path("installed/bin/cprvagt").exists());
}

#[test]
fn an_archive_has_the_same_bytes_each_time_and_what_it_holds_works() {
    let bench = Bench::new();
    // Small, and says what the program says: one that was built for tests takes long to pack.
    let program = bench.write("small", &format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_cprvagt")));
    fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("ours");
    let pack = |folder: &str| {
        let mut pack = script("pack");
        pack.arg(&program).arg("cprvagt-test").arg(bench.path(folder)).env("SOURCE_DATE_EPOCH", "1");
        ran(&mut pack)
    };
    let (one, other) = (pack("one"), pack("other"));
    one.ends_with(0).says("bytes").says("cprvagt-test.tar.gz");
    assert_eq!(one.stdout, other.stdout, "the last line is the SHA-256");
    let digest = one.stdout.lines().last().and_then(|line| line.split(' ').next()).expect("a digest");
    let mut install = script("pipeline/install");
    install.arg(bench.path("installed")).arg(bench.path("one/cprvagt-test.tar.gz")).arg(digest);
    ran(&mut install).ends_with(0).says(env!("CARGO_PKG_VERSION"));
    for file in ["share/man/man1/cprvagt-audit.1", "share/zsh/site-functions/_cprvagt", "LICENSE", "README.md"] {
        assert!(bench.path("installed").join(file).exists(), "{file}");
    }
    let mut job = Command::new(bench.path("installed/bin/cprvagt-ci"));
    ran(in_pipeline(&bench, &mut job)).ends_with(2).says("CPRVAGT_COMMAND is empty");
}

#[test]
fn jenkins_keeps_the_reports_whatever_came_of_the_run() {
    let step = root().join("ci/jenkins/vars/cprvagt.groovy");
    let jenkins = |bench: &Bench, settings: &[&str]| {
        let mut groovy = Command::new("groovy");
        // Debian's looks for Java in one place alone.
        let java = ran(Command::new("sh").args(["-c", "readlink -f \"$(command -v java)\""])).stdout;
        groovy.env("JAVA_HOME", java.trim_end().trim_end_matches("/bin/java"));
        groovy.arg(root().join("tests/pipelines/jenkins.groovy")).arg(&step).args(settings);
        ran(in_pipeline(bench, &mut groovy))
    };
    let kept = ["junit cprvagt-out/cprvagt.junit.xml\n", "archive cprvagt-out/**\n"];
    for (code, said) in [(0, "passed"), (1, "failed: cprvagt: exit code 1"), (3, "failed: cprvagt: exit code 3")] {
        let bench = bench_with(code);
        let told = jenkins(&bench, &["command=echo it ran", "sut=a.test"]);
        told.says("it ran\n").says(kept[0]).says(kept[1]).says(said);
        assert!(read(&bench.path("record")).contains("<--sut>\n<a.test>"));
    }
    let bench = bench_with(0);
    jenkins(&bench, &["command=true", "failon=high"]).says("failed: cprvagt: no such setting: failon");
    jenkins(&bench, &["sut=a.test"]).says("failed: cprvagt: command is missing");
}

#[test]
fn their_services_linters_have_nothing_to_say() {
    let bench = Bench::new();
    ran(python("lint.py").arg(root()).arg(bench.folder.path())).ends_with(0);
    let mut node = Command::new("node");
    node.arg(root().join("tests/pipelines/lint.mjs")).arg(root().join("ci/github/example.yml"));
    ran(&mut node).ends_with(0);
}
