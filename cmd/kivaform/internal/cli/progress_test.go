package cli

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"
)

const cleared = "\r\x1b[K"

func TestStages(t *testing.T) {
	tests := []struct {
		name   string
		moving bool
		do     func(s *Stage)
		want   string
	}{
		{"soon over on a terminal", true, func(s *Stage) { time.Sleep(490 * time.Millisecond) }, ""},
		{"soon over in a pipeline", false, func(s *Stage) { time.Sleep(9 * time.Second) }, ""},
		{"a terminal", true, func(s *Stage) {
			s.SetProgress(0, 40)
			time.Sleep(550 * time.Millisecond)
			s.SetProgress(10, 40)
			time.Sleep(450 * time.Millisecond) // to 1 s, written at 0.9 s
		}, cleared + "doing: 0 of 40, 1 s so far" + cleared + "doing: 10 of 40, about 2 s left" + cleared + "doing: 10 of 40, about 3 s left" + cleared},
		{"a pipeline", false, func(s *Stage) {
			s.SetProgress(100, 2000)
			time.Sleep(25 * time.Second)
		}, "doing: 100 of 2000, about 3 minutes left\ndoing: 100 of 2000, about 6 minutes left\n"},
		{"nobody knows how many", false, func(s *Stage) {
			time.Sleep(11 * time.Second)
			s.SetProgress(12000, 0)
			time.Sleep(10 * time.Second)
		}, "doing: 10 s so far\ndoing: 12000, 20 s so far\n"},
		{"what stays makes room", true, func(s *Stage) {
			time.Sleep(600 * time.Millisecond)
			s.Line("stays")
		}, cleared + "doing: 1 s so far" + cleared + "stays\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				s := NewStage(&out, "doing", tt.moving)
				tt.do(s)
				s.End()
				if out.String() != tt.want {
					t.Errorf("wrote %q\nwant  %q", &out, tt.want)
				}
			})
		})
	}
}

func TestRoughly(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 1400 * time.Millisecond: "1 s", 23 * time.Second: "25 s", 89 * time.Second: "90 s",
		100 * time.Second: "2 minutes", 89 * time.Minute: "89 minutes", 150 * time.Minute: "3 hours",
	} {
		if got := formatRoughly(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}
