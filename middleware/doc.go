// Package middleware is the stack that every site mounts: functions from handler
// to handler.
package middleware
