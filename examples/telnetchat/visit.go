package main

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/raxx-go/raxx/raxx"
)

// room is the topic that everybody subscribes to and publishes on.
const room = "room"

// A visit is the state of a connection.
type visit struct {
	silence time.Duration
	name    string // "" until it has been told
	begun   string // a line whose end has not come
}

// chat returns the machine of a connection.
func chat(silence time.Duration) raxx.Machine {
	return raxx.NewMachine(visit{silence: silence}, visit.step)
}

func (v visit) step(event raxx.Event) (visit, []raxx.Part) {
	switch event := event.(type) {
	case raxx.Open:
		return v, []raxx.Part{say("Who are you?"), v.listen()}
	case raxx.Data:
		return v.hear(string(event))
	case raxx.Info:
		return v, []raxx.Part{say(event.Message)}
	case raxx.Timer:
		return v, v.leave("You have been silent for too long.")
	case raxx.Drain:
		return v, v.leave("The server shuts down.")
	case raxx.Tail:
		return v, v.leave("Bye.")
	case raxx.Closed:
		return v, v.farewell()
	}
	return v, nil
}

// hear takes what has come, line by line.
func (v visit) hear(data string) (visit, []raxx.Part) {
	parts := []raxx.Part{v.listen()}
	v.begun += data
	for {
		line, rest, found := cutLine(v.begun)
		switch {
		case len(line) > lineAtMost:
			return v, append(parts, v.leave("That line is too long.")...)
		case !found:
			v.begun = strings.Clone(line) // and not what stood before it
			return v, parts
		case line == "/quit":
			return v, append(parts, v.leave("Bye.")...)
		}
		v.begun = rest
		var said []raxx.Part
		v, said = v.line(printable(line))
		parts = append(parts, said...)
	}
}

// line takes one line: the name, or something to say.
func (v visit) line(line string) (visit, []raxx.Part) {
	switch {
	case v.name != "" && line != "":
		return v, []raxx.Part{raxx.Publish{Topic: room, Message: v.name + ": " + line}}
	case v.name != "":
		return v, nil
	case line == "" || utf8.RuneCountInString(line) > 20:
		return v, []raxx.Part{say("A name has 1 to 20 letters. Who are you?")}
	}
	v.name = strings.Clone(line)
	return v, []raxx.Part{
		say("Welcome, " + line + ". /quit leaves."),
		raxx.Publish{Topic: room, Message: "* " + line + " has come"},
		raxx.Subscribe{Topic: room, Full: raxx.DropOldest},
	}
}

// listen sets the time in which something has to be said.
func (v visit) listen() raxx.Part { return raxx.After{Name: "silence", Delay: v.silence} }

// leave says a last word, and closes the connection.
func (v visit) leave(word string) []raxx.Part {
	return append(v.farewell(), say(word), raxx.Tail{})
}

// farewell tells the others.
func (v visit) farewell() []raxx.Part {
	if v.name == "" {
		return nil
	}
	return []raxx.Part{raxx.Unsubscribe{Topic: room}, raxx.Publish{Topic: room, Message: "* " + v.name + " has left"}}
}

func say(line string) raxx.Part { return raxx.Data(line + "\r\n") }
