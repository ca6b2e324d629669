//! How each system is told to trust an authority, and to forget it again: for the install page and for the terminal.

use crate::Lang;

/// How one system is told.
#[derive(Debug)]
pub struct Guide {
    /// Stable id.
    pub id: &'static str,
    /// The system's name, the same in every language.
    pub system: &'static str,
    /// What makes it trust the authority.
    pub trust: &'static [Step],
    /// What undoes it.
    pub undo: &'static [Step],
}

/// One step.
#[derive(Debug)]
pub enum Step {
    /// Something to do or to know.
    Say {
        /// In English.
        en: &'static str,
        /// In Danish.
        da: &'static str,
    },
    /// A command to type.
    Run(&'static str),
}

/// What the steps are about, filled in where they name it.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The certificate as PEM: a file's name.
    pub pem: &'a str,
    /// The same as DER.
    pub der: &'a str,
    /// The same as a trust store for Java.
    pub p12: &'a str,
    /// The authority's name.
    pub name: &'a str,
}

impl Step {
    /// The step about `subject`.
    pub fn text(&self, lang: Lang, subject: &Subject<'_>) -> String {
        let text = match (self, lang) {
            (Self::Say { en: text, .. }, Lang::En)
            | (Self::Say { da: text, .. }, Lang::Da)
            | (Self::Run(text), Lang::En | Lang::Da) => text,
        };
        // Typed into a shell, in double quotes.
        let name: String = subject.name.chars().filter(|character| !"\"$`\\!%".contains(*character)).collect();
        text.replace("{pem}", subject.pem)
            .replace("{der}", subject.der)
            .replace("{p12}", subject.p12)
            .replace("{site}", crate::own_site::HOST)
            .replace("{name}", &name)
    }
}

const fn say(en: &'static str, da: &'static str) -> Step {
    Step::Say { en, da }
}

