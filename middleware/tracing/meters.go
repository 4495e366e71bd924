package tracing

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/httpconv"
)

// A series is the attributes of a metric. None is taken from what a client sends, but
// for what is known.
type series struct {
	method, scheme, route, version string
	status                         int    // 0 if no head was sent
	failure                        string // error.type; "" if there was none
}

// durations are the boundaries that the conventions ask for, in seconds.
var durations = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}

// meters are the metrics of HTTP servers.
type meters struct {
	active   httpconv.ServerActiveRequests
	duration httpconv.ServerRequestDuration
	in       httpconv.ServerRequestBodySize
	out      httpconv.ServerResponseBodySize
	sets     *sets
}

func newMeters(meter metric.Meter) meters {
	m := meters{sets: &sets{of: map[series]attribute.Set{}}}
	var errs [4]error
	m.active, errs[0] = httpconv.NewServerActiveRequests(meter)
	m.duration, errs[1] = httpconv.NewServerRequestDuration(meter, metric.WithExplicitBucketBoundaries(durations...))
	m.in, errs[2] = httpconv.NewServerRequestBodySize(meter)
	m.out, errs[3] = httpconv.NewServerResponseBodySize(meter)
	for _, err := range errs {
		if err != nil {
			otel.Handle(err)
		}
	}
	return m
}

// began counts an exchange that has begun.
func (m *meters) began(of series) { m.countActive(of, 1) }

func (m *meters) countActive(of series, n int64) {
	ctx := context.Background()
	if m.active.Enabled(ctx) {
		m.active.AddSet(ctx, n, m.sets.get(series{method: of.method, scheme: of.scheme}))
	}
}

// ended measures an exchange that has ended. Sizes of -1 are not known.
func (m *meters) ended(ctx context.Context, of series, took time.Duration, in, out int64) {
	m.countActive(of, -1)
	if !m.duration.Enabled(ctx) && !m.in.Enabled(ctx) && !m.out.Enabled(ctx) {
		return
	}
	set := m.sets.get(of)
	m.duration.RecordSet(ctx, took.Seconds(), set)
	if in >= 0 {
		m.in.RecordSet(ctx, in, set)
	}
	if out >= 0 {
		m.out.RecordSet(ctx, out, set)
	}
}

// sets are the series that have been seen, so that their attributes are not sorted
// again for each request.
type sets struct {
	mu sync.RWMutex
	of map[series]attribute.Set
}

// maxSets bounds what is kept: a handler that is not a router may make up patterns.
const maxSets = 4096

func (s *sets) get(of series) attribute.Set {
	s.mu.RLock()
	set, ok := s.of[of]
	s.mu.RUnlock()
	if ok {
		return set
	}
	set = of.set()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.of) < maxSets {
		s.of[of] = set
	}
	return set
}

// set returns the attributes of a series.
func (s *series) set() attribute.Set {
	attrs := []attribute.KeyValue{semconv.HTTPRequestMethodKey.String(s.method), semconv.URLScheme(s.scheme)}
	if s.route != "" {
		attrs = append(attrs, semconv.HTTPRoute(s.route))
	}
	if s.version != "" {
		attrs = append(attrs, semconv.NetworkProtocolVersion(s.version))
	}
	if s.status != 0 {
		attrs = append(attrs, semconv.HTTPResponseStatusCode(s.status))
	}
	if s.failure != "" {
		attrs = append(attrs, semconv.ErrorTypeKey.String(s.failure))
	}
	return attribute.NewSet(attrs...)
}
