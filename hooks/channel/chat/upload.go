package chat

import (
	"fmt"
	"mime/multipart"
	"strings"

	"github.com/gabriel-vasile/mimetype"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/conversation"
	"github.com/shohay/shohay/hooks/i18n"
	"github.com/shohay/shohay/hooks/settings"
)

// acceptTypes is what a customer may send: what a shop asks for. Programs,
// pages and SVG are not in it.
var acceptTypes = []string{
	"image/png", "image/jpeg", "image/gif", "image/webp", "image/heic", "image/heif", "image/bmp", "application/pdf",
	"audio/*", "video/*", "text/plain", "text/csv",
	"application/msword", "application/vnd.ms-excel",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet",
}

// uploads checks the files of a request by number, size and by what their
// content shows them to be.
func uploads(e *core.RequestEvent) ([]conversation.File, error) {
	if e.Request.MultipartForm == nil {
		return nil, nil
	}
	headers := e.Request.MultipartForm.File["files"]
	if len(headers) > maxFiles {
		return nil, e.BadRequestError(say(e, "error.file_count", i18n.V{"n": maxFiles}), nil)
	}
	shop := settings.Shop(e.App)
	var files []conversation.File
	for _, h := range headers {
		name := conversation.FileName(h.Filename)
		if h.Size > shop.AttachmentBytes() {
			return nil, e.BadRequestError(say(e, "error.file_size", i18n.V{"mb": shop.AttachmentBytes() >> 20, "name": name}), nil)
		}
		ok, err := allowedType(h)
		if err != nil {
			return nil, e.BadRequestError(say(e, "error.body"), err)
		}
		if !ok {
			return nil, e.BadRequestError(say(e, "error.file_type", i18n.V{"name": name}), nil)
		}
		files = append(files, conversation.UploadedFile(h))
	}
	return files, nil
}

func allowedType(h *multipart.FileHeader) (bool, error) {
	f, err := h.Open()
	if err != nil {
		return false, fmt.Errorf("open an upload: %w", err)
	}
	defer f.Close()
	detected, err := mimetype.DetectReader(f)
	if err != nil {
		return false, fmt.Errorf("read an upload: %w", err)
	}
	kind, _, _ := strings.Cut(detected.String(), ";")
	for _, accepted := range acceptTypes {
		if prefix, wild := strings.CutSuffix(accepted, "*"); accepted == kind || wild && strings.HasPrefix(kind, prefix) {
			return true, nil
		}
	}
	return false, nil
}
