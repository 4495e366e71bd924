package h2

import "cmp"

// Limits bound what a peer can make a Conn hold and do. Zero means the default.
// They must not change while a Conn uses them.
//
// The limits on kinds of frames count within ten seconds. Frames that belong to
// real work do not use them up: each request, and each DATA frame with content
// in either direction, makes room for those that come with it.
type Limits struct {
	Streams        int // open at once, 250: SETTINGS_MAX_CONCURRENT_STREAMS
	HeaderBytes    int // of a header or trailer, decoded, with 32 for each field, 32 KiB: SETTINGS_MAX_HEADER_LIST_SIZE
	Fields         int // in a header or trailer, 200
	BlockBytes     int // of an encoded field block, over all of its frames, twice HeaderBytes and at least 64 KiB
	BlockFrames    int // HEADERS and CONTINUATION frames of one field block, one for 8 KiB of BlockBytes and at least 64
	StreamWindow   int // how much content of a stream may wait to be taken, 1 MiB
	ConnWindow     int // how much content of all streams may wait to be taken, 2 MiB
	ControlBytes   int // of frames that answer the peer's and wait to be written, 16 KiB
	EarlyPriority  int // PRIORITY_UPDATE frames kept for streams that are not open yet, 32
	Resets         int // by the peer, or provoked by it; what is refused counts, too, 500
	Settings       int // SETTINGS and GOAWAY frames, 100
	Pings          int // PING frames, 500
	WindowUpdates  int // WINDOW_UPDATE frames, beside those that give back what was sent by 2 KiB or more, 1,000
	TinyWindows    int // WINDOW_UPDATE frames that let less than 256 octets of waiting content through, 100
	Priorities     int // PRIORITY and PRIORITY_UPDATE frames, 500
	UnknownFrames  int // frames of unknown types, 500
	EmptyFrames    int // DATA frames without content that end nothing, 100
	SmallFrames    int // DATA frames of less than 256 octets of content that end nothing, 50,000
	ClosedStreams  int // frames for streams that are closed, 1,000
	MaxDataPayload int // octets of content in one DATA frame to a peer that allows it, 64 KiB
}

// byDefault has every limit at its default. It never changes.
var byDefault Limits

func (l *Limits) streams() int        { return cmp.Or(l.Streams, 250) }
func (l *Limits) headerBytes() int    { return cmp.Or(l.HeaderBytes, 32<<10) }
func (l *Limits) fields() int         { return cmp.Or(l.Fields, 200) }
func (l *Limits) blockFrames() int    { return cmp.Or(l.BlockFrames, max(64, l.blockBytes()>>13)) }
func (l *Limits) controlBytes() int   { return cmp.Or(l.ControlBytes, 16<<10) }
func (l *Limits) earlyPriority() int  { return cmp.Or(l.EarlyPriority, 32) }
func (l *Limits) maxDataPayload() int { return cmp.Or(l.MaxDataPayload, 64<<10) }

// A header that is allowed comes in a block that is, and one that is a little too
// large, too, so that it is answered.
func (l *Limits) blockBytes() int {
	return cmp.Or(l.BlockBytes, 2*min(max(l.headerBytes(), 32<<10), 1<<30-1))
}

// Windows are at most 2^31-1 octets (RFC 9113, Section 6.9.1), and at least
// what every stream and connection begins with.
func (l *Limits) streamWindow() int32 { return clampWindow(cmp.Or(l.StreamWindow, 1<<20)) }
func (l *Limits) connWindow() int32   { return clampWindow(cmp.Or(l.ConnWindow, 2<<20)) }

func clampWindow(n int) int32 { return int32(min(max(n, initialWindow), maxWindow)) }
