package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"kivaform/kiva/sandbox"
)

// How an apply may end that has something left to do: partly done, or with
// something for a person to decide.
const (
	exitPartly = 7
	exitPerson = 8
)

// A result is how one apply ended.
type result struct {
	killed   bool
	code     int
	requests int
	memory   memory
}

func (r result) done() bool { return !r.killed && r.code == 0 }

func (r result) String() string {
	ended := fmt.Sprintf("exit %d", r.code)
	if r.killed {
		ended = "killed"
	}
	return fmt.Sprintf("%s | %d | %s | %d", ended, r.requests, r.memory, r.memory.peak())
}

func (s *soak) command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, s.program, append([]string{"-C", s.dir}, args...)...)
	// kivaform lets garbage lie in a short run. Collected as usual, its memory
	// tells what it holds.
	c.Env = []string{"GOGC=100", "PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Dir(s.dir), "KIVA_CLIENT_ID=" + sandbox.ClientID, "KIVA_CLIENT_SECRET=" + sandbox.ClientSecret, "KIVAFORM_ALLOW_HOSTS=127.0.0.1"}
	return c
}

// apply runs the program until it ends, or until the first of the moments to
// kill it.
func (s *soak) apply(ctx context.Context, moments []int) (result, error) {
	var complaints bytes.Buffer
	c := s.command(ctx, "apply", "--auto-approve", "--assume-empty", "--on-unknown=continue", "--parallelism", "10")
	c.Stderr = &complaints
	if err := c.Start(); err != nil {
		return result{}, err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	began := int(s.kiva.requests.Load())
	var r result
	for len(ended) == 0 {
		now := int(s.kiva.requests.Load())
		r.memory.look(c.Process.Pid, now-began)
		if len(moments) > 0 && now >= moments[0] {
			time.Sleep(time.Duration(s.random.IntN(8000)) * time.Microsecond)
			c.Process.Kill()
			break
		}
		time.Sleep(time.Millisecond)
	}
	err := <-ended
	r.code, r.killed = c.ProcessState.ExitCode(), !c.ProcessState.Exited()
	if err := s.kiva.settle(); err != nil {
		return r, err
	}
	r.requests = int(s.kiva.requests.Load()) - began
	if !r.killed && r.code != 0 && r.code != exitPartly && r.code != exitPerson {
		return r, fmt.Errorf("%w: %s", err, complaints.String())
	}
	return r, nil
}

// decide resolves what is unknown as a person does who looks into PA2.
func (s *soak) decide(ctx context.Context) error {
	out, err := s.command(ctx, "resolve", "--list", "--json").Output()
	if err != nil {
		return fmt.Errorf("resolve --list: %w", err)
	}
	var unknown []struct{ Address string }
	if err := json.Unmarshal(out, &unknown); err != nil || len(unknown) == 0 {
		return err
	}
	record, err := s.kiva.accepted()
	if err != nil {
		return err
	}
	var decisions []map[string]string
	for _, u := range unknown {
		d := map[string]string{"address": u.Address, "decision": "exists"}
		if record[strings.TrimPrefix(u.Address, "loan_draft/")] == 0 {
			d["decision"], d["reason"] = "absent", "not in PA2"
		}
		decisions = append(decisions, d)
	}
	data, err := yaml.Marshal(decisions)
	if err != nil {
		return err
	}
	file := filepath.Join(filepath.Dir(s.dir), "decisions.yaml")
	return errors.Join(os.WriteFile(file, data, 0o600), s.must(ctx, "resolve", "--file", file, "--run-ended"))
}

// must runs a command that has to succeed.
func (s *soak) must(ctx context.Context, args ...string) error {
	var said bytes.Buffer
	c := s.command(ctx, args...)
	c.Stdout, c.Stderr = &said, &said
	if err := c.Run(); err != nil {
		return fmt.Errorf("kivaform %s: %w\n%s", strings.Join(args, " "), err, said.String()[:min(said.Len(), 2000)])
	}
	return nil
}
