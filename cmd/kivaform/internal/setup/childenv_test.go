package setup

import (
	"slices"
	"strings"
	"testing"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/cmd/kivaform/internal/session"
)

func TestChildEnvironment(t *testing.T) {
	const secret = "s3cret-of-the-client"
	kept := []string{
		"PATH=/bin", "HOME=/home/a", "PWD=/work", "OLDPWD=/", "LANG=C.UTF-8", "TERM=xterm", "TMPDIR=/tmp", "KIVA_CLIENT_ID=id", "KIVAFORM_ALLOW_HOSTS=a.example",
		"GITHUB_REPOSITORY=a/b", "CI=true", "PGHOST=db", "PGUSER=kiva", "HTTPS_PROXY=http://me:pass@proxy:3128", "https_proxy=http://me:pass@proxy:3128",
		"SITE=https://a.example/b@c:d", "GIT_CONFIG_GLOBAL=/dev/null", "KEYBOARD=de", "PATTERN=x", "XAUTHORITY=/home/a/.Xauthority", "EMPTY=",
	}
	left := []string{
		"KIVA_CLIENT_SECRET=" + secret, "KIVA_CLIENT_SECRET_FILE=/run/secret", "KIVA_CONSUMER_SECRET=x", "KIVA_CONSUMER_KEY=x", "KIVAFORM_LEDGER_KEY=x", "kiva_client_secret=x",
		"PGPASSWORD=x", "PGPASSFILE=/x", "PGSERVICEFILE=/x", "PGSSLKEY=/x", "AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x", "AWS_SESSION_TOKEN=x", "AWS_PROFILE=x",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI=x", "GITHUB_TOKEN=x", "GH_TOKEN=x", "CI_JOB_TOKEN=x", "CI_JOB_JWT=x", "CI_JOB_JWT_V2=x", "GITLAB_ACCESS_TOKEN=x", "CI_REGISTRY_PASSWORD=x", "ACTIONS_ID_TOKEN_REQUEST_URL=x",
		"ACTIONS_RUNTIME_TOKEN=x", "VAULT_TOKEN=x", "NPM_CONFIG__AUTH=x", "npm_config__authToken=x", "DOCKER_AUTH_CONFIG={}", "MYSQL_PWD=x", "DB_PASS=x", "SSH_KEY=x", "APIKEY=x", "SSH_AUTH_SOCK=/x",
		"GOOGLE_APPLICATION_CREDENTIALS=/x", "AZURE_CLIENT_SECRET=x", "GITHUB_PAT=x", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=x", "GIT_CONFIG_VALUE_0=x", "GIT_CONFIG_PARAMETERS=x",
		"DATABASE_URL=postgres://u:p@h/d", "CI_REPOSITORY_URL=https://gitlab-ci-token:x@gitlab.example/a.git", "COPY=" + secret, "HEADER=Basic " + secret + "!",
	}
	got, err := childEnvironment(slices.Concat(kept, left), nil, []string{secret, "", "short"})
	if err != nil || !slices.Equal(got, kept) {
		t.Errorf("%v\nkept %q\nwant %q", err, got, kept)
	}
	for _, variable := range left {
		name, _, _ := strings.Cut(variable, "=")
		if got, err := childEnvironment([]string{variable}, []string{name}, []string{secret}); err != nil || len(got) != 1 {
			t.Errorf("--pass-env %s: %q, %v", name, got, err)
		}
	}
	if _, err := childEnvironment(kept, []string{"NOT_THERE"}, nil); session.ExitCode(err) != cli.ExitInvalid {
		t.Errorf("a variable that isn't there: %v", err)
	}
}
