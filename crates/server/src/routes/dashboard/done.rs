//! What the page after a form says about it.
//!
//! Invariant: the address carries a word of this list, never a sentence, so that nobody can put one into a
//! page by a link.

use serde::Deserialize;

use crate::pages::row::{Notice, Tone};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// An agent was suspended.
    Suspended,
    /// An agent was reactivated.
    Reactivated,
    /// A target was revoked.
    Revoked,
    /// An orphan has an owner.
    Assigned,
    /// The halt was changed.
    Halted,
    /// A lowering of the halt waits.
    Waits,
    /// A key of an identity provider was ended.
    KeyEnded,
    /// An identity provider was registered.
    ProviderRegistered,
    /// An identity provider was changed.
    ProviderChanged,
    /// An identity provider was taken away.
    ProviderDeleted,
    /// A rule gives a role by a claim.
    RuleAdded,
    /// A rule gives no role any more.
    RuleRemoved,
    /// An issuer is trusted.
    IssuerTrusted,
    /// An issuer is trusted no more.
    IssuerDeleted,
}

impl Done {
    /// The sentence.
    #[must_use]
    pub fn notice(self) -> Notice {
        let (text, tone) = match self {
            Self::Suspended => ("Suspended: its tokens are dead, and it gets no new ones.", Tone::Good),
            Self::Reactivated => {
                ("Reactivated: it may ask for new tokens. The old ones stay dead.", Tone::Good)
            }
            Self::Revoked => ("Revoked, and in force now.", Tone::Good),
            Self::Assigned => ("The agent has an owner again.", Tone::Good),
            Self::Halted => ("The level was changed, and is in force now.", Tone::Good),
            Self::KeyEnded => ("The key has ended: whoever holds it is refused.", Tone::Good),
            Self::ProviderRegistered => ("Registered. Test it before people rely on it.", Tone::Good),
            Self::ProviderChanged => ("Changed, and in force now.", Tone::Good),
            Self::ProviderDeleted => {
                ("Deleted: its tokens count no more, and sessions that it began have ended.", Tone::Good)
            }
            Self::RuleAdded => ("The rule is in force.", Tone::Good),
            Self::RuleRemoved => ("The rule gives nobody a role any more.", Tone::Good),
            Self::IssuerTrusted => {
                ("Trusted. An agent’s federated credential says which workload stands for it.", Tone::Good)
            }
            Self::IssuerDeleted => ("Trusted no more: its workloads cannot authenticate.", Tone::Good),
            Self::Waits => ("A second person must confirm this before it is in force.", Tone::Warn),
        };
        Notice { text: text.to_owned(), tone }
    }
}

/// The query of a page that takes nothing else.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoneQuery {
    /// What was done just before.
    pub done: Option<Done>,
}
