//! What is said of recipients and of the processing chain.

use model::registry::{Role, TransferBasis};

use crate::lang::Text;

pub(crate) const HEADING: Text = Text { da: "Modtagere og databehandlerkæde", en: "Recipients and processor chain" };
pub(crate) const MATRIX: Text = Text { da: "Hvem hvert system kontaktede", en: "Whom each system contacted" };
pub(crate) const MATRIX_CAPTION: Text = Text {
    da: "Modtagere og systemer, dem uden for listen først. Ikke kontaktet gælder kun det, der blev undersøgt",
    en: "Recipients and systems, those on no list first. Not contacted is only true of what was seen",
};
pub(crate) const DECLARED: Text = Text { da: "Hvad der er oplyst om dem", en: "What is declared of them" };
pub(crate) const DECLARED_CAPTION: Text = Text {
    da: "Hver modtager: rolle, aftale, land, overførselsgrundlag og opbevaring",
    en: "Each recipient: role, agreement, country, transfer basis and retention",
};
pub(crate) const NO_REGISTRY: Text = Text {
    da: "Der er ikke anvendt et register, så intet er oplyst om roller, aftaler, lande og opbevaring. Land er her værktøjets egen liste.",
    en: "No registry was used, so nothing is declared of roles, agreements, countries and retention. Countries are the tool's own list.",
};
pub(crate) const NOBODY: Text = Text {
    da: "Ingen andre blev kontaktet, og ingen er oplyst.",
    en: "Nobody else was contacted, and nobody is declared.",
};
pub(crate) const NOT_EXAMINED: Text = Text { da: "Ikke undersøgt", en: "Not covered" };
pub(crate) const NOT_CONTACTED: Text = Text { da: "Ikke kontaktet", en: "Not contacted" };
pub(crate) const CONTACTED: Text = Text { da: "Kontaktet", en: "Contacted" };
pub(crate) const TRIED: Text = Text { da: "Forsøgt sendt numre", en: "Numbers tried" };
pub(crate) const GOT: Text = Text { da: "Fik numre", en: "Got numbers" };
pub(crate) const NOT_SEEN: Text = Text { da: "ikke set i denne undersøgelse", en: "not seen in this scan" };
pub(crate) const ROLE: Text = Text { da: "Rolle og kæde", en: "Role and chain" };
pub(crate) const BASIS: Text = Text { da: "Land og overførselsgrundlag", en: "Country and transfer basis" };
pub(crate) const RETENTION: Text = Text { da: "Opbevaring", en: "Retention" };
pub(crate) const NOT_DECLARED: Text = Text { da: "ikke oplyst", en: "not declared" };
pub(crate) const EXPIRED: Text = Text { da: "Udløbet", en: "Expired" };
pub(crate) const NO_AGREEMENT: Text = Text { da: "Ingen aftale oplyst", en: "No agreement declared" };
pub(crate) const NO_BASIS: Text =
    Text { da: "Uden for EØS uden oplyst grundlag", en: "Outside the EEA with no basis declared" };
pub(crate) const INSIDE_EEA: Text = Text { da: "inden for EØS", en: "inside the EEA" };
pub(crate) const OF_CONTROLLER: Text = Text { da: "for den dataansvarlige", en: "of the controller" };
pub(crate) const OF_OTHER_VENDOR: Text = Text { da: "for en anden leverandør", en: "of another vendor" };
pub(crate) const OF_NOBODY: Text = Text { da: "for hvem er ikke oplyst", en: "whose is not declared" };
pub(crate) const OF_CIRCLE: Text = Text { da: "og kæden går i ring", en: "and the chain comes back to where it was" };

/// What a recipient is in the chain.
pub(crate) fn role(role: Role) -> Text {
    match role {
        Role::Processor => Text { da: "databehandler", en: "processor" },
        Role::SubProcessor => Text { da: "underdatabehandler", en: "sub-processor" },
        Role::Authority => Text { da: "offentlig myndighed", en: "public authority" },
        Role::Controller => Text { da: "selvstændigt dataansvarlig", en: "a controller of its own" },
    }
}

/// Why data may leave the EEA.
pub(crate) fn basis(basis: TransferBasis) -> Text {
    match basis {
        TransferBasis::Adequacy => {
            Text { da: "tilstrækkeligt beskyttelsesniveau (artikel 45)", en: "adequacy decision (article 45)" }
        }
        TransferBasis::Scc => {
            Text { da: "standardkontraktbestemmelser (artikel 46)", en: "standard contractual clauses (article 46)" }
        }
        TransferBasis::Bcr => {
            Text { da: "bindende virksomhedsregler (artikel 47)", en: "binding corporate rules (article 47)" }
        }
        TransferBasis::Safeguard => {
            Text { da: "andre fornødne garantier (artikel 46)", en: "another appropriate safeguard (article 46)" }
        }
        TransferBasis::Derogation => {
            Text { da: "undtagelse i særlige situationer (artikel 49)", en: "a derogation (article 49)" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::said_in_both;

    #[test]
    fn every_role_and_basis_is_said_in_both_languages() {
        for one in [Role::Processor, Role::SubProcessor, Role::Authority, Role::Controller] {
            said_in_both(role(one));
        }
        for one in [
            TransferBasis::Adequacy,
            TransferBasis::Scc,
            TransferBasis::Bcr,
            TransferBasis::Safeguard,
            TransferBasis::Derogation,
        ] {
            said_in_both(basis(one));
        }
    }
}
