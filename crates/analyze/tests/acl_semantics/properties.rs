//! What must hold for any snapshot.

use super::{NOW, grants, options, policy, role, token};
use proptest::prelude::*;
use snapscope_analyze::acl::*;
use snapscope_decode::GoTime;

fn any_rules() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["", "a", "a/", "a/b", "ab", "*"]);
    let kind = prop::sample::select(vec!["key", "service", "node", "session"]);
    let level = prop::sample::select(vec!["deny", "read", "write", "WRITE"]);
    let rule = (kind, any::<bool>(), name, level.clone(), prop::option::of(level)).prop_map(
        |(kind, prefix, name, level, intentions)| {
            let suffix = if prefix { "_prefix" } else { "" };
            let intentions = intentions.map_or(String::new(), |l| format!(" intentions = {l:?}"));
            format!("{kind}{suffix} {name:?} {{ policy = {level:?}{intentions} }}\n")
        },
    );
    prop::collection::vec(rule, 0..6).prop_map(|rules| rules.concat())
}

prop_compose! {
    fn any_model()(
        rules in prop::collection::vec(any_rules(), 1..5),
        tokens in prop::collection::vec(
            (prop::collection::vec(0usize..6, 0..4), prop::collection::vec(0usize..3, 0..2), 0u8..10), 0..8),
        roles in prop::collection::vec(prop::collection::vec(0usize..6, 0..3), 0..3),
    ) -> AclModel {
        let mut model = AclModel::default();
        for (number, rules) in rules.iter().enumerate() {
            model.policies.push(policy(&format!("p{number}"), rules));
        }
        let grants_of = |numbers: &[usize]| {
            let ids: Vec<String> = numbers.iter().map(|n| format!("p{n}")).collect();
            grants(&ids.iter().map(String::as_str).collect::<Vec<_>>())
        };
        for (number, policies) in roles.iter().enumerate() {
            model.roles.push(role(&format!("r{number}"), grants_of(policies)));
        }
        for (number, (policies, roles, fate)) in tokens.iter().enumerate() {
            let roles: Vec<String> = roles.iter().map(|n| format!("r{n}")).collect();
            let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
            let mut token = token(&format!("t{number}"), grants_of(policies), &roles);
            token.number = number as u64;
            token.expires = (*fate == 0).then_some(GoTime { seconds: 1, ..NOW });
            model.tokens.push(token);
        }
        model
    }
}

proptest! {
    #[test]
    fn who_can_is_the_inverse_of_can(model in any_model(), allow in any::<bool>()) {
        let default_policy = if allow { DefaultPolicy::Allow } else { DefaultPolicy::Deny };
        let resolver =
            Resolver::new(&model, ResolverOptions { default_policy, ..options("1.21.4") });
        for (resource, access) in [
            ("key", "read"), ("key", "write"), ("key", "list"), ("key", "write-prefix"),
            ("service", "write"), ("intention", "read"), ("intention", "write"), ("node", "read"),
        ] {
            for segment in ["", "a", "a/b", "abc", "*"] {
                let question = Question::parse(resource, access, segment).unwrap();
                let who = resolver.who_can(&question).unwrap();
                let mut holders = who.holders.iter();
                let mut errors = who.errors.iter();
                for token in &model.tokens {
                    match resolver.can(&token.accessor.to_string(), &question) {
                        Ok(decision) => {
                            prop_assert_eq!(resolver.check(&token.accessor.to_string(), &question), Ok(decision.allowed));
                            // Every verdict has a reason.
                            prop_assert_eq!(decision.reason.is_none(), decision.verdict == Verdict::Default);
                            if decision.allowed {
                                prop_assert_eq!(holders.next().unwrap().0, token);
                            }
                            if let Some(reason) = decision.reason {
                                prop_assert!(!reason.origins.is_empty());
                            }
                        }
                        Err(e) => prop_assert_eq!(errors.next().unwrap(), &(token, e)),
                    }
                }
                prop_assert!(holders.next().is_none() && errors.next().is_none());
            }
        }
    }

    #[test]
    fn explained_rules_decide(model in any_model()) {
        let resolver = Resolver::new(&model, options("1.21.4"));
        for token in &model.tokens {
            let accessor = token.accessor.to_string();
            let Ok(explanation) = resolver.explain(&accessor) else { continue };
            for rule in &explanation.rules {
                let name = rule.name.lossy().into_owned();
                // A name for which the rule is the most specific one, if it is for a prefix.
                let segment = if rule.scope == Scope::Prefix { name + "\u{1}" } else { name };
                let question = Question::parse(rule.kind.keyword(), "read", &segment).unwrap();
                let reason = resolver.can(&accessor, &question).unwrap().reason.unwrap();
                prop_assert_eq!((reason.scope, reason.name), (rule.scope, rule.name));
                prop_assert_eq!(Some(reason.access), rule.access);
            }
        }
    }
}
