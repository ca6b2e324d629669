//! What could not be seen for the way in which traffic came: from a person, a suite or a command behind the proxy.

use super::blind_spots::BlindSpotText;
use crate::lang::Text;

pub(super) const NOTHING_SEEN: BlindSpotText = BlindSpotText {
    title: Text { da: "Intet af systemet kom gennem proxyen", en: "Nothing of the system came through the proxy" },
    meaning: Text {
        da: "Der er intet at bedømme: rapporten siger intet om systemet.",
        en: "There is nothing to judge: the report says nothing about the system.",
    },
    action: Text {
        da: "Indstil browseren eller testpakken til at bruge proxyen, se, at den stoler på proxyens certifikat, \
             og nævn systemets domæne med »--sut«.",
        en: "Set the browser or test suite to use the proxy, see that it trusts the proxy's certificate, and \
             name the system's domain with “--sut”.",
    },
};

pub(super) const NOTHING_THROUGH_PROXY: BlindSpotText = BlindSpotText {
    title: Text { da: "Kommandoen sendte intet gennem proxyen", en: "The command sent nothing through the proxy" },
    meaning: Text {
        da: "Der er intet at bedømme: enten sendte kommandoen intet, eller også gik den uden om proxyen.",
        en: "There is nothing to judge: either the command sent nothing, or it went past the proxy.",
    },
    action: Text {
        da: "Se, om testpakken selv sætter en proxy, en egen browser eller en egen HTTP-klient, og indstil den til \
             den proxy, som står i miljøvariablen HTTPS_PROXY. »cprvagt run --help« nævner, hvad der sættes.",
        en: "See whether the suite sets a proxy, a browser or an HTTP client of its own, and set that to the proxy \
             in the environment variable HTTPS_PROXY. “cprvagt run --help” names what is set.",
    },
};

pub(super) const COMMAND_FAILED: BlindSpotText = BlindSpotText {
    title: Text { da: "Kommandoen fejlede", en: "The command failed" },
    meaning: Text {
        da: "En testpakke, der fejler, har måske ikke besøgt alt, hvad den ellers besøger.",
        en: "A suite that fails may not have visited everything that it visits otherwise.",
    },
    action: Text { da: "Ret testpakken, og kør igen.", en: "Mend the suite, and run it again." },
};

pub(super) const RECORDING_PAUSED: BlindSpotText = BlindSpotText {
    title: Text { da: "Optagelsen var sat på pause", en: "Recording was paused" },
    meaning: Text {
        da: "Det, der gik gennem proxyen imens, er hverken gemt eller bedømt.",
        en: "What went through the proxy meanwhile was neither kept nor judged.",
    },
    action: Text {
        da: "Gentag det, der blev gjort imens, uden pause, hvis det hører til testen.",
        en: "Repeat what was done meanwhile without a pause, if it is part of the test.",
    },
};

pub(super) const SESSION_NOT_KEPT: BlindSpotText = BlindSpotText {
    title: Text { da: "En del af sessionen er ikke på disken", en: "Part of the session is not on disk" },
    meaning: Text {
        da: "Sessionen er læst tilbage fra disken, og det, der ikke kunne skrives eller læses, er ikke bedømt her.",
        en: "The session was read back from disk, and what could not be written or read is not judged here.",
    },
    action: Text {
        da: "Gør plads på disken, eller vælg en anden mappe med »--out«, og gentag den del af testen.",
        en: "Make room on the disk, or choose another folder with “--out”, and repeat that part of the test.",
    },
};
