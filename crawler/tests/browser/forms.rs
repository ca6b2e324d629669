//! Forms that ask for a CPR number, in a real browser: typed, sent where allowed, and the login they open.

use crate::kit::{CPR, Proxy, Reply, Told, browser, crawled, plan, target};
use model::{BlindSpotKind, VisitId, VisitOutcome};

const PAGE_FORM: &str = r#"<title>Ret</title><form action="/gem" method="post">
    <label for="f">CPR-nummer</label><input id="f" name="number" required>
    <label>E-mail <input name="mail" type="email" required></label>
    <label>Fødselsdag <input name="day" type="date" required></label>
    <select name="kommune" required><option value="">Vælg</option><option value="751">Aarhus</option></select>
    <label><input type="checkbox" name="ja" required> Ja</label>
    <button type="button">Hjælp</button><button>Gem</button></form>
    <script>number = document.querySelector("[name=number]");
    number.addEventListener("keydown", e => e.key === "1" && (window.keys = (window.keys ?? 0) + 1));
    number.addEventListener("change", () => fetch("/typed?keys=" + window.keys + "&v=" + number.value));</script>"#;

#[test]
fn a_number_is_typed_key_by_key_and_sent_as_a_step_of_its_own() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| match seen.url.as_str() {
        "http://a.test/" => Reply::Html(PAGE_FORM.into()),
        "http://a.test/gem" => Reply::Html("<title>Kvittering</title><a href=/videre>Videre</a>".into()),
        _ => Reply::Html("<title>Andet</title>".into()),
    });
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    assert_eq!(told.kinds(), [], "{told:#?}");
    assert_eq!(told.urls(), ["http://a.test/", "http://a.test/gem", "http://a.test/videre"]);
    let typed = proxy.one("GET", "http://a.test/typed");
    assert_eq!((typed.visit, typed.url.as_str()), (1, &*format!("http://a.test/typed?keys=3&v={CPR}")));
    let sent = proxy.one("POST", "http://a.test/gem");
    assert_eq!(sent.visit, 2);
    let rest = ".testesen%40example.com&day=1990-01-01&kommune=751&ja=on";
    assert!(sent.body.starts_with(&format!("number={CPR}&mail=")) && sent.body.ends_with(rest), "{}", sent.body);
    let form = &told.visits[0].forms[0];
    assert!(form.filled && form.submitted && form.fields[0].asks_for_cpr && !form.fields[1].asks_for_cpr);
    assert_eq!((told.visits[1].submitted_from, told.visits[1].title.as_str()), (Some(VisitId(1)), "Kvittering"));
}

#[test]
fn where_nothing_may_be_sent_the_number_is_typed_and_that_is_told() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|_| Reply::Html(PAGE_FORM.into()));
    let mut plan = plan("http://a.test/");
    plan.submit = model::registry::Submit::Never;
    let told = crawled(&browser, &plan, &proxy);
    assert_eq!(told.kinds(), [BlindSpotKind::FormNotSubmitted]);
    assert_eq!(proxy.count("http://a.test/typed"), 1);
    assert_eq!(proxy.count("http://a.test/gem"), 0);
    assert!(told.visits[0].forms[0].filled && !told.visits[0].forms[0].submitted);

    let door = Proxy::start(|_| {
        Reply::Html("<title>Log på</title><form method=post><input name=cpr><button>Log på</button></form>".into())
    });
    let told = crawled(&browser, &plan, &door);
    assert_eq!((told.kinds(), &told.visits[0].outcome), (vec![BlindSpotKind::FormNotSubmitted], &VisitOutcome::Loaded));
}

#[test]
fn a_form_met_again_counts_as_sent_and_each_is_told_when_its_turn_comes() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| match seen.url.as_str() {
        "http://a.test/" => Reply::Html(
            "<form name=en action=/en method=post><input name=cpr><button>En</button></form>
            <form name=to action=/to method=post><input name=cpr><button>To</button></form><a href=/igen>i</a>"
                .into(),
        ),
        "http://a.test/igen" => {
            Reply::Html("<form name=en action=/en method=post><input name=cpr><button>En</button></form>".into())
        }
        _ => Reply::Html("tak".into()),
    });
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    assert_eq!(told.kinds(), [], "{told:#?}");
    let forms: Vec<Vec<(&str, bool, bool)>> = told
        .visits
        .iter()
        .map(|visit| visit.forms.iter().map(|form| (form.name.as_str(), form.filled, form.submitted)).collect())
        .collect();
    let (one, two) = (("en", true, true), ("to", true, true));
    assert_eq!(forms, [vec![one], vec![], vec![two, one], vec![], vec![one]]);
    assert_eq!((proxy.count("http://a.test/en"), proxy.count("http://a.test/to")), (1, 1));
}

