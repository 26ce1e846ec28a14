package code

var explainedSettings = map[Code]explanation{
	Workspace: {
		means: "The folder isn't there, or has no kiva.yaml.",
		why:   "kiva.yaml says for which partner and for which environment of Kiva the files are. Without it nothing is checked or sent.",
		mend:  "Go to the workspace's folder, or name it with -C. kivaform init makes a new workspace.",
	},
	Version: {
		means: "kiva.yaml doesn't say which form it has, or says one that this kivaform doesn't know.",
		why:   "A later version may mean something else by the same keys. An older program must not guess.",
		mend:  "Write version: 1. If the file is of a later version, use the kivaform that it was written for.",
		wrong: "version: 2", right: "version: 1",
	},
	Credential: {
		means: "A key in kiva.yaml is meant for a secret: client_id, client_secret, secret, password, token, access_token or api_key.",
		why:   "Files of a workspace are in git and are read by many. Client secrets of Kiva's partners have been found in public repositories.",
		mend:  "Set KIVA_CLIENT_ID and KIVA_CLIENT_SECRET in the environment, or name a file in KIVA_CLIENT_SECRET_FILE. If the file was ever shared, ask Kiva for a new secret: git keeps the old one.",
	},
	Unset: {
		means: "csv_format isn't set, or on the sandbox repayment_amounts, and there are documents that depend on it.",
		why:   "Both are settings of the partner at Kiva that can't be read through the API (report_payments.md). With the wrong one, every amount of a report can be wrong.",
		mend:  "PA2 > Account > Profile > CSV upload format says two-column or three-column. Ask Kiva what the amounts of your reports mean.",
		right: "csv_format: three-column\nrepayment_amounts: cumulative-principal",
	},
	UnsetAmounts: {
		means: "There is a repayment report, and repayment_amounts isn't set. The sandbox takes cumulative-principal; no other environment takes anything.",
		why:   "cumulative-principal: all principal repaid so far. outstanding-principal: all that is still owed. With these a new upload corrects an amount. paid-this-period: what was repaid in the month alone, where a second upload could count twice. Kiva knows which is yours; its API doesn't tell (Kiva partner training).",
		mend:  "Ask Kiva what the amounts of your reports mean, and write it in kiva.yaml.",
		right: "repayment_amounts: paid-this-period",
	},
	Today: {
		means: "An environment other than sandbox is told what day it is.",
		why:   "Kiva lives on the real day. Checks by another one would let through dates that PA2 refuses.",
		mend:  "Remove today. It is for examples on the sandbox, whose dates must stay right.",
	},
	Glob: {
		means: "A pattern under ignore can't be read.",
		why:   "A pattern that matches nothing would let files in that were meant to be left out.",
		mend:  "Close the bracket. * stands for anything within a name, ** for any number of folders, [ab] for one of the letters.",
		wrong: `ignore: ["[a"]`, right: `ignore: ["[ab]*.yaml", "docs/**"]`,
	},
	URL: {
		means: "An address isn't a web address in full.",
		why:   "Kiva fetches image_url itself, and kivaform speaks to the addresses of an environment: both need the beginning, https://.",
		mend:  "Write it in full. A photo in the workspace goes under image, not image_url.",
		wrong: "image_url: photos/1.jpg", right: "image_url: https://www.example.org/photos/1.jpg",
	},
	Duration: {
		means: "A time limit isn't a number with its unit, or isn't above zero.",
		why:   "5 could be seconds or minutes.",
		mend:  "Write the unit: 90s, 2m, 1h30m.",
		wrong: "answer_timeout: 5", right: "answer_timeout: 2m",
	},
	Name: {
		means: "A name isn't in the list of catalog.yaml that it is looked up in.",
		why:   "Kiva takes numbers, from a list of its own for each partner (draftloans.md). Case and accents make no difference here; letters do.",
		mend:  "Correct the name; the hint gives the nearest. kivaform catalog list searches the lists, kivaform catalog pull renews them.",
		wrong: "activity: Dary", right: "activity: Dairy",
	},
	ListedID: {
		means: "A number isn't in the list of catalog.yaml. It is sent all the same.",
		why:   "Kiva's lists grow, and the file may be old; but a wrong number is a wrong activity, theme or language, which only PA2 shows.",
		mend:  "Look the number up with kivaform catalog list, or renew the lists with kivaform catalog pull.",
	},
	NoList: {
		means: "A name is given where Kiva wants a number, and catalog.yaml has no list to look it up in.",
		why:   "Kiva's numbers differ between partners, so none are built in.",
		mend:  "Run kivaform catalog pull, or write the number: activity_id, theme_type_id, description_language_id.",
		wrong: "theme: General", right: "theme_type_id: 48",
	},
	Location: {
		means: "The location isn't one of the partner's in catalog.yaml.",
		why:   "Kiva wants the full_name of one of the partner's locations to the letter, as Town: Country (draftloans.md; Kiva's samples). Case, accents and spaces are put right here; other differences can't be.",
		mend:  "Take one of the names that the hint gives. A new place is added in PA2 > Account > Locations; then run kivaform catalog pull.",
		wrong: `location: "Nakuru, Kenya"`, right: `location: "Nakuru: Kenya"`,
	},
	Currency: {
		means: "The currency isn't among the locales of catalog.yaml.",
		why:   "A loan's currency must be one of those that Kiva has for the partner (draftloans.md).",
		mend:  "kivaform catalog list locales shows them. If Kiva has added one since, run kivaform catalog pull.",
	},
	Pair: {
		means: "Currency and language of the description are both known, but not as a pair.",
		why:   "Kiva's list of locales is one of pairs of currency and language. Whether PA2 minds another combination isn't documented, so this is only a warning.",
		mend:  "Look whether the description is in the language that it says. kivaform catalog list locales shows the pairs.",
	},
	Ambiguous: {
		means: "A name stands for several numbers in catalog.yaml.",
		why:   "Kiva takes one number, and the name doesn't say which.",
		mend:  "Write the number in place of the name; the hint lists those that have it.",
		wrong: "activity: Retail", right: "activity_id: 110",
	},
	NoCatalog: {
		means: "There is no catalog.yaml, so locations, currencies and numbers aren't checked.",
		why:   "The API stores a draft with a wrong location or number without a word, and PA2 shows the fault only to the person who publishes.",
		mend:  "Run kivaform catalog pull, and commit catalog.yaml.",
	},
}
