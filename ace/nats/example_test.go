package nats_test

import (
	"fmt"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/raxx-go/raxx/ace/nats"
)

// Two servers that share their topics. Each is given its broker as
// ace.Config.Broker, and what the machines of one publish reaches those of the
// other.
func Example() {
	// A server of NATS within this process; elsewhere it is one of its own.
	engine, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	engine.Start()
	defer engine.Shutdown()

	here, _ := nats.Connect(engine.ClientURL(), nats.Config{Prefix: "shop"})
	there, _ := nats.Connect(engine.ClientURL(), nats.Config{Prefix: "shop"})
	defer here.Close()
	defer there.Close()

	heard := make(chan string)
	stop, _ := here.Subscribe("orders", func(message string) { heard <- message })
	defer stop()
	here.Publish("orders", "tea")
	fmt.Println(<-heard)
	there.Publish("orders", "milk")
	fmt.Println(<-heard)
	// Output:
	// tea
	// milk
}
