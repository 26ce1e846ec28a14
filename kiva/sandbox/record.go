package sandbox

// Record returns everything that the sandbox accepted since it was made or
// reset, in order.
func (s *Server) Record() ([]Entry, error) {
	var entries []Entry
	err := s.store.events(func(e *event) {
		if e.Reset {
			entries = nil
		}
		entries = append(entries, e.entries()...)
	})
	return entries, err
}

// Requests returns how many requests the API got since the sandbox was made or
// reset, sorted by endpoint and status. The steps of people aren't counted.
func (s *Server) Requests() (counts []Count, err error) {
	err = s.store.look(func(st *state) { counts = st.counts() })
	return counts, err
}
