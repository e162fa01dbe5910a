package conversation

import (
	"slices"

	"github.com/shohay/shohay/hooks/rich"
)

// maxHTML is how much formatted text a message may have, in bytes.
const maxHTML = 400_000

// Format gives the draft its formatting: of any HTML the subset of package
// rich, pictures only if they are among the files, and the text that says the
// same. A draft whose HTML is too long, or shows nothing that text does not,
// stays text.
func (d *Draft) Format(html string) {
	if len(html) > maxHTML {
		return
	}
	doc := rich.Parse(html)
	pictures := doc.Images()
	there := func(id string) bool {
		return slices.ContainsFunc(d.Files, func(f File) bool { return f.ContentID == id })
	}
	doc = doc.WithImages(there)
	for i := range d.Files {
		f := &d.Files[i]
		f.Inline = f.ContentID != "" && slices.Contains(pictures, f.ContentID)
		if !f.Inline {
			f.ContentID = ""
		}
	}
	d.Text, d.HTML = doc.Text(), ""
	if !doc.Plain() {
		d.HTML = doc.HTML(nil)
	}
}
