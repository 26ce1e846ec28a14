package session

import (
	"path/filepath"

	"kivaform/apply/ledger"
	"kivaform/apply/ledger/seen"
)

// sandboxAPI stands in ledgers for the address of a workspace's own sandbox, which
// differs from run to run.
const sandboxAPI = "sandbox"

// api returns the address that a ledger knows the environment by.
func (w *Workspace) api() string {
	if w.Env.Sandbox() {
		return sandboxAPI
	}
	return ledger.NormalAPI(w.Env.APIURL)
}

// SeenLedger returns what this machine knows of the workspace's ledger: nil for the
// sandbox's, which may be deleted with its data, and where nothing can be kept.
func (w *Workspace) SeenLedger() *seen.File {
	folder, err := w.App.CacheFolder()
	if err != nil || w.Env.Sandbox() || w.Env.APIURL == "" || w.App.Cache.Quiet {
		return nil
	}
	return seen.In(filepath.Join(folder, "ledgers"), w.Set.Settings.PartnerID, w.api(), Redacted(w.LedgerPlace()))
}

// witness lets the ledger be compared with what this machine knows of it.
func (w *Workspace) witness() ledger.Witness {
	file := w.SeenLedger()
	if file == nil || w.Unchecked {
		return ledger.Witness{}
	}
	w.closes = append(w.closes, file.Close)
	return ledger.Witness{Compare: file.Compare, Saw: file.Saw, Begun: file.Begun}
}
