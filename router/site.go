package router

import (
	"path"
	"runtime"
	"strconv"
)

// callSite returns a place in the code: depth 0 is where callSite was called, 1
// where the function was called that called it. It is written as the file with
// its folder, and the line, such as "app/routes.go:12".
func callSite(depth int) string {
	_, file, line, ok := runtime.Caller(depth + 1)
	if !ok {
		return ""
	}
	dir, name := path.Split(file)
	return path.Join(path.Base(dir), name) + ":" + strconv.Itoa(line)
}
