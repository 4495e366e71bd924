//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package ace

// lockFolder does nothing: these systems have no such lock, or no stale files
// that could be told from others.
func lockFolder(string) (unlock func()) { return func() {} }
