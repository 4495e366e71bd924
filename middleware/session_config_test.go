package middleware_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/raxx-go/raxx/middleware"
	"github.com/raxx-go/raxx/raxx"
)

func TestSessionLastsForAMonthByDefault(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		b := sessionTestBrowser(c)
		b.get(t, "/login?name=ada")
		for range 60 {
			if got := b.get(t, "/"); got != "ada 0" {
				t.Fatalf("the session is %q", got)
			}
			time.Sleep(12 * time.Hour)
		}
		if got := b.get(t, "/"); got != " 0" {
			t.Errorf("after 30 days it is %q", got)
		}
	})
}

// A cookie without an end is dropped by a date all the same.
func TestSessionThatIsTransientEnds(t *testing.T) {
	sessionTestEach(t, func(t *testing.T, c middleware.SessionConfig[sessionTestAccount]) {
		c.Transient = true
		b := sessionTestBrowser(c)
		b.get(t, "/login?name=ada")
		b.get(t, "/logout")
		if len(b.jar) != 0 {
			t.Errorf("the browser kept %v", b.jar)
		}
	})
}

// What is just as large as the limit fits.
func TestSessionThatJustFits(t *testing.T) {
	fits := func(c middleware.SessionConfig[string], n int) bool {
		session := middleware.NewSession[string]("text")
		handler := session.Middleware(c)(func(raxx.Request) raxx.Response { return session.Set(raxx.NoContent(), strings.Repeat("x", n)) })
		resp := handler(raxx.Get("/"))
		var tooLarge *middleware.SessionSizeError
		if resp.Status == 500 && !errors.As(resp.Cause.Err(), &tooLarge) {
			t.Error(resp.Cause.Err())
		}
		return resp.Status == 204
	}
	const head = 16 + 8 + 8 + 4 + len(`""`) // of the record, and the quotes
	for limit, size := range map[int]int{100: 100, 0: 64 << 10} {
		c := middleware.SessionConfig[string]{Store: &middleware.SessionMemory{}, Limit: limit}
		if !fits(c, size-head) || fits(c, size-head+1) {
			t.Errorf("with a limit of %d it does not end at %d bytes", limit, size)
		}
	}
}

func TestSessionThatCannotBeMeant(t *testing.T) {
	secrets := [][]byte{sessionTestSecret('a')}
	tests := map[string]func(){
		"no secret and no store": func() { sessionTest.Middleware(middleware.SessionConfig[sessionTestAccount]{}) },
		"both": func() {
			sessionTest.Middleware(middleware.SessionConfig[sessionTestAccount]{Secrets: secrets, Store: &middleware.SessionMemory{}})
		},
		"a short secret": func() {
			sessionTest.Middleware(middleware.SessionConfig[sessionTestAccount]{Secrets: [][]byte{[]byte("secret")}})
		},
		"an empty secret": func() {
			sessionTest.Middleware(middleware.SessionConfig[sessionTestAccount]{Secrets: [][]byte{sessionTestSecret('a'), nil}})
		},
		"a signature in a store": func() {
			sessionTest.Middleware(middleware.SessionConfig[sessionTestAccount]{Store: &middleware.SessionMemory{}, Signed: true})
		},
		"no lifetime": func() {
			sessionTest.Middleware(middleware.SessionConfig[sessionTestAccount]{Secrets: secrets, Lifetime: -1})
		},
		"no limit": func() {
			sessionTest.Middleware(middleware.SessionConfig[sessionTestAccount]{Store: &middleware.SessionMemory{}, Limit: -1})
		},
		"a negative memory": func() {
			sessionTest.Middleware(middleware.SessionConfig[sessionTestAccount]{Store: &middleware.SessionMemory{Bytes: -1}})
		},
		"no end": func() {
			sessionTest.Middleware(middleware.SessionConfig[sessionTestAccount]{Secrets: secrets, Idle: -1})
		},
		"__Host- without Secure": func() {
			sessionTest.Middleware(middleware.SessionConfig[sessionTestAccount]{Secrets: secrets, Name: "__Host-x", Insecure: true})
		},
		"SameSite=None without Secure": func() {
			sessionTest.Middleware(middleware.SessionConfig[sessionTestAccount]{Secrets: secrets, SameSite: raxx.SameSiteNone, Insecure: true})
		},
		"a name that is none": func() {
			sessionTest.Middleware(middleware.SessionConfig[sessionTestAccount]{Secrets: secrets, Name: "a b"})
		},
		"a type that is no JSON": func() {
			middleware.NewSession[chan int]("").Middleware(middleware.SessionConfig[chan int]{Secrets: secrets})
		},
		"a zero session": func() {
			middleware.Session[int]{}.Middleware(middleware.SessionConfig[int]{Secrets: secrets})
		},
	}
	for name, f := range tests {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

// What is kept for one session is not that of another, in one store or by the same
// secrets: who may choose what is in the one would choose what is in the other.
func TestSessionsThatShareAStoreOrSecrets(t *testing.T) {
	type account struct{ Name string }
	for name, config := range map[string]middleware.SessionConfig[account]{
		"a store": {Store: new(middleware.SessionMemory)},
		"secrets": {Secrets: [][]byte{[]byte("0123456789abcdef0123456789abcdef")}},
		"signed":  {Secrets: [][]byte{[]byte("0123456789abcdef0123456789abcdef")}, Signed: true},
	} {
		t.Run(name, func(t *testing.T) {
			guest, user := middleware.NewSession[account]("guest"), middleware.NewSession[account]("user")
			ofGuests, ofUsers := config, config
			ofGuests.Name, ofUsers.Name = "__Host-guest", "__Host-user"
			handler := raxx.Stack(guest.Middleware(ofGuests), user.Middleware(ofUsers))(func(req raxx.Request) raxx.Response {
				if req.Path == "/call-me" {
					return guest.Set(raxx.NoContent(), account{"root"})
				}
				return raxx.Text(200, guest.Get(req).Name+"/"+user.Get(req).Name)
			})
			set := handler(raxx.Get("/call-me")).Header.Get("set-cookie")
			cookie, err := raxx.ParseSetCookie(set)
			if err != nil {
				t.Fatal(err)
			}
			for as, want := range map[string]raxx.Data{"__Host-guest": "root/", "__Host-user": "/"} {
				if got := handler(raxx.Get("/").WithCookie(as, cookie.Value)).Body; got != want {
					t.Errorf("as %s: %q, want %q", as, got, want)
				}
			}
		})
	}
}
