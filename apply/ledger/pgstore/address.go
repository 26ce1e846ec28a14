package pgstore

import (
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"kivaform/apply/ledger"
	"kivaform/kiva/hint"
)

// Options bound the trust in an address. It stands in a file that any
// contributor may change; the process's environment doesn't.
type Options struct {
	// Dir is the folder of the file with the address. A certificate authority in
	// it, or elsewhere in its git work tree, is refused. "" refuses none.
	Dir string
	// Insecure allows connections to any host without verified TLS, and every
	// authentication method.
	Insecure bool
}

// AllowInsecure is the variable, with its value, that sets Insecure.
const AllowInsecure = "KIVAFORM_ALLOW_INSECURE=postgres"

// addressParameters are the parameters allowed in an address. Others of libpq
// come from its variables alone, because they name files or hold secrets.
var addressParameters = []string{
	"application_name", "channel_binding", "connect_timeout", "database", "dbname", "host", "options", "pool_max_conns", "port",
	"require_auth", "search_path", "sslmode", "sslnegotiation", "sslrootcert", "sslsni", "target_session_attrs", "user",
}

// environmentOnly maps parameters to the variables that set them instead.
var environmentOnly = map[string]string{
	"passfile": "PGPASSFILE", "service": "PGSERVICE", "servicefile": "PGSERVICEFILE",
	"sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "sslpassword": "PGSSLPASSWORD", "sslcertmode": "PGSSLCERTMODE",
}

// ErrPassword reports an address with a password.
var ErrPassword = hint.With(errors.New("the address of the database holds a password"), "put it into PGPASSWORD, or into the file that PGPASSFILE names")

// An address is a postgres:// address with allowed parameters only.
type address struct {
	url        *url.URL
	parameters map[string]string
}

// readAddress refuses other parameters, and repeated ones, so that no two
// readers can disagree on the value.
func readAddress(text string) (*address, error) {
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" || u.Fragment != "" {
		return nil, errors.New("the address of the database can't be read")
	}
	query, err := url.ParseQuery(strings.ReplaceAll(u.RawQuery, "+", "%2B")) // libpq: a plus is a plus
	if err != nil {
		return nil, errors.New("the parameters in the address of the database can't be read")
	}
	if _, has := u.User.Password(); has || query.Has("password") {
		return nil, ErrPassword
	}
	a := &address{url: u, parameters: map[string]string{"connect_timeout": "15", "pool_max_conns": "8"}} // seconds
	for _, name := range slices.Sorted(maps.Keys(query)) {
		switch variable, known := environmentOnly[name]; {
		case known:
			return nil, hint.With(fmt.Errorf("the address of the database may not hold %s", name), "set %s in the environment", variable)
		case !slices.Contains(addressParameters, name):
			return nil, hint.With(fmt.Errorf("the address of the database has an unknown parameter %q", name), "%s are known", strings.Join(addressParameters, ", "))
		case len(query[name]) > 1:
			return nil, fmt.Errorf("the address of the database has %s twice", name)
		}
		a.parameters[name] = query.Get(name)
	}
	return a, nil
}

// namesHost reports whether the address names the host, not PGHOST.
func (a *address) namesHost() bool { return a.url.Host != "" || a.parameters["host"] != "" }

// parseConfig returns the driver's settings for the address and libpq's variables.
func (a *address) parseConfig() (*pgxpool.Config, error) {
	values := make(url.Values)
	for name, value := range a.parameters {
		values.Set(name, value)
	}
	u := *a.url
	u.RawQuery = strings.ReplaceAll(values.Encode(), "+", "%20")
	config, err := pgxpool.ParseConfig(u.String())
	if err != nil {
		return nil, fmt.Errorf("the address of the database: %w", err)
	}
	return config, nil
}

// configureFor returns the settings of an address within o. Hosts other than this
// machine require verified TLS and SCRAM, which doesn't reveal the password to
// the server.
func configureFor(text string, o Options) (*pgxpool.Config, error) {
	a, err := readAddress(text)
	if err != nil {
		return nil, err
	}
	if err := a.checkAuthority(o.Dir); err != nil {
		return nil, err
	}
	config, err := a.parseConfig()
	if err != nil || o.Insecure {
		return config, err
	}
	if err := a.checkAuthentication(); err != nil {
		return nil, err
	}
	if remoteHost(config) == "" {
		if config.ConnConfig.RequireAuth == "" {
			config.ConnConfig.RequireAuth = "scram-sha-256,none"
		}
		return config, nil
	}
	if a.parameters["sslmode"] == "" && os.Getenv("PGSSLMODE") == "" {
		a.parameters["sslmode"] = "verify-full"
		if config, err = a.parseConfig(); err != nil {
			return nil, err
		}
	}
	if err := a.checkVerified(config); err != nil {
		return nil, err
	}
	return config, a.requireSCRAM(config)
}

