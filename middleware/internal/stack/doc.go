// Package stack holds tests and a benchmark of middleware that work together:
// what each does alone is tested beside it.
package stack
