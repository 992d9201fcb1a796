// Renders a Helm chart with Helm's own engine: helm-render CHART RELEASE NAMESPACE [VALUES.json].
// tools/check-chart runs it.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

func main() {
	if err := render(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "helm-render:", err)
		os.Exit(1)
	}
}

func render(args []string) error {
	if len(args) < 3 {
		return fmt.Errorf("usage: helm-render CHART RELEASE NAMESPACE [VALUES.json]")
	}
	chart, err := loader.Load(args[0])
	if err != nil {
		return err
	}
	given := map[string]interface{}{}
	if len(args) > 3 {
		text, err := os.ReadFile(args[3])
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, &given); err != nil {
			return err
		}
	}
	release := chartutil.ReleaseOptions{Name: args[1], Namespace: args[2], Revision: 1, IsInstall: true}
	// This holds the values against values.schema.json, too.
	values, err := chartutil.ToRenderValues(chart, given, release, chartutil.DefaultCapabilities)
	if err != nil {
		return err
	}
	files, err := engine.Render(chart, values)
	if err != nil {
		return err
	}
	names := make([]string, 0, len(files))
	for name := range files {
		if strings.HasSuffix(name, ".yaml") && strings.TrimSpace(files[name]) != "" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Printf("---\n# %s\n%s\n", name, strings.TrimSpace(files[name]))
	}
	return nil
}
