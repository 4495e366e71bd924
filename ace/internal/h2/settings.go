package h2

// peerSettings are what the peer's SETTINGS frames have said (RFC 9113, Section
// 6.5.2).
type peerSettings struct {
	initialWindow  int32
	maxFrame       int32
	noPriorities   bool // SETTINGS_NO_RFC7540_PRIORITIES
	prioritiesTold bool // the first frame, which alone may set it, has come
}

// greet appends the server's preface (RFC 9113, Section 3.4) to the output.
func (c *Conn) greet() {
	framer := c.workspace().framer
	c.control = framer.appendSettings(c.control,
		setting{settingMaxConcurrentStreams, uint32(c.limits.streams())},
		setting{settingMaxHeaderListSize, uint32(c.limits.headerBytes())},
		setting{settingEnableConnectProtocol, 1},
		setting{settingNoRFC7540Priorities, 1})
	// A window of 65,535 octets for all streams together would let one that is
	// not read hold up the others.
	if grown := min(firstConnWindow, c.limits.connWindow()) - c.recv.size; grown > 0 {
		c.recv.size += grown
		c.recv.window += grown
		c.control = framer.appendWindowUpdate(c.control, 0, grown)
	}
}

// onSettings handles SETTINGS (RFC 9113, Section 6.5).
func (c *Conn) onSettings(f frame, said *controlFrame) error {
	if err := c.spend(settingsFrames, 1); err != nil {
		return err
	}
	if f.flags&flagAck != 0 {
		return nil
	}
	c.settled = true
	before, highest := c.peer.initialWindow, c.peer.initialWindow
	for _, s := range said.settings {
		if err := c.set(s); err != nil {
			return err
		}
		highest = max(highest, c.peer.initialWindow)
	}
	c.peer.prioritiesTold = true
	if highest > before {
		if err := c.windowsGrown(highest); err != nil {
			return err
		}
	}
	// RFC 9113, Section 6.5.3: once all values have been applied.
	c.control = c.workspace().framer.appendSettingsAck(c.control)
	return nil
}

// set applies one setting. Unknown ones are ignored (RFC 9113, Section 6.5.2).
func (c *Conn) set(s setting) *ConnError {
	switch s.id {
	case settingHeaderTableSize:
		c.encoder.resize(s.value)
	case settingEnablePush:
		if s.value > 1 {
			return connError(ProtocolError, "6.5.2", "SETTINGS_ENABLE_PUSH other than 0 and 1")
		}
	case settingInitialWindowSize:
		if s.value > maxWindow {
			return connError(FlowControlError, "6.5.2", "SETTINGS_INITIAL_WINDOW_SIZE over 2^31-1")
		}
		c.peer.initialWindow = int32(s.value)
	case settingMaxFrameSize:
		if s.value < smallestMaxFrame || s.value >= 1<<24 {
			return connError(ProtocolError, "6.5.2", "SETTINGS_MAX_FRAME_SIZE out of its range")
		}
		c.peer.maxFrame = int32(s.value)
	case settingEnableConnectProtocol:
		if s.value > 1 {
			return connError(ProtocolError, "6.5.2", "SETTINGS_ENABLE_CONNECT_PROTOCOL other than 0 and 1 (RFC 8441, 3)")
		}
	case settingNoRFC7540Priorities:
		return c.setNoPriorities(s.value)
	}
	return nil
}

// setNoPriorities applies SETTINGS_NO_RFC7540_PRIORITIES (RFC 9218, Section 2.1).
func (c *Conn) setNoPriorities(value uint32) *ConnError {
	switch {
	case value > 1:
		return connError(ProtocolError, "6.5.2", "SETTINGS_NO_RFC7540_PRIORITIES other than 0 and 1 (RFC 9218, 2.1)")
	case c.peer.prioritiesTold && (value == 1) != c.peer.noPriorities:
		return connError(ProtocolError, "6.5.2", "SETTINGS_NO_RFC7540_PRIORITIES that changes (RFC 9218, 2.1)")
	}
	c.peer.noPriorities = value == 1
	return nil
}

// windowsGrown applies a greater initial window to the streams that are open
// (RFC 9113, Section 6.9.2). Their windows are kept as a difference from it, so
// only those have to be looked at that could go too far, or wait.
func (c *Conn) windowsGrown(highest int32) *ConnError {
	for _, s := range c.open {
		if int64(highest)+s.credit > maxWindow {
			return connError(FlowControlError, "6.9.2", "SETTINGS_INITIAL_WINDOW_SIZE that takes a stream's window over 2^31-1")
		}
		c.wake(s)
	}
	return nil
}

// onPing handles PING (RFC 9113, Section 6.7).
func (c *Conn) onPing(f frame, said *controlFrame) error {
	if f.flags&flagAck != 0 {
		if said.ping == drainPing && c.goAway.state == goAwayWarned && !c.goAway.heard {
			c.goAway.heard = true
			return nil
		}
		return c.spend(pings, 1)
	}
	if err := c.spend(pings, 1); err != nil {
		return err
	}
	c.control = c.workspace().framer.appendPing(c.control, true, said.ping)
	return nil
}

// A fault is what can be wrong with a frame that the framer reads, by the
// section about its type.
type fault struct {
	section, size, protocol string
}

var faults = map[uint8]fault{
	framePriority:       {"6.3", "a PRIORITY frame that is not of 5 octets", "a PRIORITY frame on stream 0"},
	frameRSTStream:      {"6.4", "an RST_STREAM frame that is not of 4 octets", "an RST_STREAM frame on stream 0"},
	frameSettings:       {"6.5", "a SETTINGS frame of a wrong length", "a SETTINGS frame on a stream"},
	framePing:           {"6.7", "a PING frame that is not of 8 octets", "a PING frame on a stream"},
	frameGoAway:         {"6.8", "a GOAWAY frame that is too short", "a GOAWAY frame on a stream"},
	frameWindowUpdate:   {"6.9", "a WINDOW_UPDATE frame that is not of 4 octets", "a WINDOW_UPDATE frame of 0"},
	framePriorityUpdate: {"6", "a PRIORITY_UPDATE frame that is too short (RFC 9218, 7.1)", "a PRIORITY_UPDATE frame on a stream, or for none (RFC 9218, 7.1)"},
}

// faultOf names what is wrong with a frame.
func (c *Conn) faultOf(f frame, code Code) error {
	fault := faults[f.kind]
	reason := fault.protocol
	switch code {
	case FrameSizeError:
		reason = fault.size
	case FlowControlError:
		fault.section, reason = "6.5.2", "SETTINGS_INITIAL_WINDOW_SIZE over 2^31-1"
	}
	// RFC 9113, Sections 6.3 and 6.9: these concern their stream only. An idle
	// one can't be reset.
	stream := f.kind == framePriority || f.kind == frameWindowUpdate && code != FrameSizeError
	if stream && !c.isIdle(f.stream) {
		return streamError(f.stream, code, fault.section, reason)
	}
	return connError(code, fault.section, reason)
}
