package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// A sample is what one run of a program took.
type sample struct {
	wall, cpu time.Duration
	peak      int64 // bytes of memory
}

func (s sample) String() string {
	return fmt.Sprintf("%.3f s, processor %.3f s, %d MiB", s.wall.Seconds(), s.cpu.Seconds(), s.peak>>20)
}

// median takes the median of each value by itself.
func median(samples []sample) sample {
	return sample{
		wall: middle(samples, func(s sample) time.Duration { return s.wall }),
		cpu:  middle(samples, func(s sample) time.Duration { return s.cpu }),
		peak: middle(samples, func(s sample) int64 { return s.peak }),
	}
}

func middle[T cmp.Ordered](samples []sample, of func(sample) T) T {
	values := make([]T, len(samples))
	for i, s := range samples {
		values[i] = of(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// run runs a program and looks whether the head of its output says what it
// should: a program that does nothing is quick. The output goes to a file, as
// in a pipeline, and not through this process, whose memory Linux would count
// as the program's.
func run(c *exec.Cmd, says *regexp.Regexp) (sample, error) {
	out, err := os.CreateTemp("", "kivaform-out-")
	if err != nil {
		return sample{}, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	complaints, err := os.CreateTemp("", "kivaform-err-")
	if err != nil {
		return sample{}, err
	}
	defer os.Remove(complaints.Name())
	defer complaints.Close()
	c.Stdout, c.Stderr = out, complaints
	began := time.Now()
	err = c.Run()
	wall := time.Since(began)
	if err == nil && !says.Match(head(out)) {
		err = fmt.Errorf("it doesn't say %s", says)
	}
	if err != nil {
		return sample{}, fmt.Errorf("%s: %w\n%s%s", filepath.Base(c.Path), err, head(out), head(complaints))
	}
	return sample{wall, c.ProcessState.UserTime() + c.ProcessState.SystemTime(), peak(c.ProcessState)}, nil
}

// head returns the first and the last lines of a file.
func head(f *os.File) []byte {
	const few = 1 << 10
	info, err := f.Stat()
	if err != nil {
		return nil
	}
	first, err1 := io.ReadAll(io.NewSectionReader(f, 0, few))
	last, err2 := io.ReadAll(io.NewSectionReader(f, max(few, info.Size()-few), few))
	if errors.Join(err1, err2) != nil {
		return nil
	}
	return bytes.Join([][]byte{first, last}, []byte("\n"))
}
