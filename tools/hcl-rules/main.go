// Reads policy texts as Consul 1.21 does, with the very reader it uses: a line of base64 in, a line of
// JSON out, which is {"rules": [...]}, the rules the text gives, or {"error": "..."}, why Consul refuses it.
// Tests hold our reader against it.
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

	"hcl-rules/acl"
)

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

// out has the rules so far, and the first thing that is wrong with one.
type out struct {
	rules []string
	err   error
}

func (o *out) wrong(word string, rule any) {
	if o.err == nil {
		o.err = fmt.Errorf("Invalid %s policy: %#v", word, rule)
	}
}

func (o *out) scalar(word, level string) {
	if level == "" {
		return
	}
	if !valid(level, false) {
		o.wrong(word, level)
	}
	o.rules = append(o.rules, fmt.Sprintf("%s %s", word, lower(level)))
}

func (o *out) rule(word, name, policy string, rule any) {
	if !valid(policy, strings.HasPrefix(word, "key")) {
		o.wrong(word, rule)
	}
	o.rules = append(o.rules, fmt.Sprintf("%s %x %s", word, name, lower(policy)))
}

func (o *out) service(word string, r *acl.ServiceRule) {
	if !valid(r.Policy, false) {
		o.wrong(word, r)
	}
	line := fmt.Sprintf("%s %x %s", word, r.Name, lower(r.Policy))
	if r.Intentions != "" {
		if !valid(r.Intentions, false) {
			o.wrong(word+" intentions", r)
		}
		line += " " + lower(r.Intentions)
	}
	o.rules = append(o.rules, line)
}

func each[T any](rules []*T, do func(*T)) {
	for _, r := range rules {
		do(r)
	}
}

func agents(o *out, word string, rules []*acl.AgentRule) {
	each(rules, func(r *acl.AgentRule) { o.rule(word, r.Node, r.Policy, r) })
}

func keys(o *out, word string, rules []*acl.KeyRule) {
	each(rules, func(r *acl.KeyRule) { o.rule(word, r.Prefix, r.Policy, r) })
}

func nodes(o *out, word string, rules []*acl.NodeRule) {
	each(rules, func(r *acl.NodeRule) { o.rule(word, r.Name, r.Policy, r) })
}

func services(o *out, word string, rules []*acl.ServiceRule) {
	each(rules, func(r *acl.ServiceRule) { o.service(word, r) })
}

func sessions(o *out, word string, rules []*acl.SessionRule) {
	each(rules, func(r *acl.SessionRule) { o.rule(word, r.Node, r.Policy, r) })
}

func events(o *out, word string, rules []*acl.EventRule) {
	each(rules, func(r *acl.EventRule) { o.rule(word, r.Event, r.Policy, r) })
}

func queries(o *out, word string, rules []*acl.PreparedQueryRule) {
	each(rules, func(r *acl.PreparedQueryRule) { o.rule(word, r.Prefix, r.Policy, r) })
}

// decode first reads a text with no key given twice; where one is, it is read once more.
func decode(text string) (*acl.Policy, error) {
	p := &acl.Policy{}
	err := hcl.DecodeErrorOnDuplicates(p, text)
	if err != nil && strings.Contains(err.Error(), "was already set") {
		err = hcl.Decode(p, text)
	}
	if err != nil {
		err = fmt.Errorf("Failed to parse ACL rules: %v", err)
	}
	return p, err
}

func read(text string) (rules []string, err error) {
	// What makes the reader panic makes the server's request fail.
	defer func() {
		if recover() != nil {
			rules, err = nil, fmt.Errorf("panic")
		}
	}()
	if text == "" {
		return []string{}, nil
	}
	p, err := decode(text)
	if err != nil {
		return nil, err
	}
	o := &out{rules: []string{}}
	o.scalar("acl", p.ACL)
	agents(o, "agent", p.Agents)
	agents(o, "agent_prefix", p.AgentPrefixes)
	keys(o, "key", p.Keys)
	keys(o, "key_prefix", p.KeyPrefixes)
	nodes(o, "node", p.Nodes)
	nodes(o, "node_prefix", p.NodePrefixes)
	services(o, "service", p.Services)
	services(o, "service_prefix", p.ServicePrefixes)
	sessions(o, "session", p.Sessions)
	sessions(o, "session_prefix", p.SessionPrefixes)
	events(o, "event", p.Events)
	events(o, "event_prefix", p.EventPrefixes)
	queries(o, "query", p.Queries)
	queries(o, "query_prefix", p.QueryPrefixes)
	o.scalar("keyring", p.Keyring)
	o.scalar("operator", p.Operator)
	o.scalar("mesh", p.Mesh)
	o.scalar("peering", p.Peering)
	if o.err != nil {
		return nil, o.err
	}
	sort.Strings(o.rules)
	return o.rules, nil
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
		answer := map[string]any{}
		rules, err := read(string(text))
		if err != nil {
			answer["error"] = err.Error()
		} else {
			answer["rules"] = rules
		}
		line, _ := json.Marshal(answer)
		w.Write(line)
		w.WriteByte('\n')
	}
}
