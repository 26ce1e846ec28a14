package main

import (
	"bytes"
	"strings"
	"testing"

	"kivaform/plan/view"
)

// The address by which journals are published is shown to nobody but people at
// a terminal.
func TestConfirmURLIsHidden(t *testing.T) {
	tasks := []view.Task{{Kind: view.TaskConfirm, Address: "journals/1", Items: 1, What: "1 journal", ConfirmURL: "https://kiva.example/confirm/1"}}
	var out bytes.Buffer
	a := &app{streams: streams{out: &out}, personal: "mask"}
	a.printTasks(tasks)
	a.markdownTasks(tasks)
	if err := a.writeJSON(a.maskTasks(tasks)); err != nil {
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
