// Package pgstore keeps a ledger's objects as rows of a table in PostgreSQL.
//
// # Guarantees
//
// The key is the table's primary key, so an object is created once, however many
// programs compete. A create is durable when it returns, even if the server's
// synchronous_commit is off.
//
// Each create has a random number, stored with the object. If the connection is
// lost during a create, the row is looked up: it is ours if it has our number.
// If it is absent, the same create is repeated, so that this one and one still
// running at the server make one row together. If no answer comes in time,
// Create returns an error, and the object may exist or not.
//
// # Requirements
//
// SELECT and INSERT on the table kivaform_ledger. The first create makes a
// missing table, which needs CREATE on the schema; or an administrator makes it
// by the statement [Table]. Rows are never changed or removed, so UPDATE and
// DELETE need not be granted.
//
// Reads go to the server of the address, which must be the primary.
package pgstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/together"
	"kivaform/kiva/hint"
)

// Table is the statement that creates the table.
const Table = `CREATE TABLE IF NOT EXISTS kivaform_ledger (
	key     text COLLATE "C" PRIMARY KEY,
	data    bytea NOT NULL,
	writer  text NOT NULL,
	created timestamptz NOT NULL DEFAULT now()
)`

const (
	queryTime  = time.Minute     // for one statement
	createTime = 2 * time.Minute // for a create with its repetitions
	pageSize   = 20_000          // keys
)

// A Store is a table. It is a [ledger.Store], safe for any number of programs.
type Store struct {
	pool  *pgxpool.Pool
	reads together.Group[string, []byte]
}

// New returns the store in the database of a postgres:// address, with
// parameters of libpq. It doesn't connect. Missing parameters come from libpq's
// variables, the password only from there. Hosts other than this machine need
// verified TLS and must authenticate by SCRAM, so they never receive the
// password.
func New(address string, o Options) (*Store, error) {
	config, err := configureFor(address, o)
	if err != nil {
		return nil, err
	}
	config.ConnConfig.MaxProtocolMessageBodyLen = ledger.MaxObject
	// One exchange for a statement, without preparing it, which also works
	// through connection poolers.
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "kivaform"
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, fmt.Errorf("the address of the database: %w", err)
	}
	s := &Store{pool: pool}
	s.reads.Work, s.reads.Most, s.reads.Width = s.readAll, 256, 2
	return s, nil
}

// Close closes all connections.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}

// insert sets synchronous_commit for this transaction alone.
const insert = `INSERT INTO kivaform_ledger (key, data, writer)
	SELECT $1, $2, $3 FROM (SELECT CASE WHEN current_setting('synchronous_commit') = 'off'
		THEN set_config('synchronous_commit', 'on', true) END) AS durable
	ON CONFLICT (key) DO NOTHING`

// Create inserts a row.
func (s *Store) Create(ctx context.Context, key string, data []byte) error {
	if !ledger.ValidKey(key) {
		return fmt.Errorf("%q is not a ledger's key", key)
	}
	ctx, cancel := context.WithTimeout(ctx, createTime)
	defer cancel()
	if data == nil {
		data = []byte{}
	}
	writer := rand.Text()
	for try := 0; ; try++ {
		inserted, err := s.insertOnce(ctx, key, data, writer)
		if err == nil && (inserted || try == 0) {
			return existsUnless(inserted, key)
		}
		if err == nil { // an earlier try may have inserted it
			ours, lookErr := s.isOurs(ctx, key, writer)
			if lookErr == nil {
				return existsUnless(ours, key)
			}
			err = lookErr
		}
		if !mayPass(err) || ctx.Err() != nil || waitForTry(ctx, try) != nil {
			return addRemedy(err)
		}
	}
}

func existsUnless(ours bool, key string) error {
	if ours {
		return nil
	}
	return fmt.Errorf("%s: %w", key, ledger.ErrExists)
}

// insertOnce makes one try, and creates a missing table.
func (s *Store) insertOnce(ctx context.Context, key string, data []byte, writer string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	tag, err := s.pool.Exec(ctx, insert, key, data, writer)
	if isCode(err, undefinedTable) {
		if err := s.makeTable(ctx); err != nil {
			return false, err
		}
		tag, err = s.pool.Exec(ctx, insert, key, data, writer)
	}
	return tag.RowsAffected() == 1, err
}

// makeTable creates the table. Of two programs that do so at once one fails, and
// the table exists.
func (s *Store) makeTable(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, Table)
	if isCode(err, uniqueViolation) || isCode(err, duplicateTable) || isCode(err, duplicateObject) {
		return nil
	}
	return err
}

func (s *Store) isOurs(ctx context.Context, key, writer string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	var got string
	err := s.pool.QueryRow(ctx, `SELECT writer FROM kivaform_ledger WHERE key = $1`, key).Scan(&got)
	return got == writer, err
}

// Get reads a row. Concurrent reads share a statement.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	if !ledger.ValidKey(key) {
		return nil, fmt.Errorf("%q is not a ledger's key", key)
	}
	return s.reads.Do(ctx, key)
}