/// All systems, in the order they are shown.
pub const GUIDES: &[Guide] = &[
    Guide {
        id: "windows",
        system: "Windows",
        trust: &[
            say(
                "In a command prompt; no administrator is needed:",
                "I en kommandoprompt; det kræver ikke administrator:",
            ),
            Step::Run("certutil -user -addstore Root \"{der}\""),
            say("Edge and Chrome trust it at once.", "Edge og Chrome stoler på den med det samme."),
        ],
        undo: &[Step::Run("certutil -user -delstore Root \"{name}\"")],
    },
    Guide {
        id: "macos",
        system: "macOS",
        trust: &[
            say("In the Terminal; it asks for your password:", "I Terminal; den spørger om din adgangskode:"),
            Step::Run("security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db \"{pem}\""),
        ],
        undo: &[Step::Run("security delete-certificate -t -c \"{name}\" ~/Library/Keychains/login.keychain-db")],
    },
    Guide {
        id: "debian",
        system: "Debian, Ubuntu",
        trust: &[Step::Run(
            "sudo cp \"{pem}\" /usr/local/share/ca-certificates/cprvagt.crt && sudo update-ca-certificates",
        )],
        undo: &[Step::Run(
            "sudo rm /usr/local/share/ca-certificates/cprvagt.crt && sudo update-ca-certificates --fresh",
        )],
    },
    Guide {
        id: "fedora",
        system: "Fedora, Red Hat",
        trust: &[Step::Run("sudo cp \"{pem}\" /etc/pki/ca-trust/source/anchors/cprvagt.pem && sudo update-ca-trust")],
        undo: &[Step::Run("sudo rm /etc/pki/ca-trust/source/anchors/cprvagt.pem && sudo update-ca-trust")],
    },
    Guide {
        id: "chromium",
        system: "Chrome, Chromium (Linux)",
        trust: &[
            say(
                "It has a list of its own (certutil is in libnss3-tools):",
                "Den har sin egen liste (certutil er i libnss3-tools):",
            ),
            Step::Run("certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n cprvagt -i \"{pem}\""),
        ],
        undo: &[Step::Run("certutil -d sql:$HOME/.pki/nssdb -D -n cprvagt")],
    },
    Guide {
        id: "firefox",
        system: "Firefox",
        trust: &[say(
            "Settings > Privacy & Security > Certificates > View Certificates > Authorities > Import; tick that it may \
             identify websites.",
            "Indstillinger > Privatliv og sikkerhed > Certifikater > Vis certifikater > Autoriteter > Importer; sæt \
             kryds i, at den må identificere websteder.",
        )],
        undo: &[say(
            "In the same list: choose it, Delete or Distrust.",
            "I samme liste: vælg den, Slet eller mist tillid.",
        )],
    },
    Guide {
        id: "android",
        system: "Android",
        trust: &[
            say(
                "Download the certificate (.crt) from http://{site}/ through the proxy.",
                "Hent certifikatet (.crt) fra http://{site}/ gennem proxyen.",
            ),
            say(
                "Settings > Security & privacy > Encryption & credentials > Install a certificate > CA certificate; \
                 choose the file.",
                "Indstillinger > Sikkerhed og privatliv > Kryptering og loginoplysninger > Installer et certifikat > \
                 CA-certifikat; vælg filen.",
            ),
            say(
                "Browsers trust it then. Most other apps do not: what they refuse is reported as not seen.",
                "Så stoler browsere på den. Det gør de fleste andre apps ikke: hvad de afviser, meldes \
                 som ikke set.",
            ),
        ],
        undo: &[say(
            "The same menu > User credentials: choose it, remove.",
            "Samme menu > Brugerlegitimationsoplysninger: vælg den, fjern.",
        )],
    },
    Guide {
        id: "ios",
        system: "iPhone, iPad",
        trust: &[
            say(
                "In Safari: download the certificate (.crt) from http://{site}/ through the proxy, and allow the profile.",
                "I Safari: hent certifikatet (.crt) fra http://{site}/ gennem proxyen, og tillad profilen.",
            ),
            say(
                "Settings > General > VPN & Device Management: install it.",
                "Indstillinger > Generelt > VPN og enhedsadministration: installer den.",
            ),
            say(
                "Settings > General > About > Certificate Trust Settings: switch it on.",
                "Indstillinger > Generelt > Om > Indstillinger for certifikattillid: slå den til.",
            ),
        ],
        undo: &[say(
            "Settings > General > VPN & Device Management: remove the profile.",
            "Indstillinger > Generelt > VPN og enhedsadministration: fjern profilen.",
        )],
    },
    Guide {
        id: "java",
        system: "Java",
        trust: &[
            say("For every program of this Java:", "For alle programmer i denne Java:"),
            Step::Run("keytool -importcert -cacerts -noprompt -alias cprvagt -storepass changeit -file \"{pem}\""),
            say("Or for one program alone:", "Eller kun for ét program:"),
            Step::Run("java -Djavax.net.ssl.trustStore=\"{p12}\" -Djavax.net.ssl.trustStorePassword=changeit -jar ..."),
        ],
        undo: &[Step::Run("keytool -delete -cacerts -alias cprvagt -storepass changeit")],
    },
    Guide {
        id: "programs",
        system: "Node, Python, curl, ...",
        trust: &[
            say("In the shell that starts them:", "I den shell, der starter dem:"),
            Step::Run("export NODE_EXTRA_CA_CERTS=\"{pem}\""),
            Step::Run("export SSL_CERT_FILE=\"{pem}\" REQUESTS_CA_BUNDLE=\"{pem}\" CURL_CA_BUNDLE=\"{pem}\""),
            say(
                "The second line replaces the system's authorities: right for what goes through the proxy.",
                "Den anden linje træder i stedet for systemets udstedere: rigtigt for det, der går gennem proxyen.",
            ),
        ],
        undo: &[Step::Run("unset NODE_EXTRA_CA_CERTS SSL_CERT_FILE REQUESTS_CA_BUNDLE CURL_CA_BUNDLE")],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_names_what_it_is_about_in_both_languages() {
        let subject = Subject { pem: "ca.pem", der: "ca.crt", p12: "ca.p12", name: "An \"evil\" $(name)" };
        for guide in GUIDES {
            for step in guide.trust.iter().chain(guide.undo) {
                for lang in [Lang::Da, Lang::En] {
                    let text = step.text(lang, &subject);
                    assert!(!text.contains('{') && !text.contains("$(") && !text.is_empty(), "{}: {text}", guide.id);
                }
            }
            assert!(!guide.trust.is_empty() && !guide.undo.is_empty(), "{}", guide.id);
        }
    }
}
