package cli

import (
	"errors"
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"

	"github.com/spf13/pflag"
)

// Profiles are a run's profiles, for work on its speed.
type Profiles struct {
	cpu, memory, trace string
	stops              []func() error
}

// Register adds the flags, hidden from help.
func (p *Profiles) Register(flags *pflag.FlagSet) {
	flags.StringVar(&p.cpu, "cpuprofile", "", "write a processor profile")
	flags.StringVar(&p.memory, "memprofile", "", "write a profile of all allocations")
	flags.StringVar(&p.trace, "trace", "", "write an execution trace")
	for _, name := range []string{"cpuprofile", "memprofile", "trace"} {
		flags.Lookup(name).Hidden = true
	}
}

// Start begins the profiles that have a file.
func (p *Profiles) Start(c *Console) error {
	return errors.Join(
		p.startProfile(c, "--cpuprofile", p.cpu, func(f *os.File) error { return pprof.StartCPUProfile(f) }, func(*os.File) error { pprof.StopCPUProfile(); return nil }),
		p.startProfile(c, "--trace", p.trace, func(f *os.File) error { return trace.Start(f) }, func(*os.File) error { trace.Stop(); return nil }),
		p.startProfile(c, "--memprofile", p.memory, func(*os.File) error { return nil }, func(f *os.File) error {
			runtime.GC()
			return pprof.Lookup("allocs").WriteTo(f, 0)
		}),
	)
}

func (p *Profiles) startProfile(c *Console, flag, file string, start, stop func(*os.File) error) error {
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

// Stop writes the profiles.
func (p *Profiles) Stop() error {
	var errs []error
	for _, stop := range p.stops {
		errs = append(errs, stop())
	}
	return errors.Join(errs...)
}
