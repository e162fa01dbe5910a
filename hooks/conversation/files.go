package conversation

import (
	"bytes"
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

// attachFiles reads the files and puts them into the unsaved message.
func attachFiles(m *Message, files []File) error {
	if len(files) == 0 {
		return nil
	}
	var stored []*filesystem.File
	var infos []FileInfo
	for _, f := range files {
		data, err := readFile(f)
		if err != nil {
			return err
		}
		info := FileInfo{Name: FileName(f.Name), Size: int64(len(data)), ContentID: clean(f.ContentID), Inline: f.Inline}
		info.Type, _, _ = strings.Cut(mimetype.Detect(data).String(), ";")
		if info.Image() {
			// The header alone is read, so a picture that would unpack to
			// gigabytes costs nothing.
			if c, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil {
				info.Width, info.Height = c.Width, c.Height
			}
		}
		if len(data) == 0 {
			// PocketBase refuses empty files; what was sent is still named.
			infos = append(infos, info)
			continue
		}
		sf, err := filesystem.NewFileFromBytes(data, info.Name)
		if err != nil {
			return fmt.Errorf("store the file: %w", err)
		}
		info.Stored = sf.Name
		stored = append(stored, sf)
		infos = append(infos, info)
	}
	m.Set(schema.MsgFiles, stored)
	m.Set(schema.MsgFileInfo, infos)
	return nil
}

func readFile(f File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("open the file: %w", err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	if len(data) > MaxFile {
		return nil, fmt.Errorf("the file has more than %d MB", MaxFile>>20)
	}
	return data, nil
}

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
