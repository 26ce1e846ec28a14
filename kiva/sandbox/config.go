package sandbox

import (
	"net/http"
	"time"
)

// config answers with one of the four configuration lists. Which scope they
// need isn't documented; any token will do.
func (api *partnerAPI) config(c *call) decision {
	name := c.PathValue("list")
	list, n := configList(name)
	if list == nil {
		return nothingHere(c)
	}
	e := success("Found %d value(s) for configuration '%s'", n, name)
	return reply(answer{status: http.StatusOK, value: map[string]any{
		"as_of_date_time": api.Today().UTC().Format(time.RFC3339), name: list, "code": e.Code, "message": e.Message,
	}})
}

func configList(name string) (list any, n int) {
	switch name {
	case "activities":
		return activities, len(activities)
	case "themes":
		return themes, len(themes)
	case "locales":
		return locales, len(locales)
	case "locations":
		return locations, len(locations)
	}
	return nil, 0
}
