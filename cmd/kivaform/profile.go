package main

import (
	"errors"
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"

	"github.com/spf13/pflag"
)

// profiles are where a run writes what it did, for whoever works on its speed.
type profiles struct {
	cpu, memory, trace string
	stops              []func() error
}

// register adds the flags, which no help shows.
func (p *profiles) register(flags *pflag.FlagSet) {
	flags.StringVar(&p.cpu, "cpuprofile", "", "write a processor profile")
	flags.StringVar(&p.memory, "memprofile", "", "write a profile of all allocations")
	flags.StringVar(&p.trace, "trace", "", "write an execution trace")
	for _, name := range []string{"cpuprofile", "memprofile", "trace"} {
		flags.Lookup(name).Hidden = true
	}
}

// start begins what was asked for.
func (p *profiles) start(c *console) error {
	return errors.Join(
		p.begin(c, "--cpuprofile", p.cpu, func(f *os.File) error { return pprof.StartCPUProfile(f) }, func(*os.File) error { pprof.StopCPUProfile(); return nil }),
		p.begin(c, "--trace", p.trace, func(f *os.File) error { return trace.Start(f) }, func(*os.File) error { trace.Stop(); return nil }),
		p.begin(c, "--memprofile", p.memory, func(*os.File) error { return nil }, func(f *os.File) error {
			runtime.GC()
			return pprof.Lookup("allocs").WriteTo(f, 0)
		}),
	)
}

func (p *profiles) begin(c *console, flag, file string, start, stop func(*os.File) error) error {
	if file == "" {
		return nil
	}
	f, err := profileFile.open(c, flag, file)
	if err != nil {
		return err
	}
	p.stops = append(p.stops, func() error { return errors.Join(stop(f), f.Close()) })
	return start(f)
}

func (p *profiles) stop() error {
	var errs []error
	for _, stop := range p.stops {
		errs = append(errs, stop())
	}
	return errors.Join(errs...)
}
