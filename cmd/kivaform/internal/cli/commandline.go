package cli

import (
	"regexp"
	"strings"
)

// Command is a command for people to copy: in the workspace and the environment
// of this run.
func (c *Console) Command(words ...string) string { return CommandLine(c.Dir, c.Environment, words...) }

// CommandLine is a command in a workspace and an environment; they are left out
// where they are what kivaform takes by itself.
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
		line[i] = quoted(word)
	}
	return strings.Join(line, " ")
}

// plainWord is a word that shells take as it is.
var plainWord = regexp.MustCompile(`^[\pL\pN%+,./:=@_-]+$`)

func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
