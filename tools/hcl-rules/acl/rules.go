// Package acl has the rules of Consul 1.21 as its structs name them: what is wrong with one is reported
// with these names.
package acl

// EnterpriseRule has nothing in it without Enterprise.
type EnterpriseRule struct{}

type AgentRule struct {
	Node   string `hcl:",key"`
	Policy string
}

type EventRule struct {
	Event  string `hcl:",key"`
	Policy string
}

type IdentityRule struct {
	Name       string `hcl:",key"`
	Policy     string
	Intentions string

	EnterpriseRule `hcl:",squash"`
}

type KeyRule struct {
	Prefix string `hcl:",key"`
	Policy string

	EnterpriseRule `hcl:",squash"`
}

type NodeRule struct {
	Name   string `hcl:",key"`
	Policy string

	EnterpriseRule `hcl:",squash"`
}

type PreparedQueryRule struct {
	Prefix string `hcl:",key"`
	Policy string
}

type ServiceRule struct {
	Name       string `hcl:",key"`
	Policy     string
	Intentions string

	EnterpriseRule `hcl:",squash"`
}

type SessionRule struct {
	Node   string `hcl:",key"`
	Policy string
}

// Policy is what a text is read into.
type Policy struct {
	ACL              string               `hcl:"acl,expand"`
	Agents           []*AgentRule         `hcl:"agent,expand"`
	AgentPrefixes    []*AgentRule         `hcl:"agent_prefix,expand"`
	Identities       []*IdentityRule      `hcl:"identity,expand"`
	IdentityPrefixes []*IdentityRule      `hcl:"identity_prefix,expand"`
	Keys             []*KeyRule           `hcl:"key,expand"`
	KeyPrefixes      []*KeyRule           `hcl:"key_prefix,expand"`
	Nodes            []*NodeRule          `hcl:"node,expand"`
	NodePrefixes     []*NodeRule          `hcl:"node_prefix,expand"`
	Services         []*ServiceRule       `hcl:"service,expand"`
	ServicePrefixes  []*ServiceRule       `hcl:"service_prefix,expand"`
	Sessions         []*SessionRule       `hcl:"session,expand"`
	SessionPrefixes  []*SessionRule       `hcl:"session_prefix,expand"`
	Events           []*EventRule         `hcl:"event,expand"`
	EventPrefixes    []*EventRule         `hcl:"event_prefix,expand"`
	Queries          []*PreparedQueryRule `hcl:"query,expand"`
	QueryPrefixes    []*PreparedQueryRule `hcl:"query_prefix,expand"`
	Keyring          string               `hcl:"keyring"`
	Operator         string               `hcl:"operator"`
	Mesh             string               `hcl:"mesh"`
	Peering          string               `hcl:"peering"`
}
