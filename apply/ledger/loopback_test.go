package ledger_test

import (
	"testing"

	"kivaform/apply/ledger"
)

func TestIsLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST": true, "127.0.0.1": true, "127.9.8.7": true, "::1": true, "[::1]": true, "::ffff:127.0.0.1": true,
		"": false, "localhost.example.org": false, "127.0.0.1.example.org": false, "a.localhost": false, "localhost.": false,
		"127.1": false, "0.0.0.0": false, "::": false, "10.0.0.1": false, "203.0.113.5": false, "2130706433": false,
	} {
		if got := ledger.IsLoopback(host); got != want {
			t.Errorf("%q: %t", host, got)
		}
	}
}
