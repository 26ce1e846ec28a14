package send

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"kivaform/cmd/kivaform/internal/cli"
	"kivaform/plan/html"
	"kivaform/plan/markdown"
	"kivaform/plan/view"
	"kivaform/spec"
)

// The formats of a plan.
const (
	formatText     = "text"
	formatJSON     = "json"
	formatMarkdown = "markdown"
	formatHTML     = "html"
)

// Formats are the formats of a plan.
var Formats = []string{formatText, formatJSON, formatMarkdown, formatHTML}

// languages are those of the page.
var languages = []string{"en", "es", "fr"}

// formatFlags choose how a plan is shown.
type formatFlags struct {
	format   string
	maxBytes int
	lang     string
}

func (f *formatFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.format, "format", formatText, "how to show the plan: "+strings.Join(Formats, ", "))
	flags.IntVar(&f.maxBytes, "max-bytes", 0, "with --format markdown: leave out what doesn't fit, and say so")
	flags.StringVar(&f.lang, "lang", "", "with --format html: en, es or fr (default en)")
}

func (f formatFlags) check() error {
	var errs []error
	if !slices.Contains(Formats, f.format) {
		errs = append(errs, fmt.Errorf("--format is one of %s, not %q", strings.Join(Formats, ", "), f.format))
	}
	if f.maxBytes < 0 || f.maxBytes > 0 && f.maxBytes < markdown.MinBytes {
		errs = append(errs, fmt.Errorf("--max-bytes is %d or more, not %d", markdown.MinBytes, f.maxBytes))
	}
	if f.maxBytes != 0 && f.format != formatMarkdown {
		errs = append(errs, errors.New("--max-bytes goes with --format markdown"))
	}
	if f.lang != "" && !slices.Contains(languages, f.lang) {
		errs = append(errs, fmt.Errorf("--lang is one of %s, not %q", strings.Join(languages, ", "), f.lang))
	}
	if f.lang != "" && f.format != formatHTML {
		errs = append(errs, errors.New("--lang goes with --format html"))
	}
	if err := errors.Join(errs...); err != nil {
		return cli.WithCode(cli.ExitInvalid, err)
	}
	return nil
}

// write prints a plan in a format other than text. The photo of a page comes
// from the files of a workspace, where there are any.
func (f formatFlags) write(ctx context.Context, w io.Writer, v *view.View, files *spec.Set, all bool) error {
	switch f.format {
	case formatMarkdown:
		return markdown.Write(cli.AsMarkup(w), v, markdown.Options{MaxBytes: f.maxBytes})
	case formatHTML:
		o := html.Options{Lang: f.lang, Full: all}
		if files != nil {
			o.Photo = photosOf(ctx, files)
		}
		if err := html.Write(cli.AsMarkup(w), v, o); err != nil {
			return err
		}
		return ctx.Err() // the photos after that are missing
	}
	return view.JSON(cli.AsJSON(w), v, all)
}

// photosOf gives the photos of a workspace as Kiva gets them.
func photosOf(ctx context.Context, files *spec.Set) func(*spec.Image) ([]byte, error) {
	return func(image *spec.Image) ([]byte, error) {
		_, data, err := files.Photo(ctx, image)
		return data, err
	}
}
