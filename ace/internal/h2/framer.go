package h2

import (
	"errors"
	"io"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// This is the only file that names golang.org/x/net.

// The types of frames (RFC 9113, Section 6; RFC 9218, Section 7.1).
const (
	frameData           = uint8(http2.FrameData)
	frameHeaders        = uint8(http2.FrameHeaders)
	framePriority       = uint8(http2.FramePriority)
	frameRSTStream      = uint8(http2.FrameRSTStream)
	frameSettings       = uint8(http2.FrameSettings)
	framePushPromise    = uint8(http2.FramePushPromise)
	framePing           = uint8(http2.FramePing)
	frameGoAway         = uint8(http2.FrameGoAway)
	frameWindowUpdate   = uint8(http2.FrameWindowUpdate)
	frameContinuation   = uint8(http2.FrameContinuation)
	framePriorityUpdate = uint8(http2.FramePriorityUpdate)
)

// Flags of frames. END_STREAM and ACK are the same bit.
const (
	flagEndStream  = uint8(http2.FlagHeadersEndStream)
	flagAck        = uint8(http2.FlagPingAck)
	flagEndHeaders = uint8(http2.FlagHeadersEndHeaders)
	flagPadded     = uint8(http2.FlagDataPadded)
	flagPriority   = uint8(http2.FlagHeadersPriority)
)

// Settings (RFC 9113, Section 6.5.2; RFC 8441, Section 3; RFC 9218, Section 2.1).
const (
	settingHeaderTableSize       = uint16(http2.SettingHeaderTableSize)
	settingEnablePush            = uint16(http2.SettingEnablePush)
	settingMaxConcurrentStreams  = uint16(http2.SettingMaxConcurrentStreams)
	settingInitialWindowSize     = uint16(http2.SettingInitialWindowSize)
	settingMaxFrameSize          = uint16(http2.SettingMaxFrameSize)
	settingMaxHeaderListSize     = uint16(http2.SettingMaxHeaderListSize)
	settingEnableConnectProtocol = uint16(http2.SettingEnableConnectProtocol)
	settingNoRFC7540Priorities   = uint16(http2.SettingNoRFC7540Priorities)
)

// Preface is what every client begins with (RFC 9113, Section 3.4). It is how a
// driver knows the protocol where nothing has been negotiated.
const Preface = http2.ClientPreface

// A frame is a frame's header, and its payload where that is of interest as it
// is: in DATA, HEADERS and CONTINUATION.
type frame struct {
	kind    uint8
	flags   uint8
	stream  uint32
	length  int
	payload []byte
}

// A controlFrame is what any other frame says.
type controlFrame struct {
	settings    []setting
	ping        [8]byte
	code        Code   // of RST_STREAM and GOAWAY
	increment   uint32 // of WINDOW_UPDATE
	dependency  uint32 // of PRIORITY
	prioritized uint32 // the stream that a PRIORITY_UPDATE is for
	priority    string // what it says of it
}

type setting struct {
	id    uint16
	value uint32
}

// A framer reads frames from a slice and appends frames to another one. It
// remembers nothing of a connection, so that many can share one.
type framer struct {
	frames *http2.Framer
	in     []byte
	out    []byte
	head   http2.FrameHeader
	last   controlFrame
}

func newFramer() *framer {
	f := new(framer)
	f.frames = http2.NewFramer(f, f)
	f.frames.SetMaxReadFrameSize(maxFrameSize)
	// The order of frames is the Conn's to check, since the framer goes from
	// one connection to the next.
	f.frames.AllowIllegalReads = true
	return f
}

// Read and Write are the framer's ends of the wire.
func (f *framer) Read(p []byte) (int, error) {
	if len(f.in) == 0 {
		return 0, io.EOF
	}
	n := copy(p, f.in)
	f.in = f.in[n:]
	return n, nil
}

func (f *framer) Write(p []byte) (int, error) {
	f.out = append(f.out, p...)
	return len(p), nil
}

// next reads the header of the frame that in begins with, which holds no less.
func (f *framer) next(in []byte) (frame, error) {
	f.in = in
	head, err := f.frames.ReadFrameHeader()
	f.head = head
	return frame{uint8(head.Type), uint8(head.Flags), head.StreamID, int(head.Length), nil}, err
}

// raw returns the payload of the frame that next returned, without a copy.
func (f *framer) raw() []byte { return f.in[:f.head.Length] }

// control reads the payload of the frame that next returned. What it returns is
// good until the next call. If the frame is at fault, the code says how.
func (f *framer) control() (*controlFrame, Code) {
	fr, err := f.frames.ReadFrameForHeader(f.head)
	if err != nil {
		return nil, faultCode(err)
	}
	c := &f.last
	switch fr := fr.(type) {
	case *http2.SettingsFrame:
		c.settings = c.settings[:0]
		for i := range fr.NumSettings() {
			s := fr.Setting(i)
			c.settings = append(c.settings, setting{uint16(s.ID), s.Val})
		}
	case *http2.PingFrame:
		c.ping = fr.Data
	case *http2.GoAwayFrame:
		c.code = Code(fr.ErrCode)
	case *http2.RSTStreamFrame:
		c.code = Code(fr.ErrCode)
	case *http2.WindowUpdateFrame:
		c.increment = fr.Increment
	case *http2.PriorityFrame:
		c.dependency = fr.StreamDep
	case *http2.PriorityUpdateFrame:
		c.prioritized, c.priority = fr.PrioritizedStreamID, fr.Priority
	}
	return c, NoError
}

// faultCode returns what a frame that could not be read is guilty of.
func faultCode(err error) Code {
	if conn, ok := errors.AsType[http2.ConnectionError](err); ok {
		return Code(conn)
	}
	if stream, ok := errors.AsType[http2.StreamError](err); ok {
		return Code(stream.Code)
	}
	return FrameSizeError // it ended within a field
}

// appendSettings appends a SETTINGS frame to dst. So do the others with theirs.
func (f *framer) appendSettings(dst []byte, settings ...setting) []byte {
	list := make([]http2.Setting, len(settings))
	for i, s := range settings {
		list[i] = http2.Setting{ID: http2.SettingID(s.id), Val: s.value}
	}
	f.out = dst
	f.frames.WriteSettings(list...)
	return f.take()
}

func (f *framer) appendSettingsAck(dst []byte) []byte {
	f.out = dst
	f.frames.WriteSettingsAck()
	return f.take()
}

func (f *framer) appendPing(dst []byte, ack bool, data [8]byte) []byte {
	f.out = dst
	f.frames.WritePing(ack, data)
	return f.take()
}

func (f *framer) appendRSTStream(dst []byte, stream uint32, code Code) []byte {
	f.out = dst
	f.frames.WriteRSTStream(stream, http2.ErrCode(code))
	return f.take()
}

func (f *framer) appendWindowUpdate(dst []byte, stream uint32, increment int32) []byte {
	f.out = dst
	f.frames.WriteWindowUpdate(stream, uint32(increment))
	return f.take()
}

func (f *framer) appendGoAway(dst []byte, last uint32, code Code, debug string) []byte {
	f.out = dst
	f.frames.WriteGoAway(last, http2.ErrCode(code), []byte(debug))
	return f.take()
}

// take returns what has been written, and lets go of it.
func (f *framer) take() []byte {
	out := f.out
	f.out = nil
	return out
}

// appendFrameHead appends the header of a HEADERS, CONTINUATION or DATA frame
// whose payload is appended behind it, so that it need not be copied once more.
func appendFrameHead(dst []byte, length int, kind, flags uint8, stream uint32) []byte {
	return append(dst, byte(length>>16), byte(length>>8), byte(length), kind, flags,
		byte(stream>>24), byte(stream>>16), byte(stream>>8), byte(stream))
}

// A decoder turns field blocks into fields. It holds a connection's dynamic
// table, and nothing else.
type decoder struct{ *hpack.Decoder }

func newDecoder() decoder { return decoder{hpack.NewDecoder(headerTableSize, discardField)} }

func discardField(hpack.HeaderField) {}

// A fieldSource decodes blocks for a message. It remembers nothing between two
// blocks, so that many connections can share one.
type fieldSource struct {
	message *message
	decoder decoder
	emit    func(hpack.HeaderField)
}

func newFieldSource(m *message) *fieldSource {
	s := &fieldSource{message: m}
	s.emit = func(f hpack.HeaderField) {
		if !s.message.field(f.Name, f.Value) {
			s.decoder.SetEmitEnabled(false)
		}
	}
	return s
}

// decode hands each field in block to the message until that wants no more;
// from then on the block only keeps the table of d true.
func (s *fieldSource) decode(d decoder, block []byte) error {
	s.decoder = d
	d.SetEmitEnabled(true)
	d.SetEmitFunc(s.emit)
	err := d.decode(block)
	d.SetEmitFunc(discardField) // the connection keeps nothing of the source
	s.decoder = decoder{}
	return err
}

// letGo has the decoder keep nothing of the last block, to whose end it holds on.
func (d decoder) letGo() {
	if d.Decoder != nil {
		d.decodeWhole(anyField)
	}
}

// anyField is a block of a field in the static table, which changes nothing.
var anyField = []byte{0x82}

// decode decodes a block. The decoder takes a second size update for one behind a
// field if its table holds something; there may be two (RFC 7541, Section 4.2), so
// each is given to it as a block of its own.
func (d decoder) decode(block []byte) error {
	for isSizeUpdate(block) {
		_, rest := skipInteger(block, 5)
		if rest == nil {
			break
		}
		if err := d.decodeWhole(block[:len(block)-len(rest)]); err != nil {
			return err
		}
		block = rest
	}
	return d.decodeWhole(block)
}

func (d decoder) decodeWhole(block []byte) error {
	_, err := d.Write(block)
	if closed := d.Close(); err == nil {
		err = closed
	}
	return err
}

// appendHuffman appends s in Huffman code, whose length is huffmanLength(s).
func appendHuffman(dst []byte, s string) []byte { return hpack.AppendHuffmanString(dst, s) }

func huffmanLength(s string) int { return int(hpack.HuffmanEncodeLength(s)) }