#[test]
fn without_a_person_nothing_is_typed() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|_| Reply::Html(PAGE_FORM.into()));
    let mut plan = plan("http://a.test/");
    plan.person = None;
    let told = crawled(&browser, &plan, &proxy);
    assert_eq!(told.kinds(), [BlindSpotKind::FormNotSubmitted]);
    assert_eq!(proxy.count("http://a.test/typed"), 0);
    assert!(!told.visits[0].forms[0].filled);
}

fn behind_cpr_login(cookie_wanted: &'static str) -> Told {
    let Some(browser) = browser() else { return Told::default() };
    let proxy = Proxy::start(move |seen| {
        match seen.url.as_str() {
        "http://a.test/login" if seen.method == "POST" => Reply::WithCookie("in=yes", "/oversigt"),
        "http://a.test/login" => Reply::Html(
            r"<title>Log på</title><form method=post><label>CPR-nummer<input name=cpr></label><button>Log på</button></form>".into(),
        ),
        _ if !seen.headers.contains(cookie_wanted) => Reply::To("/login"),
        "http://a.test/oversigt" => {
            Reply::Html("<title>Oversigt</title><a href=/sag>Sag</a><a href=/logud>Log ud</a>".into())
        }
        _ => Reply::Html("<title>Sag</title>".into()),
    }
    });
    let mut plan = plan("http://a.test/start");
    plan.must_visit = vec![target("http://a.test/sag")];
    let told = crawled(&browser, &plan, &proxy);
    assert_eq!(proxy.count("http://a.test/logud"), 0);
    told
}

#[test]
fn a_login_by_number_alone_is_passed_and_the_page_asked_for_is_visited_again() {
    let told = behind_cpr_login("in=yes");
    if told.visits.is_empty() {
        return;
    }
    assert_eq!(told.kinds(), [], "{told:#?}");
    assert_eq!(
        told.urls(),
        ["http://a.test/start", "http://a.test/oversigt", "http://a.test/start", "http://a.test/sag"]
    );
    assert_eq!(told.visits[2].title, "Sag");
}

#[test]
fn a_login_that_does_not_let_in_is_told() {
    let told = behind_cpr_login("in=never");
    if told.visits.is_empty() {
        return;
    }
    assert_eq!(told.visits.last().unwrap().outcome, VisitOutcome::LoginRequired);
    assert!(told.blind_spot(BlindSpotKind::LoginRequired).detail.contains("log"), "{told:#?}");
    assert_eq!(told.blind_spot(BlindSpotKind::MustVisitMissed).place, "http://a.test/sag");
}

#[test]
fn a_login_with_a_password_is_a_wall() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| {
        match seen.url.as_str() {
        "http://a.test/login" => Reply::Html(
            "<title>Log ind</title><form method=post><input name=bruger><input name=kode type=password><button>Log ind</button></form>".into(),
        ),
        _ => Reply::To("/login"),
    }
    });
    let mut plan = plan("http://a.test/");
    plan.must_visit = vec![target("http://a.test/sag")];
    let told = crawled(&browser, &plan, &proxy);
    assert_eq!(told.visits[0].outcome, VisitOutcome::LoginRequired);
    assert_eq!(proxy.seen().iter().filter(|seen| seen.method == "POST").count(), 0);
    assert_eq!(
        told.kinds(),
        [BlindSpotKind::LoginRequired, BlindSpotKind::LoginRequired, BlindSpotKind::MustVisitMissed]
    );
}

#[test]
fn a_chain_of_forms_is_walked_and_fields_without_a_form_are_sent() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| {
        match (seen.method.as_str(), seen.url.as_str()) {
        ("GET", "http://a.test/") => Reply::Html(
            r"<form method=post action=/to><input name=elements type=hidden><input name=action type=hidden>
            <input name=cpr1 maxlength=6><input name=slut maxlength=4><input type=submit value=Næste></form>".into(),
        ),
        ("POST", "http://a.test/to") => Reply::Html(
            r#"<div><p>Personnummer</p><input id=p placeholder="ddmmåå-xxxx"><button onclick="fetch('/spa?p=' + p.value)
            .then(() => document.title = 'Tak')">Send</button></div>"#.into(),
        ),
        _ => Reply::Html("ok".into()),
    }
    });
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    assert_eq!(proxy.one("POST", "http://a.test/to").body, "elements=&action=&cpr1=010190&slut=4321");
    let spa = proxy.one("GET", "http://a.test/spa");
    assert_eq!((spa.visit, spa.url.as_str()), (3, "http://a.test/spa?p=010190-4321"));
    assert_eq!(told.visits.len(), 3, "{told:#?}");
    assert_eq!((told.visits[2].title.as_str(), told.visits[2].submitted_from), ("Tak", Some(VisitId(2))));
}

