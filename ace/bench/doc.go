// Command bench runs Ace and its peers side by side under the same load and
// prints a table for each kind of work. From the root of the repository:
//
//	go run ./ace/bench                          # all of it, about a quarter of an hour
//	go run ./ace/bench -o docs/benchmarks.md    # the same, and writes the report
//	go run ./ace/bench -works hello -peers ace,nginx -rounds 3
//	go run ./ace/bench -works none -live none -idle 15000  # memory of idle connections only
//	go run ./ace/bench -works none -idle 0 -live echo-text # one work of exchanges that last
//	go run ./ace/bench -works hello -peers ace -pprof cpu.out
//	go run ./ace/bench -works none -idle 0 -live none      # harms only, a minute and a half
//	go run ./ace/bench -works none -idle 0 -live none -harms "rapid reset" -harm-time 5s
//
// The load comes from wrk, which has to be installed, and from h2load: works over
// HTTP/2 and works with slow handlers are left out if it is not. nginx and h2o
// take part if they are installed. On Debian and Ubuntu:
//
//	apt-get install wrk nghttp2-client nginx h2o
//
// Event streams and WebSockets are held, and spoken with, by this program itself.
// So are servers visited, and harms done to them: that by a process of its own,
// "bench foe".
//
// Every server is a process of its own: for the peers that are written in Go,
// this binary again, as "bench serve". So the time and the memory in a table are
// those of the server alone. A server takes orders on its standard input and
// ends when that is closed.
//
// For each work, a process of each peer is started; then in every round each of
// them has its turn, so that whatever else the machine does meets all of them.
// The tables show medians over the rounds, with the least and the most, and
// beside them what the project has set itself as goals.
package main
