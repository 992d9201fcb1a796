//! The only table of rules. IDs are never reused.

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
        why "Anyone with its secret can do everything, including reading all other tokens."
        fix "Keep one such token for emergencies, and make others expire. Give everyone else a policy with only the rights they need."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";
    ACL002 High "Token as powerful as a management token"
        why "It may write ACLs, so it can give itself every right, but nobody finds it by searching for management tokens."
        fix "Remove acl = \"write\" from its policies, or link global-management to make its power visible."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";
    ACL003 Info "Token never expires"
        why "A leaked secret stays valid forever."
        fix "Create tokens with an expiration TTL, or through an auth method."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";
    ACL004 Low "Expired token still exists"
        why "Servers hide expired tokens and delete them in the background. One that stays shows that the deletion does not work."
        fix "Delete it. Check the leader's log for why it is not removed."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/token";
    ACL005 Medium "Anonymous token has rights"
        why "Anyone who can reach the API has these permissions."
        fix "Remove its policies, roles and identities. DNS needs only node and service read."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";
    ACL006 Critical "Anonymous token can write"
        why "Anyone who can reach the API can change the cluster."
        fix "Remove its policies with write access."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";
    ACL007 Info "Token without any permission of its own"
        why "It has no policy, role or identity, so only the default policy applies to it."
        fix "Delete it, or link the intended policy."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/token";
    ACL008 High "Token without AccessorID"
        why "Consul 1.15 and later refuse to restore it: missing value for index 'accessor'."
        fix "Before upgrading, delete it, or let a leader of 1.4 to 1.14 assign one."
        see "https://github.com/hashicorp/consul/issues/21368";
    ACL009 Medium "Legacy token"
        why "The token contains its rules. Servers from 1.11 on ignore them."
        fix "Replace it with a token that has policies."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/legacy";
    ACL010 High "SecretID is not a random UUID"
        why "A person chose it, so a person can guess it."
        fix "Create a token with a generated secret and delete this one."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/token";
    ACL011 Low "Login token is older than 90 days"
        why "Logins create tokens for the lifetime of a workload. Most old ones are leaked by workloads that never logged out."
        fix "Set MaxTokenTTL on the auth method, and delete tokens of workloads that no longer exist."
        see "https://github.com/hashicorp/consul/issues/22613";
    ACL012 Medium "Token's auth method does not exist"
        why "The login that created it is not possible any more, but the token still works."
        fix "Delete it."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/auth-method";
    ACL013 Medium "Many login tokens of one auth method for one service"
        why "Workloads log in without logging out. Tens of thousands of tokens slow down every write."
        fix "Delete the tokens of workloads that no longer exist, set MaxTokenTTL, and find out why logouts fail."
        see "https://github.com/hashicorp/consul/issues/22613";
    ACL014 Medium "Link to a policy that does not exist"
        why "It has no effect, and creating a policy of that name does not revive it. But readers mistake it for a permission."
        fix "Remove the link."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/policy";
    ACL015 Medium "Link to a role that does not exist"
        why "It has no effect, but readers mistake it for a permission."
        fix "Remove the link."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/role";
    ACL016 High "Two tokens with one SecretID"
        why "Which of them a request gets is random."
        fix "Delete both and create new ones."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/token";
    ACL017 Info "Link that applies only in other datacenters"
        why "It has no effect in the datacenter of this snapshot."
        fix "Remove it, or correct its datacenters."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/policy";
    ACL020 High "Policy may write ACLs"
        why "acl = \"write\" is unlimited power: it creates management tokens and reads all secrets in a snapshot."
        fix "Leave this right to global-management."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";
    ACL021 Medium "Policy may write operator"
        why "It can remove servers and change Raft, autopilot and the mesh's certificate authority."
        fix "Give operator = \"read\" to users who only read."
        see "https://developer.hashicorp.com/consul/docs/reference/acl/rule";
    ACL022 Medium "Policy may write the keyring"
        why "It can change the keys that encrypt gossip, and so disconnect every agent."
        fix "Leave this right to global-management."
        see "https://developer.hashicorp.com/consul/docs/reference/acl/rule";
    ACL023 Medium "Policy may write all objects of one kind"
        why "A rule with an empty prefix covers every present and future name."
        fix "Name the prefixes that it needs."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";
    ACL024 Medium "Policy may write all intentions"
        why "It decides which service may connect to which."
        fix "Give intentions = \"write\" only for the services of one team."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";
    ACL025 Medium "key rule that looks like a prefix"
        why "key \"x/\" covers only the key of exactly that name, not the keys under it. Probably key_prefix was intended."
        fix "Write key_prefix, or remove the rule."
        see "https://github.com/hashicorp/consul/issues/5819";
    ACL026 Info "Unused policy"
        why "Nothing links to it, so nobody notices what it allows."
        fix "Delete it."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/policy";
    ACL027 Low "Identical policies under several names"
        why "A change to one of them is easily forgotten in the others."
        fix "Keep one of them."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/policy";
    ACL028 High "Policy whose rules cannot be parsed"
        why "It breaks every token that has it: each request fails with status 500."
        fix "Correct its rules."
        see "https://developer.hashicorp.com/consul/docs/reference/acl/rule";
    ACL029 Low "Policies of a token disagree about one service"
        why "Servers cache the merged rule under the first policy, and then apply it to tokens with only that policy, until leadership changes."
        fix "Let the policies that tokens combine agree about each service."
        see "https://developer.hashicorp.com/consul/docs/reference/acl/rule";
    ACL030 Info "Unused role"
        why "No token and no binding rule refers to it."
        fix "Delete it."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/role";
    ACL040 Medium "Binding rule for every login"
        why "Without a selector, every login with that method gets the role or policy."
        fix "Add a selector for the intended logins."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/auth-method";
    ACL041 High "Role or policy named by the login itself"
        why "The name contains values from the login, so anyone who controls these values chooses the role."
        fix "Bind to a fixed name, and select the logins for it."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/auth-method";
    ACL042 Critical "Login grants unlimited power"
        why "The binding rule binds to a role or policy that may write ACLs."
        fix "Bind to a role or policy with fewer rights."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/auth-method";
    ACL043 Low "Binding rule without its auth method"
        why "It has no effect until someone creates a method of that name; then it applies at once."
        fix "Delete it."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/auth-method";
    ACL044 Low "Binding rule for a role or policy that does not exist"
        why "It has no effect until someone creates a role or policy of that name; then it applies at once."
        fix "Delete it, or correct the name."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/auth-method";
    ACL050 Medium "Auth method accepts tokens for other programs"
        why "Without bound audiences, a token that was issued for another program can log in here, too."
        fix "Set BoundAudiences, and BoundIssuer where the method has it."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/auth-method/jwt";
    ACL051 Medium "Auth method whose tokens never expire"
        why "The token of a workload that does not log out stays valid forever."
        fix "Set MaxTokenTTL."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/auth-method";
    ACL052 Medium "Credential in an auth method"
        why "Anyone who reads the snapshot can use it: a service account's token, or a client's secret."
        fix "Protect snapshots like the credential, and replace it if one has leaked."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/auth-method";

    SECRET001 Critical "Private key"
        why "It is stored in plain text. Anyone with read access or a snapshot can find it."
        fix "Move it to a secret store and replace it."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    SECRET002 High "Key for a cloud API"
        why "Anyone who reads it can use it from anywhere."
        fix "Revoke it, and issue short-lived credentials to workloads."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    SECRET003 High "Token of an online service"
        why "Code hosting, chat, payment, mail: anyone who reads it can use it from anywhere."
        fix "Revoke it, and keep the new one in a secret store."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    SECRET004 High "Token of Vault or Terraform"
        why "It opens the place that holds the other secrets."
        fix "Revoke it."
        see "https://developer.hashicorp.com/vault/docs/concepts/tokens";
    SECRET005 High "JSON web token"
        why "Anyone who reads it can act as the user it names until it expires."
        fix "Remove it, and let workloads get their own."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    SECRET006 High "Connection string with a password"
        why "It has address, user and password in one place."
        fix "Move the password to a secret store and change it."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    SECRET007 Medium "Password or key in a configuration"
        why "Its name says that it is secret, and its value looks like a secret."
        fix "Move it to a secret store, leave a reference, and change it."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    SECRET008 Medium "Value whose name says that it is secret"
        why "The last segment of the key, or the field name, says so, and the value looks like a secret."
        fix "Move it to a secret store and change it."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    SECRET009 Low "May be a secret"
        why "A weak password, a protected key, or text that looks generated. Check it."
        fix "If it is a secret, move it to a secret store. Otherwise add it to the baseline."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    SECRET010 High "Secret in a key name"
        why "Key names appear in logs, metrics and every listing."
        fix "Revoke it and store it under another name."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    SECRET011 Critical "SecretID of a token of this cluster"
        why "Anyone who may read the value has the token's permissions, too."
        fix "Delete the token, create another one, and keep it elsewhere."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";

    CA001 High "Private key of the mesh's root in the snapshot"
        why "The built-in CA stores it in plain text. Anyone with a snapshot can create certificates for any service."
        fix "Encrypt snapshots and restrict access to them, or keep the key in Vault or a cloud CA."
        see "https://developer.hashicorp.com/consul/docs/connect/ca";
    CA002 Critical "Root certificate has expired"
        why "Services in the mesh cannot connect to each other."
        fix "Rotate the root."
        see "https://developer.hashicorp.com/consul/docs/connect/ca";
    CA003 High "Root certificate expires within 90 days"
        why "After that, services in the mesh cannot connect to each other."
        fix "Rotate the root."
        see "https://developer.hashicorp.com/consul/docs/connect/ca";
    CA004 Medium "Short key of a root certificate"
        why "RSA below 2048 or EC below 224 bits can be broken."
        fix "Set PrivateKeyType and PrivateKeyBits and rotate the root."
        see "https://developer.hashicorp.com/consul/docs/connect/ca/consul";
    CA005 Low "Inactive root is kept"
        why "Certificates it signed are still trusted. Servers keep it until its leaf certificates have expired."
        fix "None if it was rotated recently. Otherwise find out why it is not removed."
        see "https://developer.hashicorp.com/consul/docs/connect/ca";
    CA006 High "Credential in the CA's configuration"
        why "Anyone who reads the snapshot can use it: Vault's token, a cloud key, or a private key."
        fix "Let servers log in to Vault with an auth method. Replace the credential if a snapshot has leaked."
        see "https://developer.hashicorp.com/consul/docs/connect/ca/vault";
    CA007 Info "Root certificate lives for ten years or more"
        why "A leaked key stays valid just as long."
        fix "Set a lower RootCertTTL."
        see "https://developer.hashicorp.com/consul/docs/connect/ca/consul";
    CA008 High "Intermediate certificate is not renewed"
        why "Servers renew it at half of its lifetime. Once it has expired, no leaf certificates are issued, and proxies stop within days."
        fix "Check the leader's log for why it is not renewed."
        see "https://developer.hashicorp.com/consul/docs/connect/ca";
    CA009 Critical "No active root, or several"
        why "Servers do not know which root to sign with."
        fix "Write the CA configuration again."
        see "https://developer.hashicorp.com/consul/docs/connect/ca";
    CA020 Critical "Gateway certificate has expired"
        why "Clients refuse to connect."
        fix "Write the renewed certificate into the config entry."
        see "https://developer.hashicorp.com/consul/docs/reference/config-entry/inline-certificate";
    CA021 Medium "Gateway certificate expires within 30 days"
        why "After that, clients refuse to connect."
        fix "Write the renewed certificate into the config entry."
        see "https://developer.hashicorp.com/consul/docs/reference/config-entry/inline-certificate";
    CA022 High "Gateway certificate and key do not match"
        why "The gateway cannot use them."
        fix "Write both into the config entry again."
        see "https://developer.hashicorp.com/consul/docs/reference/config-entry/inline-certificate";
    CA023 Medium "Gateway certificate chain is broken"
        why "One of its certificates was not issued by the next, and many clients cannot find a path to the root."
        fix "Order them from leaf to root, each once."
        see "https://developer.hashicorp.com/consul/docs/reference/config-entry/inline-certificate";
    CA024 Medium "Gateway private key in the snapshot"
        why "The config entry holds it in plain text."
        fix "Use file-system-certificate, or encrypt snapshots and restrict access to them."
        see "https://developer.hashicorp.com/consul/docs/reference/config-entry/inline-certificate";
    CA025 Medium "Certificate that cannot be parsed"
        why "Programs that use it cannot parse it either."
        fix "Replace it."
        see "https://developer.hashicorp.com/consul/docs/connect/ca";

    MESH001 High "Every service may connect to every other"
        why "The intention from * to * allows every connection that no other intention denies."
        fix "Deny it, and allow the connections that services need."
        see "https://developer.hashicorp.com/consul/docs/connect/security";
    MESH002 Medium "Every service may connect to a service"
        why "The intention's source is *."
        fix "Name the sources."
        see "https://developer.hashicorp.com/consul/docs/connect/security";
    MESH003 Medium "A service may connect to every other"
        why "The intention's destination is *."
        fix "Name the destinations."
        see "https://developer.hashicorp.com/consul/docs/connect/security";
    MESH004 High "Intention names a JWT provider that does not exist"
        why "Proxies cannot check the token, so connections fail."
        fix "Write the jwt-provider, or correct its name."
        see "https://developer.hashicorp.com/consul/docs/reference/config-entry/jwt-provider";
    MESH005 Medium "Permissive mutual TLS may be enabled"
        why "Services then accept connections without TLS, which no intention covers."
        fix "Set AllowEnablingPermissiveMutualTLS to false when all services are in the mesh."
        see "https://developer.hashicorp.com/consul/docs/connect/security";
    MESH006 High "Permissive mutual TLS"
        why "The service accepts connections without TLS, which no intention covers."
        fix "Set MutualTLSMode to strict."
        see "https://developer.hashicorp.com/consul/docs/connect/security";
    MESH007 Medium "Gateway for every service"
        why "A gateway with * also exposes services that are registered later."
        fix "Name the services."
        see "https://developer.hashicorp.com/consul/docs/reference/config-entry/ingress-gateway";
    MESH008 Medium "TLS below 1.2"
        why "These versions are broken."
        fix "Set TLSMinVersion to TLSv1_2 or higher."
        see "https://developer.hashicorp.com/consul/docs/reference/config-entry/mesh";
    MESH009 Medium "Paths are not normalised"
        why "A differently written request bypasses an intention for a path."
        fix "Remove InsecureDisablePathNormalization."
        see "https://developer.hashicorp.com/consul/docs/reference/config-entry/mesh";
    MESH010 Info "No default intention"
        why "Without an intention from * to *, the default policy decides. Snapshots do not record it."
        fix "Write an intention that denies * to *."
        see "https://developer.hashicorp.com/consul/docs/connect/security";
    MESH011 Info "Workload identity without traffic permissions"
        why "The default policy decides who may connect to it. Snapshots do not record it."
        fix "Write traffic permissions for it, its namespace or its partition."
        see "https://developer.hashicorp.com/consul/docs/connect/security";
    MESH012 Low "Traffic permissions for a workload identity that does not exist"
        why "They take effect as soon as a workload identity of that name is created."
        fix "Delete them, or correct the name."
        see "https://developer.hashicorp.com/consul/docs/connect/security";

    CATALOG001 High "Check runs a program"
        why "Agents with script checks run any registered program. With an exposed API, that is remote execution."
        fix "Use HTTP, TCP or gRPC checks, or allow scripts only in local configuration."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    CATALOG002 Medium "Check with a credential in its request"
        why "Anyone who may read the catalog can read the header."
        fix "Point the check at an address that needs no credential."
        see "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
    CATALOG003 Low "Check does not verify TLS"
        why "It cannot know which host it reached."
        fix "Remove TLSSkipVerify and set TLSServerName."
        see "https://developer.hashicorp.com/consul/docs/reference/service/health-check";
    CATALOG004 Low "Check has been critical for a long time"
        why "Its service no longer runs, but is still looked up, watched and paid for."
        fix "Deregister it; set DeregisterCriticalServiceAfter."
        see "https://developer.hashicorp.com/consul/docs/reference/service/health-check";

    QUERY001 High "Prepared query with a token"
        why "Anyone who runs the query acts with the token's permissions."
        fix "Remove the token, and give callers the permissions they need."
        see "https://developer.hashicorp.com/consul/api-docs/query";
    QUERY002 Medium "Query template for every name"
        why "A template with an empty name answers every DNS query for a prepared query that no other template matches."
        fix "Give it a name prefix."
        see "https://developer.hashicorp.com/consul/api-docs/query";
    QUERY003 Low "Prepared query of a session that does not exist"
        why "It should have been deleted with the session."
        fix "Delete it."
        see "https://developer.hashicorp.com/consul/api-docs/query";

    PEER001 Medium "Peering secret in the snapshot"
        why "Anyone who has it can act as the other cluster until the peering is recreated."
        fix "Encrypt snapshots and restrict access to them."
        see "https://developer.hashicorp.com/consul/docs/east-west/cluster-peering";
    PEER002 High "Peer's root certificate has expired"
        why "Connections from that cluster are refused."
        fix "Find out why its trust bundle is not renewed."
        see "https://developer.hashicorp.com/consul/docs/east-west/cluster-peering";
    PEER003 Medium "Peer's root certificate expires within 30 days"
        why "After that, connections from that cluster are refused."
        fix "Check whether its root is about to be rotated."
        see "https://developer.hashicorp.com/consul/docs/east-west/cluster-peering";
    PEER004 Low "Peering was never completed"
        why "The token that completes it is still valid for anyone who finds it."
        fix "Complete it or delete it."
        see "https://developer.hashicorp.com/consul/docs/east-west/cluster-peering";
    PEER005 Medium "All services are exported"
        why "Services that are registered later are exported, too."
        fix "Name the services."
        see "https://developer.hashicorp.com/consul/docs/reference/config-entry/exported-services";
    PEER006 Medium "Peering is failing or being deleted"
        why "Services imported through it are out of date."
        fix "Check its state on both sides."
        see "https://developer.hashicorp.com/consul/docs/east-west/cluster-peering";

    OPS001 Medium "Value over 512 KB"
        why "By default servers refuse to write it, so it cannot be changed here or imported elsewhere."
        fix "Split it, or keep it outside Consul."
        see "https://developer.hashicorp.com/consul/docs/manage/scale";
    OPS002 Low "Too many keys under one prefix"
        why "Listing, watching or deleting the prefix takes seconds and blocks a server."
        fix "Spread them, delete unused ones, or keep them in a database."
        see "https://developer.hashicorp.com/consul/docs/manage/scale";
    OPS003 Low "Flood of tombstones"
        why "A program deletes keys by the ten thousand. Servers keep and replicate each deletion for a while."
        fix "Find the program that uses the KV store as a queue."
        see "https://developer.hashicorp.com/consul/docs/manage/scale";
    OPS004 Medium "Lock whose session does not exist"
        why "Nobody can take it, and nothing will release it."
        fix "Delete the key, or write it again without the lock."
        see "https://developer.hashicorp.com/consul/docs/automate/session";
    OPS005 Low "Session without TTL"
        why "Only a failing check ends it. If its holder just stops, its locks stay."
        fix "Create sessions with a TTL and renew them."
        see "https://developer.hashicorp.com/consul/docs/automate/session";
    OPS006 Medium "Session that never ends"
        why "It has no TTL and no check, so its locks stay until someone destroys it."
        fix "Destroy it, and create sessions with a TTL."
        see "https://developer.hashicorp.com/consul/docs/automate/session";
    OPS007 High "Single voter"
        why "If this server is lost, everything since the last snapshot is lost, too."
        fix "Run three or five servers."
        see "https://developer.hashicorp.com/consul/docs/concept/consensus";
    OPS008 Low "Even number of voters"
        why "The last voter adds a server that can fail, but does not raise the number of failures that the cluster survives."
        fix "Run three or five servers."
        see "https://developer.hashicorp.com/consul/docs/concept/consensus";
    OPS009 Info "Large write in flight"
        why "Only some of its pieces are in the snapshot. If it is restored elsewhere, the write will never be completed."
        fix "None if the writer retries."
        see "https://developer.hashicorp.com/consul/docs/manage/scale";
    OPS010 Medium "Servers of different versions"
        why "Mixed versions are meant for the hours of an upgrade."
        fix "Complete the upgrade."
        see "https://developer.hashicorp.com/consul/docs/upgrade";
    OPS011 Low "Dead servers are not cleaned up"
        why "A server that no longer exists still counts for the quorum."
        fix "Set CleanupDeadServers."
        see "https://developer.hashicorp.com/consul/docs/manage/scale/autopilot";
    OPS012 Medium "Servers of a version with known vulnerabilities"
        why "Published vulnerabilities are attacked first. A snapshot cannot always show whether the affected part of Consul is in use."
        fix "Read the bulletins, and upgrade to a fixed version."
        see "https://discuss.hashicorp.com/c/security/52";
    OPS013 High "Record that servers refuse to restore"
        why "The first record that a server refuses ends a restore, or its start after an upgrade. The server stops, and so does every other server of that version."
        fix "Follow the advice in the finding and take a new snapshot, before you upgrade or need the backup."
        see "https://github.com/hashicorp/consul/issues/21368";
    OPS014 Medium "Key that Consul 1.22 refuses"
        why "Since CVE-2025-11392 servers refuse .. in a key, plain or percent-encoded, and spaces at its ends, in every call except transactions. The key can be neither read nor deleted by its path."
        fix "Before upgrading, write its value to another key. Delete it in a transaction."
        see "https://github.com/hashicorp/consul/pull/22850";
    OPS015 Info "Key that Consul 1.21.5 refuses"
        why "Only that version restricts keys to letters, digits and ,_./-?&=, and refuses two dots in a row."
        fix "Skip that version when upgrading."
        see "https://github.com/hashicorp/consul/issues/22822";
    OPS016 Medium "Cluster with write access for HCP"
        why "Anyone with access to it in the HashiCorp Cloud Platform can change the cluster."
        fix "Link it with read-only access, unless it is managed from there."
        see "https://developer.hashicorp.com/hcp/docs/consul";

    LOG001 Medium "SecretID of a management token in the Raft log"
        why "Requests are stored with the token that was used. Anyone who can read raft.db or the WAL of a server, or a copy of its data directory, has that token."
        fix "Restrict access to data directories and their copies. Use such a token in emergencies only, and replace it afterwards."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";
    LOG002 Info "SecretID of a deleted token in the Raft log"
        why "It is useless as long as the token is deleted. Restoring an older snapshot makes it valid again."
        fix "After restoring an older snapshot, delete the tokens that were deleted since."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/token";
    LOG003 High "Writes without a token, or with the anonymous token"
        why "Nobody can say who wrote this, and anyone who can reach the API can do the same."
        fix "Give the program that does so a token, and take write access from the anonymous token."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";
    LOG004 High "Write with an expired token"
        why "Servers refuse expired tokens. Either a cache still knew the token, or clocks differ."
        fix "Compare the servers' clocks, and check the token TTLs of the agents' caches."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/token";
    LOG005 Medium "Token created and deleted within minutes"
        why "Someone who may write ACLs can do so to act under another name and leave no token behind."
        fix "Find out who created it: the log has its other writes, and the servers' audit logs and those of the API's clients have the request."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/token";
    LOG006 Medium "Management token used for routine writes"
        why "A program that has it can do everything, and so can anyone who breaks into that program."
        fix "Give the program a token with the rights it needs, and replace the management token."
        see "https://developer.hashicorp.com/consul/docs/secure/acl/best-practice";
    LOG007 Low "Burst of writes"
        why "Each write goes through all servers, and all reads that wait for changes are answered. A burst may also be a program that went wrong."
        fix "Find the program by its token, and let it write in smaller portions."
        see "https://developer.hashicorp.com/consul/docs/manage/scale";
}
