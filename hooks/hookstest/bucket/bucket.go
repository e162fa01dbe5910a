// Package bucket is S3-compatible storage in memory for tests, with the part
// of the protocol that PocketBase's client speaks: objects with ranges, uploads
// in parts, lists by prefix and page, path-style addresses. Requests without a
// signature by the right access key are refused; the signature itself is not
// computed again.
package bucket

import (
	"bytes"
	"crypto/md5"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Name and keys of the one bucket there is.
const (
	Name      = "shop"
	Region    = "test-1"
	AccessKey = "access"
	SecretKey = "secret"
)

const pageSize = 3 // objects in one answer, so that tests turn pages; see [Server.Pages]

// Server is the storage.
type Server struct {
	URL string

	mu      sync.Mutex
	objects map[string]object
	parts   map[string]map[int][]byte // by upload
	heads   map[string]http.Header    // by upload
	garble  func(key string, data []byte) []byte
	fail    func(r *http.Request) int
	page    int
}

type object struct {
	data []byte
	at   time.Time
	head http.Header
}

// about are the headers that are kept with an object.
func about(h http.Header) http.Header {
	kept := http.Header{}
	for name, values := range h {
		if name == "Content-Type" || strings.HasPrefix(name, "X-Amz-Meta-") {
			kept[name] = values
		}
	}
	return kept
}

// keep stores an object. Call with the lock held.
func (s *Server) keep(key string, data []byte, head http.Header) {
	if s.garble != nil {
		data = s.garble(key, data)
	}
	s.objects[key] = object{data, time.Now(), head}
}

// Garble has the storage keep something else than it is given. Nil ends it.
func (s *Server) Garble(f func(key string, data []byte) []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.garble = f
}

// Serve starts a server that ends with the test.
func Serve(tb testing.TB) *Server {
	tb.Helper()
	s := &Server{objects: map[string]object{}, parts: map[string]map[int][]byte{}, heads: map[string]http.Header{}, page: pageSize}
	srv := httptest.NewServer(s)
	tb.Cleanup(srv.Close)
	s.URL = srv.URL
	return s
}

// Pages sets how many objects one answer lists; real storage has 1,000.
func (s *Server) Pages(objects int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.page = objects
}

// Fail answers requests with the status that f gives, unless it is 0. Nil ends
// it.
func (s *Server) Fail(f func(r *http.Request) int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = f
}

// Keys lists what is stored.
func (s *Server) Keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sorted("")
}

// Object returns one object's bytes.
func (s *Server) Object(key string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.objects[key].data)
}

// Put stores one.
func (s *Server) Put(key string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[key] = object{bytes.Clone(data), time.Now(), nil}
}

func (s *Server) sorted(prefix string) (keys []string) {
	for k := range s.objects {
		if strings.HasPrefix(k, prefix) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		if status := s.fail(r); status != 0 {
			say(w, status, "InternalError")
			return
		}
	}
	if !strings.Contains(r.Header.Get("Authorization"), "Credential="+AccessKey+"/") {
		say(w, http.StatusForbidden, "InvalidAccessKeyId")
		return
	}
	key, ok := strings.CutPrefix(r.URL.Path, "/"+Name)
	if !ok {
		say(w, http.StatusNotFound, "NoSuchBucket")
		return
	}
	key = strings.TrimPrefix(key, "/")
	q := r.URL.Query()
	switch {
	case r.Method == http.MethodGet && q.Get("list-type") == "2":
		s.list(w, q.Get("prefix"), q.Get("continuation-token"), q.Get("max-keys"))
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		o, ok := s.objects[key]
		if !ok {
			say(w, http.StatusNotFound, "NoSuchKey")
			return
		}
		for name, values := range o.head {
			w.Header()[name] = values
		}
		w.Header().Set("ETag", tag(o.data))
		http.ServeContent(w, r, "", o.at, bytes.NewReader(o.data))
	case r.Method == http.MethodPost && q.Has("uploads"):
		id := strconv.Itoa(len(s.parts) + 1)
		s.parts[id], s.heads[id] = map[int][]byte{}, about(r.Header)
		answer(w, struct {
			XMLName  xml.Name `xml:"InitiateMultipartUploadResult"`
			UploadID string   `xml:"UploadId"`
		}{UploadID: id})
	case r.Method == http.MethodPut && q.Has("uploadId"):
		n, err := strconv.Atoi(q.Get("partNumber"))
		if err != nil || s.parts[q.Get("uploadId")] == nil {
			say(w, http.StatusBadRequest, "NoSuchUpload")
			return
		}
		s.parts[q.Get("uploadId")][n] = body
		w.Header().Set("ETag", tag(body))
	case r.Method == http.MethodPost && q.Has("uploadId"):
		s.complete(w, key, q.Get("uploadId"), body)
	case r.Method == http.MethodDelete && q.Has("uploadId"):
		delete(s.parts, q.Get("uploadId"))
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodPut && r.Header.Get("x-amz-copy-source") == "":
		s.keep(key, body, about(r.Header))
		w.Header().Set("ETag", tag(body))
	case r.Method == http.MethodDelete:
		delete(s.objects, key)
		w.WriteHeader(http.StatusNoContent)
	default:
		say(w, http.StatusNotImplemented, "NotImplemented")
	}
}

func (s *Server) complete(w http.ResponseWriter, key, id string, body []byte) {
	var asked struct {
		Part []struct {
			PartNumber int
			ETag       string
		}
	}
	parts := s.parts[id]
	if err := xml.Unmarshal(body, &asked); err != nil || parts == nil {
		say(w, http.StatusBadRequest, "MalformedXML")
		return
	}
	var whole []byte
	for _, p := range asked.Part {
		if tag(parts[p.PartNumber]) != p.ETag {
			say(w, http.StatusBadRequest, "InvalidPart")
			return
		}
		whole = append(whole, parts[p.PartNumber]...)
	}
	delete(s.parts, id)
	s.keep(key, whole, s.heads[id])
	answer(w, struct {
		XMLName xml.Name `xml:"CompleteMultipartUploadResult"`
		Key     string
		ETag    string
	}{Key: key, ETag: tag(whole)})
}

func (s *Server) list(w http.ResponseWriter, prefix, after, most string) {
	type entry struct {
		Key          string
		LastModified string
		ETag         string
		Size         int
	}
	var page struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		Name                  string
		Prefix                string
		KeyCount              int
		MaxKeys               int
		IsTruncated           bool
		NextContinuationToken string `xml:",omitempty"`
		Contents              []entry
	}
	page.Name, page.Prefix, page.MaxKeys = Name, prefix, s.page
	if n, err := strconv.Atoi(most); err == nil {
		page.MaxKeys = min(n, s.page)
	}
	for _, k := range s.sorted(prefix) {
		if k <= after {
			continue
		}
		if len(page.Contents) == page.MaxKeys {
			page.IsTruncated, page.NextContinuationToken = true, page.Contents[len(page.Contents)-1].Key
			break
		}
		o := s.objects[k]
		page.Contents = append(page.Contents, entry{k, o.at.UTC().Format("2006-01-02T15:04:05.000Z"), tag(o.data), len(o.data)})
	}
	page.KeyCount = len(page.Contents)
	answer(w, page)
}

func tag(b []byte) string { return fmt.Sprintf(`"%x"`, md5.Sum(b)) }

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(v)
}

func say(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, code)
}
