package format

// A file holds the documents of a file, and its comments.
type file struct {
	documents []*document
	comments  []comment // in order
}

// A document is one document of a file; it may be empty.
type document struct {
	start    int // offset; the document ends where the next one starts
	above    []comment
	marked   bool // begins with "---"
	marker   int  // offset of "---", if marked
	line     int  // of the marker
	beside   []comment
	top      []comment // about the document, above its first key
	apart    bool      // a blank line stands below top
	root     *node
	anchored bool // has an anchor: keys keep their order
	below    []comment
}

// A comment is one comment, without the space around it.
type comment struct {
	text   string // begins with #
	space  string // before it, if other text is on its line
	offset int
	line   int  // from 1
	column int  // from 0, in characters
	own    bool // alone on its line
	blank  bool // a blank line stands above
}

// A kind is a node's kind.
type kind int

const (
	empty    kind = iota // no text
	scalar               // one value, on one line or several
	alias                // *name
	mapping              // keys with values
	sequence             // a list
)

// A node is a value with its spelling.
type node struct {
	kind  kind
	props string   // anchor and tag
	lines []string // of a scalar or an alias, without indentation
	style style
	flow  bool // of a collection: in braces or brackets
	inner bool // stands in a flow collection

	start, end int // offsets, without the properties
	line       int // at whose end a comment beside the value stands
	column     int // of a block collection's entries, from 0

	entries []*entry
	foot    []comment // below the last entry
}

// A style is a scalar's style.
type style int

const (
	plain style = iota
	quoted
	block // literal or folded; its first line is the header
	kept  // a block that keeps its blank lines at the end
)

// An entry is a key with its value, or an element of a list.
type entry struct {
	start  int // offset of the key, or of the dash
	line   int // of start
	blank  bool
	head   []comment // lines above
	key    *node     // nil in a list
	value  *node
	beside []comment // at the end of the line, and its continuation below
}