// listHosts returns all hosts that a connection may use, each with its TLS.
func listHosts(c *pgxpool.Config) []*pgconn.FallbackConfig {
	first := &pgconn.FallbackConfig{Host: c.ConnConfig.Host, Port: c.ConnConfig.Port, TLSConfig: c.ConnConfig.TLSConfig}
	return append([]*pgconn.FallbackConfig{first}, c.ConnConfig.Fallbacks...)
}

func isLocal(h *pgconn.FallbackConfig) bool {
	network, _ := pgconn.NetworkAddress(h.Host, h.Port)
	return network == "unix" || ledger.IsLoopback(h.Host)
}

// remoteHost returns the first host other than this machine, or "".
func remoteHost(c *pgxpool.Config) string {
	for _, h := range listHosts(c) {
		if !isLocal(h) {
			return h.Host
		}
	}
	return ""
}

// checkVerified refuses another host without verification of its certificate and
// name.
func (a *address) checkVerified(c *pgxpool.Config) error {
	for _, h := range listHosts(c) {
		if isLocal(h) || isVerified(h.TLSConfig) {
			continue
		}
		mode := "PGSSLMODE=" + os.Getenv("PGSSLMODE")
		if of := a.parameters["sslmode"]; of != "" {
			mode = "sslmode=" + of
		}
		return hint.With(fmt.Errorf("the database at %s would be reached without verified TLS (%s)", h.Host, mode), "leave it out, or write verify-full; %s in the environment allows less", AllowInsecure)
	}
	return nil
}

func isVerified(c *tls.Config) bool { return c != nil && !c.InsecureSkipVerify }

// checkAuthentication refuses an address that selects a method which reveals the
// password or its digest, on this machine too: anyone's program may listen
// there.
func (a *address) checkAuthentication() error {
	asked := a.parameters["require_auth"]
	if asked == "" || keepsPassword(asked) {
		return nil
	}
	return hint.With(fmt.Errorf("by its address the database could ask for the password itself (require_auth=%s)", asked),
		"use scram-sha-256 or none; or set PGHOST and PGREQUIREAUTH in the environment in place of the address, which %s allows, too", AllowInsecure)
}

// requireSCRAM requires SCRAM if neither the address nor the environment selects
// a method. The environment may select others for a host that it names, not for
// one that the address names.
func (a *address) requireSCRAM(c *pgxpool.Config) error {
	asked := c.ConnConfig.RequireAuth
	if asked == "" {
		c.ConnConfig.RequireAuth = "scram-sha-256"
		return nil
	}
	if keepsPassword(asked) || !a.namesHost() {
		return nil
	}
	return hint.With(fmt.Errorf("the database at %s could ask for the password itself (require_auth=%s)", remoteHost(c), asked),
		"use scram-sha-256; or set PGHOST and PGREQUIREAUTH in the environment in place of the address, which %s allows, too", AllowInsecure)
}

// keepsPassword reports whether no method of a list reveals the password.
func keepsPassword(ways string) bool {
	for way := range strings.SplitSeq(ways, ",") {
		if way = strings.TrimSpace(way); way != "scram-sha-256" && way != "none" {
			return false
		}
	}
	return true
}

const maxAuthority = 4 << 20 // bytes

// checkAuthority refuses a certificate authority that came with the address,
// because it would vouch for any server.
func (a *address) checkAuthority(dir string) error {
	name := a.parameters["sslrootcert"]
	if name == "" || name == "system" {
		return nil
	}
	path, err := filepath.Abs(name)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return fmt.Errorf("sslrootcert of the database: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("sslrootcert of the database: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxAuthority {
		return fmt.Errorf("sslrootcert of the database: %s is no file of certificates", name)
	}
	if dir != "" && isBelow(path, workTree(dir)) {
		return hint.With(fmt.Errorf("sslrootcert of the database: %s lies in the work tree, where a change to the files could replace it", name),
			"keep it elsewhere, or name it in PGSSLROOTCERT")
	}
	a.parameters["sslrootcert"] = path
	return nil
}

// workTree returns the outermost git work tree around dir, or dir.
func workTree(dir string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return dir
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	top := dir
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			top = at
		}
		if at == filepath.Dir(at) {
			return top
		}
	}
}

// isBelow reports whether a path without links is in a folder, under any of its
// names.
func isBelow(path, folder string) bool {
	want, err := os.Stat(folder)
	if err != nil {
		return true
	}
	for at := filepath.Dir(path); ; at = filepath.Dir(at) {
		if info, err := os.Stat(at); err == nil && os.SameFile(info, want) {
			return true
		}
		if at == filepath.Dir(at) {
			return false
		}
	}
}
