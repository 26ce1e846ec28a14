package setup

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"kivaform/cmd/kivaform/internal/cli"
)

// secretName matches names of variables that hold a secret, or a secret's file.
var secretName = regexp.MustCompile(`(?i)TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PASSFILE|CREDENTIAL|COOKIE|JWT|KEY$|` +
	`(^|_)(KEYS?|PASS|AUTH|PAT)(_|$)|._PWD$|` +
	`^(AWS_|PGPASS|PGSERVICE|GIT_CONFIG_(COUNT|KEY|VALUE|PARAMETERS))`)

// passwordInAddress matches an address with a password.
var passwordInAddress = regexp.MustCompile(`://[^/\s@]*:[^/\s@]+@`)

// proxyName matches the variables of proxies, which a program needs with their
// password.
var proxyName = regexp.MustCompile(`(?i)^(https?|all|ftp)_proxy$`)

// childEnvironment returns the variables for a command: all that don't look like
// secrets, and those named in pass. A value that contains one of secrets counts as
// a secret under any name.
func childEnvironment(environment, pass, secrets []string) ([]string, error) {
	known := make(map[string]bool)
	var kept []string
	for _, variable := range environment {
		name, value, _ := strings.Cut(variable, "=")
		known[name] = true
		if slices.Contains(pass, name) || !holdsSecret(name, value, secrets) {
			kept = append(kept, variable)
		}
	}
	for _, name := range pass {
		if !known[name] {
			return nil, cli.WithCode(cli.ExitInvalid, fmt.Errorf("--pass-env %s: there is no such variable", name))
		}
	}
	return kept, nil
}

func holdsSecret(name, value string, secrets []string) bool {
	const shortest = 8 // a shorter one may occur by chance
	return secretName.MatchString(name) || passwordInAddress.MatchString(value) && !proxyName.MatchString(name) ||
		slices.ContainsFunc(secrets, func(secret string) bool { return len(secret) >= shortest && strings.Contains(value, secret) })
}
