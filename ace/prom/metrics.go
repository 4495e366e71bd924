package prom

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/raxx-go/raxx/ace/nethttp"
	"github.com/raxx-go/raxx/raxx"
)

// A Config says where metrics go. Its zero value is right for a program with one
// server.
type Config struct {
	// Registerer is where the metrics are registered. If nil,
	// [prometheus.DefaultRegisterer]. Two servers of one process have one Metrics, and
	// endpoints of different names; or a Registerer each, such as one of
	// [prometheus.WrapRegistererWith].
	Registerer prometheus.Registerer
	// Buckets are the bounds of the histograms, in seconds. If nil,
	// [prometheus.DefBuckets], which end at 10 s.
	Buckets []float64
}

// Metrics are the metrics of a server, made by [New]. The methods may be called from
// any goroutine.
type Metrics struct {
	ready        prometheus.Gauge
	open         *prometheus.GaugeVec
	accepted     *prometheus.CounterVec
	closed       *prometheus.CounterVec
	refused      *prometheus.CounterVec
	cut          prometheus.Counter
	limitReached *prometheus.CounterVec
	acceptFails  *prometheus.CounterVec
	handshakes   *prometheus.HistogramVec
	exchanges    *prometheus.HistogramVec
	content      *prometheus.CounterVec
	brokerFails  prometheus.Counter

	inFlight prometheus.Gauge
	requests *prometheus.HistogramVec
}

// New returns metrics that are registered. The error is that of the Registerer, for
// example because they have been registered before.
func New(c Config) (*Metrics, error) {
	if c.Registerer == nil {
		c.Registerer = prometheus.DefaultRegisterer
	}
	if c.Buckets == nil {
		c.Buckets = prometheus.DefBuckets
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: c.Buckets}, labels)
	}
	m := &Metrics{
		ready:        prometheus.NewGauge(prometheus.GaugeOpts{Name: "ace_ready", Help: "1 from when all endpoints accept until a drain begins."}),
		open:         prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "ace_connections", Help: "Connections that are open."}, []string{"endpoint"}),
		accepted:     counter("ace_connections_accepted_total", "Connections that were accepted.", "endpoint"),
		closed:       counter("ace_connections_closed_total", "Connections that have ended.", "endpoint", "protocol", "end"),
		refused:      counter("ace_connections_refused_total", "Connections that were closed at once: too many from one address.", "endpoint"),
		cut:          prometheus.NewCounter(prometheus.CounterOpts{Name: "ace_connections_cut_total", Help: "Connections that had not ended in the time to drain."}),
		limitReached: counter("ace_connection_limit_reached_total", "How often clients had to wait since there were as many connections as are allowed.", "endpoint"),
		acceptFails:  counter("ace_accept_failures_total", "Failures to accept a connection.", "endpoint"),
		handshakes:   histogram("ace_tls_handshake_duration_seconds", "Handshakes of TLS.", "endpoint", "end"),
		exchanges:    histogram("ace_exchange_duration_seconds", "From the head of a request until its reply is over.", "endpoint", "protocol", "method", "status", "end"),
		content:      counter("ace_reply_content_bytes_total", "Content of replies.", "endpoint", "protocol"),
		brokerFails:  prometheus.NewCounter(prometheus.CounterOpts{Name: "ace_broker_failures_total", Help: "Messages that the broker did not publish, and topics that it did not subscribe to."}),
		inFlight:     prometheus.NewGauge(prometheus.GaugeOpts{Name: "http_requests_in_flight", Help: "Requests whose reply is not over."}),
		requests:     histogram("http_request_duration_seconds", "Until the head of the reply is known.", "method", "route", "status"),
	}
	var done []prometheus.Collector
	for _, collector := range []prometheus.Collector{
		m.ready, m.open, m.accepted, m.closed, m.refused, m.cut, m.limitReached, m.acceptFails,
		m.handshakes, m.exchanges, m.content, m.brokerFails, m.inFlight, m.requests,
	} {
		if err := c.Registerer.Register(collector); err != nil {
			for _, d := range done {
				c.Registerer.Unregister(d)
			}
			return nil, err
		}
		done = append(done, collector)
	}
	return m, nil
}

// Handler shows what g gathers, in the form that the client asks for. If g is nil,
// that is [prometheus.DefaultGatherer]. What can't be gathered is answered with 500.
func Handler(g prometheus.Gatherer) raxx.Handler {
	if g == nil {
		g = prometheus.DefaultGatherer
	}
	return nethttp.FromHTTP(promhttp.HandlerFor(g, promhttp.HandlerOpts{}))
}
