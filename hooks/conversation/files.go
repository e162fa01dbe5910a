package conversation

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // sizes of pictures only
	_ "image/jpeg"
	_ "image/png"
	"io"
	"path"
	"strings"
	"unicode"

	"github.com/gabriel-vasile/mimetype"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/shohay/shohay/hooks/schema"
	_ "golang.org/x/image/webp"
)

// MaxFile is the size above which an attachment is refused by the database
// (messages.files).
const MaxFile = 30 << 20

// FileInfo describes a stored attachment.
type FileInfo struct {
	Stored    string `json:"stored"`
	Name      string `json:"name"`
	Type      string `json:"type"` // as the content shows, not as it was declared
	Size      int64  `json:"size"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
	ContentID string `json:"cid"`
	Inline    bool   `json:"inline"`
}

// Image tells whether browsers show the file as a picture safely.
func (f FileInfo) Image() bool {
	switch f.Type {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
		return true
	}
	return false
}

// inMemory is the size above which a file goes to the storage as it is read.
const inMemory = 256 << 10

// attachFiles puts the files into the unsaved message. Those of some size are
// read when the message is saved.
func attachFiles(m *Message, files []File) error {
	if len(files) == 0 {
		return nil
	}
	var stored []*filesystem.File
	var infos []FileInfo
	for _, f := range files {
		if f.Size > MaxFile {
			return fmt.Errorf("the file has more than %d MB", MaxFile>>20)
		}
		data, err := readFile(f)
		if err != nil {
			return err
		}
		info := FileInfo{Name: FileName(f.Name), Size: int64(len(data)), ContentID: clean(f.ContentID), Inline: f.Inline}
		if len(data) == 0 {
			// PocketBase refuses empty files; what was sent is still named.
			info.Type = "text/plain"
			infos = append(infos, info)
			continue
		}
		info.Type, _, _ = strings.Cut(mimetype.Detect(data).String(), ";")
		sf, err := filesystem.NewFileFromBytes(data, info.Name)
		if err != nil {
			return fmt.Errorf("store the file: %w", err)
		}
		if f.Size > inMemory { // data is its beginning
			sf.Size, info.Size = f.Size, f.Size
			sf.Reader = &streamed{f}
		}
		if info.Image() {
			// The header alone is read, so a picture that would unpack to
			// gigabytes costs nothing.
			if r, err := sf.Reader.Open(); err == nil {
				if c, _, err := image.DecodeConfig(bufio.NewReader(r)); err == nil {
					info.Width, info.Height = c.Width, c.Height
				}
				_ = r.Close() // it was only looked at
			}
		}
		info.Stored = sf.Name
		stored = append(stored, sf)
		infos = append(infos, info)
	}
	m.Set(schema.MsgFiles, stored)
	m.Set(schema.MsgFileInfo, infos)
	return nil
}

// readFile reads a small file, or the beginning of a large one, by which its
// type is told.
func readFile(f File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("open the file: %w", err)
	}
	defer r.Close()
	most := int64(MaxFile + 1)
	if f.Size > inMemory {
		most = 4 << 10
	}
	data, err := io.ReadAll(io.LimitReader(r, most))
	if err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	if len(data) > MaxFile {
		return nil, fmt.Errorf("the file has more than %d MB", MaxFile>>20)
	}
	return data, nil
}

// streamed is a file for the storage that is read from where it came.
type streamed struct{ file File }

// Open implements filesystem.FileReader.
func (s *streamed) Open() (io.ReadSeekCloser, error) {
	r, err := s.file.Open()
	if err != nil {
		return nil, fmt.Errorf("open the file: %w", err)
	}
	return &rewinding{open: s.file.Open, now: r, size: s.file.Size}, nil
}

// rewinding reads a file that can be opened again from its beginning. One that
// is not as long as was said is an error.
type rewinding struct {
	open     func() (io.ReadCloser, error)
	now      io.ReadCloser
	at, size int64
}

func (r *rewinding) Read(b []byte) (int, error) {
	n, err := r.now.Read(b)
	r.at += int64(n)
	if r.at > r.size || err == io.EOF && r.at < r.size {
		return n, fmt.Errorf("the file has not the %d bytes that were announced", r.size)
	}
	return n, err
}

func (r *rewinding) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekStart {
		return 0, errors.New("the file can only be read from its beginning")
	}
	if r.at == 0 {
		return 0, nil
	}
	fresh, err := r.open()
	if err != nil {
		return 0, fmt.Errorf("open the file: %w", err)
	}
	err = r.now.Close()
	r.now, r.at = fresh, 0
	return 0, err
}

func (r *rewinding) Close() error { return r.now.Close() }

// FileName makes a sender's name for a file harmless: its last element,
// without control and direction characters (U+202E turns exe.jpg around), at
// most 120 bytes with the extension kept (mail rule 54).
func FileName(name string) string {
	name = path.Base(strings.ReplaceAll(clean(name), `\`, "/"))
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || strings.ContainsRune(`"<>|:*?`, r) {
			return -1
		}
		return r
	}, name))
	if name == "" || strings.Trim(name, "./") == "" {
		name = "file"
	}
	if len(name) > 120 {
		ext := path.Ext(name)
		if len(ext) > 12 {
			ext = ""
		}
		name = strings.TrimSpace(strings.ToValidUTF8(name[:120-len(ext)], "")) + ext
	}
	return name
}