func (s *Store) readAll(ctx context.Context, calls []*together.Call[string, []byte]) {
	ctx, cancel := context.WithTimeout(ctx, createTime)
	defer cancel()
	keys := make([]string, len(calls))
	for i, c := range calls {
		keys[i] = c.Ask
	}
	found, err := readAgain(ctx, func(ctx context.Context) (map[string][]byte, error) { return s.readRows(ctx, keys) })
	for _, c := range calls {
		data, there := found[c.Ask]
		if c.Answer, c.Err = data, err; err == nil && !there {
			c.Err = fmt.Errorf("%s: %w", c.Ask, ledger.ErrNotExist)
		}
	}
}

func (s *Store) readRows(ctx context.Context, keys []string) (map[string][]byte, error) {
	rows, err := s.pool.Query(ctx, `SELECT key, data FROM kivaform_ledger WHERE key = ANY($1)`, keys)
	if err != nil {
		return nil, err
	}
	found := make(map[string][]byte, len(keys))
	var key string
	var data []byte
	_, err = pgx.ForEachRow(rows, []any{&key, &data}, func() error {
		found[key] = data
		data = nil
		return nil
	})
	return found, err
}

// Versions returns the random number of each row's writer, which is unique to
// its create.
func (s *Store) Versions(ctx context.Context, keys []string) (map[string]string, error) {
	return readAgain(ctx, func(ctx context.Context) (map[string]string, error) {
		rows, err := s.pool.Query(ctx, `SELECT key, writer FROM kivaform_ledger WHERE key = ANY($1)`, keys)
		if err != nil {
			return nil, err
		}
		writers := make(map[string]string, len(keys))
		var key, writer string
		_, err = pgx.ForEachRow(rows, []any{&key, &writer}, func() error {
			writers[key] = writer
			return nil
		})
		return writers, err
	})
}

// List reads keys page by page, in order.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		after := ""
		for {
			page, err := readAgain(ctx, func(ctx context.Context) ([]string, error) { return s.readPage(ctx, prefix, after) })
			if err != nil {
				yield("", err)
				return
			}
			for _, key := range page {
				if !yield(key, nil) {
					return
				}
			}
			if len(page) < pageSize {
				return
			}
			after = page[len(page)-1]
		}
	}
}

// readPage returns the keys after one. No character of a key sorts after "~".
func (s *Store) readPage(ctx context.Context, prefix, after string) ([]string, error) {
	rows, err := s.pool.Query(ctx, `SELECT key FROM kivaform_ledger WHERE key >= $1 AND key < $2 AND key > $3 ORDER BY key LIMIT $4`,
		prefix, prefix+"\x7f", after, pageSize)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// readAgain reads, and repeats once if the connection was lost. A missing table
// reads as empty.
func readAgain[T any](ctx context.Context, read func(context.Context) (T, error)) (T, error) {
	for try := 0; ; try++ {
		answer, err := readOnce(ctx, read)
		if isCode(err, undefinedTable) {
			var none T
			return none, nil
		}
		if err == nil || try == rereads || !mayPass(err) || waitForTry(ctx, try) != nil {
			return answer, addRemedy(err)
		}
	}
}

const rereads = 4

func readOnce[T any](ctx context.Context, read func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTime)
	defer cancel()
	return read(ctx)
}

// SQLSTATE codes.
const (
	undefinedTable   = "42P01"
	duplicateTable   = "42P07"
	duplicateObject  = "42710"
	uniqueViolation  = "23505"
	noPrivilege      = "42501"
	readOnly         = "25006"
	invalidSchema    = "3F000"
	serialization    = "40001"
	deadlock         = "40P01"
	tooManyClients   = "53300"
	adminShutdown    = "57P01"
	crashShutdown    = "57P02"
	cannotConnectNow = "57P03"
)

func codeOf(err error) string {
	if failed := (*pgconn.PgError)(nil); errors.As(err, &failed) {
		return failed.Code
	}
	return ""
}

func isCode(err error, code string) bool { return err != nil && codeOf(err) == code }

// mayPass reports whether to try again: the server didn't refuse, or only for
// now.
func mayPass(err error) bool {
	switch codeOf(err) {
	case "":
		return isLost(err) && !errors.Is(err, context.Canceled)
	case serialization, deadlock, tooManyClients, adminShutdown, crashShutdown, cannotConnectNow:
		return true
	}
	return false
}

// isLost reports whether a connection, or an attempt to make one, was lost. A
// refusal of the server's certificate or of the authentication method is final.
func isLost(err error) bool {
	connecting, network := (*pgconn.ConnectError)(nil), net.Error(nil)
	if err == nil || !errors.As(err, &connecting) {
		return err != nil
	}
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// waitForTry waits longer with each try, and returns an error if time is over.
func waitForTry(ctx context.Context, try int) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(100 * time.Millisecond << min(try, 5)):
		return nil
	}
}

// addRemedy adds the remedy.
func addRemedy(err error) error {
	switch codeOf(err) {
	case noPrivilege, invalidSchema:
		return hint.With(err, "the user needs SELECT and INSERT on the table kivaform_ledger; the first create also makes it, which needs CREATE on the schema")
	case readOnly:
		return hint.With(err, "name the primary server, or add target_session_attrs=read-write to the address")
	}
	return err
}
