package photo

// A Reason says why a file can't be used as a photo.
type Reason string

// The reasons.
const (
	Missing       Reason = "missing"         // no such file
	NotAFile      Reason = "not a file"      // a folder, a pipe, a device
	Unreadable    Reason = "unreadable"      // the system refuses to read it
	Empty         Reason = "empty"           // no bytes
	TooLarge      Reason = "too large"       // more bytes than are read
	TooManyPixels Reason = "too many pixels" // by its own header, before decoding
	WrongFormat   Reason = "wrong format"    // not a JPEG, PNG or GIF
	Unsupported   Reason = "unsupported"     // one of them, in a rare variant
	Truncated     Reason = "truncated"       // it ends before the picture does
	Broken        Reason = "broken"          // it contradicts its format
	Trailing      Reason = "trailing"        // something follows the picture
	CannotFit     Reason = "can't fit"       // Limits.MaxBytes is too small
)

// An Error says why a file can't be used as a photo, and what to do about it.
// It doesn't name the file: its caller knows the place that asks for it.
type Error struct {
	Reason  Reason
	Message string // what is wrong: "is a WebP picture, …"
	Remedy  string // what to do; may be empty
	Err     error  // the cause, if there is one
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Hint returns the remedy.
func (e *Error) Hint() string { return e.Remedy }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
