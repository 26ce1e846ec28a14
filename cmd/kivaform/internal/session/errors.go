package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hashicorp/go-multierror"

	"kivaform/apply/ledger"
	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/kiva"
	"kivaform/kiva/auth"
	"kivaform/kiva/egress"
	"kivaform/kiva/hint"
	"kivaform/plan/view"
	"kivaform/spec"
)

// ExitCode maps an error to the exit code.
func ExitCode(err error) int {
	var coded *cli.CodeError
	var faults *multierror.Error
	var fault *spec.Fault
	switch {
	case err == nil:
		return cli.ExitDone
	case errors.As(err, &coded):
		return coded.Code
	case errors.As(err, &faults), errors.As(err, &fault):
		return cli.ExitInvalid
	case errors.As(err, new(*egress.RefusedError)), IsOtherLedger(err):
		return cli.ExitRefused
	case Unauthorised(err):
		return cli.ExitUnauthorised
	case errors.Is(err, context.Canceled):
		return cli.ExitInterrupted
	}
	return cli.ExitError
}

// IsOtherLedger reports whether a ledger isn't what it was, as far as anybody knows.
func IsOtherLedger(err error) bool {
	return errors.As(err, new(*ledger.BackError)) || errors.As(err, new(*ledger.OtherError)) || errors.As(err, new(*ledger.AddressError)) || errors.As(err, new(*ledger.MovedError))
}

// Unauthorised reports whether Kiva doesn't let this partner in.
func Unauthorised(err error) bool {
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

// Report prints an error for people: faults each on a line, anything else with
// its remedy below.
func Report(w io.Writer, err error) {
	var coded *cli.CodeError
	if errors.As(err, &coded) && coded.Quiet {
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
	var coded *cli.CodeError
	var faults *multierror.Error
	switch {
	case err == nil, errors.As(err, &coded) && coded.Quiet:
		return "", ""
	case errors.As(err, &faults):
		return countFaults(faults.Errors) + "; " + undone(err), ""
	}
	if errors.Is(err, context.Canceled) && ExitCode(err) == cli.ExitInterrupted {
		return "interrupted; nothing was sent", ""
	}
	err = plainly(err)
	return harmlessMessage(err), harmlessList(hint.Of(err))
}

// HarmlessMessage returns the text of an error, whatever its names and answers have.
func HarmlessMessage(err error) string { return harmlessMessage(err) }

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
	if cli.IsUnwritten(err) {
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
		return cli.Plural(len(errs), "fault")
	}
	return cli.Plural(len(errs), "fault") + " in " + cli.Plural(len(files), "file")
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

// FaultsOf returns the faults of files in an error.
func FaultsOf(err error) []*spec.Fault {
	var all *multierror.Error
	var one *spec.Fault
	var faults []*spec.Fault
	if errors.As(err, &all) {
		for _, e := range all.Errors {
			faults = append(faults, FaultsOf(e)...)
		}
	} else if errors.As(err, &one) {
		faults = append(faults, one)
	}
	return faults
}

func faultAnnotations(list []*spec.Fault) []cli.Annotation {
	out := make([]cli.Annotation, len(list))
	for i, f := range list {
		v := view.NewFault(f)
		message := v.Message
		if v.Path != "" {
			message = v.Path + ": " + message
		}
		if v.Hint != "" {
			message += "; hint: " + v.Hint
		}
		out[i] = cli.Annotation{Level: v.Severity, File: v.Place.File, Line: v.Place.Line, Column: v.Place.Column, Title: "kivaform " + v.Code, Message: message}
	}
	return out
}

// CountFaultsOf counts the faults of files in an error.
func CountFaultsOf(err error) int { return len(FaultsOf(err)) }

// ErrorAnnotations say how a command failed: beside the lines of faulty files, or
// for the job as a whole.
func ErrorAnnotations(failed error) []cli.Annotation {
	faults := FaultsOf(failed)
	message, remedy := explained(failed)
	if len(faults) > 0 || message == "" {
		return faultAnnotations(faults)
	}
	if remedy != "" {
		message += "; hint: " + remedy
	}
	return []cli.Annotation{{Level: "error", Title: "kivaform", Message: message}}
}
