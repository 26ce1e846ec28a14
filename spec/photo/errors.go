package photo

// A Reason says why a file can't be used as a photo.
type Reason string

// The reasons.
const (
	Missing       Reason = "missing"         // no such file
	NotAFile      Reason = "not a file"      // a folder, a pipe, a device
	Unreadable    Reason = "unreadable"      // the system returned an error
	Empty         Reason = "empty"           // no bytes
	TooLarge      Reason = "too large"       // more than maxFile bytes
	TooManyPixels Reason = "too many pixels" // found in the header, before decoding
	WrongFormat   Reason = "wrong format"    // not a JPEG, PNG or GIF
	Unsupported   Reason = "unsupported"     // a rare variant of one of them
	Truncated     Reason = "truncated"       // the end is missing
	Broken        Reason = "broken"          // not valid for its format
	Trailing      Reason = "trailing"        // bytes after the end
	CannotFit     Reason = "can't fit"       // Limits.MaxBytes is too small
)

// An Error says why a file can't be used as a photo, and the remedy. It doesn't
// name the file: the caller adds the position that refers to it.
type Error struct {
	Reason  Reason
	Message string // as in "is a WebP picture, …"
	Remedy  string // may be empty
	Err     error  // the cause; may be nil
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Hint returns the remedy.
func (e *Error) Hint() string { return e.Remedy }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
