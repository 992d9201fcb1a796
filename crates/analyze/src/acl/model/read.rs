//! From borrowed records to owned objects.

use super::id::Id;
use super::objects::{
    AuthMethod, BindingRule, Grants, Link, NodeIdentity, Policy, Role, ServiceIdentity,
    TemplatedPolicy, Token,
};
use snapscope_decode::FieldError;
use snapscope_decode::records::{
    AclAuthMethodRef, AclBindingRuleRef, AclNodeIdentityRef, AclPolicyRef, AclRoleRef,
    AclServiceIdentityRef, AclTemplatedPolicyRef, AclTokenRef,
};
use snapscope_decode::schema::{List, Text, Wire};

type Read<T> = Result<T, FieldError>;

fn text(text: Text<'_>) -> Box<str> {
    text.lossy().into()
}

fn id(text: Text<'_>) -> Id {
    Id::new(&text.lossy())
}

fn owned<'a, T: Wire<'a>, U>(
    list: &List<'a, T>,
    make: impl Fn(T) -> Read<Option<U>>,
) -> Read<Box<[U]>> {
    list.iter().filter_map(|item| item.and_then(&make).transpose()).collect()
}

fn texts(list: &List<'_, Text<'_>>) -> Read<Box<[Box<str>]>> {
    owned(list, |t| Ok(Some(text(t))))
}

fn service_identities(
    list: &List<'_, Option<AclServiceIdentityRef<'_>>>,
) -> Read<Box<[ServiceIdentity]>> {
    owned(list, |item| {
        let Some(item) = item else { return Ok(None) };
        let datacenters = texts(&item.datacenters)?;
        Ok(Some(ServiceIdentity { service_name: text(item.service_name), datacenters }))
    })
}

fn node_identities(list: &List<'_, Option<AclNodeIdentityRef<'_>>>) -> Read<Box<[NodeIdentity]>> {
    owned(list, |item| {
        Ok(item.map(|item| NodeIdentity {
            node_name: text(item.node_name),
            datacenter: text(item.datacenter),
        }))
    })
}

fn templated_policies(
    list: &List<'_, Option<AclTemplatedPolicyRef<'_>>>,
) -> Read<Box<[TemplatedPolicy]>> {
    owned(list, |item| {
        let Some(item) = item else { return Ok(None) };
        Ok(Some(TemplatedPolicy {
            template_name: text(item.template_name),
            name: item.template_variables.get()?.map(|v| text(v.name)),
            datacenters: texts(&item.datacenters)?,
        }))
    })
}

macro_rules! links {
    ($list:expr) => {
        owned(&$list, |link| Ok(Some(Link { id: id(link.id), name: text(link.name) })))
    };
}

macro_rules! grants {
    ($record:expr) => {
        Grants {
            policies: links!($record.policies)?,
            service_identities: service_identities(&$record.service_identities)?,
            node_identities: node_identities(&$record.node_identities)?,
            templated_policies: templated_policies(&$record.templated_policies)?,
        }
    };
}

pub(super) fn token(number: u64, record: &AclTokenRef<'_>) -> Read<Token> {
    Ok(Token {
        number,
        accessor: Id::new(&String::from_utf8_lossy(&record.called())),
        has_accessor: !record.accessor_id.is_empty(),
        anonymous: record.is_anonymous(),
        description: text(record.description),
        grants: grants!(record),
        roles: links!(record.roles)?,
        local: record.local,
        auth_method: text(record.auth_method),
        // Servers take a zero time for none.
        expires: record.expiration_time.filter(|t| !t.is_zero()),
        created: record.create_time,
        legacy_type: text(record.type_),
        legacy_rules: record.rules.0.into(),
        create_index: record.create_index,
        modify_index: record.modify_index,
    })
}

pub(super) fn policy(number: u64, record: &AclPolicyRef<'_>) -> Read<Policy> {
    Ok(Policy {
        number,
        id: id(record.id),
        name: text(record.name),
        description: text(record.description),
        rules: record.rules.0.into(),
        datacenters: texts(&record.datacenters)?,
        create_index: record.create_index,
        modify_index: record.modify_index,
    })
}

pub(super) fn role(number: u64, record: &AclRoleRef<'_>) -> Read<Role> {
    Ok(Role {
        number,
        id: id(record.id),
        name: text(record.name),
        description: text(record.description),
        grants: grants!(record),
        create_index: record.create_index,
        modify_index: record.modify_index,
    })
}

pub(super) fn binding_rule(number: u64, record: &AclBindingRuleRef<'_>) -> Read<BindingRule> {
    Ok(BindingRule {
        number,
        id: id(record.id),
        description: text(record.description),
        auth_method: text(record.auth_method),
        selector: text(record.selector),
        bind_type: text(record.bind_type),
        bind_name: text(record.bind_name),
        bind_variable: record.bind_vars.get()?.map(|v| text(v.name)),
    })
}

pub(super) fn auth_method(number: u64, record: &AclAuthMethodRef<'_>) -> AuthMethod {
    AuthMethod {
        number,
        name: text(record.name),
        method_type: text(record.type_),
        display_name: text(record.display_name),
        description: text(record.description),
        max_token_ttl: record.max_token_ttl.0,
        token_locality: text(record.token_locality),
    }
}
