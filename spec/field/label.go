package field

// Labels returns the English labels of fields, by the path that faults and plans
// give them, without an index. A row of a report has no list in its path.
func Labels() map[string]string {
	all := map[string]string{}
	for _, fields := range [][]Field{LoanDraft.Fields, Journal.Fields, Repayment, Settings.Fields} {
		addLabels(all, "", fields)
	}
	return all
}

func addLabels(all map[string]string, prefix string, fields []Field) {
	for i := range fields {
		f := &fields[i]
		if f.Label != "" {
			all[prefix+f.Name] = f.Label
		}
		if f.Form == List {
			addLabels(all, prefix+f.Name+".", f.Fields)
		}
	}
}
