package middleware

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/raxx-go/raxx/raxx"
)

// An AccessLog writes one line for every request, when its reply is over. It
// belongs behind [RequestID] and [ClientAddress], whose values it writes, and in
// front of everything else, so that it sees the reply as it is sent.
//
// The line has the message "request" and these attributes:
//
//	method, host, path, query   of the request; secrets are left out of the query
//	status                      of the reply
//	in, out                     bytes of content that were read, if any, and sent
//	head, total                 time until the head, unless that was all, and until the end
//	id, client, agent           request id, address, and what the client calls itself
//	end                         how it ended, if it did not end well
//	error                       what went wrong
//
// and what the application has added by [AddLogAttr].
//
// When a reply is over depends on its kind. A complete reply of up to 8 KiB is
// handed to the network in one piece when the handler has returned, and the line
// comes then. A longer one, or a file, is over when the client has taken it, as
// far as the server tells ([raxx.Scope.OnEnd]); if the client has not, out is left
// out. A stream is over when its last chunk has been taken, and a machine when it
// ends; head is when a deferred head came. To HEAD nothing is sent, and the line
// comes with the head. A panic that no [Recover] behind it has caught is written
// and goes on.
//
// The trace of package ace/slogtrace would log each request a second time: its
// documentation says how to leave that out.
//
// A line is of level error for a status of 500 or more (except 501, which any
// client gets that makes up a method), for a panic, and for a reply that the
// application broke off or that could not be sent. It is of level warn for a
// machine whose mailbox was full, and else of level info. A client that left is no
// error, whatever the handler made of it: the line says so in its end.
//
// Nothing that a client sends can forge a line with a handler of package slog, and
// no text of a client is longer than 512 bytes. A waiting machine holds its line, a
// few hundred bytes.
type AccessLog struct {
	// Logger writes the lines. If nil, [slog.Default].
	Logger *slog.Logger
	// Secret reports whether a value of the query is left out, by its name. If
	// nil, [SecretName].
	Secret func(name string) bool
	// Skip, if not nil, reports whether a request gets no line.
	Skip func(raxx.Request) bool
}

// Middleware returns the middleware.
func (c AccessLog) Middleware() raxx.Middleware {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Secret == nil {
		c.Secret = SecretName
	}
	return func(next raxx.Handler) raxx.Handler {
		return func(req raxx.Request) raxx.Response {
			if c.Skip != nil && c.Skip(req) {
				return raxx.OnHead(unheard(next(req)), unheard)
			}
			return c.answer(next, req)
		}
	}
}

func (c *AccessLog) answer(next raxx.Handler, req raxx.Request) raxx.Response {
	var e accessEntry
	e.begin(c, &req)
	switch body := req.Body.(type) {
	case raxx.Stream:
		e.read = new(atomic.Int64)
		req.Body = countStream(body, e.read)
	case raxx.Data:
		e.in = int64(len(body))
	}
	returned := false
	defer func() {
		if !returned {
			e.write(&accessEnd{level: slog.LevelError, how: "panic"})
		}
	}()
	resp := next(req)
	returned = true
	e.watch(&req, &resp)
	return resp
}

// An accessEntry is what is known of a line before its end.
type accessEntry struct {
	config *AccessLog
	begun  time.Time
	head   time.Duration

	method, host, path, query, id, agent, peer string

	ip     netip.Addr
	status int
	cause  error
	in     int64
	read   *atomic.Int64 // further bytes, of a stream; may be nil
	scope  raxx.Scope
	said   []logAttr // by the application
}

// An accessEnd is how a reply ended.
type accessEnd struct {
	level slog.Level
	how   string // empty if well
	out   int64  // -1 if not known
	err   error
	total time.Duration // 0: until now
}

// maxAccessValue bounds what a client's text takes of a line.
const maxAccessValue = 512

// begin notes what is known of a request.
func (e *accessEntry) begin(c *AccessLog, req *raxx.Request) {
	e.config, e.begun, e.scope = c, time.Now(), req.Scope
	e.method, e.host, e.path = clipAccess(req.Method), clipAccess(req.Authority), clipAccess(req.Path)
	e.id, e.agent = RequestIDKey.Get(*req), clipAccess(req.Header.Get("user-agent"))
	if req.Query != "" {
		e.query = clipAccess(redactPairs(req.Query, c.Secret))
	}
	var known bool
	if e.ip, known = ClientIP.Lookup(*req); !known {
		e.peer = req.Peer.Address
	}
}

func clipAccess(s string) string {
	if len(s) > maxAccessValue {
		return s[:maxAccessValue-3] + "..."
	}
	return s
}

// ownAccess is clipAccess in memory of its own: a text of a request is a piece of its
// whole head.
func ownAccess(s string) string { return strings.Clone(clipAccess(s)) }

// watch notes the head of resp, and makes its end write the line.
func (e *accessEntry) watch(req *raxx.Request, resp *raxx.Response) {
	e.heard(resp)
	if m, ok := resp.Body.(raxx.Machine); ok {
		l := loggedMachine{inner: m, entry: e.compact(), done: new(bool)}
		if resp.Status != 0 {
			if l.entry.headed(resp); !sendsContent(e.method, resp.Status) {
				l.end(accessEnd{})
			}
		}
		resp.Body = raxx.NewMachine(l, loggedMachine.step)
		return
	}
	e.headed(resp)
	sends := sendsContent(e.method, resp.Status)
	if body, ok := resp.Body.(raxx.Stream); ok && sends {
		kept := *e
		resp.Body = watchStream(*req, body, kept.streamed)
		return
	}
	end := accessEnd{total: e.head}
	if sends {
		if end.out = raxx.Length(resp.Body); end.out < 0 || end.out > sentAtOnce {
			e.judge(&end)
			kept, judged := *e, end
			if req.Scope.OnEnd(func(ending raxx.Ending) { kept.sent(judged, ending) }) {
				return
			}
		}
	}
	e.write(&end)
}

