//! Small universes, so that generated authority and requests meet often enough to be allowed as well as denied.

use std::collections::{BTreeMap, BTreeSet};

use deputy_mandate::{
    ArgumentMap, Binding, Constraint, Instant, Mandate, Members, Number, Path, Range, Request, Scope, Value,
};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

pub(crate) const TOOLS: [&str; 3] = ["deploy", "search", "transfer"];
const NAMES: [&str; 3] = ["amount", "env", "path"];
const SCOPES: [&str; 3] = ["read", "write", "admin"];
const AUDIENCES: [&str; 2] = ["https://a.example/", "https://b.example/"];

fn number() -> impl Strategy<Value = Number> {
    select(vec!["-1", "0", "0.1", "1", "5", "500", "1e21"])
        .prop_filter_map("numbers of the list parse", |text| Number::parse(text).ok())
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => number().prop_map(Value::Number),
        3 => select(vec!["a", "b", "/srv", "/srv/a", "/srv/../etc", "/", "é"]).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => Just(Value::Null),
    ]
}

pub(crate) fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            3 => vec(inner.clone(), 0..3).prop_map(Value::Array),
            1 => members(inner).prop_map(Value::Object),
        ]
    })
}

fn members(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Members> {
    btree_map(select(NAMES.to_vec()).prop_map(str::to_owned), inner, 0..3)
}

fn leaf() -> impl Strategy<Value = Constraint> {
    let range = (option::of(number()), option::of(number()), any::<bool>(), any::<bool>());
    let range = range.prop_map(|(min, max, min_inclusive, max_inclusive)| {
        Constraint::Range(Range { min, max, min_inclusive, max_inclusive })
    });
    let one_kind = prop_oneof![
        vec(number().prop_map(Value::Number), 1..3),
        vec(select(vec!["a", "b", "/srv"]).prop_map(Value::from), 1..3),
    ];
    let root = select(vec!["/", "/srv", "/srv/a", "/srv/a/../b"]);
    prop_oneof![
        3 => scalar().prop_map(Constraint::Exact),
        4 => range,
        3 => vec(value(), 0..4).prop_map(Constraint::OneOf),
        2 => one_kind.prop_map(Constraint::NotOneOf),
        2 => vec(value(), 1..3).prop_map(Constraint::Contains),
        2 => vec(value(), 0..4).prop_map(Constraint::Subset),
        4 => Just(Constraint::Wildcard),
        2 => root.prop_filter_map("roots of the list parse", |root| Path::parse(root).ok())
            .prop_map(Constraint::PathContainment),
    ]
}

/// A constraint that this version understands.
pub(crate) fn constraint() -> impl Strategy<Value = Constraint> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..4).prop_map(Constraint::All),
            vec(inner, 1..4).prop_map(Constraint::Any),
        ]
    })
}

/// Now and then with a type from the future.
fn any_constraint() -> impl Strategy<Value = Constraint> {
    let unknown = Value::Object(Members::from([("constraint_type".to_owned(), Value::from("regex"))]));
    let unknown = Constraint::Unknown(unknown);
    prop_oneof![
        20 => constraint(),
        1 => Just(unknown.clone()),
        1 => constraint().prop_map(move |c| Constraint::Any(vec![c, unknown.clone()])),
    ]
}

fn names() -> impl Strategy<Value = BTreeSet<String>> {
    subsequence(NAMES.to_vec(), 0..=3).prop_map(owned)
}

