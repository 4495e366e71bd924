// Two ways to be in a room. Either calls told with every message, and state with
// how it goes; say reports whether a message is on its way.

export function connect(via, room, name, { told, state }) {
  return (via === "events" ? events : socket)("/rooms/" + room, "?name=" + encodeURIComponent(name), told, state);
}

// A WebSocket carries both directions. It does not come back by itself.
function socket(path, query, told, state) {
  let ws, timer, failures = 0, closed = false;
  const open = () => {
    state("Connecting", false);
    ws = new WebSocket(location.origin.replace("http", "ws") + path + "/socket" + query);
    ws.onmessage = ({ data }) => {
      failures = 0;
      state("Connected", true);
      told(JSON.parse(data));
    };
    ws.onclose = ({ code }) => {
      if (closed) return;
      state(code === 1001 ? "The server restarts" : "Connection lost", false);
      // Not all at once: each page waits for a time of its own.
      timer = setTimeout(open, (500 + Math.random() * 1500) * 2 ** Math.min(failures++, 5));
    };
  };
  open();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      ws.close();
    },
    async say(text) {
      if (ws.readyState !== WebSocket.OPEN) return false;
      ws.send(text);
      return true;
    },
  };
}

// An event stream brings what others say, and comes back by itself; what is said
// here is posted, with the key that the stream has brought.
function events(path, query, told, state) {
  let source, timer, key = "";
  const open = () => {
    state("Connecting", false);
    source = new EventSource(path + "/events" + query);
    source.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      key = message.key ?? key;
      state("Connected", true);
      told(message);
    };
    source.onerror = () => {
      state("Connection lost", false);
      // It gives up for good if what answers is no event stream.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, 2000 + Math.random() * 4000);
    };
  };
  open();
  return {
    close() {
      clearTimeout(timer);
      source.close();
    },
    async say(text) {
      try {
        const body = JSON.stringify({ key, text });
        const reply = await fetch(path + "/messages", { method: "POST", headers: { "content-type": "application/json" }, body });
        return reply.ok;
      } catch {
        return false;
      }
    },
  };
}