#[test]
fn a_form_the_browser_would_refuse_and_a_destructive_one_are_told() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|_| {
        Reply::Html(
            r#"<form action=/a method=post><input name=cpr><input name=sag pattern="[A-Z]{9}" required><button>Send</button></form>
            <form action=/b method=post><input name=cpr><button>Afmeld</button></form>"#.into(),
        )
    });
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    assert_eq!(proxy.seen().iter().filter(|seen| seen.method == "POST").count(), 0);
    assert_eq!(told.kinds(), [BlindSpotKind::FormNotSubmitted; 2], "{told:#?}");
    let details: Vec<&str> = told.blind_spots.iter().map(|blind_spot| blind_spot.detail.as_str()).collect();
    assert!(details[0].contains("its fields sag") && details[1].contains("no button"), "{details:?}");
}

#[test]
fn forms_in_frames_and_shadow_roots_are_found() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| match seen.url.as_str() {
        "http://a.test/" => Reply::Html(
            r#"<iframe src=/inner></iframe><div id=h></div><script>h.attachShadow({mode: "open"}).innerHTML =
            "<form action=/skygge method=post><input name=cpr><button>Send</button></form>"</script>"#
                .into(),
        ),
        "http://a.test/inner" => {
            Reply::Html("<form action=/ramme method=post><input name=cpr><button>Send</button></form>".into())
        }
        _ => Reply::Html("ok".into()),
    });
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    assert_eq!(proxy.one("POST", "http://a.test/skygge").body, format!("cpr={CPR}"));
    assert_eq!(proxy.one("POST", "http://a.test/ramme").body, format!("cpr={CPR}"), "{told:#?}");
}

#[test]
fn the_steps_after_a_number_are_sent_though_they_ask_for_none() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| match seen.url.as_str() {
        "http://a.test/" => Reply::Html(
            "<title>Trin 1</title><form method=post action=/to><input name=cpr><button>Næste</button></form>
            <form action=/nyt method=post><input name=mail type=email required><button>Tilmeld</button></form>"
                .into(),
        ),
        "http://a.test/to" => Reply::Html(
            "<title>Trin 2</title><form role=search><input name=q><button>Søg</button></form>
            <form method=post action=/slet><button>Slet kladde</button></form>
            <form method=post action=/tre><label><input type=radio name=ordning value=fuld required> Fuld</label>
            <label><input type=radio name=ordning value=halv> Halv</label><select name=sted required>
            <option value=''>Vælg</option><option>Nord</option></select><button>Næste</button></form>"
                .into(),
        ),
        _ => Reply::Html("<title>Kvittering</title>".into()),
    });
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    // The newsletter beside the first step belongs to nothing that was begun: it is sent by itself.
    let steps = ["http://a.test/", "http://a.test/to", "http://a.test/tre", "http://a.test/", "http://a.test/nyt"];
    assert_eq!(told.urls(), steps, "{told:#?}");
    assert_eq!(proxy.one("POST", "http://a.test/tre").body, "ordning=fuld&sted=Nord");
    assert_eq!((proxy.count("http://a.test/slet"), proxy.count("http://a.test/nyt")), (0, 1));
    assert_eq!(told.kinds(), [BlindSpotKind::PagesLeftOut]);
}

#[test]
fn a_form_that_comes_back_with_a_complaint_is_told() {
    let Some(browser) = browser() else { return };
    for (complaint, expected) in [("<p role=alert>Skriv årstallet.</p>", 1), ("<p>Her er svaret.</p>", 0)] {
        let proxy = Proxy::start(move |seen| {
            let said = if seen.method == "POST" { complaint } else { "" };
            Reply::Html(format!(
                "<title>Sag</title>{said}<form method=post action=/><input name=cpr><button>Send</button></form>"
            ))
        });
        let told = crawled(&browser, &plan("http://a.test/"), &proxy);
        let came_back =
            told.blind_spots.iter().filter(|spot| spot.detail.ends_with("with the words: Skriv årstallet."));
        assert_eq!((came_back.count(), told.kinds().len()), (expected, expected), "{told:#?}");
    }
}

