package spec

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"strings"

	"kivaform/spec/input"

	"gopkg.in/yaml.v3"
)

func firstFile(root *os.Root, names []string) string {
	for _, name := range names {
		if _, err := root.Lstat(name); err == nil {
			return name
		}
	}
	return ""
}

// read reads the documents of the reader's file, and returns what it holds. A
// file that can't be read is a fault.
func (l *loader) read(r *reader, visit func(*yaml.Node)) []byte {
	if input.IsHidden(l.root, r.file) {
		r.faults = append(r.faults, hiddenFault(Pos{File: r.file}, ""))
		return nil
	}
	var content []byte
	err := l.buffers.Read(l.ctx, l.root, r.file, maxFile, func(data []byte) {
		content = bytes.Clone(data)
		r.documents(content, visit)
	})
	if err != nil {
		r.faults = append(r.faults, fileFault(codeUnreadable, Pos{File: r.file}, "", err))
	}
	return content
}

// hiddenFault refuses a file that belongs to a program, or to a person's secrets.
func hiddenFault(at Pos, path string) *Fault {
	return newFault(codePath, at, path, "leads to a hidden file or folder, which isn't read", "keep the file where all can see it")
}

// fileFault says why a file can't be read, in words that don't depend on the
// system.
func fileFault(c code, at Pos, path string, err error) *Fault {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return newFault(c, at, path, "there is no such file", "paths are relative to the file that names them")
	case errors.Is(err, fs.ErrPermission):
		return newFault(c, at, path, "this file may not be read", "change its permissions")
	case errors.Is(err, input.ErrIrregular), errors.Is(err, input.ErrFolder):
		return newFault(c, at, path, err.Error(), "name a file of the workspace")
	case errors.As(err, new(*input.TooLargeError)):
		return newFault(c, at, path, err.Error(), "divide the file")
	case strings.Contains(err.Error(), "escapes"): // os.Root has no error of its own to ask for
		return newFault(c, at, path, "leaves the workspace through a symbolic link", "keep the file in the workspace")
	}
	var cause *fs.PathError
	if errors.As(err, &cause) {
		err = cause.Err
	}
	return newFault(c, at, path, "can't be read: "+err.Error(), "")
}
