package format

// A file is what was read: documents, and the comments until they are attached.
type file struct {
	documents []*document
	comments  []comment // all, in order
}

// A document is one document of a file, which may be empty.
type document struct {
	start    int // offset; the document ends where the next one starts
	above    []comment
	marked   bool // begins with "---"
	marker   int  // offset of it, where the file has it
	line     int  // of the marker
	beside   []comment
	top      []comment // the document's own, above its first key
	apart    bool      // a blank line stands below top
	root     *node
	anchored bool // holds an anchor, so that keys must stay in order
	below    []comment
}

// A comment is one comment, without the space around it.
type comment struct {
	text   string // begins with #
	space  string // before it, where something else stands on its line
	offset int
	line   int // from 1
	column int // from 0, in characters
	own    bool
	blank  bool // a blank line stands above
}

// A kind is what a node is.
type kind int

const (
	empty    kind = iota // nothing is written
	scalar               // one value, in one line or several
	alias                // *name
	mapping              // keys with values
	sequence             // a list
)

// A node is a value as it is written.
type node struct {
	kind  kind
	props string   // anchor and tag
	lines []string // of a scalar or an alias, without indentation
	style style
	flow  bool // of a collection: in braces or brackets
	inner bool // stands in a flow collection

	start, end int // offsets, without the properties
	line       int // where a comment beside the value would stand
	column     int // of a block collection's entries, from 0

	entries []*entry
	foot    []comment // below the last entry
}

// A style is how a scalar is written.
type style int

const (
	plain style = iota
	quoted
	block // literal or folded; its first line is the header
	kept  // a block whose blank lines at the end count
)

// An entry is one key with its value, or one value of a list.
type entry struct {
	start  int // offset of the key, or of the dash
	line   int // of it
	blank  bool
	head   []comment // lines above
	key    *node     // nil in a list
	value  *node
	beside []comment // on the line; all after the first below it, in its column
}