/// Everything that was sent by POST, in order: path and body.
fn posted(proxy: &Proxy) -> Vec<(String, String)> {
    let posted = proxy.seen().into_iter().filter(|seen| seen.method == "POST");
    posted.map(|seen| (seen.url.replace("http://a.test", ""), seen.body)).collect()
}

#[test]
fn a_wizard_without_a_number_is_walked_forward_and_filled_where_it_is_clear_with_what() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| match (seen.method.as_str(), seen.url.as_str()) {
        ("GET", "http://a.test/") => Reply::Html(
            "<form method=post action=/to><label>Fulde navn <input name=navn></label>
            <label>Telefon <input name=tlf></label><label>Sagsord <input name=ord></label>
            <button name=nav value=tilbage>Tilbage</button><button name=nav value=kladde>Gem kladde</button>
            <button name=nav value=frem>Næste</button></form>"
                .into(),
        ),
        (_, "http://a.test/to") => Reply::Html(
            "<form method=post action=/fortryd><button>Annuller</button></form>
            <form method=post action=/tre><label>Fødselsdato <input name=dag placeholder='åååå-mm-dd'></label>
            <button>Forrige</button><button disabled>Videre</button></form><script>
            document.querySelector('[name=dag]').addEventListener('change', () =>
            document.querySelector('[disabled]').disabled = false)</script>"
                .into(),
        ),
        _ => Reply::Html("<p>Tak</p><form method=post action=/konto/slet><button>OK</button></form>".into()),
    });
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    let posted = posted(&proxy);
    let (first, second) = (&posted[0], &posted[1]);
    assert!(first.1.contains("navn=") && first.1.contains("+Testesen&tlf=12"), "{posted:?}");
    assert!(first.1.ends_with("&ord=&nav=frem"), "{posted:?}");
    assert_eq!((second.0.as_str(), second.1.as_str()), ("/tre", "dag=1990-01-01"), "{told:#?}");
    assert_eq!(posted.len(), 2);
    let details: Vec<&str> = told.blind_spots.iter().map(|spot| spot.detail.as_str()).collect();
    let expected = "the form that sends to http://a.test/konto/slet: it has no button that may be pressed";
    assert_eq!(details, [expected], "{told:#?}");
    let form = &told.visits[0].forms[0];
    assert!(form.filled && form.submitted, "{form:?}");
    let typed: Vec<bool> = form.fields.iter().map(|field| field.typed).collect();
    assert_eq!(typed, [true, true, false]);
}

#[test]
fn where_the_registry_allows_get_the_others_are_filled_and_told() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| match seen.url.as_str() {
        "http://a.test/" => Reply::Html(
            "<form action=/beregn><label>Postnr <input name=postnr></label><label>By <input name=sted></label>
            <button>Beregn</button></form>
            <form action=/skift><input name=navn><button formmethod=post>Gem</button></form>
            <form method=post action=/nyt><input name=mail type=email><button>Tilmeld</button></form><script>
            document.querySelector('[type=email]').addEventListener('change', e => fetch('/typed?' + e.target.value))
            </script>"
                .into(),
        ),
        _ => Reply::Html("svar".into()),
    });
    let mut plan = plan("http://a.test/");
    plan.submit = model::registry::Submit::Get;
    let told = crawled(&browser, &plan, &proxy);
    assert_eq!((proxy.count("http://a.test/beregn?postnr="), posted(&proxy).len()), (1, 0), "{told:#?}");
    assert!(proxy.one("GET", "http://a.test/typed").url.ends_with(".testesen@example.com"));
    let details: Vec<&str> = told.blind_spots.iter().map(|spot| spot.detail.as_str()).collect();
    let not_sent = |path: &str| {
        format!(
            "the form that sends to http://a.test/{path}: it was filled and not sent: the registry does not allow it"
        )
    };
    assert_eq!(details, [not_sent("skift"), not_sent("nyt")]);
}

