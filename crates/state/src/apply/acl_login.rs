//! Auth methods and binding rules.

use super::acl_links::{has_method, id_key};
use crate::document::{Applied, Doc, lower, refused, text};
use crate::machine::Machine;
use crate::table::{Link, Table, key_of};

const METHODS: &[u8] = b"acl-auth-methods";
const RULES: &[u8] = b"acl-binding-rules";

pub(super) fn set_methods(machine: &mut Machine, request: &[u8]) -> Applied {
    for method in Doc::read(request)?.items("AuthMethods") {
        let mut method = Doc::read(method)?;
        if method.text("Name").is_empty() || method.text("Type").is_empty() {
            return refused("the auth method has no name or no type");
        }
        let key = key_of(&[method.text("Name")]);
        machine.upsert(Table::AuthMethods, &key, &mut method, METHODS)?;
    }
    Ok(())
}

pub(super) fn delete_methods(machine: &mut Machine, request: &[u8]) -> Applied {
    for name in Doc::read(request)?.items("AuthMethodNames") {
        let name = text(name);
        let key = key_of(&[name]);
        if !machine.rules.one_auth_method() && !machine.tables.contains(Table::AuthMethods, &key) {
            continue;
        }
        for rule in machine.tables.linked(Link::RuleMethod, &lower(name)) {
            machine.remove(Table::BindingRules, &rule, RULES);
        }
        super::acl_tokens::delete_of_method(machine, name);
        machine.tables.delete(Table::AuthMethods, &key);
        machine.move_index(METHODS);
    }
    Ok(())
}

pub(super) fn set_rules(machine: &mut Machine, request: &[u8]) -> Applied {
    for rule in Doc::read(request)?.items("BindingRules") {
        let mut rule = Doc::read(rule)?;
        if rule.text("ID").is_empty() || rule.text("AuthMethod").is_empty() {
            return refused("the binding rule has no ID or no auth method");
        }
        if !has_method(machine, rule.text("AuthMethod")) {
            return refused("the binding rule's auth method doesn't exist");
        }
        machine.upsert(Table::BindingRules, &id_key(&rule), &mut rule, RULES)?;
    }
    Ok(())
}

pub(super) fn delete_rules(machine: &mut Machine, request: &[u8]) -> Applied {
    for id in Doc::read(request)?.items("BindingRuleIDs") {
        machine.remove(Table::BindingRules, &key_of(&[text(id)]), RULES);
    }
    Ok(())
}
