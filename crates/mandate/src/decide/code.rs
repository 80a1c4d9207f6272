//! The closed set of reason codes, their sentences and their place in the normative order.

use serde::{Deserialize, Serialize};

/// Why a request is denied. Stable and closed: the names are the wire form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the sentence of each code says what it means")]
pub enum ReasonCode {
    Malformed,
    SignatureInvalid,
    ProofMissing,
    ProofInvalid,
    DepthExceeded,
    DelegationNotAllowed,
    NotAttenuated,
    Expired,
    NotYetValid,
    Revoked,
    RevocationStale,
    AgentInactive,
    SubjectInactive,
    TenantHalted,
    RuntimeChanged,
    RuntimeMissing,
    SubjectMismatch,
    AudienceMismatch,
    BindingMismatch,
    ScopeMissing,
    ToolBlocked,
    ToolNotAllowed,
    ArgumentNotDeclared,
    ArgumentMissing,
    TypeMismatch,
    ConstraintViolated,
    UnknownConstraint,
    CeilingNarrowed,
    UsesExhausted,
    OnlineCheckRequired,
}

/// The classes of reasons, in the order in which a decision returns them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    WellFormedness,
    Signature,
    Proof,
    Chain,
    Time,
    Liveness,
    Subject,
    Audience,
    Binding,
    Runtime,
    Scope,
    BlockedTool,
    AllowedTool,
    UndeclaredArguments,
    MissingArguments,
    Constraints,
    Limits,
    Ceiling,
    Metering,
}

impl ReasonCode {
    /// Every code, in the order of the contract.
    pub const ALL: [Self; 30] = [
        Self::Malformed,
        Self::SignatureInvalid,
        Self::ProofMissing,
        Self::ProofInvalid,
        Self::DepthExceeded,
        Self::DelegationNotAllowed,
        Self::NotAttenuated,
        Self::Expired,
        Self::NotYetValid,
        Self::Revoked,
        Self::RevocationStale,
        Self::AgentInactive,
        Self::SubjectInactive,
        Self::TenantHalted,
        Self::RuntimeChanged,
        Self::RuntimeMissing,
        Self::SubjectMismatch,
        Self::AudienceMismatch,
        Self::BindingMismatch,
        Self::ScopeMissing,
        Self::ToolBlocked,
        Self::ToolNotAllowed,
        Self::ArgumentNotDeclared,
        Self::ArgumentMissing,
        Self::TypeMismatch,
        Self::ConstraintViolated,
        Self::UnknownConstraint,
        Self::CeilingNarrowed,
        Self::UsesExhausted,
        Self::OnlineCheckRequired,
    ];

    /// The wire name and the sentence for when nothing more specific is known.
    const fn entry(self) -> (&'static str, &'static str) {
        match self {
            Self::Malformed => ("malformed", "The request or the credential is malformed."),
            Self::SignatureInvalid => {
                ("signature_invalid", "The signature of the credential does not verify.")
            }
            Self::ProofMissing => {
                ("proof_missing", "The credential is bound to a key and no proof of it was sent.")
            }
            Self::ProofInvalid => ("proof_invalid", "The proof of possession does not verify."),
            Self::DepthExceeded => ("depth_exceeded", "The chain of delegations is longer than it may be."),
            Self::DelegationNotAllowed => {
                ("delegation_not_allowed", "A holder in the chain may not delegate.")
            }
            Self::NotAttenuated => {
                ("not_attenuated", "A delegation in the chain claims more than its parent has.")
            }
            Self::Expired => ("expired", "The credential has expired."),
            Self::NotYetValid => ("not_yet_valid", "The credential is not valid yet."),
            Self::Revoked => ("revoked", "The credential, or one above it, is revoked."),
            Self::RevocationStale => {
                ("revocation_stale", "What is known of revocations is too old to rely on.")
            }
            Self::AgentInactive => ("agent_inactive", "An agent in the chain is not active."),
            Self::SubjectInactive => ("subject_inactive", "The person acted for is not active."),
            Self::TenantHalted => ("tenant_halted", "The tenant is halted."),
            Self::RuntimeChanged => ("runtime_changed", "The runtime of an agent in the chain has changed."),
            Self::RuntimeMissing => ("runtime_missing", "The agent's runtime must be presented and was not."),
            Self::SubjectMismatch => ("subject_mismatch", "The credential acts for somebody else."),
            Self::AudienceMismatch => ("audience_mismatch", "The credential is not for this audience."),
            Self::BindingMismatch => ("binding_mismatch", "The credential is bound to something else."),
            Self::ScopeMissing => ("scope_missing", "The mandate does not hold this scope."),
            Self::ToolBlocked => ("tool_blocked", "The tool is blocked."),
            Self::ToolNotAllowed => ("tool_not_allowed", "The mandate does not hold this tool."),
            Self::ArgumentNotDeclared => ("argument_not_declared", "The tool takes no such argument."),
            Self::ArgumentMissing => ("argument_missing", "An argument that the call must carry is missing."),
            Self::TypeMismatch => ("type_mismatch", "A value has a type that cannot pass."),
            Self::ConstraintViolated => ("constraint_violated", "A value is outside its constraint."),
            Self::UnknownConstraint => {
                ("unknown_constraint", "A constraint has a type that is not known here.")
            }
            Self::CeilingNarrowed => ("ceiling_narrowed", "What the agent may have has been narrowed since."),
            Self::UsesExhausted => ("uses_exhausted", "The credential has been used as often as it may be."),
            Self::OnlineCheckRequired => {
                ("online_check_required", "The credential is metered; ask the issuer.")
            }
        }
    }

    /// The wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.entry().0
    }

    /// One plain sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        self.entry().1
    }

    pub(super) const fn class(self) -> Class {
        match self {
            Self::Malformed => Class::WellFormedness,
            Self::SignatureInvalid => Class::Signature,
            Self::ProofMissing | Self::ProofInvalid => Class::Proof,
            Self::DepthExceeded | Self::DelegationNotAllowed | Self::NotAttenuated => Class::Chain,
            Self::Expired | Self::NotYetValid => Class::Time,
            Self::Revoked
            | Self::RevocationStale
            | Self::AgentInactive
            | Self::SubjectInactive
            | Self::TenantHalted => Class::Liveness,
            Self::SubjectMismatch => Class::Subject,
            Self::AudienceMismatch => Class::Audience,
            Self::BindingMismatch => Class::Binding,
            Self::RuntimeChanged | Self::RuntimeMissing => Class::Runtime,
            Self::ScopeMissing => Class::Scope,
            Self::ToolBlocked => Class::BlockedTool,
            Self::ToolNotAllowed => Class::AllowedTool,
            Self::ArgumentNotDeclared => Class::UndeclaredArguments,
            Self::ArgumentMissing => Class::MissingArguments,
            Self::TypeMismatch | Self::ConstraintViolated | Self::UnknownConstraint => Class::Constraints,
            Self::CeilingNarrowed => Class::Ceiling,
            Self::UsesExhausted | Self::OnlineCheckRequired => Class::Metering,
        }
    }
}
