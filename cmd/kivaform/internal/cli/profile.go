package cli

import (
	"errors"
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"

	"github.com/spf13/pflag"
)

// Profiles are where a run writes what it did, for whoever works on its speed.
type Profiles struct {
	cpu, memory, trace string
	stops              []func() error
}

// Register adds the flags, which no help shows.
func (p *Profiles) Register(flags *pflag.FlagSet) {
	flags.StringVar(&p.cpu, "cpuprofile", "", "write a processor profile")
	flags.StringVar(&p.memory, "memprofile", "", "write a profile of all allocations")
	flags.StringVar(&p.trace, "trace", "", "write an execution trace")
	for _, name := range []string{"cpuprofile", "memprofile", "trace"} {
		flags.Lookup(name).Hidden = true
	}
}

// Start begins what was asked for.
func (p *Profiles) Start(c *Console) error {
	return errors.Join(
		p.begin(c, "--cpuprofile", p.cpu, func(f *os.File) error { return pprof.StartCPUProfile(f) }, func(*os.File) error { pprof.StopCPUProfile(); return nil }),
		p.begin(c, "--trace", p.trace, func(f *os.File) error { return trace.Start(f) }, func(*os.File) error { trace.Stop(); return nil }),
		p.begin(c, "--memprofile", p.memory, func(*os.File) error { return nil }, func(f *os.File) error {
			runtime.GC()
			return pprof.Lookup("allocs").WriteTo(f, 0)
		}),
	)
}

func (p *Profiles) begin(c *Console, flag, file string, start, stop func(*os.File) error) error {
	if file == "" {
		return nil
	}
	f, err := profileFile.Open(c, flag, file)
	if err != nil {
		return err
	}
	p.stops = append(p.stops, func() error { return errors.Join(stop(f), f.Close()) })
	return start(f)
}

// Stop writes the profiles that were begun.
func (p *Profiles) Stop() error {
	var errs []error
	for _, stop := range p.stops {
		errs = append(errs, stop())
	}
	return errors.Join(errs...)
}
