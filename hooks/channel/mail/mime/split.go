package mime

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"time"
)

// node is one part of a mail: its fields and where its body lies in the raw
// bytes. Nodes are kept in order of appearance; parent is an index, -1 at the
// top.
type node struct {
	header     Header
	start, end int
	parent     int
	depth      int
	children   []int

	media       string // "text/plain", lower case
	params      map[string]string
	disposition string // "attachment", "inline", "" or what was said
	dispParams  map[string]string
	encoding    string // Content-Transfer-Encoding, lower case
	declared    bool   // had a Content-Type
}

func (n *node) multipart() bool { return strings.HasPrefix(n.media, "multipart/") }

// open is a multipart whose parts are being read.
type open struct {
	boundary string
	node     int
}

type splitter struct {
	raw      []byte
	deadline time.Time
	headOnly bool // there is nothing but a head
	problems []Problem
	nodes    []node
	stack    []open
}

// split returns the tree of parts; the first node is the mail itself.
func (s *splitter) split() []node {
	pos := s.skipPrelude()
	pos = s.begin(-1, pos)
	current := 0   // the node whose body the lines belong to
	inside := true // false in a preamble or an epilogue
	lines := 0     // for the look at the clock
	if len(s.stack) > 0 {
		inside = false
	}

	for pos < len(s.raw) {
		if lines++; lines&4095 == 0 && time.Now().After(s.deadline) {
			s.problems = append(s.problems, ProblemTime)
			break
		}
		lineStart := pos
		line, next := s.line(pos)
		pos = next
		level, closing := s.match(line)
		if level < 0 {
			continue
		}
		end := s.bodyEnd(lineStart)
		if inside {
			s.close(current, end)
		}
		for i := len(s.stack) - 1; i > level; i-- {
			s.close(s.stack[i].node, end)
		}
		if closing {
			s.close(s.stack[level].node, end)
			s.stack = s.stack[:level]
			inside = false
			if level == 0 {
				break // what follows the last boundary is not part of the mail
			}
			continue
		}
		s.stack = s.stack[:level+1]
		if len(s.nodes) >= maxParts {
			s.problems = append(s.problems, ProblemParts)
			inside = false
			s.stack = nil
			break
		}
		before := len(s.stack)
		parent := s.stack[level].node
		current = len(s.nodes)
		pos = s.begin(parent, pos)
		inside = len(s.stack) == before
	}

	// Whatever was never closed ends with the mail.
	for i := range s.nodes {
		if s.nodes[i].end < 0 {
			s.nodes[i].end = len(s.raw)
		}
	}
	return s.nodes
}

// close ends a node's body; fields without an empty line leave none.
func (s *splitter) close(i, end int) { s.nodes[i].end = max(s.nodes[i].start, end) }

// skipPrelude passes over a byte order mark, blank lines and the "From " line
// of an mbox.
func (s *splitter) skipPrelude() int {
	pos := 0
	if bytes.HasPrefix(s.raw, []byte("\xef\xbb\xbf")) {
		pos = 3
	}
	for pos < len(s.raw) && (s.raw[pos] == '\r' || s.raw[pos] == '\n') {
		pos++
	}
	rest := s.raw[pos:]
	if bytes.HasPrefix(rest, []byte("From ")) || bytes.HasPrefix(rest, []byte(">From ")) {
		_, pos = s.line(pos)
	}
	return pos
}

// begin reads the fields of a new node at pos, opens it if it is a multipart,
// and returns where its body starts.
func (s *splitter) begin(parent, pos int) int {
	n := node{parent: parent, end: -1}
	if parent >= 0 {
		n.depth = s.nodes[parent].depth + 1
	}
	n.header, n.start = s.readHeader(pos, parent >= 0)
	s.describe(&n)

	index := len(s.nodes)
	if boundary := n.params["boundary"]; n.multipart() && boundary != "" {
		if n.depth < maxDepth {
			s.stack = append(s.stack, open{boundary: boundary, node: index})
		} else {
			s.problems = append(s.problems, ProblemDepth)
		}
	}
	s.nodes = append(s.nodes, n)
	if parent >= 0 {
		s.nodes[parent].children = append(s.nodes[parent].children, index)
	}
	return n.start
}

func (s *splitter) describe(n *node) {
	contentType := n.header.Get("Content-Type")
	n.media, n.params = parseParams(contentType)
	if !strings.Contains(n.media, "/") {
		switch n.media {
		case "text", "html":
			n.media = "text/" + strings.Replace(n.media, "text", "plain", 1)
		default:
			n.media = ""
		}
	}
	n.declared = n.media != ""
	if !n.declared {
		n.media = "text/plain"
		if n.parent >= 0 && s.nodes[n.parent].media == "multipart/digest" {
			n.media = "message/rfc822"
		}
	}
	n.disposition, n.dispParams = parseParams(n.header.Get("Content-Disposition"))
	n.encoding = strings.ToLower(strings.TrimSpace(n.header.Get("Content-Transfer-Encoding")))
}

// line returns the line at pos without its ending, and the start of the next.
func (s *splitter) line(pos int) ([]byte, int) {
	rest := s.raw[pos:]
	i := bytes.IndexByte(rest, '\n')
	if i < 0 {
		return rest, len(s.raw)
	}
	line := rest[:i]
	if i > 0 && line[i-1] == '\r' {
		line = line[:i-1]
	}
	return line, pos + i + 1
}

