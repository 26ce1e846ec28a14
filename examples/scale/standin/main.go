// Command standin is a plain stand-in for Kiva's Partner API on loopback: it
// takes what is sent, checks nothing, and counts. It is a program of its own so
// that its work isn't measured as kivaform's. It prints its address, and serves
// until its standard input ends.
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	latency := flag.Duration("latency", 0, "the time before each answer")
	paying := flag.Int("paying", 0, "how many of a report's loans are listed, as paying back")
	flag.Parse()
	if err := serve(newServer(*latency, *paying)); err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1)
	}
}

func serve(s *server) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", ln.Addr())
	h := &http.Server{Handler: s.handler(), ConnState: s.connection, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		io.Copy(io.Discard, os.Stdin) // ends with whoever started this
		h.Close()
	}()
	if err := h.Serve(ln); err != http.ErrServerClosed {
		return err
	}
	return nil
}
