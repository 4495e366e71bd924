package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// askStream begins HTTP/2 on a connection, sends one request and reads the
// reply. The connection is left as a client leaves it that waits.
func askStream(c net.Conn, buf *bufio.Reader, w work) error {
	var out bytes.Buffer
	out.WriteString(http2.ClientPreface)
	f := http2.NewFramer(&out, buf)
	f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	f.WriteSettings()
	f.WriteHeaders(http2.HeadersFrameParam{
		StreamID: 1, BlockFragment: requestBlock(w), EndStream: true, EndHeaders: true,
	})
	if _, err := out.WriteTo(c); err != nil {
		return err
	}
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return err
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if frame.IsAck() {
				continue
			}
			f.WriteSettingsAck()
			if _, err := out.WriteTo(c); err != nil {
				return err
			}
		case *http2.MetaHeadersFrame:
			if status := frame.PseudoValue("status"); status != "200" {
				return fmt.Errorf("answered %s", status)
			}
			if frame.StreamEnded() {
				return nil
			}
		case *http2.DataFrame:
			if frame.StreamEnded() {
				return nil
			}
		case *http2.RSTStreamFrame:
			return fmt.Errorf("the stream was reset: %v", frame.ErrCode)
		case *http2.GoAwayFrame:
			return fmt.Errorf("the connection was ended: %v", frame.ErrCode)
		}
	}
}

// requestBlock returns the fields of the request for a work, encoded.
func requestBlock(w work) []byte {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, field := range [][2]string{
		{":method", w.method}, {":scheme", w.protocol.scheme()}, {":authority", "localhost"}, {":path", w.path},
	} {
		encoder.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]})
	}
	return block.Bytes()
}