#[test]
fn fields_that_come_when_others_are_filled_are_filled_and_have_numbers_of_their_own() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| {
        match seen.url.as_str() {
        "http://a.test/" => Reply::Html(
            r#"<form method=post action=/send><label>Dit CPR-nummer <input name=cpr></label>
            <div id=mere></div><p hidden><label>Ægtefælles CPR-nummer <input name=cpr2></label></p>
            <button>Send</button></form><script>
            document.querySelector("[name=cpr]").addEventListener("change", () => {
              document.querySelector("[hidden]").hidden = false;
              mere.innerHTML = "<label>Barnets CPR-nummer <input name=barn></label>";
              mere.querySelector("input").addEventListener("change", () =>
                mere.insertAdjacentHTML("beforeend", "<label>Barnets navn <input name=barnets_navn></label>"), {once: true});
            });</script>"#
                .into(),
        ),
        _ => Reply::Html("tak".into()),
    }
    });
    let mut plan = plan("http://a.test/");
    plan.canaries = ["0101455009", "0101455017", "0101455025"].map(|number| number.parse().unwrap()).into();
    let told = crawled(&browser, &plan, &proxy);
    let posted = posted(&proxy);
    let body = &posted[0].1;
    let is_there = |pair: &str| body.split('&').any(|one| one == pair);
    assert!(is_there("cpr=0101455009") && body.contains("barnets_navn=") && body.contains("+Testesen"), "{posted:?}");
    assert!(["cpr2", "barn"].iter().all(|name| body.contains(&format!("{name}=01014550"))), "{posted:?}");
    let mut named: Vec<(&str, String)> = Vec::new();
    for field in &told.visits[0].forms[0].fields {
        named.extend(field.canary.map(|number| (field.name.as_str(), number.reveal())));
    }
    named.sort();
    assert_eq!(named.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["barn", "cpr", "cpr2"], "{told:#?}");
    assert!(named.iter().all(|(name, number)| is_there(&format!("{name}={number}"))), "{named:?}");
}

#[test]
fn what_the_site_does_not_take_is_spelled_otherwise_once() {
    let Some(browser) = browser() else { return };
    // By the server, which wants dashes; by a script, which wants them too; and by the browser.
    let server = |seen: &crate::kit::Seen| {
        let complaint = if seen.method == "POST" { "<p role=alert>Skriv nummeret med bindestreg.</p>" } else { "" };
        if seen.body.contains('-') {
            return Reply::Html("<title>Tak</title>".into());
        }
        Reply::Html(format!("{complaint}<form method=post action=/><input name=cpr><button>Send</button></form>"))
    };
    let proxy = Proxy::start(server);
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    let bodies: Vec<String> = posted(&proxy).into_iter().map(|(_, body)| body).collect();
    assert_eq!(bodies, [format!("cpr={CPR}"), "cpr=010190-4321".to_owned()], "{told:#?}");
    assert_eq!((told.kinds(), told.visits.last().unwrap().title.as_str()), (vec![], "Tak"));

    let script = |seen: &crate::kit::Seen| {
        if seen.method == "POST" {
            return Reply::Html("<title>Tak</title>".into());
        }
        Reply::Html(
            r#"<form method=post action=/ novalidate><label>CPR-nummer <input name=cpr></label><span id=fejl class=error></span>
            <label>Sygemeldt den <input name=sygedato></label><button>Send</button></form><script>
            document.forms[0].addEventListener("submit", e => {
              if (document.forms[0].sygedato.value.includes("1990-")) return;
              e.preventDefault();
              document.forms[0].sygedato.setAttribute("aria-invalid", "true");
              fejl.textContent = "Datoen forstås ikke";
            });</script>"#
                .into(),
        )
    };
    let proxy = Proxy::start(script);
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    let bodies: Vec<String> = posted(&proxy).into_iter().map(|(_, body)| body).collect();
    assert_eq!(bodies, [format!("cpr={CPR}&sygedato=1990-01-01")], "{told:#?}");
    assert_eq!(told.kinds(), []);
}

#[test]
fn a_form_whose_turn_never_comes_is_told() {
    let Some(browser) = browser() else { return };
    let proxy = Proxy::start(|seen| match seen.url.as_str() {
        "http://a.test/" => Reply::Html("<form method=post action=/to><button>Næste</button></form>".into()),
        "http://a.test/to" => Reply::Html(
            "<form method=post action=/bort><input name=emne required><button>Gem</button></form>
            <form method=post action=/tre><input name=navn><button>Næste</button></form>"
                .into(),
        ),
        _ => Reply::Html("tak".into()),
    });
    let told = crawled(&browser, &plan("http://a.test/"), &proxy);
    let paths: Vec<String> = posted(&proxy).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["/to", "/tre"], "{told:#?}");
    let details: Vec<&str> = told.blind_spots.iter().map(|spot| spot.detail.as_str()).collect();
    assert_eq!(details, ["the form that sends to http://a.test/bort: its turn to be sent did not come"]);
}
