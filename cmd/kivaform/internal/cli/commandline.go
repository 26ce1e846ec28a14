package cli

import (
	"regexp"
	"strings"
)

// Command returns a command line to copy, for this run's workspace and
// environment.
func (c *Console) Command(words ...string) string { return CommandLine(c.Dir, c.Environment, words...) }

// CommandLine returns a command line for a workspace and an environment, which
// it omits if they are the defaults.
func CommandLine(dir, environment string, words ...string) string {
	line := []string{"kivaform"}
	if dir != "" && dir != "." {
		line = append(line, "-C", dir)
	}
	if environment != "" {
		line = append(line, "--env", environment)
	}
	line = append(line, words...)
	for i, word := range line {
		line[i] = quoteWord(word)
	}
	return strings.Join(line, " ")
}

// plainWord matches a word that shells need no quotes for.
var plainWord = regexp.MustCompile(`^[\pL\pN%+,./:=@_-]+$`)

func quoteWord(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
