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

// Options are the bounds within which an address is trusted. An address stands in
// a file that any contributor may change; the process's environment doesn't.
type Options struct {
	// Dir is the folder of the file that holds the address. A certificate
	// authority from there, or from elsewhere in the git work tree around it, is
	// refused. "" refuses none.
	Dir string
	// Insecure allows connections without verified TLS, and every way of
	// authentication, to any host.
	Insecure bool
}

// AllowInsecure is the variable, and the value, that set Insecure.
const AllowInsecure = "KIVAFORM_ALLOW_INSECURE=postgres"

// addressParameters are what an address may say. Other parameters of libpq come
// from its variables alone, because they name files or hold secrets.
var addressParameters = []string{
	"application_name", "channel_binding", "connect_timeout", "database", "dbname", "host", "options", "pool_max_conns", "port",
	"require_auth", "search_path", "sslmode", "sslnegotiation", "sslrootcert", "sslsni", "target_session_attrs", "user",
}

// environmentOnly says where else a parameter may stand.
var environmentOnly = map[string]string{
	"passfile": "PGPASSFILE", "service": "PGSERVICE", "servicefile": "PGSERVICEFILE",
	"sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "sslpassword": "PGSSLPASSWORD", "sslcertmode": "PGSSLCERTMODE",
}

// ErrPassword says that an address holds a password, which belongs elsewhere.
var ErrPassword = hint.With(errors.New("the address of the database holds a password"), "put it into PGPASSWORD, or into the file that PGPASSFILE names")

// An address is a postgres:// address whose parameters are known.
type address struct {
	url        *url.URL
	parameters map[string]string
}

// readAddress refuses what an address may not say. Each parameter stands there
// once, so that no two readers can disagree on which one counts.
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

// namesHost reports whether the host comes from the address, not from PGHOST.
func (a *address) namesHost() bool { return a.url.Host != "" || a.parameters["host"] != "" }

// parse returns what the driver makes of the address and of libpq's variables.
func (a *address) parse() (*pgxpool.Config, error) {
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

// configure returns the settings of an address within the given bounds. To other
// hosts than this machine they are verified TLS and SCRAM, which doesn't tell the
// server the password.
func configure(text string, o Options) (*pgxpool.Config, error) {
	a, err := readAddress(text)
	if err != nil {
		return nil, err
	}
	if err := a.checkAuthority(o.Dir); err != nil {
		return nil, err
	}
	config, err := a.parse()
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
		if config, err = a.parse(); err != nil {
			return nil, err
		}
	}
	if err := a.checkVerified(config); err != nil {
		return nil, err
	}
	return config, a.requireSCRAM(config)
}

// hosts returns all hosts that a connection may go to, each with its TLS.
func hosts(c *pgxpool.Config) []*pgconn.FallbackConfig {
	first := &pgconn.FallbackConfig{Host: c.ConnConfig.Host, Port: c.ConnConfig.Port, TLSConfig: c.ConnConfig.TLSConfig}
	return append([]*pgconn.FallbackConfig{first}, c.ConnConfig.Fallbacks...)
}

func isLocal(h *pgconn.FallbackConfig) bool {
	network, _ := pgconn.NetworkAddress(h.Host, h.Port)
	return network == "unix" || ledger.IsLoopback(h.Host)
}

// remoteHost returns the first host that isn't this machine, "" if there is none.
func remoteHost(c *pgxpool.Config) string {
	for _, h := range hosts(c) {
		if !isLocal(h) {
			return h.Host
		}
	}
	return ""
}

// checkVerified refuses another host whose certificate and name wouldn't be
// verified.
func (a *address) checkVerified(c *pgxpool.Config) error {
	for _, h := range hosts(c) {
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

// checkAuthentication refuses an address that asks for a way which tells the
// server the password or its digest, on this machine, too: anybody's program may
// listen there.
func (a *address) checkAuthentication() error {
	asked := a.parameters["require_auth"]
	if asked == "" || keepsPassword(asked) {
		return nil
	}
	return hint.With(fmt.Errorf("by its address the database could ask for the password itself (require_auth=%s)", asked),
		"use scram-sha-256 or none; or set PGHOST and PGREQUIREAUTH in the environment in place of the address, which %s allows, too", AllowInsecure)
}

// requireSCRAM asks for SCRAM where neither the address nor the environment asks
// for a way of authentication. The environment may allow others for a host that it
// names, and not for one that the address does.
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

// keepsPassword reports whether no way of a list reveals the password.
func keepsPassword(ways string) bool {
	for way := range strings.SplitSeq(ways, ",") {
		if way = strings.TrimSpace(way); way != "scram-sha-256" && way != "none" {
			return false
		}
	}
	return true
}

const maxAuthority = 4 << 20 // bytes

// checkAuthority refuses a certificate authority that came with the address: it
// would vouch for any server.
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

// workTree returns the outermost folder around dir that is a git work tree, and
// dir if there is none.
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

// isBelow reports whether a path without links lies in a folder, also where the
// file system knows the folder by several names.
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
