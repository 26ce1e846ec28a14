package sandbox

// Record returns everything that the sandbox accepted since it was made or
// reset, in order.
func (s *Server) Record() ([]Entry, error) { return s.store.Record() }

// Requests returns how many requests the API got since the sandbox was made or
// reset, sorted by endpoint and status. The steps of people aren't counted.
func (s *Server) Requests() ([]Count, error) { return s.store.Requests() }
