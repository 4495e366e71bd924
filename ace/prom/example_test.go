package prom_test

import (
	"fmt"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/raxx-go/raxx/ace"
	"github.com/raxx-go/raxx/ace/prom"
	"github.com/raxx-go/raxx/raxx"
	"github.com/raxx-go/raxx/router"
)

// The metrics are served to whoever knows the password, beside the site.
func Example() {
	registry := prometheus.NewRegistry()
	metrics, err := prom.New(prom.Config{Registerer: registry})
	if err != nil {
		fmt.Println(err)
		return
	}
	app := router.Config{Middleware: metrics.Middleware()}.MustNew(
		router.Get("/users/:id", func(req raxx.Request) raxx.Response { return raxx.Text(200, req.Params.Get("id")) }),
		router.Get("/metrics", prom.Handler(registry)),
	)
	_ = ace.New(app.Handle, ace.Config{Trace: metrics.Trace()}) // and run it

	app.Handle(raxx.Get("/users/1"))
	shown, err := raxx.Collect(app.Handle(raxx.Get("/metrics")))
	if err != nil {
		fmt.Println(err)
		return
	}
	for line := range strings.Lines(string(shown.Body.(raxx.Data))) {
		if strings.HasPrefix(line, "http_request_duration_seconds_count") {
			fmt.Print(line)
		}
	}
	// Output: http_request_duration_seconds_count{method="GET",route="/users/:id",status="200"} 1
}
