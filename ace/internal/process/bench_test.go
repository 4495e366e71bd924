package process

import (
	"fmt"
	"testing"
)

// BenchmarkPublish measures how long it takes until a message has been put into
// the mailbox of every subscriber. The publisher itself does not wait for that:
// see BenchmarkPublisher.
func BenchmarkPublish(b *testing.B) {
	for _, n := range []int{1, 100, 10_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			env := newEnv(1 << 30)
			all := subscribers(env, n)
			for b.Loop() {
				env.Hub.Publish("t", "hello")
				env.Hub.Wait()
				b.StopTimer()
				for _, p := range all {
					p.Next()
				}
				b.StartTimer()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/subscriber")
		})
	}
}

// BenchmarkPublisher measures for how long a publisher is held up by 10,000
// subscribers who read nothing.
func BenchmarkPublisher(b *testing.B) {
	env := newEnv(1)
	subscribers(env, 10_000)
	for b.Loop() {
		env.Hub.Publish("t", "hello")
		b.StopTimer()
		env.Hub.Wait()
		b.StartTimer()
	}
}

func subscribers(env *Env, n int) []*Process {
	all := make([]*Process, n)
	for i := range all {
		all[i] = newIdler(env, "t", -1)
	}
	return all
}
