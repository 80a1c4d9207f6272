//! Narrowing: what a holder states when it hands on less than it has.
//!
//! An absent member inherits; a stated one must be below the parent's in the order of the mandate, or the whole
//! step is refused: nothing is clipped. What results is therefore always below the parent.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{Binding, BoundError, LimitMap, MAX_USES, Mandate, ToolMap, bounds, tools};
use crate::constraint::Constraint;
use crate::instant::Instant;
use crate::scope::Scope;

/// The members that a delegation states.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// A subset of the scopes.
    pub scopes: Option<BTreeSet<Scope>>,
    /// Fewer tools, or tighter arguments.
    pub tools: Option<ToolMap>,
    /// A superset of the blocked tools.
    pub blocked_tools: Option<BTreeSet<String>>,
    /// Every limit, each as tight or tighter; more of them.
    pub limits: Option<LimitMap>,
    /// Each of its members is the parent's, or new; one that it does not have is inherited.
    pub binding: Option<Binding>,
    /// A later start.
    pub not_before: Option<Instant>,
    /// An earlier expiry.
    pub expires_at: Option<Instant>,
    /// A lower ceiling of delegations.
    pub max_depth: Option<u8>,
    /// Whether the next holder may hand on.
    pub may_delegate: Option<bool>,
    /// How often it may be exercised.
    pub uses: Option<u64>,
}

/// A stated member that is not below the parent's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{member}` is wider than the parent's")]
pub struct Widening {
    /// Its name in the mandate.
    pub member: &'static str,
}

impl Narrowing {
    /// In normal form, in which it is compared and sealed.
    #[must_use]
    pub fn normalized(mut self) -> Self {
        self.normalize();
        self
    }

    fn normalize(&mut self) {
        let arguments = self.tools.iter_mut().flat_map(ToolMap::values_mut).flat_map(LimitMap::values_mut);
        arguments
            .chain(self.limits.iter_mut().flat_map(LimitMap::values_mut))
            .for_each(tools::normalize_constraint);
        self.uses = self.uses.map(|uses| uses.min(MAX_USES));
    }

    /// With whole seconds, as every sealed form carries them: the expiry rounds down, the start up.
    #[must_use]
    pub fn in_whole_seconds(mut self) -> Self {
        self.not_before = self.not_before.map(|start| Instant::from_secs(start.as_secs_ceil()));
        self.expires_at = self.expires_at.map(|expiry| Instant::from_secs(expiry.as_secs_floor()));
        self
    }

    /// As it is sealed: in normal form and in whole seconds; the same when it is so already.
    #[must_use]
    pub fn to_sealed(&self) -> Cow<'_, Self> {
        let whole = |at: Option<Instant>| at.is_none_or(|at| at == Instant::from_secs(at.as_secs_floor()));
        let arguments = self.tools.iter().flat_map(ToolMap::values).flat_map(LimitMap::values);
        let is_sealed =
            arguments.chain(self.limits.iter().flat_map(LimitMap::values)).all(Constraint::is_plainly_normal)
                && whole(self.not_before)
                && whole(self.expires_at)
                && self.uses.is_none_or(|uses| uses <= MAX_USES);
        if is_sealed { Cow::Borrowed(self) } else { Cow::Owned(self.clone().normalized().in_whole_seconds()) }
    }

    /// Verifies the bounds of what is parsed or sealed.
    ///
    /// # Errors
    /// The first [`BoundError`].
    pub fn verify_bounds(&self) -> Result<(), BoundError> {
        static NONE: ToolMap = ToolMap::new();
        static FREE: LimitMap = LimitMap::new();
        let (tools, limits) = (self.tools.as_ref().unwrap_or(&NONE), self.limits.as_ref().unwrap_or(&FREE));
        bounds::verify(tools, limits)
    }
}

impl Mandate {
    /// Verifies that what is stated is below; both are in normal form.
    ///
    /// # Errors
    /// [`Widening`] names the first member, in the order of [`Narrowing`], that is not below.
    pub fn verify_narrowing(&self, stated: &Narrowing) -> Result<(), Widening> {
        self.verify_members(
            stated,
            || stated.tools.as_ref().is_none_or(|own| tools::is_below(own, &self.tools)),
            || stated.limits.as_ref().is_none_or(|own| tools::are_below(own, &self.limits)),
        )
    }

    /// Each member in turn; of tools and limits, wherever they are kept, the caller says whether they are below.
    pub(super) fn verify_members(
        &self,
        stated: &Narrowing,
        tools_are_below: impl FnOnce() -> bool,
        limits_are_below: impl FnOnce() -> bool,
    ) -> Result<(), Widening> {
        let below = |member, below| if below { Ok(()) } else { Err(Widening { member }) };
        below("scopes", stated.scopes.as_ref().is_none_or(|own| own.is_subset(&self.scopes)))?;
        below("tools", tools_are_below())?;
        below(
            "blocked_tools",
            stated.blocked_tools.as_ref().is_none_or(|own| own.is_superset(&self.blocked_tools)),
        )?;
        below("limits", limits_are_below())?;
        below("binding", stated.binding.as_ref().is_none_or(|own| own.meet(&self.binding).is_some()))?;
        below("not_before", stated.not_before.is_none_or(|own| own >= self.not_before))?;
        below("expires_at", stated.expires_at.is_none_or(|own| own <= self.expires_at))?;
        below("max_depth", stated.max_depth.is_none_or(|own| own <= self.max_depth))?;
        below("may_delegate", stated.may_delegate.is_none_or(|own| self.may_delegate || !own))?;
        below("uses", stated.uses.is_none_or(|own| self.uses.is_none_or(|most| own <= most)))
    }

