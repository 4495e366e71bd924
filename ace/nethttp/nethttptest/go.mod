module github.com/raxx-go/raxx/ace/nethttp/nethttptest

go 1.26.0

require (
	github.com/google/go-cmp v0.7.0
	github.com/raxx-go/raxx v0.0.0
)

require (
	golang.org/x/net v0.60.0 // indirect
	golang.org/x/text v0.42.0 // indirect
)

replace github.com/raxx-go/raxx => ../../..
