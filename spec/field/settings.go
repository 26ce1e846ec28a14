package field

import (
	"slices"

	"kivaform/spec"
)

const (
	profile     = "PA2 > Account > Profile"
	publicPlace = "https://api.example.org"
)

// Settings is kiva.yaml.
var Settings = Field{Name: "kiva.yaml", Form: Mapping,
	About: "The settings of a workspace: the first document of kiva.yaml, which says no kind. The folder that it is in is the workspace.",
	Fields: []Field{
		{Name: "version", Form: Version, Needed: always, Example: "1",
			About: "The version of this file's form."},
		{Name: "partner_id", Form: Digits, Default: "the access token says it", Example: `"145"`, Source: profile,
			AtKiva: "the address of every request: /v3/partner/145/…",
			About:  "The partner's number. It is checked against the number in the token."},
		{Name: "environment", Form: Text, Default: spec.Sandbox, Example: "staging",
			About: "Where to send: sandbox (on this machine), staging, production, or a name under environments. --env names another for one command."},
		{Name: "csv_format", Label: "CSV format", Form: Choice, Choices: []string{string(spec.TwoColumn), string(spec.ThreeColumn)},
			Default: "client ids are sent where documents give them", Example: "three-column", Source: profile + " > CSV upload format; Kiva: report_payments.md",
			About: "Whether Kiva tells this partner's loans by loan id alone or by loan id and client id. It rules repayments and journals."},
		{Name: "repayment_amounts", Label: "Meaning of the amounts", Form: Choice,
			Choices: []string{string(spec.CumulativePrincipal), string(spec.OutstandingPrincipal), string(spec.PaidThisPeriod)},
			Default: string(spec.CumulativePrincipal) + " on the sandbox; elsewhere none, and a report needs it", Example: "cumulative-principal", Source: training + "; a Kiva Fellow's report; ask Kiva which it is for you",
			About: "What the amounts of repayment reports are: all principal repaid so far, all principal still owed, or what was paid in the month alone."},
		{Name: "journal_statuses", Form: Texts, Default: "[payingBack]", Example: "[payingBack, raised]", Source: journalDocs,
			About: "The statuses of loans that take journals. A journal of a loan in another status waits. Kiva names only the tab \"Journals\" in PA2."},
		{Name: "environments", Form: Mapping, Fields: environments, Example: "{pilot: {api_url: \"https://partner-api.example.org\", token_url: \"https://auth.example.org/oauth/token\"}}",
			About: "Environments beside Kiva's, and changes to Kiva's own: each address can be set by itself. kivaform env show tells what counts. A host that isn't Kiva's must be named by KIVAFORM_ALLOW_HOSTS, too: kivaform help hosts."},
		{Name: "ledger", Form: Text, Default: "ledger, or .kivaform/ledger on the sandbox", Example: "git:kivaform-ledger",
			About: "Where it is recorded what was sent: a folder, git:BRANCH, postgres://USER@HOST/DATABASE or s3://BUCKET/FOLDER."},
		{Name: "limits", Form: Mapping, Default: "no limits", Example: `{drafts: 200, amount: {KES: "20000000"}}`, Fields: limits,
			About: "What one apply may send at most. More is refused before anything is sent."},
		{Name: "photos", Form: Mapping, Fields: photos, Example: "{max_pixels: 1600, max_bytes: 1000000}",
			About: "How large a photo may be that is sent. Larger ones are made smaller. Kiva states no limit."},
		{Name: "ids", Form: Mapping, Fields: ids, Example: "{significant: [zeros, case]}",
			About: "What is known of the partner's loan ids. Two ids that differ only in capitals, leading zeros, spaces, dashes or letters that look alike are taken for one loan until a person says otherwise."},
		{Name: "ignore", Form: Texts, Example: `[docs, "**/*.draft.yaml"]`,
			About: "Files and folders that hold no documents, as patterns: * within a name, ** for any number of folders."},
		{Name: "defaults", Form: Mapping, Example: "{loan_draft: {currency: KES, client_waiver_signed: true}}",
			About: "What documents take where they say nothing.",
			Fields: []Field{{Name: "loan_draft", Form: Mapping, Fields: shared(draft), Example: "{currency: KES, client_waiver_signed: true}",
				About: "Fields that all loan drafts have in common. A draft's own value counts more."}}},
	}}

