package decide

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
	"kivaform/plan/view"
)

// The address by which journals are published is shown to nobody but people at
// a terminal.
func TestConfirmURLIsHidden(t *testing.T) {
	tasks := []view.Task{{Kind: view.TaskConfirm, Address: "journals/1", Items: 1, What: "1 journal", ConfirmURL: "https://kiva.example/confirm/1"}}
	var out bytes.Buffer
	a := &session.App{Console: cli.Console{Streams: cli.Streams{Out: &out}, Personal: "mask"}}
	printTasks(a, tasks)
	markdownTasks(a, tasks)
	if err := a.WriteJSON(maskTasks(a, tasks)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "kiva.example") || !strings.Contains(out.String(), "--personal=show") {
		t.Error(out.String())
	}
}

// Every kind of task has a title, or its tasks would hide below another's.
func TestTaskTitles(t *testing.T) {
	for _, kind := range view.TaskKinds {
		if taskTitles[kind] == "" {
			t.Errorf("%s has no title", kind)
		}
	}
}

func TestParseAge(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"7d": 7 * 24 * time.Hour, "36h": 36 * time.Hour, "1d12h": 36 * time.Hour, "90m": 90 * time.Minute,
		"": 0, "d": 0, "7": 0, "-1d": 0, "0d": 0, "7days": 0, "1d-2h": 22 * time.Hour, "99999999999d": 0, "soon": 0,
	} {
		got, err := parseAge(text)
		if got != want || (err != nil) != (want == 0) {
			t.Errorf("%q: %s %v, not %s", text, got, err, want)
		}
	}
}

func TestOverdue(t *testing.T) {
	now := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	at := func(days int) *time.Time { then := now.AddDate(0, 0, -days); return &then }
	tasks := []view.Task{{Address: "young", Since: at(6)}, {Address: "just", Since: at(7)}, {Address: "old", Since: at(8)}, {Address: "unknown"}}
	late := overdue(tasks, 7*24*time.Hour, now)
	if len(late) != 1 || late[0].Address != "old" {
		t.Errorf("%+v", late)
	}
}

// What a checklist quotes can't become Markdown of its own.
func TestMarkdown(t *testing.T) {
	for in, want := range map[string]string{"a`b": "`` a`b ``", "L-1": "`L-1`", "``": "``` `` ```"} {
		if got := codeSpan(in); got != want {
			t.Errorf("%q: %q, not %q", in, got, want)
		}
	}
	if got := plainMarkdown("<b>*x*</b>\n[a](b)"); got != `\<b\>\*x\*\</b\> \[a\](b)` {
		t.Error(got)
	}
}