// match says which open multipart a line delimits, -1 for none.
func (s *splitter) match(line []byte) (level int, closing bool) {
	if len(line) < 3 || line[0] != '-' || line[1] != '-' || len(s.stack) == 0 {
		return -1, false
	}
	text := bytes.TrimRight(line[2:], " \t\r")
	for i := len(s.stack) - 1; i >= 0; i-- {
		b := s.stack[i].boundary
		if len(text) < len(b) || string(text[:len(b)]) != b {
			continue
		}
		switch string(text[len(b):]) {
		case "":
			return i, false
		case "--":
			return i, true
		}
	}
	return -1, false
}

// bodyEnd is the end of a body before the boundary line at pos: the line
// ending before a boundary belongs to the boundary.
func (s *splitter) bodyEnd(pos int) int {
	if pos > 0 && s.raw[pos-1] == '\n' {
		pos--
		if pos > 0 && s.raw[pos-1] == '\r' {
			pos--
		}
	}
	return pos
}

// readHeader reads fields up to the empty line, a boundary or the end. A line
// without a colon continues the field before it; if it is the very first line
// the part has no fields at all. part is a part of a mail, not a mail.
func (s *splitter) readHeader(pos int, part bool) (Header, int) {
	var h Header
	var value []byte
	name := ""
	size, count := 0, 0
	loose := -1 // the first line that is neither a field nor folded
	var above Header
	ended := false
	flush := func() {
		if name != "" {
			h = append(h, Field{Name: name, Value: strings.TrimSpace(string(value))})
		}
		name, value = "", nil
	}
	for pos < len(s.raw) {
		line, next := s.line(pos)
		if level, _ := s.match(line); level >= 0 {
			break // fields that never ended: the boundary is for the caller
		}
		if len(bytes.TrimRight(line, " \t\r")) == 0 {
			if len(line) > 0 && name != "" && s.fieldAt(next) {
				pos = next // the end of a folded field
				continue
			}
			pos, ended = next, true
			break
		}
		if len(h) == 0 && name == "" && (line[0] == ' ' || line[0] == '\t') {
			// The very first field, pushed in.
			if key, _, ok := fieldName(bytes.TrimLeft(line, " \t")); ok && commonField(key) {
				line = bytes.TrimLeft(line, " \t")
			}
		}
		size += len(line) + 1
		count++
		if size > maxHeaderBytes || count > maxHeaderLines {
			s.headerProblem()
			pos = next
			continue
		}
		key, rest, ok := fieldName(line)
		switch {
		case ok:
			flush()
			if loose >= 0 && commonField(key) {
				loose = -1 // it was only a broken fold
			}
			name, value = key, append(value, rest...)
		case name == "" && len(h) == 0:
			return nil, pos
		case line[0] == ':':
			// A field without a name belongs to nothing.
		default:
			if loose < 0 && line[0] != ' ' && line[0] != '\t' {
				loose = pos
				above = append(slices.Clone(h), Field{Name: name, Value: strings.TrimSpace(string(value))})
			}
			// The fold stays visible as one space.
			value = append(append(value, ' '), bytes.TrimSpace(line)...)
		}
		pos = next
	}
	flush()
	if loose >= 0 && !s.headOnly && size <= maxHeaderBytes && (!ended || part && s.textAt(loose, above)) {
		return above, loose // the empty line is missing
	}
	return h, pos
}

// fieldAt says whether one of the common fields stands at pos.
func (s *splitter) fieldAt(pos int) bool {
	if pos >= len(s.raw) {
		return false
	}
	line, _ := s.line(pos)
	if len(line) == 0 {
		return false
	}
	key, _, ok := fieldName(line)
	return ok && commonField(key)
}

// textAt says whether the line at pos, below the fields of a part, is text
// rather than the rest of the field above it that lost its indent.
func (s *splitter) textAt(pos int, above Header) bool {
	line, _ := s.line(pos)
	last := above[len(above)-1].Value
	return !strings.HasSuffix(last, ";") && !paramLine.Match(line) && len(above) > 0
}

// paramLine is a parameter of Content-Type and the like.
var paramLine = regexp.MustCompile(`^[A-Za-z][\w-]*(?:\*\d*)?\*?\s*=`)

// commonField knows the fields that stand in most heads.
func commonField(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "from", "to", "cc", "subject", "date", "message-id", "mime-version", "received", "return-path", "reply-to", "references", "in-reply-to", "dkim-signature", "sender":
		return true
	}
	return strings.HasPrefix(name, "content-") || strings.HasPrefix(name, "x-")
}

func (s *splitter) headerProblem() {
	for _, p := range s.problems {
		if p == ProblemHeader {
			return
		}
	}
	s.problems = append(s.problems, ProblemHeader)
}

// fieldName cuts "Name: value"; the name is printable ASCII without blanks.
func fieldName(line []byte) (name string, rest []byte, ok bool) {
	if line[0] == ' ' || line[0] == '\t' {
		return "", nil, false
	}
	i := bytes.IndexByte(line, ':')
	if i <= 0 || i > 120 {
		return "", nil, false
	}
	key := bytes.TrimRight(line[:i], " \t")
	for _, c := range key {
		if c <= ' ' || c >= 127 {
			return "", nil, false
		}
	}
	return string(key), bytes.TrimSpace(line[i+1:]), len(key) > 0
}
