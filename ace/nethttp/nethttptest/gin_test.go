package nethttptest

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
)

// ginApp is an application of gin.
func ginApp() *gin.Engine {
	gin.SetMode(gin.TestMode)
	app := gin.New()
	app.Use(gin.CustomRecoveryWithWriter(io.Discard, func(c *gin.Context, _ any) { c.AbortWithStatusJSON(500, gin.H{"error": "panic"}) }))
	app.GET("/users/:id", func(c *gin.Context) { c.JSON(200, gin.H{"id": c.Param("id"), "query": c.Query("q")}) })
	app.POST("/users", func(c *gin.Context) {
		var user struct {
			Name string `json:"name" binding:"required"`
			Age  int    `json:"age" binding:"gte=0"`
		}
		if err := c.ShouldBindJSON(&user); err != nil {
			c.JSON(400, gin.H{"error": err.Error()})
			return
		}
		c.JSON(201, user)
	})
	app.POST("/upload", func(c *gin.Context) {
		file, err := c.FormFile("file")
		if err != nil {
			c.String(400, err.Error())
			return
		}
		c.String(200, "%s: %d", file.Filename, file.Size)
	})
	app.GET("/stream", func(c *gin.Context) {
		i := 0
		c.Stream(func(w io.Writer) bool {
			c.SSEvent("message", i)
			i++
			return i < 5
		})
	})
	app.GET("/panic", func(*gin.Context) { panic("on purpose") })
	app.GET("/redirect", func(c *gin.Context) { c.Redirect(302, "/there") })
	app.GET("/cookie", func(c *gin.Context) { c.SetCookie("a", "b", 60, "/", "", true, true); c.Status(204) })
	app.GET("/data", func(c *gin.Context) {
		c.DataFromReader(200, 100_000, "application/x-mine", strings.NewReader(strings.Repeat("x", 100_000)), map[string]string{"X-A": "b"})
	})
	app.StaticFS("/files", http.FS(public))
	app.Any("/wrapped/*path", gin.WrapF(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Method, r.URL.Path) }))
	return app
}

func TestGin(t *testing.T) {
	json := http.Header{"Content-Type": {"application/json"}}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	file, err := w.CreateFormFile("file", "a.bin")
	if err != nil {
		t.Fatal(err)
	}
	file.Write(bytes.Repeat([]byte("x"), 200_000))
	w.Close()
	alike(t, ginApp(), nil, ask{target: "/users/a%20b?q=c+d"}, ask{method: "POST", target: "/users", body: `{"name":"Ada","age":36}`, header: json},
		ask{method: "POST", target: "/users", body: `{"age":-1}`, header: json}, ask{method: "POST", target: "/users", body: `{`, header: json, unknown: true},
		ask{method: "POST", target: "/upload", body: form.String(), header: http.Header{"Content-Type": {w.FormDataContentType()}}},
		ask{target: "/stream"}, ask{target: "/panic"}, ask{target: "/redirect"}, ask{target: "/cookie"}, ask{target: "/data"}, ask{target: "/none"},
		ask{method: "HEAD", target: "/files/a.txt"}, ask{target: "/files/large.bin"}, ask{target: "/files/large.bin", header: http.Header{"Range": {"bytes=-10"}}},
		ask{method: "PATCH", target: "/wrapped/x/y"})
}

// A stream of gin ends when its client has gone, which it learns in the old way.
func TestGinStreamOfAClientThatGoes(t *testing.T) {
	for _, e := range engines {
		ended := make(chan bool, 1)
		app := gin.New()
		app.GET("/", func(c *gin.Context) {
			ended <- c.Stream(func(w io.Writer) bool {
				fmt.Fprintln(w, "tick")
				<-time.After(time.Millisecond)
				return true
			})
		})
		c := e.ofAce(t, app)
		resp, err := c.RoundTrip(c.request(t.Context(), ask{target: "/"}))
		if err != nil {
			t.Fatal(err)
		}
		wantNext(t, resp.Body, "tick\ntick\n")
		resp.Body.Close()
		select {
		case gone := <-ended:
			if !gone {
				t.Errorf("%s: it ended by itself", e.name)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: the stream goes on", e.name)
		}
	}
}
