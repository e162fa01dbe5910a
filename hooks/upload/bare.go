package upload

import (
	"bytes"
	"encoding/binary"
	"errors"
)

var errBroken = errors.New("the picture is broken")

// kindOf tells a picture by its first bytes.
func kindOf(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return "jpeg"
	case bytes.HasPrefix(head, []byte(pngHead)):
		return "png"
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP":
		return "webp"
	case bytes.HasPrefix(head, []byte("GIF8")):
		return "gif"
	}
	return ""
}

const pngHead = "\x89PNG\r\n\x1a\n"

// Bare is a picture without what the camera or the program that made it wrote
// into it: where it was taken, when, by what, a smaller picture of it, and
// whatever hangs behind its end. The points are the same to the last bit.
func Bare(kind string, raw []byte) ([]byte, error) {
	switch kind {
	case "jpeg":
		return bareJPEG(raw)
	case "png":
		return barePNG(raw)
	case "webp":
		return bareWebP(raw)
	}
	return raw, nil // a GIF holds comments at most
}

// bareJPEG keeps what is needed to show the picture: tables, frames, scans, the
// colour profile (APP2) and Adobe's mark (APP14). ITU T.81, annex B.
func bareJPEG(raw []byte) ([]byte, error) {
	out := append(make([]byte, 0, len(raw)), raw[:2]...)
	turned := orientation(raw)
	for at, first := 2, true; ; first = false {
		for at < len(raw)-1 && raw[at] == 0xff && raw[at+1] == 0xff {
			at++ // padding
		}
		if at+2 > len(raw) || raw[at] != 0xff {
			return nil, errBroken
		}
		mark := raw[at+1]
		if mark == 0xd9 {
			return append(out, 0xff, 0xd9), nil
		}
		if at+4 > len(raw) {
			return nil, errBroken
		}
		end := at + 2 + int(binary.BigEndian.Uint16(raw[at+2:]))
		if end > len(raw) || end < at+4 {
			return nil, errBroken
		}
		segment := raw[at:end]
		keep := mark < 0xe0 || mark == 0xe0 || mark == 0xee || mark == 0xe2 && bytes.HasPrefix(segment[4:], []byte("ICC_PROFILE\x00"))
		if mark == 0xfe {
			keep = false // a comment
		}
		if turned > 1 && (mark != 0xe0 || !first) {
			out, turned = append(out, turn(turned)...), 0
		}
		if keep {
			out = append(out, segment...)
		}
		at = end
		if mark != 0xda {
			continue
		}
		// The scan goes on to the next mark that is no stuffing and no restart.
		next := at
		for ; next+1 < len(raw); next++ {
			if raw[next] == 0xff && raw[next+1] != 0 && raw[next+1] != 0xff && (raw[next+1] < 0xd0 || raw[next+1] > 0xd7) {
				break
			}
		}
		if next+1 >= len(raw) {
			// Cut short; programs show what there is.
			return append(append(out, raw[at:]...), 0xff, 0xd9), nil
		}
		out = append(out, raw[at:next]...)
		at = next
	}
}

// turn is an EXIF segment that says which way up the picture is and no more.
func turn(way byte) []byte {
	return []byte{
		0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8,
		0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, way, 0, 0, 0, 0, 0, 0,
	}
}

// orientation is which way up the EXIF of a JPEG says it is, 1 to 8; 0 if it
// says nothing.
func orientation(raw []byte) byte {
	for at := 2; at+4 <= len(raw) && raw[at] == 0xff && raw[at+1] != 0xda; {
		end := at + 2 + int(binary.BigEndian.Uint16(raw[at+2:]))
		if end > len(raw) || end < at+4 {
			return 0
		}
		if body, ok := bytes.CutPrefix(raw[at+4:end], []byte("Exif\x00\x00")); ok && raw[at+1] == 0xe1 {
			return orientationOf(body)
		}
		at = end
	}
	return 0
}

func orientationOf(tiff []byte) byte {
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	dir := int64(order.Uint32(tiff[4:]))
	if dir+2 > int64(len(tiff)) {
		return 0
	}
	for i := range int64(order.Uint16(tiff[dir:])) {
		entry := dir + 2 + 12*i
		if entry+12 > int64(len(tiff)) {
			return 0
		}
		if order.Uint16(tiff[entry:]) == 0x0112 {
			if way := order.Uint16(tiff[entry+8:]); way >= 1 && way <= 8 {
				return byte(way)
			}
			return 0
		}
	}
	return 0
}

// barePNG leaves out texts, times and EXIF. PNG specification, third edition.
func barePNG(raw []byte) ([]byte, error) {
	out := append(make([]byte, 0, len(raw)), raw[:8]...)
	for at := int64(8); ; {
		if at+12 > int64(len(raw)) {
			return nil, errBroken
		}
		end := at + 12 + int64(binary.BigEndian.Uint32(raw[at:]))
		if end > int64(len(raw)) {
			return nil, errBroken
		}
		switch kind := string(raw[at+4 : at+8]); kind {
		case "tEXt", "zTXt", "iTXt", "tIME", "eXIf":
		case "IEND":
			return append(out, raw[at:end]...), nil
		default:
			out = append(out, raw[at:end]...)
		}
		at = end
	}
}

// bareWebP leaves out EXIF and XMP. RFC 9649.
func bareWebP(raw []byte) ([]byte, error) {
	if len(raw) < 12 {
		return nil, errBroken
	}
	whole := min(int64(len(raw)), 8+int64(binary.LittleEndian.Uint32(raw[4:])))
	out := append(make([]byte, 0, len(raw)), raw[:12]...)
	for at := int64(12); at < whole; {
		if at+8 > whole {
			return nil, errBroken
		}
		size := int64(binary.LittleEndian.Uint32(raw[at+4:]))
		end := at + 8 + size + size&1
		if at+8+size > whole {
			return nil, errBroken
		}
		end = min(end, whole)
		switch kind := string(raw[at : at+4]); kind {
		case "EXIF", "XMP ":
		default:
			from := len(out)
			out = append(out, raw[at:end]...)
			if kind == "VP8X" && len(out) > from+8 {
				out[from+8] &^= 0b1100 // it says no more that these are there
			}
		}
		at = end
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out, nil
}
