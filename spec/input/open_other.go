//go:build !unix

package input

const nonblocking = 0 // opening never waits

func irregular(err error) error { return err }