// sentAtOnce is how much content a server sends with its head, so that the reply
// is whole for it when the handler has returned.
const sentAtOnce = 8 << 10

// sent writes the line of a reply that the server has told the end of, and which
// has been judged before: afterwards the context has ended, and not only for a
// client that left.
func (e *accessEntry) sent(end accessEnd, ending raxx.Ending) {
	end.out, end.total = ending.Content, 0
	if end.err == nil {
		end.err = ending.Cause.Err()
	}
	if ending.Reason != 0 {
		end.level, end.how, end.out = levelOf(ending.Reason), ending.Reason.String(), -1
	}
	if ending.Status != 0 && ending.Status != e.status {
		if e.status = ending.Status; isFault(e.status) {
			end.level = slog.LevelError
		}
	}
	e.write(&end)
}

// headed notes the head of the reply.
func (e *accessEntry) headed(resp *raxx.Response) {
	e.head = time.Since(e.begun)
	e.status, e.cause = resp.Status, resp.Cause.Err()
}

// streamed writes the line of a stream.
func (e *accessEntry) streamed(sent int64, err error) {
	end := accessEnd{out: sent}
	switch {
	case err == nil:
	case err == errNotTaken:
		e.cut(end)
		return
	case err == errNotSent:
		end.how = "the reply was not sent"
	case err == errStreamPanicked:
		end.level, end.how = slog.LevelError, "panic"
	case !errors.As(err, new(*PanicError)) && e.scope.Context().Err() != nil: // whatever the handler calls it
		end.err = err
		e.cut(end)
		return
	default:
		end.level, end.how, end.err = slog.LevelError, "the body ended early", err
	}
	e.write(&end)
}

// cut writes the line of a stream that can't go on: the client has left, unless the
// server says at the end of the exchange that it is for something else.
func (e *accessEntry) cut(end accessEnd) {
	end.how = raxx.ClientGone.String()
	write := func(ending raxx.Ending) {
		if r := ending.Reason; r != 0 && levelOf(r) != slog.LevelError {
			end.level, end.how = levelOf(r), r.String()
		}
		e.write(&end)
	}
	if !e.scope.OnEnd(write) {
		write(raxx.Ending{})
	}
}

// left reports whether err is what a handler says that answers, although its client
// has left: that its context has ended.
func (e *accessEntry) left(err error) bool {
	return errors.Is(err, context.Canceled) && e.scope.Context().Err() != nil
}

// isFault reports whether a status says that the server is at fault.
func isFault(status int) bool { return status >= 500 && status != raxx.StatusNotImplemented }

// judge finds out whether a status of 500 or more is an error, if that has not
// been found out before.
func (e *accessEntry) judge(end *accessEnd) {
	if end.err == nil {
		end.err = e.cause
	}
	if isFault(e.status) && end.level < slog.LevelError {
		if e.left(end.err) {
			end.how = raxx.ClientGone.String()
		} else {
			end.level = slog.LevelError
		}
	}
}

// write writes the line.
func (e *accessEntry) write(end *accessEnd) {
	e.judge(end)
	ctx, handler := context.Background(), e.config.Logger.Handler()
	if !handler.Enabled(ctx, end.level) {
		return
	}
	if end.total == 0 {
		end.total = time.Since(e.begun)
	}
	// A record made by hand does not look for the source of the line, which would
	// always be this one.
	record := slog.NewRecord(e.begun.Add(end.total), end.level, "request", 0)
	var space [16]slog.Attr
	record.AddAttrs(e.attrs(space[:0], end)...)
	handler.Handle(ctx, record)
}

// attrs appends the attributes of the line.
func (e *accessEntry) attrs(attrs []slog.Attr, end *accessEnd) []slog.Attr {
	attrs = withText(attrs, "method", e.method)
	attrs = withText(attrs, "host", e.host)
	attrs = withText(attrs, "path", e.path)
	attrs = withText(attrs, "query", e.query)
	if e.read != nil {
		e.in += e.read.Load()
	}
	attrs = append(attrs, slog.Int("status", e.status))
	if e.in > 0 {
		attrs = append(attrs, slog.Int64("in", e.in))
	}
	if end.out >= 0 {
		attrs = append(attrs, slog.Int64("out", end.out))
	}
	if end.total != e.head {
		attrs = append(attrs, slog.Duration("head", e.head))
	}
	attrs = append(attrs, slog.Duration("total", end.total))
	attrs = withText(attrs, "id", e.id)
	if e.ip.IsValid() {
		attrs = withText(attrs, "client", e.ip.String())
	} else {
		attrs = withText(attrs, "client", e.peer)
	}
	attrs = withText(attrs, "agent", e.agent)
	attrs = withText(attrs, "end", end.how)
	attrs = e.appendSaid(attrs)
	if end.err != nil {
		attrs = append(attrs, slog.String("error", clipAccess(end.err.Error())))
	}
	return attrs
}

// withText appends an attribute, unless it is empty.
func withText(attrs []slog.Attr, name, value string) []slog.Attr {
	if value == "" {
		return attrs
	}
	return append(attrs, slog.String(name, value))
}

// compact returns the entry without what would keep a request in memory.
func (e *accessEntry) compact() accessEntry {
	kept := *e
	for _, s := range []*string{&kept.method, &kept.host, &kept.path, &kept.query, &kept.id, &kept.agent, &kept.peer} {
		*s = strings.Clone(*s)
	}
	kept.scope = raxx.Scope{}
	return kept
}