fn owned(names: Vec<&str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

fn arguments() -> impl Strategy<Value = ArgumentMap> {
    prop_oneof![
        Just(ArgumentMap::new()),
        any_constraint().prop_map(|c| BTreeMap::from([("amount".to_owned(), c)])),
        btree_map(select(NAMES.to_vec()).prop_map(str::to_owned), any_constraint(), 0..3),
    ]
}

pub(crate) fn tools() -> impl Strategy<Value = BTreeMap<String, ArgumentMap>> {
    btree_map(select(TOOLS.to_vec()).prop_map(str::to_owned), arguments(), 0..4)
}

fn name_map() -> impl Strategy<Value = BTreeMap<String, BTreeSet<String>>> {
    btree_map(select(TOOLS.to_vec()).prop_map(str::to_owned), names(), 0..2)
}

fn word() -> impl Strategy<Value = Option<String>> {
    prop_oneof![6 => Just(None), 2 => Just(Some("x".to_owned())), 1 => Just(Some("y".to_owned()))]
}

fn binding() -> impl Strategy<Value = Binding> {
    (word(), word(), word()).prop_map(|(task, contract, session)| Binding { task, contract, session })
}

fn scope() -> impl Strategy<Value = Scope> {
    select(SCOPES.to_vec()).prop_filter_map("scopes of the list parse", |text| Scope::try_from(text).ok())
}

pub(crate) fn mandate() -> impl Strategy<Value = Mandate> {
    let what = (
        btree_set(scope(), 0..4),
        tools(),
        btree_set(select(TOOLS.to_vec()).prop_map(str::to_owned), 0..2),
        btree_map(select(NAMES.to_vec()).prop_map(str::to_owned), any_constraint(), 0..2),
        name_map(),
        name_map(),
        subsequence(AUDIENCES.to_vec(), 0..=2).prop_map(owned),
    );
    let how = (
        binding(),
        0_i64..3,
        4_i64..12,
        0_u8..4,
        any::<bool>(),
        option::of(prop_oneof![0_u64..4, Just(u64::MAX)]),
    );
    (what, how).prop_map(|(what, how)| {
        let (scopes, tools, blocked_tools, limits, declared, limit_required, audience) = what;
        let (binding, from, to, max_depth, may_delegate, uses) = how;
        let (not_before, expires_at) = (Instant(from * 700), Instant(to * 700));
        Mandate {
            scopes,
            tools,
            blocked_tools,
            limits,
            declared,
            limit_required,
            audience,
            binding,
            not_before,
            expires_at,
            max_depth,
            may_delegate,
            uses,
        }
    })
}

/// A mandate, and another that is often below it.
pub(crate) fn pair() -> impl Strategy<Value = (Mandate, Mandate)> {
    (mandate(), mandate(), 0_u8..3).prop_map(|(a, b, how)| match how {
        0 => (a, b),
        1 => (a.meet(&b).unwrap_or_else(|| a.clone()), a),
        _ => {
            // One tool fewer, one limit more.
            let mut child = a.clone();
            child.tools.pop_first();
            for (name, limit) in b.limits {
                child.limits.entry(name).or_insert(limit);
            }
            (child, a)
        }
    })
}

pub(crate) fn request() -> impl Strategy<Value = Request> {
    let who = (option::of(scope()), option::of(select(TOOLS.to_vec()).prop_map(str::to_owned)));
    let audience = option::of(select(AUDIENCES.to_vec()).prop_map(str::to_owned));
    let context = prop_oneof![4 => Just(Members::new()), 1 => members(value())];
    (who, members(value()), context, audience, binding()).prop_map(
        |((scope, tool), arguments, context, audience, binding)| Request {
            scope,
            tool,
            arguments: Value::Object(arguments),
            context: Value::Object(context),
            audience,
            binding,
            ..Request::default()
        },
    )
}

/// A request that the mandate would often allow: bound alike, with arguments that its constraints suggest.
pub(crate) fn fitted(m: &Mandate, mut request: Request) -> Request {
    request.binding = m.binding.clone();
    request.audience = m.audience.first().cloned();
    request.scope = request.scope.and(m.scopes.first().cloned());
    request.tool = m.tools.keys().find(|tool| !m.blocked_tools.contains(*tool)).cloned();
    let Value::Object(arguments) = &mut request.arguments else { return request };
    if let Some(map) = request.tool.as_ref().and_then(|tool| m.tools.get(tool)).filter(|map| !map.is_empty())
    {
        arguments.retain(|name, _| map.contains_key(name));
        for (name, constraint) in map {
            let value = arguments.remove(name).unwrap_or(Value::Null);
            arguments.insert(name.clone(), witness(constraint).unwrap_or(value));
        }
    }
    for name in request.tool.iter().flat_map(|tool| m.limit_required.get(tool)).flatten() {
        arguments.entry(name.clone()).or_insert(Value::Null);
    }
    for (name, limit) in &m.limits {
        if let (Some(value), Some(better)) = (arguments.get_mut(name), witness(limit)) {
            *value = better;
        }
    }
    request
}

/// A value that passes, when one is easily named.
fn witness(constraint: &Constraint) -> Option<Value> {
    match constraint {
        Constraint::Exact(value) => Some(value.clone()),
        Constraint::OneOf(values) => values.first().cloned(),
        Constraint::Range(range) => range.min.or(range.max).map(Value::Number),
        Constraint::Contains(values) | Constraint::Subset(values) => Some(Value::Array(values.clone())),
        Constraint::PathContainment(root) => Some(root.to_string().into()),
        Constraint::All(clauses) | Constraint::Any(clauses) => clauses.iter().find_map(witness),
        Constraint::NotOneOf(_) | Constraint::Wildcard | Constraint::Unknown(_) => None,
    }
}

/// Two mandates, a request that often suits one of them, and an instant.
pub(crate) fn case() -> impl Strategy<Value = (Mandate, Mandate, Request, Instant)> {
    (pair(), request(), instant(), 0_u8..4).prop_map(|((a, b), r, now, how)| {
        let r = match how {
            0 => r,
            1 => fitted(&b, r),
            _ => fitted(&a, r),
        };
        (a, b, r, now)
    })
}

pub(crate) fn instant() -> impl Strategy<Value = Instant> {
    (0_i64..7000).prop_map(Instant)
}
