package partnerapi

import (
	"kivaform/kiva/sandbox/internal/exchange"
	"kivaform/kiva/sandbox/internal/pa2"
	"net/http"
	"time"
)

// serveConfig answers with one of the four configuration lists. Kiva doesn't
// document their scope; any token is accepted.
func (api *API) serveConfig(c *exchange.Call) exchange.Decision {
	name := c.PathValue("list")
	list, n := findConfigList(name)
	if list == nil {
		return exchange.NothingHere(c)
	}
	e := exchange.Success("Found %d value(s) for configuration '%s'", n, name)
	return exchange.Reply(exchange.Answer{Status: http.StatusOK, Value: map[string]any{
		"as_of_date_time": api.Today().UTC().Format(time.RFC3339), name: list, "code": e.Code, "message": e.Message,
	}})
}

func findConfigList(name string) (list any, n int) {
	switch name {
	case "activities":
		return pa2.Activities, len(pa2.Activities)
	case "themes":
		return pa2.Themes, len(pa2.Themes)
	case "locales":
		return pa2.Locales, len(pa2.Locales)
	case "locations":
		return pa2.Locations, len(pa2.Locations)
	}
	return nil, 0
}
