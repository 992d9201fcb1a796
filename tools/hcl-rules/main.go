// Reads policy texts as Consul 1.21 does, with the very reader it uses: a line of base64 in, a line of
// JSON out, which is the rules the text gives or null where Consul refuses it. Tests hold our reader
// against it.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/hashicorp/hcl"
)

type named struct {
	Name   string `hcl:",key"`
	Policy string
}

type withIntentions struct {
	Name       string `hcl:",key"`
	Policy     string
	Intentions string
}

type policy struct {
	ACL              string            `hcl:"acl,expand"`
	Agents           []*named          `hcl:"agent,expand"`
	AgentPrefixes    []*named          `hcl:"agent_prefix,expand"`
	Keys             []*named          `hcl:"key,expand"`
	KeyPrefixes      []*named          `hcl:"key_prefix,expand"`
	Nodes            []*named          `hcl:"node,expand"`
	NodePrefixes     []*named          `hcl:"node_prefix,expand"`
	Services         []*withIntentions `hcl:"service,expand"`
	ServicePrefixes  []*withIntentions `hcl:"service_prefix,expand"`
	Sessions         []*named          `hcl:"session,expand"`
	SessionPrefixes  []*named          `hcl:"session_prefix,expand"`
	Events           []*named          `hcl:"event,expand"`
	EventPrefixes    []*named          `hcl:"event_prefix,expand"`
	Queries          []*named          `hcl:"query,expand"`
	QueryPrefixes    []*named          `hcl:"query_prefix,expand"`
	Keyring          string            `hcl:"keyring"`
	Operator         string            `hcl:"operator"`
	Mesh             string            `hcl:"mesh"`
	Peering          string            `hcl:"peering"`
	Identities       []*withIntentions `hcl:"identity,expand"`
	IdentityPrefixes []*withIntentions `hcl:"identity_prefix,expand"`
}

func valid(level string, list bool) bool {
	switch strings.ToLower(level) {
	case "deny", "read", "write":
		return true
	case "list":
		return list
	}
	return false
}

// level in lower case, marked if it is written otherwise.
func lower(level string) string {
	if small := strings.ToLower(level); small != level {
		return small + "!"
	}
	return level
}

type out struct {
	rules []string
	bad   bool
}

func (o *out) scalar(word, level string) {
	if level == "" {
		return
	}
	o.bad = o.bad || !valid(level, false)
	o.rules = append(o.rules, fmt.Sprintf("%s %s", word, lower(level)))
}

func (o *out) named(word string, rules []*named) {
	for _, r := range rules {
		o.bad = o.bad || !valid(r.Policy, strings.HasPrefix(word, "key"))
		o.rules = append(o.rules, fmt.Sprintf("%s %x %s", word, r.Name, lower(r.Policy)))
	}
}

func (o *out) intentions(word string, rules []*withIntentions) {
	for _, r := range rules {
		o.bad = o.bad || !valid(r.Policy, false)
		line := fmt.Sprintf("%s %x %s", word, r.Name, lower(r.Policy))
		if r.Intentions != "" {
			o.bad = o.bad || !valid(r.Intentions, false)
			line += " " + lower(r.Intentions)
		}
		o.rules = append(o.rules, line)
	}
}

func read(text string) (rules []string, ok bool) {
	// What makes the reader panic makes the server's request fail.
	defer func() {
		if recover() != nil {
			rules, ok = nil, false
		}
	}()
	if text == "" {
		return []string{}, true
	}
	var p policy
	if err := hcl.Decode(&p, text); err != nil {
		return nil, false
	}
	o := out{rules: []string{}}
	o.scalar("acl", p.ACL)
	o.scalar("keyring", p.Keyring)
	o.scalar("operator", p.Operator)
	o.scalar("mesh", p.Mesh)
	o.scalar("peering", p.Peering)
	o.named("agent", p.Agents)
	o.named("agent_prefix", p.AgentPrefixes)
	o.named("event", p.Events)
	o.named("event_prefix", p.EventPrefixes)
	o.named("key", p.Keys)
	o.named("key_prefix", p.KeyPrefixes)
	o.named("node", p.Nodes)
	o.named("node_prefix", p.NodePrefixes)
	o.named("query", p.Queries)
	o.named("query_prefix", p.QueryPrefixes)
	o.intentions("service", p.Services)
	o.intentions("service_prefix", p.ServicePrefixes)
	o.named("session", p.Sessions)
	o.named("session_prefix", p.SessionPrefixes)
	if o.bad {
		return nil, false
	}
	sort.Strings(o.rules)
	return o.rules, true
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<26)
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	for in.Scan() {
		text, err := base64.StdEncoding.DecodeString(in.Text())
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		rules, ok := read(string(text))
		if !ok {
			rules = nil
		}
		line, _ := json.Marshal(rules)
		w.Write(line)
		w.WriteByte('\n')
	}
}
