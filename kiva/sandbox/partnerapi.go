package sandbox

import "net/http"

// created is the answer to a call that stored something.
func (s *Server) created(value any) answer {
	if s.options.Style.Created {
		return answer{status: http.StatusCreated, value: value}
	}
	return answer{status: http.StatusOK, value: value}
}
