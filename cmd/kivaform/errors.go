package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hashicorp/go-multierror"

	"kivaform/kiva"
	"kivaform/kiva/auth"
	"kivaform/kiva/egress"
	"kivaform/kiva/hint"
	"kivaform/plan/view"
	"kivaform/spec"
)

// exitCode maps an error to the exit code.
func exitCode(err error) int {
	var coded *codeError
	var faults *multierror.Error
	var fault *spec.Fault
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &coded):
		return coded.code
	case errors.As(err, &faults), errors.As(err, &fault):
		return exitInvalid
	case errors.As(err, new(*egress.RefusedError)):
		return exitRefused
	case unauthorised(err):
		return exitUnauthorised
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitError
}

// unauthorised reports whether Kiva doesn't let this partner in.
func unauthorised(err error) bool {
	var credentials *auth.CredentialsError
	var scope *auth.MissingScopeError
	var partner *auth.PartnerError
	var token *auth.TokenError
	var api *kiva.Error
	switch {
	case errors.As(err, &credentials), errors.As(err, &scope), errors.As(err, &partner):
		return true
	case errors.As(err, &token):
		return token.Status == 400 || token.Status == 401 || token.Status == 403
	case errors.As(err, &api):
		return api.Status == 401 || api.Status == 403
	}
	return false
}

// report prints an error for people: faults each on a line, anything else with
// its remedy below.
func report(w io.Writer, err error) {
	var coded *codeError
	if errors.As(err, &coded) && coded.quiet {
		return
	}
	var faults *multierror.Error
	if errors.As(err, &faults) {
		for _, e := range faults.Errors {
			fmt.Fprintln(w, spec.Harmless(hint.Text(e)))
		}
		fmt.Fprintf(w, "\n%s; %s\n%s", countFaults(faults.Errors), undone(err), learnMore(faults.Errors))
		return
	}
	message, remedy := explained(err)
	fmt.Fprintln(w, "error: "+message)
	if remedy != "" {
		fmt.Fprintln(w, "hint: "+remedy)
	}
}

// explained says what went wrong, and what to do about it if that is known; of
// many faults it gives the number, and of what was said already nothing.
func explained(err error) (message, remedy string) {
	var coded *codeError
	var faults *multierror.Error
	switch {
	case err == nil, errors.As(err, &coded) && coded.quiet:
		return "", ""
	case errors.As(err, &faults):
		return countFaults(faults.Errors) + "; " + undone(err), ""
	}
	if errors.Is(err, context.Canceled) && exitCode(err) == exitInterrupted {
		return "interrupted; nothing was sent", ""
	}
	err = plainly(err)
	return harmlessMessage(err), spec.Harmless(hint.Of(err))
}

// harmlessMessage returns the text of an error, in a line for each error that is
// joined in it: the other breaks come from names and answers.
func harmlessMessage(err error) string {
	text := err.Error()
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		joined, ok := inner.(interface{ Unwrap() []error })
		if !ok {
			continue
		}
		var plain, lines []string
		for _, one := range joined.Unwrap() {
			plain, lines = append(plain, one.Error()), append(lines, harmlessMessage(one))
		}
		if before, after, found := strings.Cut(text, strings.Join(plain, "\n")); found {
			return harmlessList(before) + strings.Join(lines, "\n") + harmlessList(after)
		}
	}
	return harmlessList(text)
}

// harmlessList keeps the indented lines of a message that lists things. No line
// of it begins with a name, whatever newlines the name has.
func harmlessList(text string) string {
	lines := strings.Split(text, "\n  ")
	for i, line := range lines {
		lines[i] = spec.Harmless(line)
	}
	return strings.Join(lines, "\n  ")
}

// undone says what didn't happen because of an error.
func undone(err error) string {
	if isUnwritten(err) {
		return "nothing was written"
	}
	return "nothing was sent"
}

// plainly leaves out the operations on whose way a token could not be had: the
// token is all that matters.
func plainly(err error) error {
	var credentials *auth.CredentialsError
	var scope *auth.MissingScopeError
	var partner *auth.PartnerError
	var token *auth.TokenError
	switch {
	case errors.As(err, &credentials):
		return credentials
	case errors.As(err, &scope):
		return scope
	case errors.As(err, &partner):
		return partner
	case errors.As(err, &token):
		return token
	}
	return err
}

func countFaults(errs []error) string {
	files := make(map[string]bool)
	for _, e := range errs {
		if f := (*spec.Fault)(nil); errors.As(e, &f) && !strings.HasPrefix(f.Pos.File, "--") { // a flag
			files[f.Pos.File] = true
		}
	}
	if len(files) == 0 {
		return plural(len(errs), "fault")
	}
	return plural(len(errs), "fault") + " in " + plural(len(files), "file")
}

// learnMore says where more is said about faults: once, for those codes that
// come first.
func learnMore(errs []error) string {
	const most = 5
	var codes []string
	for _, err := range errs {
		if f := (*spec.Fault)(nil); errors.As(err, &f) && !slices.Contains(codes, f.Code) && len(codes) < most {
			codes = append(codes, f.Code)
		}
	}
	if len(codes) == 0 {
		return ""
	}
	return "Learn more: kivaform explain " + strings.Join(codes, " ") + "\n"
}

// faultsOf returns the faults of files in an error.
func faultsOf(err error) []*spec.Fault {
	var all *multierror.Error
	var one *spec.Fault
	var faults []*spec.Fault
	if errors.As(err, &all) {
		for _, e := range all.Errors {
			faults = append(faults, faultsOf(e)...)
		}
	} else if errors.As(err, &one) {
		faults = append(faults, one)
	}
	return faults
}

func faultAnnotations(list []*spec.Fault) []annotation {
	out := make([]annotation, len(list))
	for i, f := range list {
		v := view.NewFault(f)
		message := v.Message
		if v.Path != "" {
			message = v.Path + ": " + message
		}
		if v.Hint != "" {
			message += "; hint: " + v.Hint
		}
		out[i] = annotation{level: v.Severity, file: v.Place.File, line: v.Place.Line, column: v.Place.Column, title: "kivaform " + v.Code, message: message}
	}
	return out
}

func countFaultsOf(err error) int { return len(faultsOf(err)) }

// errorAnnotations say how a command failed: beside the lines of faulty files, or
// for the job as a whole.
func errorAnnotations(failed error) []annotation {
	faults := faultsOf(failed)
	message, remedy := explained(failed)
	if len(faults) > 0 || message == "" {
		return faultAnnotations(faults)
	}
	if remedy != "" {
		message += "; hint: " + remedy
	}
	return []annotation{{level: "error", title: "kivaform", message: message}}
}
