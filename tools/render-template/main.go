// Renders a template with what a Consul server answers, by the client library and the templates with which
// consul-template works: the same functions, stale reads, and blocking queries after the first answer.
//
//	CONSUL_HTTP_ADDR=... CONSUL_HTTP_TOKEN=... render-template TEMPLATE
package main

import (
	"fmt"
	"os"
	"sort"
	"strings"
	"text/template"
	"time"

	"github.com/hashicorp/consul/api"
)

// The time that a query waits for a change that never comes.
const wait = 200 * time.Millisecond

type source struct {
	client *api.Client
}

// Asks twice: at once, and for what is newer than the first answer.
func twice[T any](ask func(*api.QueryOptions) (T, *api.QueryMeta, error)) (T, error) {
	first, meta, err := ask(&api.QueryOptions{AllowStale: true})
	if err != nil {
		return first, err
	}
	second, again, err := ask(&api.QueryOptions{AllowStale: true, WaitIndex: meta.LastIndex, WaitTime: wait})
	if err == nil && again.LastIndex != meta.LastIndex {
		err = fmt.Errorf("index %d after %d, although nothing changed", again.LastIndex, meta.LastIndex)
	}
	return second, err
}

func (s source) key(path string) (string, error) {
	return s.keyOrDefault(path, "")
}

func (s source) keyOrDefault(path, other string) (string, error) {
	pair, err := twice(func(o *api.QueryOptions) (*api.KVPair, *api.QueryMeta, error) {
		return s.client.KV().Get(path, o)
	})
	if err != nil || pair == nil {
		return other, err
	}
	return string(pair.Value), nil
}

func (s source) tree(prefix string) (api.KVPairs, error) {
	return twice(func(o *api.QueryOptions) (api.KVPairs, *api.QueryMeta, error) {
		return s.client.KV().List(prefix, o)
	})
}

// The keys directly below a prefix.
func (s source) ls(prefix string) (api.KVPairs, error) {
	pairs, err := s.tree(strings.TrimSuffix(prefix, "/") + "/")
	var direct api.KVPairs
	for _, pair := range pairs {
		pair.Key = strings.TrimPrefix(pair.Key, strings.TrimSuffix(prefix, "/")+"/")
		if pair.Key != "" && !strings.Contains(pair.Key, "/") {
			direct = append(direct, pair)
		}
	}
	return direct, err
}

// The healthy instances of NAME or TAG.NAME.
func (s source) service(name string) ([]*api.ServiceEntry, error) {
	tag := ""
	if before, after, ok := strings.Cut(name, "."); ok {
		tag, name = before, after
	}
	entries, err := twice(func(o *api.QueryOptions) ([]*api.ServiceEntry, *api.QueryMeta, error) {
		return s.client.Health().Service(name, tag, true, o)
	})
	sort.SliceStable(entries, func(i, j int) bool { return entries[i].Node.Node < entries[j].Node.Node })
	return entries, err
}

func (s source) connect(name string) ([]*api.ServiceEntry, error) {
	return twice(func(o *api.QueryOptions) ([]*api.ServiceEntry, *api.QueryMeta, error) {
		return s.client.Health().Connect(name, "", false, o)
	})
}

func (s source) services() (map[string][]string, error) {
	all, err := twice(func(o *api.QueryOptions) (map[string][]string, *api.QueryMeta, error) {
		return s.client.Catalog().Services(o)
	})
	for _, tags := range all {
		sort.Strings(tags)
	}
	return all, err
}

func (s source) nodes() ([]*api.Node, error) {
	return twice(func(o *api.QueryOptions) ([]*api.Node, *api.QueryMeta, error) {
		return s.client.Catalog().Nodes(o)
	})
}

func (s source) node(name string) (*api.CatalogNode, error) {
	return twice(func(o *api.QueryOptions) (*api.CatalogNode, *api.QueryMeta, error) {
		return s.client.Catalog().Node(name, o)
	})
}

func (s source) caRoots() ([]*api.CARoot, error) {
	roots, _, err := s.client.Connect().CARoots(&api.QueryOptions{AllowStale: true})
	if err != nil {
		return nil, err
	}
	return roots.Roots, nil
}

func render() error {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		return err
	}
	client, err := api.NewClient(api.DefaultConfig())
	if err != nil {
		return err
	}
	s := source{client}
	functions := template.FuncMap{
		"key": s.key, "keyOrDefault": s.keyOrDefault, "ls": s.ls, "tree": s.tree,
		"service": s.service, "connect": s.connect, "services": s.services,
		"nodes": s.nodes, "node": s.node, "caRoots": s.caRoots,
		"datacenters": client.Catalog().Datacenters,
		"toUpper":     strings.ToUpper, "join": strings.Join,
	}
	parsed, err := template.New("template").Funcs(functions).Parse(string(text))
	if err != nil {
		return err
	}
	return parsed.Execute(os.Stdout, nil)
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: render-template TEMPLATE")
		os.Exit(2)
	}
	if err := render(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
