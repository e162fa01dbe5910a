package spam

import (
	"encoding/binary"
	"errors"
	"slices"
)

// MaxBlob is the most that a stored model takes.
const MaxBlob = 512 << 10

// A blob is a head, the mails learned, oldest first, and the features in
// order, all little-endian. The last byte of the sign is the version of
// token.go's features: a model of other ones is worthless and starts anew.
const (
	sign     = "shohay spam 1"
	headSize = len(sign) + 5*4
	mailSize = 8 + 1
	wordSize = 4 + 2 + 2 + 4
)

// ErrBlob is a stored model that cannot be read.
var ErrBlob = errors.New("this is no model of unwanted mail")

// Blob returns the model for storing. Equal models give equal bytes.
func (m *Model) Blob() []byte {
	m.mu.RLock()
	defer m.mu.RUnlock()
	b := make([]byte, 0, headSize+len(m.order)*mailSize+len(m.words)*wordSize)
	b = append(b, sign...)
	for _, n := range []uint32{m.ham, m.spam, m.clock, uint32(len(m.order)), uint32(len(m.words))} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	for _, n := range m.order {
		b = binary.LittleEndian.AppendUint64(b, n)
		if m.mails[n] {
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
	}
	all := make([]uint32, 0, len(m.words))
	for w := range m.words {
		all = append(all, w)
	}
	slices.Sort(all)
	for _, w := range all {
		e := m.words[w]
		b = binary.LittleEndian.AppendUint32(b, w)
		b = binary.LittleEndian.AppendUint16(b, e.ham)
		b = binary.LittleEndian.AppendUint16(b, e.spam)
		b = binary.LittleEndian.AppendUint32(b, e.seen)
	}
	return b
}

// Load reads a stored model. Nothing stored is a new one.
func Load(blob []byte) (*Model, error) {
	m := New()
	if len(blob) == 0 {
		return m, nil
	}
	if len(blob) < headSize || len(blob) > MaxBlob || string(blob[:len(sign)]) != sign {
		return nil, ErrBlob
	}
	rest := blob[len(sign):]
	next := func() uint32 {
		n := binary.LittleEndian.Uint32(rest)
		rest = rest[4:]
		return n
	}
	m.ham, m.spam, m.clock = next(), next(), next()
	mails, words := int(next()), int(next())
	if mails > maxMails || words > maxWords || m.ham > maxCount || m.spam > maxCount || len(rest) != mails*mailSize+words*wordSize {
		return nil, ErrBlob
	}
	for range mails {
		n := binary.LittleEndian.Uint64(rest)
		if _, twice := m.mails[n]; twice || rest[8] > 1 {
			return nil, ErrBlob
		}
		m.mails[n] = rest[8] == 1
		m.order = append(m.order, n)
		rest = rest[mailSize:]
	}
	last := -1
	for range words {
		w := binary.LittleEndian.Uint32(rest)
		e := entry{binary.LittleEndian.Uint16(rest[4:]), binary.LittleEndian.Uint16(rest[6:]), binary.LittleEndian.Uint32(rest[8:])}
		if int(w) <= last || e.ham == 0 && e.spam == 0 {
			return nil, ErrBlob
		}
		last = int(w)
		m.words[w] = e
		rest = rest[wordSize:]
	}
	return m, nil
}