    /// Becomes the narrower mandate; both are in normal form before, and this one after. Unchanged when refused.
    ///
    /// # Errors
    /// [`Widening`], as [`Mandate::verify_narrowing`].
    pub fn narrow(&mut self, stated: Narrowing) -> Result<(), Widening> {
        self.verify_narrowing(&stated)?;
        self.become_narrower(stated);
        Ok(())
    }

    /// The same for what was verified.
    #[inline]
    pub(super) fn become_narrower(&mut self, stated: Narrowing) {
        let binding = stated.binding.and_then(|own| own.meet(&self.binding));
        let blocks = stated.blocked_tools.is_some();
        replace(&mut self.scopes, stated.scopes);
        replace(&mut self.tools, stated.tools);
        replace(&mut self.blocked_tools, stated.blocked_tools);
        replace(&mut self.limits, stated.limits);
        replace(&mut self.binding, binding);
        replace(&mut self.not_before, stated.not_before);
        replace(&mut self.expires_at, stated.expires_at);
        replace(&mut self.max_depth, stated.max_depth);
        replace(&mut self.may_delegate, stated.may_delegate);
        self.uses = stated.uses.or(self.uses);
        if blocks {
            // Tools stated without new blocks are below tools that no block of before names.
            self.tools.retain(|tool, _| !self.blocked_tools.contains(tool));
        }
    }
}

fn replace<T>(member: &mut T, stated: Option<T>) {
    if let Some(stated) = stated {
        *member = stated;
    }
}

#[cfg(test)]
mod tests {
    use super::{Narrowing, Widening};
    use crate::{Binding, Constraint, Instant, Mandate, Number, Scope, ToolMap};

    fn parent() -> Mandate {
        Mandate::from_json(
            r#"{"scopes":["read","write"],"tools":{"search":{},"transfer":{"amount":{"constraint_type":"range","max":500}}},
            "blocked_tools":["shell"],"limits":{"amount":{"constraint_type":"range","max":500}},"declared":{},
            "limit_required":{},"audience":["https://a.example/"],"binding":{"task":"t"},"not_before":1000,
            "expires_at":9000,"max_depth":3,"may_delegate":true,"uses":5}"#,
        )
        .unwrap()
    }

    #[test]
    fn absent_inherits_and_stated_must_be_below() {
        type State = fn(&mut Narrowing);
        let at_most = |max: u32| Constraint::at_most(Number::from(max));
        let cases: [(&str, State, State); 9] = [
            (
                "scopes",
                |n| n.scopes = Scope::parse_list("read").ok(),
                |n| n.scopes = Scope::parse_list("admin read").ok(),
            ),
            (
                "blocked_tools",
                |n| n.blocked_tools = Some(["search".into(), "shell".into()].into()),
                |n| n.blocked_tools = Some(["search".into()].into()),
            ),
            (
                "tools",
                |n| n.tools = Some([("search".into(), [].into())].into()),
                |n| n.tools = Some([("transfer".into(), [].into())].into()),
            ),
            (
                "binding",
                |n| n.binding = Some(Binding { session: Some("s".into()), ..Binding::default() }),
                |n| n.binding = Some(Binding { task: Some("u".into()), ..Binding::default() }),
            ),
            ("not_before", |n| n.not_before = Some(Instant(1000)), |n| n.not_before = Some(Instant(999))),
            ("expires_at", |n| n.expires_at = Some(Instant(9000)), |n| n.expires_at = Some(Instant(9001))),
            ("max_depth", |n| n.max_depth = Some(3), |n| n.max_depth = Some(4)),
            ("uses", |n| n.uses = Some(5), |n| n.uses = Some(6)),
            ("limits", |_| {}, |n| n.limits = Some([].into())),
        ];
        for (member, narrower, wider) in cases {
            let (mut stated, mut child) = (Narrowing::default(), parent());
            narrower(&mut stated);
            child.narrow(stated).unwrap();
            assert!(child.is_below(&parent()), "{member}");
            assert_eq!(child, child.clone().normalized(), "{member}");

            let (mut stated, mut child) = (Narrowing::default(), parent());
            wider(&mut stated);
            assert_eq!(child.narrow(stated), Err(Widening { member }));
            assert_eq!(child, parent());
        }
        let mut child = parent();
        let limits = [("amount".into(), at_most(400)), ("env".into(), Constraint::Wildcard)].into();
        child
            .narrow(Narrowing { limits: Some(limits), may_delegate: Some(false), ..Narrowing::default() })
            .unwrap();
        assert_eq!(child.limits.len(), 2);
        let again = Narrowing { may_delegate: Some(true), ..Narrowing::default() };
        assert_eq!(child.narrow(again), Err(Widening { member: "may_delegate" }));
        let wider =
            Narrowing { limits: Some([("amount".into(), at_most(501))].into()), ..Narrowing::default() };
        assert_eq!(child.narrow(wider), Err(Widening { member: "limits" }));
    }

    #[test]
    fn a_blocked_tool_leaves_and_an_inherited_binding_stays() {
        let mut child = parent();
        let blocked = [("transfer".into()), ("shell".into())].into();
        let binding = Binding { session: Some("s".into()), ..Binding::default() };
        child
            .narrow(Narrowing {
                blocked_tools: Some(blocked),
                binding: Some(binding),
                tools: Some(parent().tools),
                ..Narrowing::default()
            })
            .unwrap();
        assert_eq!(child.tools, ToolMap::from([("search".into(), [].into())]));
        assert_eq!(child.binding.task.as_deref(), Some("t"));
        let back = Narrowing { tools: Some(parent().tools), ..Narrowing::default() };
        assert_eq!(child.narrow(back), Err(Widening { member: "tools" }));
    }
}
