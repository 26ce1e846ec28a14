package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"kivaform/cmd/kivaform/internal/cli"
)

// pastDraft is a draft that would be faulty if it weren't sent yet.
const pastDraft = `kind: LoanDraft
entreps: [{loan_id: L-1, client_id: "1", first_name: Ann, last_name: B, gender: female, amount: 50000}]
activity_id: 61
theme_type_id: 48
description_language_id: 1
client_waiver_signed: true
location: "Nakuru: Kenya"
currency: KES
loanuse: to buy a cow
description: Ann keeps cows.
image_url: https://pictures.example/ann.jpg
disburse_time: 2020-01-02
schedule: [{date: 2020-02-02, principal: 50000}]
`

// validate opens no ledger but a folder: it connects to nothing and runs nothing.
func TestValidateAsksNoLedger(t *testing.T) {
	var connections atomic.Int32
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			conn.Close()
		}
	}()
	programs, ran := t.TempDir(), filepath.Join(t.TempDir(), "ran")
	for _, name := range []string{"git", "ssh", "sh"} {
		script := "#!/bin/bash\necho " + name + " \"$@\" >> " + ran + "\nexit 1\n"
		if err := os.WriteFile(filepath.Join(programs, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", programs)
	address := listener.Addr().String()
	for _, place := range []string{
		"postgres://kiva@" + address + "/kiva?sslmode=disable", "postgresql://kiva@" + address + "/kiva", "s3://bucket/folder?region=x&endpoint=http://" + address,
		"git:kivaform-ledger", "git:kivaform-ledger@http://" + address + "/a.git", "git:kivaform-ledger@ssh://" + address + "/a.git", "http://" + address,
	} {
		dir := t.TempDir()
		settings := "version: 1\npartner_id: \"145\"\nenvironment: production\nledger: \"" + place + "\"\n"
		for name, text := range map[string]string{"kiva.yaml": settings, "loan.yaml": pastDraft} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var out, errs bytes.Buffer
		code := run(t.Context(), []string{"-C", dir, "validate"}, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs}, settingsOf(map[string]string{
			"KIVAFORM_CACHE_DIR": t.TempDir(), "KIVAFORM_LEDGER_KEY": "0123456789abcdef", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
		}))
		if code != cli.ExitDone || !strings.Contains(errs.String(), "left to kivaform plan: ") {
			t.Errorf("%s: exit %d\n%s%s", place, code, &out, &errs)
		}
	}
	if n := connections.Load(); n > 0 {
		t.Errorf("%d connections", n)
	}
	if data, err := os.ReadFile(ran); err == nil {
		t.Errorf("it ran %s", data)
	}
}
