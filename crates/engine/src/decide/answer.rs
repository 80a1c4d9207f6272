//! What an evaluation answers (AuthZEN Authorization API 1.0 §6.2 and §7.2), and where it is served (§9).

use deputy_mandate::{Decision, Reason, ReasonCode};
use serde::Serialize;

use crate::view::TenantView;

/// The answer to one evaluation.
#[derive(Debug, Clone, Serialize)]
pub struct EvaluationAnswer {
    /// Whether it may.
    pub decision: bool,
    /// Why not; absent when it may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<AnswerContext>,
}

/// Why not.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum AnswerContext {
    /// It was decided.
    Denied {
        /// The code of the first reason.
        reason: ReasonCode,
        /// Every reason, in the normative order.
        reasons: Vec<Reason>,
    },
    /// One of several evaluations could not be decided.
    Failed {
        /// What a single evaluation would have been refused with.
        error: EvaluationError,
    },
}

/// The error of one of several evaluations.
#[derive(Debug, Clone, Serialize)]
pub struct EvaluationError {
    /// The HTTP status that it would have had alone.
    pub status: u16,
    /// What is wrong, in one sentence.
    pub message: String,
}

/// The answer to several evaluations, in their order; short-circuited ones are left out.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum EvaluationsAnswer {
    /// The request held no `evaluations`.
    One(EvaluationAnswer),
    /// It did.
    Many {
        /// An answer each.
        evaluations: Vec<EvaluationAnswer>,
    },
}

impl EvaluationAnswer {
    pub(super) fn failed(status: u16, message: String) -> Self {
        let context = AnswerContext::Failed { error: EvaluationError { status, message } };
        Self { decision: false, context: Some(context) }
    }
}

impl From<Decision> for EvaluationAnswer {
    fn from(decision: Decision) -> Self {
        let Decision::Deny(reasons) = decision else { return Self { decision: true, context: None } };
        let reasons = reasons.into_vec();
        let first = reasons.first().map_or(ReasonCode::Malformed, |first| first.code);
        Self { decision: false, context: Some(AnswerContext::Denied { reason: first, reasons }) }
    }
}

/// Where a tenant's decisions are asked for.
#[derive(Debug, Clone, Serialize)]
pub struct DecisionPointMetadata {
    /// The identifier of the decision point: the tenant's issuer.
    pub policy_decision_point: String,
    /// One evaluation.
    pub access_evaluation_endpoint: String,
    /// Several.
    pub access_evaluations_endpoint: String,
}

impl DecisionPointMetadata {
    /// The document of a tenant.
    #[must_use]
    pub fn of(view: &TenantView) -> Self {
        let issuer = &view.issuer;
        Self {
            policy_decision_point: issuer.to_string(),
            access_evaluation_endpoint: format!("{issuer}/access/v1/evaluation"),
            access_evaluations_endpoint: format!("{issuer}/access/v1/evaluations"),
        }
    }
}
