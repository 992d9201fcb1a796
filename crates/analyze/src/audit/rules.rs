//! The one table of rules. IDs are never used again for something else.

use super::rule::{AuditRule, Severity};

macro_rules! rules {
    ($($id:ident $severity:ident $title:literal why $why:literal fix $fix:literal see $see:literal;)*) => {
        $(pub(super) static $id: AuditRule = AuditRule {
            id: stringify!($id),
            severity: Severity::$severity,
            title: $title,
            why: $why,
            fix: $fix,
            reference: $see,
        };)*

        /// All rules, by group and number.
        pub static RULES: &[&AuditRule] = &[$(&$id,)*];
    };
}

rules! {
    ACL001 Medium "Token with global-management"
        why "Whoever has its secret can do everything, read all other tokens included."
        fix "Keep one such token for emergencies, expiring ones otherwise; give everybody else a policy with what they need."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";
    ACL002 High "Token as powerful as a management token"
        why "It may write ACLs, so it can give itself everything, but nobody who looks for management tokens sees it."
        fix "Take acl = \"write\" out of its policies, or make its power visible by linking global-management."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";
    ACL003 Info "Token never expires"
        why "A secret that leaks is good for ever."
        fix "Create tokens with an expiration TTL, or through an auth method."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";
    ACL004 Low "Expired token is still there"
        why "Servers hide expired tokens and delete them in the background; one that stays shows that they don't get to it."
        fix "Delete it; look into the leader's log for why it isn't reaped."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/token";
    ACL005 Medium "Anonymous token has rights"
        why "They are everybody's who reaches the API."
        fix "Take its policies, roles and identities away; what DNS needs is node and service read."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";
    ACL006 Critical "Anonymous token can write"
        why "Everybody who reaches the API can change the cluster."
        fix "Take the policies with write access from it."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";
    ACL007 Info "Token without any right of its own"
        why "It has no policy, role or identity; only the default policy counts for it."
        fix "Delete it, or link what was meant."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/token";
    ACL008 High "Token without AccessorID"
        why "Consul 1.15 and later refuse to restore it: missing value for index 'accessor'."
        fix "Delete it, or let a leader of 1.4 to 1.14 give it one, before upgrading."
        see "https://github.com/hashicorp/consul/issues/21368";
    ACL009 Medium "Legacy token"
        why "Its rules stand in the token itself; servers from 1.11 on ignore them."
        fix "Replace it by a token with policies."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/legacy";
    ACL010 High "SecretID is not a random UUID"
        why "Somebody chose it, so somebody can guess it."
        fix "Create a token with a generated secret and delete this one."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/token";
    ACL011 Low "Login token is older than 90 days"
        why "Logins make tokens for the life of a workload; old ones are mostly leaked by workloads that never logged out."
        fix "Set MaxTokenTTL on the auth method and delete tokens of workloads that are gone."
        see "https://github.com/hashicorp/consul/issues/22613";
    ACL012 Medium "Token's auth method is gone"
        why "It was made by a login that is no longer possible, but it still works."
        fix "Delete it."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/auth-method";
    ACL013 Medium "Many login tokens of one auth method for one service"
        why "Workloads log in and don't log out; tens of thousands of tokens slow every write down."
        fix "Delete those of workloads that are gone, set MaxTokenTTL, and look for why logouts fail."
        see "https://github.com/hashicorp/consul/issues/22613";
    ACL014 Medium "Link to a policy that is gone"
        why "It gives nothing now; whoever may create policies can't revive it, but readers take it for a right."
        fix "Remove the link."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/policy";
    ACL015 Medium "Link to a role that is gone"
        why "It gives nothing now, but readers take it for a right."
        fix "Remove the link."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/role";
    ACL016 High "Two tokens with one SecretID"
        why "Which of them a request gets is chance."
        fix "Delete both and create new ones."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/token";
    ACL017 Info "Link that counts in other datacenters only"
        why "It gives the token nothing where this snapshot was taken."
        fix "Remove it, or correct its datacenters."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/policy";
    ACL020 High "Policy may write ACLs"
        why "acl = \"write\" is power over everything: it creates management tokens and reads all secrets in a snapshot."
        fix "Leave it to global-management."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";
    ACL021 Medium "Policy may write operator"
        why "It removes servers, changes Raft, autopilot and the mesh's certificate authority."
        fix "Give operator = \"read\" to those who only look."
        see "https://developer.hashicorp.com/consul/docs/reference/acl/rule";
    ACL022 Medium "Policy may write the keyring"
        why "It changes the keys that encrypt gossip, and so can cut every agent off."
        fix "Leave it to global-management."
        see "https://developer.hashicorp.com/consul/docs/reference/acl/rule";
    ACL023 Medium "Policy may write everything of a kind"
        why "A rule with an empty prefix covers every name there is and will be."
        fix "Name the prefixes that are needed."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";
    ACL024 Medium "Policy may write all intentions"
        why "It decides which service may talk to which."
        fix "Give intentions = \"write\" for the services of one team."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";
    ACL025 Medium "key rule that looks like a prefix"
        why "key \"x/\" covers the key of exactly that name, not what lies below it; key_prefix was meant."
        fix "Write key_prefix, or remove the rule."
        see "https://github.com/hashicorp/consul/issues/5819";
    ACL026 Info "Unused policy"
        why "Nothing links to it, so nobody notices what it allows."
        fix "Delete it."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/policy";
    ACL027 Low "Equal policies under several names"
        why "A change to one of them is forgotten in the others."
        fix "Keep one of them."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/policy";
    ACL028 High "Policy whose rules can't be read"
        why "It spoils every token that has it: each request fails with status 500."
        fix "Correct its rules."
        see "https://developer.hashicorp.com/consul/docs/reference/acl/rule";
    ACL029 Low "Policies of a token differ about one service"
        why "Servers keep the merged rule in their cache of the first policy and then give it to tokens with only that one, until leadership changes."
        fix "Say one thing about a service in the policies that tokens combine."
        see "https://developer.hashicorp.com/consul/docs/reference/acl/rule";
    ACL030 Info "Unused role"
        why "No token and no binding rule refers to it."
        fix "Delete it."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/role";
    ACL040 Medium "Binding rule for every login"
        why "Without a selector every login by that method gets what it binds to."
        fix "Write a selector for those who are meant."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/auth-method";
    ACL041 High "Role or policy named by the login itself"
        why "The name is put together from what the login brings, so whoever sets that chooses the role."
        fix "Bind to a fixed name and select the logins for it."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/auth-method";
    ACL042 Critical "Login gives power over everything"
        why "The binding rule binds to a role or policy that may write ACLs."
        fix "Bind to less."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/auth-method";
    ACL043 Low "Binding rule without its auth method"
        why "It does nothing until somebody makes a method of that name, and then at once."
        fix "Delete it."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/auth-method";
    ACL044 Low "Binding rule to something that is not there"
        why "It does nothing until somebody makes a role or policy of that name, and then at once."
        fix "Delete it, or correct the name."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/auth-method";
    ACL050 Medium "Auth method takes tokens made for others"
        why "Without bound audiences a token that somebody got for another program logs in here too."
        fix "Set BoundAudiences, and BoundIssuer where the method has it."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/auth-method/jwt";
    ACL051 Medium "Auth method whose tokens never expire"
        why "A workload that doesn't log out leaves its token behind for ever."
        fix "Set MaxTokenTTL."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/auth-method";
    ACL052 Medium "Credential in an auth method"
        why "Whoever reads the snapshot can use it: a service account's token, or a client's secret."
        fix "Protect snapshots like the credential; exchange it when one leaked."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/auth-method";

    SECRET001 Critical "Private key"
        why "It stands in clear where everybody with read access, and everybody with a snapshot, finds it."
        fix "Move it into a secret store and exchange it."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    SECRET002 High "Key to a cloud's API"
        why "It works from anywhere, for whoever reads it."
        fix "Revoke it, and let workloads get short-lived credentials."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    SECRET003 High "Token of a service"
        why "Code hosting, chat, payment, mail: it works from anywhere, for whoever reads it."
        fix "Revoke it and keep its successor in a secret store."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    SECRET004 High "Token of Vault or Terraform"
        why "It opens the place where the other secrets are."
        fix "Revoke it."
        see "https://developer.hashicorp.com/vault/docs/concepts/tokens";
    SECRET005 High "JSON web token"
        why "Whoever reads it is who it says, until it expires."
        fix "Remove it; let workloads get their own."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    SECRET006 High "Connection string with a password"
        why "Address, user and password in one place."
        fix "Move the password into a secret store and change it."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    SECRET007 Medium "Password or key in a configuration"
        why "Its name says what it is, and its value looks so."
        fix "Move it into a secret store, leave a reference, and change it."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    SECRET008 Medium "Value whose own name says that it is secret"
        why "The last part of the key, or the field, is called so, and the value looks so."
        fix "Move it into a secret store and change it."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    SECRET009 Low "May be a secret"
        why "A weak password, a protected key, or text that looks generated: worth a look, not more."
        fix "If it is one, move it into a secret store; else put it into the baseline."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    SECRET010 High "Secret in the name of a key"
        why "Names of keys stand in logs, metrics and every listing."
        fix "Revoke it and store it under another name."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    SECRET011 Critical "SecretID of a token of this cluster"
        why "Whoever may read the value has the token's rights too."
        fix "Delete the token and create another one, kept elsewhere."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";

    CA001 High "Private key of the mesh's root in the snapshot"
        why "The built-in CA keeps it in clear; whoever has a snapshot can make certificates for any service."
        fix "Encrypt snapshots and restrict who gets them, or let Vault or a cloud's CA keep the key."
        see "https://developer.hashicorp.com/consul/docs/connect/ca";
    CA002 Critical "Root certificate has expired"
        why "No service in the mesh can connect to another."
        fix "Rotate the root."
        see "https://developer.hashicorp.com/consul/docs/connect/ca";
    CA003 High "Root certificate expires within 90 days"
        why "After that no service in the mesh can connect to another."
        fix "Rotate the root."
        see "https://developer.hashicorp.com/consul/docs/connect/ca";
    CA004 Medium "Short key of a root certificate"
        why "RSA below 2048 or EC below 224 bits can be broken."
        fix "Set PrivateKeyType and PrivateKeyBits and rotate the root."
        see "https://developer.hashicorp.com/consul/docs/connect/ca/consul";
    CA005 Low "Inactive root is kept"
        why "What it signed is still trusted. Servers keep it for as long as its leaf certificates may live."
        fix "None if it was rotated lately; else look for why it isn't pruned."
        see "https://developer.hashicorp.com/consul/docs/connect/ca";
    CA006 High "Credential in the CA's configuration"
        why "Whoever reads the snapshot can use it: Vault's token, a cloud's key, or a private key."
        fix "Let servers log in to Vault by an auth method; exchange it when a snapshot leaked."
        see "https://developer.hashicorp.com/consul/docs/connect/ca/vault";
    CA007 Info "Root certificate lives for ten years or more"
        why "A key that leaks is good for as long."
        fix "Set RootCertTTL to less."
        see "https://developer.hashicorp.com/consul/docs/connect/ca/consul";
    CA008 High "Intermediate certificate is not renewed"
        why "Servers renew it at half of its life; once it has expired no leaf certificates are made, and proxies stop within days."
        fix "Look into the leader's log for why it isn't renewed."
        see "https://developer.hashicorp.com/consul/docs/connect/ca";
    CA009 Critical "No active root, or several"
        why "Servers don't know with which one to sign."
        fix "Set the CA's configuration again."
        see "https://developer.hashicorp.com/consul/docs/connect/ca";
    CA020 Critical "Gateway's certificate has expired"
        why "Clients refuse to connect."
        fix "Write the renewed certificate into the config entry."
        see "https://developer.hashicorp.com/consul/docs/reference/config-entry/inline-certificate";
    CA021 Medium "Gateway's certificate expires within 30 days"
        why "After that clients refuse to connect."
        fix "Write the renewed certificate into the config entry."
        see "https://developer.hashicorp.com/consul/docs/reference/config-entry/inline-certificate";
    CA022 High "Gateway's certificate and key don't fit"
        why "The gateway can't serve with it."
        fix "Write both into the config entry again."
        see "https://developer.hashicorp.com/consul/docs/reference/config-entry/inline-certificate";
    CA023 Medium "Gateway's chain of certificates is broken"
        why "One of its certificates was not issued by the next; many clients then find no way to the root."
        fix "Order them from leaf to root, each once."
        see "https://developer.hashicorp.com/consul/docs/reference/config-entry/inline-certificate";
    CA024 Medium "Gateway's private key in the snapshot"
        why "It stands in clear in the config entry."
        fix "Use file-system-certificate, or encrypt snapshots and restrict who gets them."
        see "https://developer.hashicorp.com/consul/docs/reference/config-entry/inline-certificate";
    CA025 Medium "Certificate that can't be read"
        why "What uses it can't read it either."
        fix "Write it again."
        see "https://developer.hashicorp.com/consul/docs/connect/ca";

    MESH001 High "Every service may connect to every other"
        why "The intention from * to * allows what no other intention denies."
        fix "Deny it and allow the connections that are needed."
        see "https://developer.hashicorp.com/consul/docs/connect/security";
    MESH002 Medium "Every service may connect to a service"
        why "The intention's source is *."
        fix "Name the sources."
        see "https://developer.hashicorp.com/consul/docs/connect/security";
    MESH003 Medium "A service may connect to every other"
        why "The intention's destination is *."
        fix "Name the destinations."
        see "https://developer.hashicorp.com/consul/docs/connect/security";
    MESH004 High "Intention asks for a JWT provider that is not there"
        why "Proxies can't check the token, so connections fail."
        fix "Write the jwt-provider, or correct its name."
        see "https://developer.hashicorp.com/consul/docs/reference/config-entry/jwt-provider";
    MESH005 Medium "Permissive mutual TLS may be switched on"
        why "Services then take connections without TLS, which no intention covers."
        fix "Set AllowEnablingPermissiveMutualTLS to false when all services are in the mesh."
        see "https://developer.hashicorp.com/consul/docs/connect/security";
    MESH006 High "Permissive mutual TLS"
        why "The service takes connections without TLS, which no intention covers."
        fix "Set MutualTLSMode to strict."
        see "https://developer.hashicorp.com/consul/docs/connect/security";
    MESH007 Medium "Gateway for every service"
        why "A gateway with * exposes what is registered later too."
        fix "Name the services."
        see "https://developer.hashicorp.com/consul/docs/reference/config-entry/ingress-gateway";
    MESH008 Medium "TLS below 1.2"
        why "These versions are broken."
        fix "Set TLSMinVersion to TLSv1_2 or higher."
        see "https://developer.hashicorp.com/consul/docs/reference/config-entry/mesh";
    MESH009 Medium "Paths are not normalised"
        why "A request written differently gets around an intention for a path."
        fix "Remove InsecureDisablePathNormalization."
        see "https://developer.hashicorp.com/consul/docs/reference/config-entry/mesh";
    MESH010 Info "No intention for everything else"
        why "Without an intention from * to * the default policy decides, which is in no snapshot."
        fix "Write an intention that denies * to *."
        see "https://developer.hashicorp.com/consul/docs/connect/security";

    CATALOG001 High "Check runs a program"
        why "Agents with script checks run what is registered; with an exposed API that is remote execution."
        fix "Use HTTP, TCP or gRPC checks, or allow scripts in local configuration only."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    CATALOG002 Medium "Check with a credential in its request"
        why "Whoever may read the catalog reads the header."
        fix "Give the check an address that needs none."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    CATALOG003 Low "Check doesn't verify TLS"
        why "It says nothing about whom it reached."
        fix "Remove TLSSkipVerify and set TLSServerName."
        see "https://developer.hashicorp.com/consul/docs/reference/service/health-check";
    CATALOG004 Low "Check has been critical for long"
        why "What it is for is gone, and still looked up, watched and paid for."
        fix "Deregister it; set DeregisterCriticalServiceAfter."
        see "https://developer.hashicorp.com/consul/docs/reference/service/health-check";

    QUERY001 High "Prepared query with a token"
        why "Whoever runs it acts with the token's rights."
        fix "Remove the token; give callers what they need."
        see "https://developer.hashicorp.com/consul/api-docs/query";
    QUERY002 Medium "Query template for every name"
        why "A template with an empty name answers every DNS query for a prepared query that no other one takes."
        fix "Give it a name to begin with."
        see "https://developer.hashicorp.com/consul/api-docs/query";
    QUERY003 Low "Prepared query of a session that is gone"
        why "It was to be deleted with the session."
        fix "Delete it."
        see "https://developer.hashicorp.com/consul/api-docs/query";

    PEER001 Medium "Secret of a peering in the snapshot"
        why "Whoever has it can speak for the other cluster until the peering is made anew."
        fix "Encrypt snapshots and restrict who gets them."
        see "https://developer.hashicorp.com/consul/docs/east-west/cluster-peering";
    PEER002 High "Peer's root certificate has expired"
        why "No connection from that cluster is accepted."
        fix "Look for why its trust bundle isn't renewed."
        see "https://developer.hashicorp.com/consul/docs/east-west/cluster-peering";
    PEER003 Medium "Peer's root certificate expires within 30 days"
        why "After that no connection from that cluster is accepted."
        fix "Look for whether its root is about to be rotated."
        see "https://developer.hashicorp.com/consul/docs/east-west/cluster-peering";
    PEER004 Low "Peering was never completed"
        why "The token that completes it is still good for whoever finds it."
        fix "Complete it or delete it."
        see "https://developer.hashicorp.com/consul/docs/east-west/cluster-peering";
    PEER005 Medium "All services are exported"
        why "What is registered later is exported too."
        fix "Name the services."
        see "https://developer.hashicorp.com/consul/docs/reference/config-entry/exported-services";
    PEER006 Medium "Peering fails or is being ended"
        why "What was imported through it is out of date."
        fix "Look at its state on both sides."
        see "https://developer.hashicorp.com/consul/docs/east-west/cluster-peering";

    OPS001 Medium "Value over 512 KB"
        why "Servers refuse to write it with their default limit, so it can't be changed or imported elsewhere."
        fix "Split it, or keep it outside of Consul."
        see "https://developer.hashicorp.com/consul/docs/manage/scale";
    OPS002 Low "Very many keys under one prefix"
        why "Listing, watching and deleting the prefix takes seconds and all of a server's attention."
        fix "Spread them, delete what is no longer used, or keep them in a database."
        see "https://developer.hashicorp.com/consul/docs/manage/scale";
    OPS003 Low "Flood of tombstones"
        why "Something deletes keys by the ten thousand; each deletion is kept and replicated for a while."
        fix "Look for what uses the store as a queue."
        see "https://developer.hashicorp.com/consul/docs/manage/scale";
    OPS004 Medium "Lock held by no session"
        why "Nobody can take it, and nothing will release it."
        fix "Delete the key, or write it again without the lock."
        see "https://developer.hashicorp.com/consul/docs/automate/session";
    OPS005 Low "Session without TTL"
        why "Only a failing check ends it; if its holder just stops, its locks stay."
        fix "Create sessions with a TTL and renew them."
        see "https://developer.hashicorp.com/consul/docs/automate/session";
    OPS006 Medium "Session that nothing ends"
        why "It has no TTL and no check: its locks stay until somebody destroys it."
        fix "Destroy it, and create sessions with a TTL."
        see "https://developer.hashicorp.com/consul/docs/automate/session";
    OPS007 High "Single voter"
        why "If this one server is lost, so is everything since the last snapshot."
        fix "Run three or five servers."
        see "https://developer.hashicorp.com/consul/docs/concept/consensus";
    OPS008 Low "Even number of voters"
        why "The last one adds a server that can fail, but none that may."
        fix "Run three or five servers."
        see "https://developer.hashicorp.com/consul/docs/concept/consensus";
    OPS009 Info "Large write in flight"
        why "Only some of its pieces are in the snapshot; restored elsewhere it will never be completed."
        fix "Nothing, if the writer tries again."
        see "https://developer.hashicorp.com/consul/docs/manage/scale";
    OPS010 Medium "Servers of several versions"
        why "Mixed versions are meant for the hours of an upgrade."
        fix "Complete the upgrade."
        see "https://developer.hashicorp.com/consul/docs/upgrade";
    OPS011 Low "Dead servers are not cleaned up"
        why "A server that is gone keeps counting for the quorum."
        fix "Set CleanupDeadServers."
        see "https://developer.hashicorp.com/consul/docs/manage/scale/autopilot";
    OPS012 Medium "Servers of a version with known vulnerabilities"
        why "What is published is tried out first. Whether the part of Consul it is in is in use, a snapshot can't always tell."
        fix "Read the bulletins, and upgrade to a version that mends them."
        see "https://discuss.hashicorp.com/c/security/52";
    OPS013 High "Servers refuse this when they restore it"
        why "The first record a server can't take ends a restore, or its start after an upgrade: it stops, and so does every other server of that version."
        fix "Do what the finding says in the cluster and take a new snapshot, before an upgrade or before the backup is needed."
        see "https://github.com/hashicorp/consul/issues/21368";
    OPS014 Medium "Key that Consul 1.22 refuses"
        why "Since CVE-2025-11392 servers refuse .. in a key, plain or percent-encoded, and spaces at its ends, in every call but transactions: it can be neither read nor deleted by its path."
        fix "Write its value to another key before upgrading; delete it in a transaction."
        see "https://github.com/hashicorp/consul/pull/22850";
    OPS015 Info "Key that Consul 1.21.5 refuses"
        why "That version alone takes letters, digits and ,_./-?&= in keys, no other character, and no two dots in a row."
        fix "Leave that version out when upgrading."
        see "https://github.com/hashicorp/consul/issues/22822";
}
