package view

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"kivaform/plan"
	"kivaform/plan/view/viewtest"
	"kivaform/spec"
)

// Whatever a renderer can reach of a masked view holds nothing personal: neither
// what goes into JSON nor what is beside it.
func TestAMaskedViewGivesNothingPersonal(t *testing.T) {
	const secret = "unmistakable"
	d, j := viewtest.GroupDraft(), viewtest.Visit("L-0801")
	for i := range d.Entreps {
		e := &d.Entreps[i]
		e.FirstName, e.LastName, e.Gender = secret, secret, secret
	}
	d.GroupName, d.Description, d.LoanUse, d.ImageURL, d.ImageEncoded = secret, secret, secret, secret, secret
	d.Image = &spec.Image{File: secret, Digest: "4416b1b3c0ffee", MediaType: "image/jpeg", Width: 64, Height: 64, Bytes: 1000}
	j.Subject, j.Body, j.ImageURL = secret, secret, secret
	p := viewtest.NewPlan()
	changes := []plan.Change{{Path: "loanuse", Personal: true, New: secret, Was: true, Is: true}}
	p.Drafts = []plan.Item{{Action: plan.Submit, Resource: d}, {Action: plan.Edited, Resource: d, Changes: changes}}
	p.Journals = []plan.Item{{Action: plan.Submit, Resource: j}}
	for _, personal := range []bool{false, true} {
		reached := 0
		for item := range New(p, Meta{}, personal).Items(true) {
			reached += strings.Count(exportedTexts(reflect.ValueOf(item)), secret)
			for _, l := range Describe(item.Fields) {
				reached += strings.Count(fmt.Sprint(l.Words), secret)
			}
		}
		if (reached > 0) != personal {
			t.Errorf("personal %t: reached %d times", personal, reached)
		}
	}
}

// exportedTexts returns all texts that can be reached through exported fields.
func exportedTexts(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		return v.String() + "\n"
	case reflect.Pointer:
		if !v.IsNil() {
			return exportedTexts(v.Elem())
		}
	case reflect.Slice:
		var b strings.Builder
		for i := range v.Len() {
			b.WriteString(exportedTexts(v.Index(i)))
		}
		return b.String()
	case reflect.Struct:
		var b strings.Builder
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				b.WriteString(exportedTexts(v.Field(i)))
			}
		}
		return b.String()
	}
	return ""
}