var limits = []Field{
	{Name: "drafts", Form: Count, Default: "no limit", Example: "200", About: "How many loan drafts."},
	{Name: "journals", Form: Count, Default: "no limit", Example: "50", About: "How many journals."},
	{Name: "repayments", Form: Count, Default: "no limit", Example: "3000", About: "How many repayments."},
	{Name: "amount", Form: Mapping, Default: "no limit", Example: `{KES: "20000000"}`, About: "How much money in loan drafts, by currency.",
		Fields: []Field{{Name: "CURRENCY", Keys: "^[A-Z]{3}$", Form: Amount, Example: `"20000000"`, About: "The largest sum of loan drafts in this currency."}}},
}

var photos = []Field{
	{Name: "max_pixels", Form: Count, Default: "2000", Example: "1600", About: "The length of the longer side, in pixels."},
	{Name: "max_bytes", Form: Count, Default: "2097152", Example: "1000000", About: "The size of the file that is sent, in bytes, before base64."},
}

var ids = []Field{
	{Name: "significant", Form: Texts, Choices: []string{spec.SignificantZeros, spec.SignificantCase}, Default: "none", Example: "[zeros, case]",
		About: "Differences between two ids that are real, so that they are different loans: zeros (007 and 7), case (L-7 and l-7)."},
}

var environments = []Field{
	{Name: spec.Sandbox, Form: Mapping, Example: "{today: 2026-11-20}", About: "The Partner API on this machine.", Fields: append(environment[:len(environment):len(environment)],
		Field{Name: "today", Form: Day, Default: "the real day", Example: "2026-11-20",
			About: "The day that the sandbox lives in, so that dates of an example stay right. No other environment takes it."})},
	{Name: "NAME", Form: Mapping, Example: `{api_url: "https://partner-api.example.org"}`,
		Fields: append(environment[:len(environment):len(environment)], Field{Name: "today", Form: Empty, About: "Only the sandbox can live on a fixed day."}),
		About:  "One environment. What isn't set comes from Kiva's environment of that name, if there is one."},
}

var environment = []Field{
	{Name: "token_url", Form: Address, Example: "https://auth.example.org/oauth/token", Source: "Kiva: API authentication",
		About: "Where access tokens come from."},
	{Name: "audience", Form: Text, Example: "https://partner-api.example.org", Source: "Kiva: API authentication",
		About: "The audience that a token is asked for. It needn't be the same as api_url."},
	{Name: "api_url", Form: Address, Example: "https://partner-api.example.org", Source: "Kiva: API authentication",
		About: "Where the Partner API is, without /v3."},
	{Name: "issuer", Form: Address, Example: "https://lender.example/partner/v1", Source: "OpenID Connect Discovery; RFC 8414",
		About: "Who gives tokens, where it publishes its addresses: those that aren't set here are looked up there. Kiva isn't known to do so."},
	{Name: "resource", Form: Text, Example: publicPlace, Source: "RFC 8707",
		About: "What a token is for, in place of an audience, at servers that want it so."},
	{Name: "scopes", Form: Texts, Default: "what the command needs", Example: `["applications:write", "decisions:read"]`,
		About: "The rights that a token is asked for, at a provider other than Kiva."},
	{Name: "jwks_uri", Form: Address, Default: "the issuer's own", Example: "https://lender.example/keys", Source: "RFC 7517",
		About: "Where the keys are by which a token's signature is checked."},
	{Name: "introspection_url", Form: Address, Default: "the issuer's own", Example: "https://lender.example/introspect", Source: "RFC 7662",
		About: "Where one can ask whether a token is good."},
	{Name: "public_url", Form: Address, Example: publicPlace, Source: "Kiva: API Conventions",
		About: "Where Kiva's public API is, without /v1: what lenders see of this environment's loans."},
	{Name: "journals_path", Form: Choice, Choices: []string{"partner", "partners"}, Default: "partner", Example: "partners",
		Source: "Kiva's scope tables and library say partner, one sample says partners",
		About:  "The word in the address that journals go to: /v3/partner/… or /v3/partners/…."},
	{Name: "journals_body", Form: Choice, Choices: []string{"object", "array"}, Default: "object", Example: "array",
		Source: "Kiva's library sends an object, one sample an array",
		About:  "How journals are wrapped: as an object with the key journals, or as a bare array."},
	{Name: "connect_timeout", Form: Duration, Default: "15s", Example: "15s",
		About: "How long to wait for a connection."},
	{Name: "answer_timeout", Form: Duration, Default: "2m", Example: "3m",
		About: "How long to wait for an answer. After that, the outcome of a request isn't known."},
	{Name: "ledger", Form: Text, Default: "the ledger of the workspace", Example: "./pilot-ledger",
		About: "Where it is recorded what was sent to this environment."},
}

// shared are the fields that many drafts may have in common.
func shared(fields []Field) []Field {
	return slices.DeleteFunc(slices.Clone(fields), func(f Field) bool { return !f.Shared })
}
