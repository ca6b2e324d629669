//! The processing chain: whom each sub-processor works for, and whether that comes back to itself.

use model::Registry;
use model::registry::{ChainLink, DeclaredRecipient, Role};

use crate::registry_command::checks::{Kind, Remark};

/// What is to be said of it.
pub(super) fn remarks(registry: &Registry) -> Vec<Remark> {
    registry.recipients.iter().filter_map(|recipient| of(recipient, registry)).collect()
}

fn of(recipient: &DeclaredRecipient, registry: &Registry) -> Option<Remark> {
    let (name, line) = (&recipient.legal_name, recipient.line);
    let Some(of) = &recipient.of else {
        return (recipient.role == Role::SubProcessor).then(|| {
            let message = format!("{name} is a sub-processor, and it is not said whose");
            let help = "name the vendor's id or the recipient's legal name: of = \"...\"";
            Remark::new(Kind::ChainOpen, line, message, help)
        });
    };
    let Some(link) = registry.chain_link(recipient) else {
        let message = format!("{name} works for `{of}`, which is not declared");
        let help = "write the id of a vendor, or the legal name of a recipient";
        return Some(Remark::new(Kind::ChainUnknown, line, message, help));
    };
    let mut chain = vec![name.as_str()];
    let mut next = link;
    // One step more than there are recipients has met one of them twice.
    for _ in 0..=registry.recipients.len() {
        let ChainLink::Recipient(before) = next else { return None };
        chain.push(&before.legal_name);
        if before.legal_name == *name {
            let message = format!("the chain comes back to where it began: {}", chain.join(" of "));
            return Some(Remark::new(Kind::ChainCycle, line, message, "say for one of them whom it really works for"));
        }
        next = registry.chain_link(before)?;
    }
    // It runs into a circle that it is not part of, which is told there.
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recipients named by letters, with whom each works for.
    #[track_caller]
    fn case(chain: &[(&str, &str)], told: &[(Kind, &str)]) {
        let mut text = String::from("[[vendor]]\nid = \"v\"\nname = \"V\"\n");
        for (name, of) in chain {
            let of = if of.is_empty() { String::new() } else { format!("of = \"{of}\"\n") };
            text.push_str("[[recipient]]\nrole = \"sub-processor\"\n");
            text.extend([format!("legal_name = \"{name}\"\ndomains = [\"{name}.test\"]\n"), of]);
        }
        let said: Vec<(Kind, String)> =
            remarks(&Registry::parse(&text).unwrap()).into_iter().map(|remark| (remark.kind, remark.message)).collect();
        assert_eq!(said.len(), told.len(), "{said:?}");
        for ((kind, message), (wanted, part)) in said.iter().zip(told) {
            assert!(kind == wanted && message.contains(part), "{said:?}");
        }
    }

    #[test]
    fn a_chain_ends_at_a_vendor_or_at_who_works_for_nobody() {
        case(&[("a", "v"), ("b", "a"), ("c", "b")], &[]);
        case(&[("a", "V")], &[]);
        case(&[("a", "")], &[(Kind::ChainOpen, "a is a sub-processor")]);
        case(&[("a", "w")], &[(Kind::ChainUnknown, "works for `w`")]);
    }

    #[test]
    fn a_circle_is_told_of_each_who_is_in_it() {
        case(&[("a", "a")], &[(Kind::ChainCycle, "a of a")]);
        case(
            &[("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")],
            &[(Kind::ChainCycle, "a of b of c of a"), (Kind::ChainCycle, "b of c"), (Kind::ChainCycle, "c of a")],
        );
    }
}
