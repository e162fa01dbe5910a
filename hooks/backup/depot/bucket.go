package depot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/pocketbase/pocketbase/tools/filesystem"
)

// Bucket is a depot in S3-compatible storage, through PocketBase's client.
type Bucket struct {
	Name, Region, Endpoint string
	AccessKey, SecretKey   string
	Prefix                 string // of every key: "" or ending in a slash
	PathStyle              bool   // the bucket's name is in the path
}

func (b Bucket) open(ctx context.Context) (*filesystem.System, error) {
	s, err := filesystem.NewS3(b.Name, b.Region, b.Endpoint, b.AccessKey, b.SecretKey, b.PathStyle)
	if err != nil {
		return nil, fmt.Errorf("open the bucket %s: %w", b.Name, err)
	}
	s.SetContext(ctx)
	return s, nil
}

// Put uploads in parts; an upload whose context ends is no object.
func (b Bucket) Put(ctx context.Context, key string, r io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := b.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	dst, err := s.NewWriter(b.Prefix+key, nil)
	if err != nil {
		return err
	}
	if _, err := io.Copy(dst, reading{ctx, r}); err != nil {
		cancel()
		return errors.Join(err, dst.Close())
	}
	return dst.Close()
}

// Open begins a download.
func (b Bucket) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	s, err := b.open(ctx)
	if err != nil {
		return nil, err
	}
	r, err := s.GetReader(b.Prefix + key)
	if err != nil {
		s.Close()
		if errors.Is(err, filesystem.ErrNotFound) {
			return nil, &fs.PathError{Op: "open", Path: b.Where(key), Err: fs.ErrNotExist}
		}
		return nil, err
	}
	return &download{Reader: reading{ctx, r}, close: sync.OnceValue(func() error { return errors.Join(r.Close(), s.Close()) })}, nil
}

type download struct {
	io.Reader
	close func() error
}

func (d *download) Close() error { return d.close() }

// List asks page by page.
func (b Bucket) List(ctx context.Context, prefix string) (all []Object, err error) {
	s, err := b.open(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	found, err := s.List(b.Prefix + prefix)
	for _, o := range found {
		all = append(all, Object{strings.TrimPrefix(o.Key, b.Prefix), o.Size, o.ModTime})
	}
	slices.SortFunc(all, func(a, b Object) int { return strings.Compare(a.Key, b.Key) })
	return all, err
}

// Remove deletes an object.
func (b Bucket) Remove(ctx context.Context, key string) error {
	s, err := b.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Delete(b.Prefix + key); err != nil && !errors.Is(err, filesystem.ErrNotFound) {
		return err
	}
	return nil
}

// Where is bucket and key.
func (b Bucket) Where(key string) string { return b.Name + "/" + b.Prefix + key }
