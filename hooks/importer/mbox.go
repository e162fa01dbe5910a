package importer

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// mbox reads an archive of mails one by one (RFC 4155). Mail programs differ in
// how they protect a line of a mail that begins with "From ": with one ">" in
// front (mboxo), or with one more ">" before any number of them (mboxrd). One
// is taken off in both; for mboxo that may take one off a line that had it.
//
// A line "From " divides mails only behind an empty line or at the beginning,
// and only when a header follows: a letter that goes "From now on …" stays
// whole even where its program protected nothing.
type mbox struct {
	r       *bufio.Reader
	most    int  // bytes of a mail that are kept
	started bool // the line that divides was read
}

func newMbox(r io.Reader, most int) *mbox {
	return &mbox{r: bufio.NewReaderSize(r, 1<<20), most: most}
}

var errNoMbox = errors.New("this is no archive of mails")

// line returns the next line with its end. Of a line without end only so much
// is given at a time.
func (m *mbox) line() ([]byte, error) {
	l, err := m.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		err = nil
	}
	if bytes.HasPrefix(l, []byte("From ")) {
		l = bytes.Clone(l) // looking ahead moves what the reader holds
	}
	if len(l) > 0 {
		return l, nil
	}
	return nil, err
}

// divides tells whether a line "From …" begins a mail: a header is behind it.
func (m *mbox) divides(line []byte) bool {
	if !bytes.HasPrefix(line, []byte("From ")) {
		return false
	}
	ahead, _ := m.r.Peek(512)
	name, _, ok := bytes.Cut(ahead, []byte(":"))
	if bytes.HasPrefix(ahead, []byte(">From ")) { // as some programs repeat it
		return true
	}
	if !ok || len(name) == 0 || len(name) > 76 {
		return false
	}
	for _, c := range name {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}

// Next returns the next mail, and false at the end. cut tells that it was
// longer than is kept.
func (m *mbox) Next() (mail []byte, cut, ok bool, err error) {
	for !m.started {
		l, err := m.line()
		if err != nil {
			return nil, false, false, endOr(err)
		}
		switch {
		case len(bytes.TrimSpace(l)) == 0:
		case m.divides(bytes.TrimPrefix(l, []byte("\xef\xbb\xbf"))):
			m.started = true
		default:
			return nil, false, false, errNoMbox
		}
	}
	empty, fresh := false, true
	for lines := 0; ; lines++ {
		l, err := m.line()
		if err != nil {
			m.started = false
			if lines == 0 {
				return nil, false, false, endOr(err)
			}
			return trimEnd(mail), cut, true, endOr(err)
		}
		if empty && fresh && m.divides(l) {
			return trimEnd(mail), cut, true, nil
		}
		if fresh { // at the beginning of a line
			empty = len(bytes.TrimRight(l, "\r\n")) == 0
			if rest := bytes.TrimLeft(l, ">"); len(rest) < len(l) && bytes.HasPrefix(rest, []byte("From ")) {
				l = l[1:]
			}
		}
		fresh = l[len(l)-1] == '\n'
		if room := m.most - len(mail); len(l) > room {
			l, cut = l[:max(room, 0)], true
		}
		mail = append(mail, l...)
	}
}

func endOr(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// trimEnd takes off the empty line that belongs to the archive.
func trimEnd(mail []byte) []byte {
	if rest, ok := bytes.CutSuffix(mail, []byte("\r\n\r\n")); ok {
		return append(rest, "\r\n"...)
	}
	if rest, ok := bytes.CutSuffix(mail, []byte("\n\n")); ok {
		return append(rest, '\n')
	}
	return mail
}
